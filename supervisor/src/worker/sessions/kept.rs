//! Limits of what is kept of ended sessions: how many, for how long, and what they take on disk.
//!
//! ```text
//! a life ends ─┐
//! limits change├─ notify ─ watch: measure what is new ─ forget what is beyond ─ sleep until the
//! the first look┘                                                               next is too old
//! ```
//! The oldest end goes first. What runs on, will be started again, or is not on the disk yet stays,
//! whatever the limits say. Nothing wakes up while nothing can become too old.

use super::decisions;
use super::forget::Forgotten;
use super::records;
use super::registry::EndedLife;
use crate::fs::disk_usage;
use crate::log::{Level, log, now_ms};
use crate::worker::context::SharedWorker;
use psup_proto::event::EventKind;
use psup_proto::keep::{Keep, Kept, SetKeep};
use psup_proto::name::Name;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::sync::Notify;

const FILE: &str = "keep.json";
/// The log thread may still write to the journal of a life that has ended just now.
const SETTLED: Duration = Duration::from_secs(2);

/// Between looks while sessions end; so long the limits may be passed.
const PAUSE: Duration = Duration::from_secs(1);

pub struct KeptSessions {
    limits: Cell<Keep>,
    /// What each ended life takes on disk, by its key.
    sizes: RefCell<HashMap<String, u64>>,
    news: Notify,
}

impl KeptSessions {
    pub fn open(state: &Path) -> Self {
        Self {
            limits: Cell::new(records::read(&state.join(FILE)).unwrap_or_default()),
            sizes: RefCell::default(),
            news: Notify::new(),
        }
    }

    /// A life has ended.
    pub fn ended(&self) {
        self.news.notify_one();
    }

    pub fn set(&self, state: &Path, change: SetKeep) -> io::Result<()> {
        let limits = self.limits.get().with(change);
        records::replace(&state.join(FILE), &limits)?;
        self.limits.set(limits);
        self.news.notify_one();
        Ok(())
    }

    /// What `status` says.
    pub fn tell(&self, worker: &SharedWorker) -> Kept {
        let sizes = self.sizes.borrow();
        Kept {
            limits: self.limits.get(),
            count: worker.registry.kept_count() as u32 - worker.registry.live_count() as u32,
            bytes: sizes.values().sum(),
        }
    }
}

/// Keeps the limits for as long as the worker lives.
pub async fn watch(worker: SharedWorker) {
    loop {
        if worker.adopted.get() {
            enforce(&worker).await;
        }
        let expiry = expiry(&worker);
        tokio::select! {
            // Many may end at once: one look is for all of them.
            () = worker.kept.news.notified() => tokio::time::sleep(PAUSE).await,
            () = worker.adoption.notified(), if !worker.adopted.get() => {}
            () = tokio::time::sleep(expiry.unwrap_or_default()), if expiry.is_some() => {}
        }
    }
}

/// Those whose records are on the disk.
fn ended_lives(worker: &SharedWorker) -> Vec<EndedLife> {
    let mut lives = worker.registry.ended_lives();
    lives.retain(|life| !worker.unsaved.has(&life.key));
    lives
}

/// How long until the oldest is too old.
fn expiry(worker: &SharedWorker) -> Option<Duration> {
    let age = worker.kept.limits.get().age?;
    let oldest = ended_lives(worker).first()?.at_ms;
    let due = u128::from(oldest) + age.as_millis() + 1_000;
    let left = due.saturating_sub(u128::from(now_ms()));
    // One that cannot be forgotten now is tried again, not at once.
    Some(Duration::from_millis(
        left.clamp(1_000, u64::MAX.into()) as u64
    ))
}

async fn enforce(worker: &SharedWorker) {
    let lives = ended_lives(worker);
    measure(worker, &lives).await;
    let beyond = beyond(
        &lives,
        &worker.kept.sizes.borrow(),
        worker.kept.limits.get(),
        now_ms(),
    );
    if !beyond.is_empty() {
        forget(worker, beyond).remove_soon();
    }
}

/// Looks up what those take that were not looked at yet.
async fn measure(worker: &SharedWorker, lives: &[EndedLife]) {
    let settled = now_ms().saturating_sub(SETTLED.as_millis() as u64);
    let new: Vec<(String, std::path::PathBuf)> = {
        let mut sizes = worker.kept.sizes.borrow_mut();
        if sizes.len() > lives.len() {
            let known: std::collections::HashSet<&str> =
                lives.iter().map(|life| life.key.as_str()).collect();
            sizes.retain(|key, _| known.contains(key.as_str()));
        }
        let unknown = lives
            .iter()
            .filter(|life| life.at_ms > settled || !sizes.contains_key(&life.key));
        unknown
            .map(|life| (life.key.clone(), worker.session_dir(&life.key)))
            .collect()
    };
    let look = move || {
        let sizes = new
            .into_iter()
            .map(|(key, dir)| (key, disk_usage::of(&dir)));
        sizes.collect::<Vec<_>>()
    };
    if let Ok(found) = tokio::task::spawn_blocking(look).await {
        worker.kept.sizes.borrow_mut().extend(found);
    }
}

/// Those beyond a limit, of `lives` in the order of their ends.
fn beyond(
    lives: &[EndedLife],
    sizes: &HashMap<String, u64>,
    limits: Keep,
    now_ms: u64,
) -> Vec<EndedLife> {
    let size = |life: &EndedLife| sizes.get(&life.key).copied().unwrap_or_default();
    let mut bytes: u64 = lives.iter().map(size).sum();
    let mut count = lives.len();
    let is_beyond = |life: &EndedLife, count: usize, bytes: u64| {
        let age = u128::from(now_ms.saturating_sub(life.at_ms));
        count > limits.count as usize
            || limits.bytes.is_some_and(|most| bytes > most)
            || limits.age.is_some_and(|most| age > most.as_millis())
    };
    let mut found = Vec::new();
    for life in lives {
        if !is_beyond(life, count, bytes) {
            break;
        }
        count -= 1;
        bytes -= size(life);
        found.push(life.clone());
    }
    found
}

/// Forgets these; what cannot be removed is kept a while longer.
pub fn forget(worker: &SharedWorker, lives: Vec<EndedLife>) -> Forgotten {
    let mut forgotten = Forgotten::default();
    for life in lives {
        match decisions::forget_life(worker, &life) {
            Ok(one) => {
                forgotten.add(one);
                worker.kept.sizes.borrow_mut().remove(&life.key);
                worker.events.tell(&life.id, 0, EventKind::Forgotten);
            }
            Err(error) => log(
                Level::Warn,
                "an ended session cannot be forgotten",
                &[("session", &life.id), ("error", &error)],
            ),
        }
    }
    forgotten
}

/// The ended lives that a name, a pattern or an age selects.
pub fn select(
    worker: &SharedWorker,
    is_named: impl Fn(&Name) -> bool,
    older: Option<Duration>,
) -> Vec<EndedLife> {
    let before = older.map_or(u128::MAX, |age| {
        u128::from(now_ms()).saturating_sub(age.as_millis())
    });
    let mut lives = ended_lives(worker);
    lives.retain(|life| is_named(&life.id.name) && u128::from(life.at_ms) <= before);
    lives
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use psup_proto::SessionId;

    /// Lives that ended at 0, 1000, 2000 … and take 10 bytes each; the numbers of those beyond.
    fn gone(limits: Keep, now_ms: u64) -> Vec<u32> {
        let lives: Vec<EndedLife> = (1..=5)
            .map(|number| EndedLife {
                key: number.to_string(),
                id: SessionId {
                    name: "a".parse().unwrap(),
                    life: number,
                },
                at_ms: u64::from(number - 1) * 1000,
            })
            .collect();
        let sizes = lives.iter().map(|life| (life.key.clone(), 10)).collect();
        let beyond = beyond(&lives, &sizes, limits, now_ms);
        beyond.iter().map(|life| life.id.life).collect()
    }

    const ALL: Keep = Keep {
        count: u32::MAX,
        age: None,
        bytes: None,
    };

    #[test]
    fn the_oldest_end_goes_first_whichever_limit_is_met() {
        assert_eq!(gone(ALL, u64::MAX), [0; 0]);
        assert_eq!(gone(Keep { count: 3, ..ALL }, 4_000), [1, 2]);
        let bytes = Some(25);
        assert_eq!(gone(Keep { bytes, ..ALL }, 4_000), [1, 2, 3]);
        let age = Some(Duration::from_secs(3));
        assert_eq!(gone(Keep { age, ..ALL }, 4_000), [1]);
        assert_eq!(gone(Keep { age, ..ALL }, 4_001), [1, 2]);
        let none = Keep { count: 0, ..ALL };
        assert_eq!(gone(none, 4_000), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn limits_on_disk_may_lack_fields() {
        let read: Keep = serde_json::from_str(r#"{"count":7}"#).unwrap();
        assert_eq!(
            read,
            Keep {
                count: 7,
                ..Keep::default()
            }
        );
    }
}
