//! Forgetting lives: nobody finds them any more, then their files go.
//!
//! The session's directory gets another name first, in one step, so that a worker killed in between
//! leaves nothing that its successor would take for a life. It is removed once the session's driver
//! and the log thread have let go of it.

use super::records::GONE;
use crate::worker::context::Worker;
use crate::worker::driver::mailbox::{DriverHandle, Message};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tokio::sync::oneshot;

/// Lives that are forgotten, and what is left of them.
#[derive(Default)]
#[must_use = "their files stay until they are removed"]
pub struct Forgotten {
    dirs: Vec<PathBuf>,
    owners: Vec<oneshot::Receiver<()>>,
}

impl Forgotten {
    /// From here on the life is not found on disk.
    pub fn take_away(&mut self, worker: &Worker, key: &str) -> io::Result<()> {
        let dir = worker.session_dir(key);
        let gone = dir.with_extension(GONE);
        match fs::rename(&dir, &gone) {
            Ok(()) => self.dirs.push(gone),
            // Somebody has removed it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// The driver of a forgotten life lets go of everything.
    pub fn wait_for(&mut self, driver: &DriverHandle) {
        let (done, owner) = oneshot::channel();
        driver.post(Message::Forget(done));
        self.owners.push(owner);
    }

    pub fn add(&mut self, other: Self) {
        self.dirs.extend(other.dirs);
        self.owners.extend(other.owners);
    }

    /// Returns when nothing is left.
    pub async fn remove(self) {
        for owner in self.owners {
            // One that has ended has let go as well.
            let _ = owner.await;
        }
        let dirs = self.dirs;
        // A thousand directories are no reason to keep others waiting.
        let _ = tokio::task::spawn_blocking(move || dirs.iter().for_each(|dir| remove(dir))).await;
    }

    pub fn remove_soon(self) {
        if !self.dirs.is_empty() || !self.owners.is_empty() {
            tokio::task::spawn_local(self.remove());
        }
    }
}

fn remove(dir: &Path) {
    // What cannot be removed now is removed by the next worker.
    let _ = fs::remove_dir_all(dir);
}
