//! Where rings have their files.
//!
//! In the run directory if that is in memory, else in the system's place for shared memory: a ring
//! on a disk would cost writes, and could come back torn after a power cut. Where there is neither,
//! a ring has no path and ends with the last process that holds it. Which of these it is, is looked
//! up once.

use super::segments;
use crate::platform::memory;
use std::fs::OpenOptions;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

pub struct Rings {
    /// `None`: rings have no paths.
    dir: Option<PathBuf>,
}

impl Rings {
    pub fn of(run: &Path) -> Self {
        let dir = if memory::lives_in_memory(run) {
            Some(run.join("ring"))
        } else {
            memory::shared_dir(run)
        };
        Self { dir }
    }

    /// Where the ring of this key has its file, if it has one.
    pub fn path(&self, key: &str) -> Option<PathBuf> {
        self.dir.as_ref().map(|dir| dir.join(key))
    }

    /// An empty file for a new ring.
    pub(super) fn create(&self, key: &str) -> io::Result<OwnedFd> {
        let Some(dir) = &self.dir else {
            return memory::nameless(c"psup-ring");
        };
        let make = || {
            OpenOptions::new()
                .read(true)
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(dir.join(key))
        };
        let file = make().or_else(|error| {
            match error.kind() {
                io::ErrorKind::NotFound => segments::make_dir(dir)?,
                // Of a start with the same key that was cut short: whoever starts again has made
                // sure that nothing ran.
                io::ErrorKind::AlreadyExists => std::fs::remove_file(dir.join(key))?,
                _ => return Err(error),
            }
            make()
        })?;
        Ok(file.into())
    }
}
