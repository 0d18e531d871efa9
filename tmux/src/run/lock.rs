//! Whose turn it is to change a state: a lock on a file beside the socket's name, which is there
//! only as long as somebody has it or wants it.
//!
//! Clients list the directory of sockets and take what stands in it for servers, so nothing else
//! may stay there.

use nix::fcntl::{Flock, FlockArg};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::PathBuf;

pub(super) struct Lock {
    path: PathBuf,
    /// Gives the turn on when it goes, which is after the name has gone.
    _held: Flock<File>,
}

impl Lock {
    /// Waits for its turn; none where there is no directory for it.
    pub(super) fn take(socket: &str) -> Option<Self> {
        let path = PathBuf::from(format!("{socket}.lock"));
        loop {
            let file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(&path)
                .ok()?;
            let held = Flock::lock(file, FlockArg::LockExclusive).ok()?;
            // The process that had it before took the name away: those who come now lock another
            // file.
            let own = held.metadata().ok()?;
            let named = std::fs::metadata(&path)
                .is_ok_and(|named| (named.dev(), named.ino()) == (own.dev(), own.ino()));
            if named {
                return Some(Self { path, _held: held });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Its directory may have gone already.
        let _ = std::fs::remove_file(&self.path);
    }
}
