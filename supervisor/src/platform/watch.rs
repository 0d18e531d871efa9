//! Being told when a directory, or something in it, appears or goes, and when a file is let go of.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::path::Path;

/// What to be told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// The directory or an entry of it went.
    Loss,
    /// An entry appeared.
    Arrival,
    /// The last writer of the file closed it. macOS does not tell: there a deadline must do.
    Closing,
}

pub struct Watch(system::Source);

impl Watch {
    pub fn new() -> io::Result<Self> {
        Ok(Self(system::Source::new()?))
    }

    /// Watches `path`, a directory unless closing is what matters, from now on; watching it again
    /// is harmless.
    pub fn look_at(&self, path: &Path, purpose: For) -> io::Result<()> {
        self.0.look_at(path, purpose)
    }

    /// Takes what was told, so that polling blocks again.
    pub fn drain(&self) {
        self.0.drain();
    }
}

impl AsFd for Watch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsRawFd for Watch {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

#[cfg(target_os = "linux")]
mod system {
    use super::For;
    use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd};
    use std::path::Path;

    pub(super) struct Source(Inotify);

    impl Source {
        pub(super) fn new() -> io::Result<Self> {
            Ok(Self(Inotify::init(
                InitFlags::IN_CLOEXEC | InitFlags::IN_NONBLOCK,
            )?))
        }

        pub(super) fn look_at(&self, path: &Path, purpose: For) -> io::Result<()> {
            let gone = AddWatchFlags::IN_ONLYDIR
                | AddWatchFlags::IN_DELETE_SELF
                | AddWatchFlags::IN_MOVE_SELF;
            let flags = match purpose {
                For::Loss => gone | AddWatchFlags::IN_DELETE | AddWatchFlags::IN_MOVED_FROM,
                For::Arrival => gone | AddWatchFlags::IN_CREATE | AddWatchFlags::IN_MOVED_TO,
                For::Closing => AddWatchFlags::IN_CLOSE_WRITE,
            };
            self.0.add_watch(path, flags)?;
            Ok(())
        }

        pub(super) fn drain(&self) {
            // Two reads at most per turn: a process that makes events faster than that is looked at
            // again in the next one.
            for _ in 0..2 {
                if self.0.read_events().is_err() {
                    return;
                }
            }
        }

        pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }
    }
}

#[cfg(target_os = "macos")]
mod system {
    use super::For;
    use std::fs::File;
    use std::io;
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
    use std::path::Path;
    use std::ptr;
    use std::sync::Mutex;

    /// A kqueue and the directory it watches; opening the directory keeps the watch alive.
    pub struct Source(OwnedFd, Mutex<Option<File>>);

    impl Source {
        pub fn new() -> io::Result<Self> {
            // SAFETY: kqueue makes a descriptor that nobody else owns.
            let queue = unsafe { libc::kqueue() };
            if queue < 0 {
                return Err(io::Error::last_os_error());
            }
            // SAFETY: just made.
            Ok(Self(
                unsafe { OwnedFd::from_raw_fd(queue) },
                Mutex::new(None),
            ))
        }

        pub fn look_at(&self, dir: &Path, purpose: For) -> io::Result<()> {
            match purpose {
                // A change of the directory is all that is told.
                For::Loss | For::Arrival => {}
                For::Closing => return Ok(()),
            }
            let dir = File::open(dir)?;
            // SAFETY: a kevent of zeros is valid; the fields that matter are set below.
            let mut change: libc::kevent = unsafe { std::mem::zeroed() };
            change.ident = dir.as_raw_fd() as usize;
            change.filter = libc::EVFILT_VNODE;
            change.flags = libc::EV_ADD | libc::EV_CLEAR;
            change.fflags =
                libc::NOTE_WRITE | libc::NOTE_DELETE | libc::NOTE_RENAME | libc::NOTE_REVOKE;
            // SAFETY: one change is read, no event is written.
            let done = unsafe {
                libc::kevent(
                    self.0.as_raw_fd(),
                    &raw const change,
                    1,
                    ptr::null_mut(),
                    0,
                    ptr::null(),
                )
            };
            if done < 0 {
                return Err(io::Error::last_os_error());
            }
            if let Ok(mut kept) = self.1.lock() {
                *kept = Some(dir);
            }
            Ok(())
        }

        pub fn drain(&self) {
            // SAFETY: an array of zeroed kevents is valid to be written to; the timeout says "do
            // not wait".
            unsafe {
                let mut events: [libc::kevent; 8] = std::mem::zeroed();
                let now: libc::timespec = std::mem::zeroed();
                libc::kevent(
                    self.0.as_raw_fd(),
                    ptr::null(),
                    0,
                    events.as_mut_ptr(),
                    8,
                    &raw const now,
                );
            }
        }

        pub fn as_fd(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }
    }
}
