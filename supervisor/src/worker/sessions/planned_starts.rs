//! Lives that are to begin by themselves, until the task that begins them takes them up.

use super::registry::PlannedStart;
use std::cell::RefCell;
use std::collections::HashMap;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

#[derive(Default)]
pub struct PlannedStarts {
    /// Planned, and not taken up yet.
    new: RefCell<Vec<PlannedStart>>,
    news: Notify,
    /// What waits for its time, by the key of the life before it.
    waiting: RefCell<HashMap<String, AbortHandle>>,
}

impl PlannedStarts {
    pub fn add(&self, start: PlannedStart) {
        self.cancel(&start.key);
        self.new.borrow_mut().push(start);
        self.news.notify_one();
    }

    pub fn cancel(&self, key: &str) {
        self.new.borrow_mut().retain(|start| start.key != key);
        if let Some(task) = self.waiting.borrow_mut().remove(key) {
            task.abort();
        }
    }

    /// What was planned since the last call, as soon as there is any.
    pub async fn next(&self) -> Vec<PlannedStart> {
        loop {
            let new = self.new.take();
            if !new.is_empty() {
                return new;
            }
            self.news.notified().await;
        }
    }

    pub fn wait(&self, key: String, task: AbortHandle) {
        self.waiting.borrow_mut().insert(key, task);
    }
}
