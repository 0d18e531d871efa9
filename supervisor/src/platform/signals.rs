//! Signals as something to poll, kept pending over an exec where the system allows it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

/// What arrived since the last look.
#[derive(Default, Debug)]
pub struct SignalCount {
    pub child: bool,
    /// SIGTERM, SIGHUP and SIGINT.
    pub requests: Vec<Request>,
}

/// Somebody asks this process to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    pub signal: i32,
    /// 0 for a process of another namespace.
    pub sender: i32,
}

/// Polled: a child, and those that ask for an end.
const POLLED: [i32; 4] = [libc::SIGCHLD, libc::SIGTERM, libc::SIGHUP, libc::SIGINT];

pub struct Signals(system::Source);

impl Signals {
    pub fn new() -> io::Result<Self> {
        super::process_setup::ignore_stray_signals();
        Ok(Self(system::Source::new()?))
    }

    pub fn take(&self) -> SignalCount {
        let mut arrived = SignalCount::default();
        while let Some(next) = self.0.next() {
            if next.signal == libc::SIGCHLD {
                arrived.child = true;
            } else {
                arrived.requests.push(next);
            }
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
    use super::{POLLED, Request};
    use nix::sys::signal::{SigSet, Signal};
    use nix::sys::signalfd::{SfdFlags, SignalFd};
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd};

    pub(super) struct Source(SignalFd);

    impl Source {
        pub(super) fn new() -> io::Result<Self> {
            let mut mask = SigSet::empty();
            for signal in POLLED {
                mask.add(Signal::try_from(signal)?);
            }
            mask.thread_set_mask()?;
            Ok(Self(SignalFd::with_flags(
                &mask,
                SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK,
            )?))
        }

        pub(super) fn next(&self) -> Option<Request> {
            let info = self.0.read_signal().ok().flatten()?;
            Some(Request {
                signal: info.ssi_signo as i32,
                sender: info.ssi_pid as i32,
            })
        }

        pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }
    }
}

#[cfg(target_os = "macos")]
mod system {
    use super::{POLLED, Request};
    use std::fs::File;
    use std::io::{self, Read};
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd};
    use std::sync::atomic::{AtomicI32, Ordering};

    /// Where the handler writes; a signal handler can be told nothing in another way.
    static TELL: AtomicI32 = AtomicI32::new(-1);

    pub struct Source(File);

    /// The signal and its sender: less than a pipe takes in one piece.
    type Message = [i32; 2];

    extern "C" fn tell(signal: i32, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
        // SAFETY: the kernel passes the signal's own information.
        let message: Message = [signal, unsafe { (*info).si_pid }];
        // SAFETY: write is async-signal-safe; a full pipe already says "look".
        unsafe {
            libc::write(
                TELL.load(Ordering::Relaxed),
                message.as_ptr().cast(),
                size_of::<Message>(),
            )
        };
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
            for signal in POLLED {
                // SAFETY: the handler only writes to a pipe; the structure is zeroed, then filled.
                unsafe {
                    let mut action: libc::sigaction = std::mem::zeroed();
                    action.sa_sigaction = tell as *const () as libc::sighandler_t;
                    action.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART;
                    libc::sigaction(signal, &raw const action, std::ptr::null_mut());
                }
            }
            Ok(Self(File::from(read)))
        }

        pub fn next(&self) -> Option<Request> {
            let mut bytes = [0; size_of::<Message>()];
            (&self.0).read_exact(&mut bytes).ok()?;
            let [a, b, c, d, e, f, g, h] = bytes;
            Some(Request {
                signal: i32::from_ne_bytes([a, b, c, d]),
                sender: i32::from_ne_bytes([e, f, g, h]),
            })
        }

        pub fn as_fd(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }
    }
}
