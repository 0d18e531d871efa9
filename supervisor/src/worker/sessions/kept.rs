//! What is kept of ended sessions: within which limits, and how much of the disk it takes.

use super::records;
use super::registry::EndedLife;
use psup_proto::keep::{Keep, Kept, SetKeep};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::path::Path;
use tokio::sync::Notify;

const FILE: &str = "keep.json";

pub struct KeptSessions {
    pub(super) limits: Cell<Keep>,
    /// What each ended life takes on disk, by its key.
    pub(super) sizes: RefCell<HashMap<String, u64>>,
    pub(super) news: Notify,
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

    /// What `status` says, when so many are kept.
    pub fn tell(&self, count: usize) -> Kept {
        let sizes = self.sizes.borrow();
        Kept {
            limits: self.limits.get(),
            count: count as u32,
            bytes: sizes.values().sum(),
        }
    }
}

/// Those beyond a limit, of `lives` in the order of their ends.
pub(super) fn beyond(
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use psup_proto::SessionId;
    use std::time::Duration;

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
