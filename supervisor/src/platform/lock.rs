//! Locks that end with the last process that inherited them: a dead supervisor never leaves one
//! behind.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The lifetime lock, in the state directory: the process that holds it is the supervisor of that
/// directory, wherever its socket is.
pub const ALIVE: &str = "alive.lock";
/// The lock of starters, in the run directory.
pub const START: &str = "lock";

/// Whether to wait until the lock is free.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    Wait,
    Ask,
}

/// Opens `path` and locks it. `None`: somebody else has it and we only asked. A file system without
/// locks counts as free.
pub fn take(path: &Path, patience: Patience) -> io::Result<Option<File>> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    lock(file, patience)
}

/// Whether somebody has the lock at `path`. Looking leaves no trace that a watch for its closing
/// would tell.
pub fn is_taken(path: &Path) -> io::Result<bool> {
    match File::open(path) {
        Ok(file) => Ok(lock(file, Patience::Ask)?.is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Returns when nobody has the lock at `path`, or with an error where that cannot be waited for.
pub(crate) fn wait_until_free(path: &Path) -> io::Result<()> {
    if !is_taken(path)? {
        // Nobody has it, or this file system has no locks: who has one there is not known.
        return Err(io::ErrorKind::Unsupported.into());
    }
    // Opened for writing, so that a watch tells when it is closed.
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    lock(file, Patience::Wait).map(drop)
}

fn lock(file: File, patience: Patience) -> io::Result<Option<File>> {
    let how = match patience {
        Patience::Wait => libc::LOCK_EX,
        Patience::Ask => libc::LOCK_EX | libc::LOCK_NB,
    };
    loop {
        // SAFETY: flock touches no memory; the file is ours.
        if unsafe { libc::flock(file.as_raw_fd(), how) } == 0 {
            return Ok(Some(file));
        }
        let error = io::Error::last_os_error();
        match error.raw_os_error() {
            Some(libc::EINTR) => {}
            Some(libc::EWOULDBLOCK) => return Ok(None),
            Some(libc::ENOLCK | libc::EOPNOTSUPP | libc::ENOSYS) => return Ok(Some(file)),
            _ => return Err(error),
        }
    }
}
