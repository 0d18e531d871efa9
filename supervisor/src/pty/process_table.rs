//! Everybody on this machine, looked at once for all who stop sessions at the same moment.
//!
//! A look reads every process's state, so a thousand sessions that are stopped together must not
//! take a thousand looks. Which life a process belongs to stands in its environment, which is
//! inherited and read once for each process.

use super::process_tree::MARK;
use crate::platform::process::{self, Stat};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// One process, and the life whose mark it carries.
#[derive(Clone)]
pub(super) struct Entry {
    pub stat: Stat,
    pub life: Option<Rc<[u8]>>,
}

#[derive(Default)]
struct Cache {
    taken: Option<(Instant, Rc<Vec<Entry>>)>,
    /// By pid and start time, which together name one process for good.
    lives: HashMap<(i32, u64), Option<Rc<[u8]>>>,
}

thread_local! {
    static CACHE: RefCell<Cache> = RefCell::default();
}

/// Everybody who was there at a moment no longer ago than `within`.
pub(super) fn processes(within: Duration) -> Rc<Vec<Entry>> {
    CACHE.with_borrow_mut(|cache| match &cache.taken {
        Some((at, entries)) if at.elapsed() < within => entries.clone(),
        Some(_) | None => cache.look(),
    })
}

impl Cache {
    fn look(&mut self) -> Rc<Vec<Entry>> {
        let mut known = std::mem::take(&mut self.lives);
        let entry = |stat: Stat| {
            let key = (stat.pid, stat.start_time);
            let life = known
                .remove(&key)
                .unwrap_or_else(|| process::in_environment(stat.pid, MARK).map(Rc::from));
            self.lives.insert(key, life.clone());
            Entry { stat, life }
        };
        let entries = Rc::new(Stat::all().into_iter().map(entry).collect::<Vec<_>>());
        self.taken = Some((Instant::now(), entries.clone()));
        entries
    }
}
