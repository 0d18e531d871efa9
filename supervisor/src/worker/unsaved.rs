//! Records of lives that the disk refused: written as soon as it takes them.
//!
//! How a life ended is in its ring until then. So nothing that rests on the record (the end of the
//! ring, a next life) happens before it is on the disk; else a killed worker's successor would take
//! the life for lost.

use super::context::SharedWorker;
use crate::log::{Level, log};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::Notify;

/// Between tries on a disk that refuses.
const RETRY: Duration = Duration::from_secs(1);

/// The keys of lives whose record in memory is newer than the one on the disk.
#[derive(Default)]
pub struct Unsaved {
    keys: RefCell<BTreeSet<String>>,
    news: Notify,
}

impl Unsaved {
    pub fn has(&self, key: &str) -> bool {
        self.keys.borrow().contains(key)
    }

    /// Returns once the record of this life is on the disk, or the life was forgotten.
    pub async fn saved(&self, key: &str) {
        loop {
            let mut news = std::pin::pin!(self.news.notified());
            // Enlisted before the look, so that nothing slips in between.
            news.as_mut().enable();
            if !self.has(key) {
                return;
            }
            news.await;
        }
    }
}

/// Tries the record of this life again until it is on the disk.
pub(super) fn save_later(worker: &SharedWorker, key: &str) {
    let was_empty = worker.unsaved.keys.borrow().is_empty();
    worker.unsaved.keys.borrow_mut().insert(key.to_owned());
    if was_empty {
        tokio::task::spawn_local(save_all(worker.clone()));
    }
}

async fn save_all(worker: SharedWorker) {
    let mut count = 0;
    loop {
        tokio::time::sleep(RETRY).await;
        let keys: Vec<String> = worker.unsaved.keys.borrow().iter().cloned().collect();
        for key in keys {
            if worker.registry.write_record(&worker, &key).is_ok() {
                count += 1;
                worker.unsaved.keys.borrow_mut().remove(&key);
                worker.unsaved.news.notify_waiters();
            }
        }
        if worker.unsaved.keys.borrow().is_empty() {
            return log(
                Level::Info,
                "records that the disk had refused are written",
                &[("records", &count)],
            );
        }
    }
}
