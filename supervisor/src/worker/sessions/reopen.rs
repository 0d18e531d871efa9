//! A terminal whose program has closed it and runs on: a server that sends its output to a file,
//! say.
//!
//! The kernel reports such a terminal as closed, and hangs its session up as soon as the master
//! goes. So the master stays, and the driver opens the other end itself: from then on the terminal
//! reads as open, and a program that comes back to it through `/dev/tty` is heard. This costs one
//! descriptor, and only where a program does it. How a program ends is known from its exit, never
//! from its terminal.

use crate::log::{Level, log};
use crate::platform::process;
use crate::pty;
use crate::worker::driver::Driver;
use crate::worker::driver::async_fd::register;
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// Until a terminal that cannot be opened, or that its program hangs up itself again and again, is
/// tried again.
const PAUSE: Duration = Duration::from_millis(200);

impl Driver {
    /// The terminal reads as closed: opens it again while the child lives, or lets go of it.
    pub(crate) fn terminal_closed(&mut self) {
        if !self.child_lives() {
            return self.close();
        }
        let opened_before = self.state.slave.take().is_some();
        match self.open_slave() {
            Ok(()) if !opened_before => {}
            Ok(()) => self.read_later(),
            Err(error) => {
                let facts: [(&str, &dyn std::fmt::Display); 2] =
                    [("session", &self.key), ("error", &error)];
                log(
                    Level::Warn,
                    "cannot open a terminal that its program has closed",
                    &facts,
                );
                self.read_later();
            }
        }
    }

    /// Whether the child may still come back to its terminal. A zombie counts: its exit is about to
    /// be known.
    fn child_lives(&self) -> bool {
        let pidfd = self.pidfd.as_ref().map(|pidfd| pidfd.get_ref().as_fd());
        !self.state.draining
            && self
                .pid()
                .is_some_and(|pid| process::signal(pidfd, pid, 0).is_ok())
    }

    /// The loop remembers that a terminal was closed, so the master is registered again.
    fn open_slave(&mut self) -> io::Result<()> {
        let Some(master) = self.master.take() else {
            return Ok(());
        };
        let slave = pty::open_slave(master.get_ref());
        let master = register(master.into_inner());
        // Where even that fails the next worker has it: the guardian holds the terminal too.
        self.master =
            Some(master.unwrap_or_else(|error| panic!("cannot watch a terminal: {error}")));
        self.state.slave = Some(slave?);
        Ok(())
    }

    fn read_later(&mut self) {
        self.state.blocked = true;
        self.state.retry = Some(Instant::now() + PAUSE);
    }
}
