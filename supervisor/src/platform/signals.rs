//! SIGCHLD and SIGTERM as something to poll, kept pending over an exec where the system allows it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

/// What arrived since the last look.
#[derive(Clone, Copy, Default, Debug)]
pub struct SignalCount {
    pub child: bool,
    pub terminate: bool,
}

pub struct Signals(system::Source);

impl Signals {
    pub fn new() -> io::Result<Self> {
        for signal in [
            libc::SIGHUP,
            libc::SIGINT,
            libc::SIGQUIT,
            libc::SIGPIPE,
            libc::SIGTTOU,
            libc::SIGTTIN,
            libc::SIGTSTP,
        ] {
            // SAFETY: ignoring a signal installs no handler.
            unsafe { libc::signal(signal, libc::SIG_IGN) };
        }
        Ok(Self(system::Source::new()?))
    }

    pub fn take(&self) -> SignalCount {
        let mut arrived = SignalCount::default();
        while let Some(signal) = self.0.next() {
            arrived.child |= signal == libc::SIGCHLD;
            arrived.terminate |= signal == libc::SIGTERM;
        }
        arrived
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(target_os = "linux")]
mod system {
    use nix::sys::signal::{SigSet, Signal};
    use nix::sys::signalfd::{SfdFlags, SignalFd};
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd};

    pub struct Source(SignalFd);

    impl Source {
        pub fn new() -> io::Result<Self> {
            let mut mask = SigSet::empty();
            mask.add(Signal::SIGCHLD);
            mask.add(Signal::SIGTERM);
            mask.thread_set_mask()?;
            Ok(Self(SignalFd::with_flags(
                &mask,
                SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK,
            )?))
        }

        pub fn next(&self) -> Option<i32> {
            self.0
                .read_signal()
                .ok()
                .flatten()
                .map(|info| info.ssi_signo as i32)
        }

        pub fn as_fd(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }
    }
}

#[cfg(target_os = "macos")]
mod system {
    use std::fs::File;
    use std::io::{self, Read};
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd};
    use std::sync::atomic::{AtomicI32, Ordering};

    /// Where the handler writes; a signal handler can be told nothing in another way.
    static TELL: AtomicI32 = AtomicI32::new(-1);

    pub struct Source(File);

    extern "C" fn tell(signal: i32) {
        let byte = signal as u8;
        // SAFETY: write is async-signal-safe; a full pipe already says "look".
        unsafe { libc::write(TELL.load(Ordering::Relaxed), (&raw const byte).cast(), 1) };
    }

    impl Source {
        pub fn new() -> io::Result<Self> {
            let (read, write) = nix::unistd::pipe()?;
            for fd in [read.as_raw_fd(), write.as_raw_fd()] {
                crate::platform::descriptors::set_inherited(fd, false)?;
                // SAFETY: F_SETFL takes an int and touches no memory.
                unsafe { libc::fcntl(fd, libc::F_SETFL, libc::O_NONBLOCK) };
            }
            TELL.store(write.into_raw_fd(), Ordering::Relaxed);
            for signal in [libc::SIGCHLD, libc::SIGTERM] {
                // SAFETY: the handler only writes to a pipe.
                unsafe { libc::signal(signal, tell as extern "C" fn(i32) as libc::sighandler_t) };
            }
            Ok(Self(File::from(read)))
        }

        pub fn next(&self) -> Option<i32> {
            let mut byte = [0];
            matches!((&self.0).read(&mut byte), Ok(1)).then(|| i32::from(byte[0]))
        }

        pub fn as_fd(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }
    }
}
