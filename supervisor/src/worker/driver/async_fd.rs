//! Descriptors the loop is woken by.

use crate::guardian::SharedFd;
use std::io;
use std::os::fd::AsRawFd;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// For reading and writing.
pub(crate) fn register(fd: SharedFd) -> io::Result<AsyncFd<SharedFd>> {
    // SAFETY: the descriptor is owned by what is returned and leaves the loop before it is closed.
    unsafe { AsyncFd::register(fd) }.map_err(io::Error::from)
}

/// For reading only.
pub(crate) fn register_readable<T: AsRawFd>(fd: T) -> io::Result<AsyncFd<T>> {
    // SAFETY: as above.
    unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }.map_err(io::Error::from)
}
