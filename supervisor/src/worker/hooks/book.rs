//! The record of hooks: which there are, where their watches stand, and which deliveries are due.
//!
//! It is a value made of entries: each change is one entry, which is applied here and appended
//! to the file, so that the next worker makes the same value of the file. Nothing here reads a
//! clock or a file.

use super::entry::{Cursor, Due, Entry, StoredHook};
use psup_proto::hook::{Delivery, DeliveryState, HookInfo};
use std::collections::BTreeMap;

#[derive(Default)]
pub(crate) struct Book {
    hooks: BTreeMap<u32, StoredHook>,
    watches: BTreeMap<(u32, String), Cursor>,
    due: BTreeMap<(u32, u64), Due>,
    counts: BTreeMap<u32, Counts>,
    last_number: u32,
}

#[derive(Default)]
struct Counts {
    delivered: u64,
    failed: u64,
    last: Option<Delivery>,
}

impl Book {
    pub(crate) fn apply(&mut self, entry: Entry) {
        match entry {
            Entry::Added(hook) => {
                self.last_number = self.last_number.max(hook.number);
                self.hooks.insert(hook.number, hook);
            }
            Entry::Removed { hook } => {
                self.hooks.remove(&hook);
                self.counts.remove(&hook);
                self.watches.retain(|(of, _), _| *of != hook);
                self.due.retain(|(of, _), _| *of != hook);
            }
            Entry::Renamed { from, to, event } => {
                for hook in self.hooks.values_mut() {
                    if hook.name.as_ref() == Some(&from) && hook.seen < event {
                        hook.name = Some(to.clone());
                    }
                }
            }
            Entry::Retired { hook } => {
                if let Some(hook) = self.hooks.get_mut(&hook) {
                    hook.retired = true;
                }
            }
            Entry::Seen { event } => {
                for hook in self.hooks.values_mut() {
                    hook.seen = hook.seen.max(event);
                }
            }
            Entry::Watch { hook, key, cursor } => {
                self.watches.insert((hook, key), cursor);
            }
            Entry::WatchOver { hook, key } => {
                self.watches.remove(&(hook, key));
            }
            Entry::Due { due, cursor } => self.add_due(due, cursor),
            Entry::Ran { hook, delivery } => self.ran(hook, delivery),
            Entry::Counted {
                hook,
                delivered,
                failed,
                last,
            } => {
                let counts = Counts {
                    delivered,
                    failed,
                    last,
                };
                self.counts.insert(hook, counts);
            }
            Entry::Numbered { last } => self.last_number = self.last_number.max(last),
        }
    }

    fn add_due(&mut self, due: Due, cursor: Option<Cursor>) {
        let Some(hook) = self.hooks.get_mut(&due.hook) else {
            return;
        };
        match cursor {
            Some(cursor) => drop(self.watches.insert((due.hook, due.key.clone()), cursor)),
            None => hook.seen = hook.seen.max(due.event),
        }
        self.due.insert((due.hook, due.event), due);
    }

    fn ran(&mut self, hook: u32, delivery: Delivery) {
        if !self.hooks.contains_key(&hook) {
            return;
        }
        let key = (hook, delivery.event);
        let counts = self.counts.entry(hook).or_default();
        match delivery.state {
            DeliveryState::Retrying => {
                if let Some(due) = self.due.get_mut(&key) {
                    due.tries = delivery.tries;
                }
            }
            DeliveryState::Delivered => {
                self.due.remove(&key);
                counts.delivered += 1;
            }
            DeliveryState::Failed => {
                self.due.remove(&key);
                counts.failed += 1;
            }
        }
        counts.last = Some(delivery);
    }

    /// The shortest file that makes this value.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let mut entries = vec![Entry::Numbered {
            last: self.last_number,
        }];
        entries.extend(self.hooks.values().cloned().map(Entry::Added));
        for ((hook, key), cursor) in &self.watches {
            entries.push(Entry::Watch {
                hook: *hook,
                key: key.clone(),
                cursor: *cursor,
            });
        }
        for due in self.due.values() {
            // The watch stands where it stands.
            let cursor = self.watches.get(&(due.hook, due.key.clone())).copied();
            entries.push(Entry::Due {
                due: due.clone(),
                cursor,
            });
        }
        for (hook, counts) in &self.counts {
            entries.push(Entry::Counted {
                hook: *hook,
                delivered: counts.delivered,
                failed: counts.failed,
                last: counts.last.clone(),
            });
        }
        entries
    }

    pub(crate) fn next_number(&self) -> u32 {
        self.last_number + 1
    }

    pub(crate) fn count(&self) -> usize {
        self.hooks.len()
    }

    pub(crate) fn hook(&self, number: u32) -> Option<&StoredHook> {
        self.hooks.get(&number)
    }

    pub(crate) fn hooks(&self) -> impl Iterator<Item = &StoredHook> {
        self.hooks.values()
    }

    pub(crate) fn by_request(&self, request: u128) -> Option<u32> {
        let mut hooks = self.hooks.values();
        hooks
            .find(|hook| hook.request == request && !hook.of_spec)
            .map(|hook| hook.number)
    }

    pub(crate) fn watch(&self, hook: u32, key: &str) -> Option<Cursor> {
        self.watches.get(&(hook, key.to_owned())).copied()
    }

    /// The hooks that watch this life.
    pub(crate) fn watches_of(&self, key: &str) -> Vec<u32> {
        let watches = self.watches.keys();
        watches
            .filter(|(_, of)| of == key)
            .map(|(hook, _)| *hook)
            .collect()
    }

    pub(crate) fn due(&self, hook: u32, event: u64) -> Option<&Due> {
        self.due.get(&(hook, event))
    }

    pub(crate) fn all_due(&self) -> impl Iterator<Item = &Due> {
        self.due.values()
    }

    pub(crate) fn due_count(&self) -> usize {
        self.due.len()
    }

    /// A delivery of this hook for this life is still to be made.
    pub(crate) fn has_due(&self, hook: u32, key: &str) -> bool {
        let mut of_hook = self.due.range((hook, 0)..=(hook, u64::MAX));
        of_hook.any(|(_, due)| due.key == key)
    }

    /// A hook of a forgotten session that has delivered everything.
    pub(crate) fn is_over(&self, number: u32) -> bool {
        let mut of_hook = self.due.range((number, 0)..=(number, u64::MAX));
        self.hooks.get(&number).is_some_and(|hook| hook.retired) && of_hook.next().is_none()
    }

    /// The number of the last event that every hook has looked at; `None` without hooks.
    pub(crate) fn seen(&self) -> Option<u64> {
        self.hooks.values().map(|hook| hook.seen).min()
    }

    pub(crate) fn infos(&self, wanted: impl Fn(&StoredHook) -> bool) -> Vec<HookInfo> {
        let hooks = self.hooks.values().filter(|hook| wanted(hook));
        hooks.map(|hook| self.info(hook)).collect()
    }

    fn info(&self, hook: &StoredHook) -> HookInfo {
        let number = hook.number;
        let counts = self.counts.get(&number);
        HookInfo {
            number,
            name: hook.name.clone(),
            hook: hook.hook.clone(),
            of_spec: hook.of_spec,
            due: self.due.range((number, 0)..=(number, u64::MAX)).count() as u32,
            delivered: counts.map_or(0, |counts| counts.delivered),
            failed: counts.map_or(0, |counts| counts.failed),
            last: counts.and_then(|counts| counts.last.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::entry::Detail;
    use super::*;
    use psup_proto::hook::{Hook, HookEvent};
    use psup_proto::name::SessionId;
    use std::time::Duration;

    fn hook(number: u32, on: HookEvent) -> Entry {
        Entry::Added(StoredHook {
            number,
            request: 7,
            name: Some("web".parse().unwrap()),
            hook: Hook {
                on,
                command: vec![b"cat".to_vec()],
                timeout: Duration::from_secs(30),
                tries: 10,
            },
            of_spec: false,
            cwd: b"/".to_vec(),
            env: vec![(b"A".to_vec(), b"\xff".to_vec())],
            umask: 0o022,
            added_ms: 1,
            seen: 3,
            retired: false,
        })
    }

    fn due(hook: u32, event: u64) -> Due {
        Due {
            hook,
            event,
            at_ms: 2,
            id: SessionId {
                name: "web".parse().unwrap(),
                life: 1,
            },
            key: "k".into(),
            offset: 9,
            detail: Detail::default(),
            tries: 0,
        }
    }

    fn ran(event: u64, state: DeliveryState, tries: u32) -> Entry {
        let delivery = Delivery {
            event,
            id: due(1, 1).id,
            state,
            tries,
            reason: String::new(),
            at_ms: 5,
        };
        Entry::Ran { hook: 1, delivery }
    }

    fn story() -> Vec<Entry> {
        let cursor = |at, fired| Cursor { at, fired };
        vec![
            hook(1, HookEvent::Exit),
            hook(2, HookEvent::Match("x".into())),
            hook(3, HookEvent::Lost),
            Entry::Watch {
                hook: 2,
                key: "k".into(),
                cursor: cursor(0, false),
            },
            Entry::Due {
                due: due(2, 5),
                cursor: Some(cursor(9, true)),
            },
            Entry::Due {
                due: due(1, 6),
                cursor: None,
            },
            ran(6, DeliveryState::Retrying, 1),
            Entry::Due {
                due: due(1, 8),
                cursor: None,
            },
            ran(8, DeliveryState::Delivered, 1),
            Entry::Removed { hook: 3 },
        ]
    }

    #[test]
    fn what_is_due_stays_due_until_it_is_delivered_or_failed() {
        let mut book = Book::default();
        for entry in story() {
            book.apply(entry);
        }
        let open: Vec<_> = book.all_due().map(|due| (due.hook, due.event)).collect();
        assert_eq!(open, [(1, 6), (2, 5)]);
        assert_eq!(book.due(1, 6).unwrap().tries, 1);
        assert!(book.has_due(2, "k") && !book.has_due(2, "other"));
        assert_eq!(book.watch(2, "k").map(|cursor| cursor.at), Some(9));
        // An event that was delivered is not looked at again.
        assert_eq!(book.hook(1).unwrap().seen, 8);
        book.apply(ran(6, DeliveryState::Failed, 2));
        let info = &book.infos(|hook| hook.number == 1)[0];
        assert_eq!((info.due, info.delivered, info.failed), (0, 1, 1));
    }

    #[test]
    fn the_file_written_again_makes_the_same_book() {
        let mut book = Book::default();
        for entry in story() {
            book.apply(entry);
        }
        let mut again = Book::default();
        for entry in book.entries() {
            let line = serde_json::to_vec(&entry).unwrap();
            again.apply(serde_json::from_slice(&line).unwrap());
        }
        assert_eq!(again.entries(), book.entries());
        assert_eq!(again.next_number(), 4);
    }
}
