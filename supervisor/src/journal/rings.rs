//! Where rings have their files.
//!
//! In the run directory if that is in memory, else in the system's place for shared memory: a ring
//! on a disk would cost writes, and could come back torn after a power cut. Where there is neither,
//! a ring has no path and ends with the last process that holds it. Which of these it is, is looked
//! up once.

use super::segments;
use crate::platform::memory;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Characters of a key.
const KEY: usize = 32;

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

    /// Their directory, if they have one.
    pub fn dir(&self) -> Option<&Path> {
        self.dir.as_deref()
    }

    /// The supervisor ends in order: an empty directory goes with it.
    pub fn leave(&self) {
        if let Some(dir) = &self.dir {
            // Sessions without a log have their output here.
            let _ = fs::remove_dir(dir);
        }
    }

    /// Removes what is here of lives that nobody knows.
    pub fn sweep(&self, is_known: impl Fn(&str) -> bool) {
        let entries = self.dir.iter().filter_map(|dir| fs::read_dir(dir).ok());
        for entry in entries.flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let key = name.split('.').next().unwrap_or_default();
            if key.len() == KEY
                && key.bytes().all(|byte| byte.is_ascii_hexdigit())
                && !is_known(key)
            {
                // Another may have removed it.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Where the ring of this key has its file, if it has one.
    pub fn path(&self, key: &str) -> Option<PathBuf> {
        self.dir.as_ref().map(|dir| dir.join(key))
    }

    /// Where the shell of this life fetches its next command: in memory, so that a full disk is no
    /// reason not to run it.
    pub fn command(&self, key: &str) -> Option<PathBuf> {
        self.dir
            .as_ref()
            .map(|dir| dir.join(format!("{key}.command")))
    }

    /// The life has ended, or has not begun.
    pub fn remove_command(&self, key: &str) {
        // Most never had one.
        self.command(key)
            .into_iter()
            .for_each(|file| drop(fs::remove_file(file)));
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
                // Of a start with the same key that was cut short: the next starter has made
                // sure that nothing ran.
                io::ErrorKind::AlreadyExists => std::fs::remove_file(dir.join(key))?,
                _ => return Err(error),
            }
            make()
        })?;
        Ok(file.into())
    }
}
