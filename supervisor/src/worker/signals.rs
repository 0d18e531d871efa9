//! The signals by which somebody asks this process to end. None is obeyed: who means the end of the
//! supervisor asks the supervisor. A worker that was stopped when its guardian died gets SIGHUP
//! from the kernel, with the SIGCONT that lets it take the guardian's place.

use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};

pub(super) struct Requests {
    hangup: Signal,
    interrupt: Signal,
    terminate: Signal,
}

impl Requests {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// The number of the next one.
    pub(super) async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.hangup.recv() => libc::SIGHUP,
            _ = self.interrupt.recv() => libc::SIGINT,
            _ = self.terminate.recv() => libc::SIGTERM,
        }
    }
}
