//! Records of lives that the disk refused: written as soon as it takes them.
//!
//! How a life ended is in its ring until then. So nothing that rests on the record (the end of the
//! ring, a next life) happens before it is on the disk; else a killed worker's successor would take
//! the life for lost.

use std::cell::RefCell;
use std::collections::BTreeSet;
use tokio::sync::Notify;

/// The keys of lives whose record in memory is newer than the one on the disk.
#[derive(Default)]
pub struct Unsaved {
    keys: RefCell<BTreeSet<String>>,
    news: Notify,
}

impl Unsaved {
    /// True if it is the only one.
    pub fn add(&self, key: &str) -> bool {
        let mut keys = self.keys.borrow_mut();
        let was_empty = keys.is_empty();
        keys.insert(key.to_owned());
        was_empty
    }

    pub fn keys(&self) -> Vec<String> {
        self.keys.borrow().iter().cloned().collect()
    }

    /// It is on the disk.
    pub fn remove(&self, key: &str) {
        self.keys.borrow_mut().remove(key);
        self.news.notify_waiters();
    }

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
