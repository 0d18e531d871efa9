//! The state directory, should it go while we live: removed, replaced, or another file system
//! mounted over it.
//!
//! The system tells when it is removed or moved; whatever else may happen to it is seen at the next
//! connection. Then it is made again, with everything that is known here: ids, documents, events,
//! the records of all lives, and of those that run as much output as is in memory. What had been
//! written of others is lost, which `status` and events say.

pub(super) mod repair;

use super::driver::async_fd::register_readable;
use super::sessions::records;
use crate::log::{Level, log, now_ms};
use crate::platform::watch;
use std::cell::{Cell, RefCell};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;

pub struct StateDir {
    /// The directory where the lives are, by file system and number. Another may get the same
    /// number once it is gone, but then the file of events is another one as well.
    sessions: Cell<Option<(u64, u64)>>,
    /// The lifetime lock, where the one that the guardian took is gone.
    lock: RefCell<Option<File>>,
    watch: Option<AsyncFd<watch::Watch>>,
    working: Cell<bool>,
    /// It cannot be made again, for this reason.
    trouble: RefCell<Option<String>>,
    /// When something was last found to be lost; 0: never.
    lost_ms: Cell<u64>,
    news: Notify,
}

impl StateDir {
    pub fn open(state: &Path) -> Self {
        let watch = watch::Watch::new()
            .and_then(|watch| watch.look_at(state, watch::For::Loss).map(|()| watch))
            .and_then(register_readable);
        let this = Self {
            sessions: Cell::default(),
            lock: RefCell::default(),
            watch: watch
                .inspect_err(|error| {
                    log(
                        Level::Warn,
                        "cannot watch the state directory",
                        &[("error", error)],
                    );
                })
                .ok(),
            working: Cell::new(false),
            trouble: RefCell::default(),
            lost_ms: Cell::new(0),
            news: Notify::new(),
        };
        // On a disk that is full or read-only from the beginning there is nothing to lose yet.
        let _ = this.find(state);
        this
    }

    /// A session's own directory is gone.
    pub fn session_lost(&self) {
        self.lost_ms.set(now_ms());
    }

    /// What `status` says, and when it happened.
    pub fn tell(&self) -> Option<(String, bool)> {
        if let Some(trouble) = &*self.trouble.borrow() {
            return Some((
                format!("the state directory is gone and cannot be made again: {trouble}"),
                false,
            ));
        }
        let ago = now_ms()
            .checked_sub(self.lost_ms.get())
            .filter(|_| self.lost_ms.get() > 0)?;
        let seconds = ago / 1000;
        Some((
            format!(
                "it was gone {seconds} s ago and was made again; what ended sessions had written is lost"
            ),
            true,
        ))
    }

    /// Returns when it is there, or cannot be made now.
    pub async fn is_there(&self) {
        loop {
            let mut news = std::pin::pin!(self.news.notified());
            // Enlisted before the look, so that nothing slips in between.
            news.as_mut().enable();
            if !self.working.get() || self.trouble.borrow().is_some() {
                return;
            }
            news.await;
        }
    }

    fn find(&self, state: &Path) -> io::Result<()> {
        let path = sessions(state);
        records::make_dir(&path)?;
        self.sessions.set(Some(number(&fs::metadata(path)?)));
        if let Some(watch) = &self.watch {
            watch.get_ref().look_at(state, watch::For::Loss)?;
        }
        Ok(())
    }

    fn is_same(&self, state: &Path) -> bool {
        let there = fs::metadata(sessions(state)).map(|meta| number(&meta)).ok();
        self.sessions.get().is_none() || there == self.sessions.get()
    }
}

/// What tells a file from every other one, as long as it is there.
pub(super) fn number(meta: &fs::Metadata) -> (u64, u64) {
    (meta.dev(), meta.ino())
}

fn sessions(state: &Path) -> PathBuf {
    state.join("sessions")
}
