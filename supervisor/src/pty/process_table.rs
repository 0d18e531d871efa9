//! Everybody on this machine, looked at once for all who stop sessions at the same moment.
//!
//! A look reads every process's state, so a thousand sessions that are stopped together must not
//! take a thousand looks; and where there are thousands of processes it takes so long that it is
//! made on another thread, while the worker serves on. Which life a process belongs to stands in
//! its environment, which is inherited and read once for each process.

use super::process_tree::MARK;
use crate::platform::background;
use crate::platform::process::{self, Stat};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// A look that takes so long is made on another thread.
const LONG: Duration = Duration::from_millis(2);

/// One process, and the life whose mark it carries.
#[derive(Clone)]
pub(super) struct Entry {
    pub stat: Stat,
    pub life: Option<Arc<[u8]>>,
}

/// By pid and start time, which together name one process for good.
type Lives = HashMap<(i32, u64), Option<Arc<[u8]>>>;

/// What was read of environments, by whichever thread looked.
static LIVES: Mutex<Option<Lives>> = Mutex::new(None);

struct Look {
    began: Instant,
    ended: Instant,
    entries: Arc<Vec<Entry>>,
}

thread_local! {
    static LAST: RefCell<Option<Look>> = const { RefCell::new(None) };
    /// One look at a time: those who wait share the next.
    static TURN: Rc<Semaphore> = Rc::new(Semaphore::new(1));
}

/// Everybody who was there a moment ago: no longer than `within`, or twice the time that a look
/// takes, which is a limit to what looks cost.
pub(super) fn processes(within: Duration) -> Arc<Vec<Entry>> {
    let recent = LAST.with_borrow(|last| {
        let look = last.as_ref()?;
        look.serves(within).then(|| look.entries.clone())
    });
    recent.unwrap_or_else(processes_now)
}

/// Everybody who is there now.
pub(super) fn processes_now() -> Arc<Vec<Entry>> {
    keep(look())
}

/// Everybody who is there at some moment after this call.
pub(super) async fn processes_from_now() -> Arc<Vec<Entry>> {
    let asked = Instant::now();
    let turn = TURN.with(Rc::clone);
    // It is never closed.
    let _turn = turn.acquire().await;
    let since = LAST.with_borrow(|last| {
        let look = last.as_ref()?;
        (look.began >= asked).then(|| look.entries.clone())
    });
    if let Some(entries) = since {
        return entries;
    }
    let is_short = LAST.with_borrow(|last| last.as_ref().is_some_and(|look| look.took() < LONG));
    if is_short {
        return processes_now();
    }
    keep(background::on_a_thread(look).await)
}

/// Has [`processes`] answer without a look of its own for a while.
pub(super) async fn look_ahead(within: Duration) {
    if !LAST.with_borrow(|last| last.as_ref().is_some_and(|look| look.serves(within))) {
        processes_from_now().await;
    }
}

impl Look {
    fn took(&self) -> Duration {
        self.ended - self.began
    }

    fn serves(&self, within: Duration) -> bool {
        self.ended.elapsed() < within.max(self.took() * 2)
    }
}

fn keep(look: Look) -> Arc<Vec<Entry>> {
    let entries = look.entries.clone();
    LAST.set(Some(look));
    entries
}

fn look() -> Look {
    let began = Instant::now();
    let mut lives = LIVES.lock().unwrap_or_else(PoisonError::into_inner);
    let mut known = lives.take().unwrap_or_default();
    let mut found = Lives::with_capacity(known.len());
    let entry = |stat: Stat| {
        let key = (stat.pid, stat.start_time);
        let life = known
            .remove(&key)
            .unwrap_or_else(|| process::in_environment(stat.pid, MARK).map(Arc::from));
        found.insert(key, life.clone());
        Entry { stat, life }
    };
    let entries = Arc::new(Stat::all().into_iter().map(entry).collect::<Vec<_>>());
    *lives = Some(found);
    Look {
        began,
        ended: Instant::now(),
        entries,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn in_a_loop<T>(what: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, what)
    }

    #[test]
    fn a_hundred_who_ask_at_once_share_a_look_that_began_after_they_asked() {
        let looks: Vec<Arc<Vec<Entry>>> = in_a_loop(async {
            let asked = Instant::now();
            let asking: Vec<_> = (0..100)
                .map(|_| tokio::task::spawn_local(processes_from_now()))
                .collect();
            let mut looks = Vec::new();
            for look in asking {
                looks.push(look.await.unwrap());
            }
            assert!(LAST.with_borrow(|last| last.as_ref().unwrap().began >= asked));
            looks
        });
        // One may have begun before others asked.
        let different = looks.windows(2).filter(|w| !Arc::ptr_eq(&w[0], &w[1]));
        assert!(different.count() <= 1);
        let me = std::process::id().cast_signed();
        assert!(looks[0].iter().any(|entry| entry.stat.pid == me));
    }

    #[test]
    fn a_look_on_another_thread_knows_the_environments_that_were_read_before() {
        processes_now();
        let count = |lives: &Option<Lives>| lives.as_ref().map_or(0, HashMap::len);
        assert!(count(&LIVES.lock().unwrap()) > 0);
        let look = in_a_loop(background::on_a_thread(look));
        let (me, known) = (std::process::id().cast_signed(), LIVES.lock().unwrap());
        assert!(look.entries.iter().any(|entry| entry.stat.pid == me));
        assert!(known.as_ref().unwrap().keys().any(|(pid, _)| *pid == me));
    }
}
