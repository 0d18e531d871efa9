//! What the processes and the socket of a supervisor are called, and which socket is its own.

use serde::{Deserialize, Serialize};
use std::ffi::CStr;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What the guardian is called, so that `pkill psup` hits only what restarts.
pub const GUARDIAN: &CStr = c"ptyguard";

/// The word that makes a process the worker.
pub const WORKER: &CStr = c"__worker";

/// The word that makes a process tell what it is and end: an upgrade asks a new binary before it is
/// trusted.
pub const PROBE: &str = "__probe";

/// What guardian and worker say to each other: builds of different numbers cannot follow each other
/// in place.
pub const GUARDIAN_VERSION: u16 = 1;

/// The socket's name in the run directory.
pub const SOCKET: &str = "sock";

/// Which file a socket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// Of the socket that is published in `run` now, if any.
    pub fn published(run: &Path) -> Option<Self> {
        let metadata = fs::symlink_metadata(run.join(SOCKET)).ok()?;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        })
    }
}
