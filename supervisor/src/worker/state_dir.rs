//! The state directory, should it go while we live: removed, replaced, or another file system
//! mounted over it.
//!
//! The system tells when it is removed or moved; whatever else may happen to it is seen at the next
//! connection. Then it is made again, with everything that is known here: ids, documents, events,
//! the records of all lives, and of those that run as much output as is in memory. What had been
//! written of others is lost, which `status` and events say.

use super::context::SharedWorker;
use super::driver::async_fd::register_readable;
use super::driver::mailbox::Message;
use super::sessions::{records, save};
use crate::log::{Level, log, now_ms};
use crate::platform::lock::{self, Patience};
use crate::platform::{watch, watchdog};
use std::cell::{Cell, RefCell};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;

/// Between tries to make it again.
const RETRY: Duration = Duration::from_secs(1);
/// Records that are written before others get their turn.
const BATCH: usize = 16;

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

/// Looks after it whenever something went from it.
pub(super) async fn watch(worker: SharedWorker) {
    let Some(watch) = &worker.state_dir.watch else {
        return;
    };
    while let Ok(mut ready) = watch.readable().await {
        watch.get_ref().drain();
        ready.clear_ready();
        look(&worker);
    }
}

/// Looks whether it is still the one that was there, and makes it again if not.
pub(super) fn look(worker: &SharedWorker) {
    let (here, state) = (&worker.state_dir, &worker.facts.state);
    if here.working.get() {
        return;
    }
    if here.sessions.get().is_none() {
        // It may be there by now.
        let _ = here.find(state);
    }
    if !here.is_same(state) || !worker.events.is_in_place() {
        here.working.set(true);
        here.lost_ms.set(now_ms());
        tokio::task::spawn_local(make_again(worker.clone()));
    }
}

async fn make_again(worker: SharedWorker) {
    let here = &worker.state_dir;
    while let Err(error) = here.find(&worker.facts.state) {
        *here.trouble.borrow_mut() = Some(error.to_string());
        here.news.notify_waiters();
        tokio::time::sleep(RETRY).await;
    }
    *here.trouble.borrow_mut() = None;
    log(
        Level::Error,
        "the state directory was gone; it is made again",
        &[],
    );
    keep_lock(&worker);
    worker.events.write_again();
    worker.hooks.write_again();
    let ids = worker.ids.borrow_mut().write_again();
    for done in [ids, worker.documents.write_again()] {
        if let Err(error) = done {
            log(
                Level::Error,
                "cannot write to the state directory",
                &[("error", &error)],
            );
        }
    }
    let mut told = false;
    for (count, key) in worker.registry.all_keys().into_iter().enumerate() {
        if save::write_record(&worker, &key).is_err() {
            save::save_later(&worker, &key);
        }
        if worker.registry.is_live(&key) {
            worker.registry.post(&key, Message::StateLost);
        } else if !told {
            // Nobody waits for those that have ended.
            told = true;
            finish(&worker);
        }
        if count % BATCH == BATCH - 1 {
            watchdog::feed();
            tokio::task::yield_now().await;
        }
    }
    finish(&worker);
    // It may have gone again meanwhile.
    look(&worker);
}

fn finish(worker: &SharedWorker) {
    worker.state_dir.working.set(false);
    worker.state_dir.news.notify_waiters();
}

/// Anyone who looks for a living supervisor finds this one, though the file that the guardian has
/// locked is gone.
fn keep_lock(worker: &SharedWorker) {
    let taken = lock::take(&worker.facts.state.join(lock::ALIVE), Patience::Ask);
    match taken {
        Ok(Some(file)) => *worker.state_dir.lock.borrow_mut() = Some(file),
        Ok(None) => log(
            Level::Error,
            "another supervisor has locked the state directory",
            &[],
        ),
        Err(error) => log(
            Level::Warn,
            "cannot lock the state directory again",
            &[("error", &error)],
        ),
    }
}
