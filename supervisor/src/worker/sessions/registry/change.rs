//! What changes the registry, and what each change asks of its caller.

use super::Registry;
use super::decision::Decision;
use super::entry::Entry;
use crate::worker::sessions::records::Record;
use psup_proto::name::SessionId;
use psup_proto::{Exit, Spec};
use std::rc::Rc;

impl<H: Clone> Registry<H> {
    /// A life has begun, or one that was there before this worker is known again.
    pub fn add(&self, key: &str, spec: Rc<Spec>, record: Record, handle: H) -> Vec<Decision> {
        let mut map = self.0.borrow_mut();
        let name = record.id.name.clone();
        let place = (handle.clone(), name.clone());
        map.keys.insert(key.to_owned(), place);
        let lives = map.names.entry(name).or_default();
        let older = lives.iter_mut().filter_map(Entry::cancel_next).collect();
        lives.push(Entry {
            key: key.to_owned(),
            spec,
            record,
            handle,
            next_ms: None,
            orphans: None,
        });
        lives.sort_by_key(|life| life.record.id.life);
        older
    }

    /// A life is over. Its end is written down, and the restart policy has its say, unless the
    /// supervisor is `closing`.
    pub fn ended(
        &self,
        key: &str,
        exit: &Exit,
        stopped: bool,
        closing: bool,
        now_ms: u64,
    ) -> Vec<Decision> {
        let mut map = self.0.borrow_mut();
        let Some(life) = map.find_key(key) else {
            return Vec::new();
        };
        if life.record.exit.is_some() {
            return Vec::new();
        }
        life.record.exit = Some(exit.clone());
        life.record.stopped |= stopped;
        let mut decisions = vec![Decision::Save(key.to_owned())];
        if !closing && life.wants_another() {
            decisions.push(life.plan(exit.at_ms, now_ms));
        }
        let name = life.record.id.name.clone();
        decisions.extend(map.beyond_limit(&name).map(Decision::Forget));
        decisions
    }

    /// Restarts that were planned when the last worker died are planned again.
    pub fn plan_restarts(&self, now_ms: u64) -> Vec<Decision> {
        let mut map = self.0.borrow_mut();
        let newest = map.names.values_mut().filter_map(|lives| lives.last_mut());
        newest
            .filter(|life| life.wants_another())
            .filter_map(|life| {
                let ended_ms = life.record.exit.as_ref()?.at_ms;
                Some(life.plan(ended_ms, now_ms))
            })
            .collect()
    }

    /// A life that was lost is followed by another one, which could not be begun at once.
    pub fn plan_again(&self, key: &str, now_ms: u64) -> Option<Decision> {
        let mut map = self.0.borrow_mut();
        map.find_key(key).map(|life| life.plan(now_ms, now_ms))
    }

    /// The next life could not be begun and is tried again then.
    pub fn postpone(&self, key: &str, at_ms: u64) {
        let mut map = self.0.borrow_mut();
        let next = map.find_key(key).and_then(|life| life.next_ms.as_mut());
        if let Some(next) = next {
            *next = at_ms;
        }
    }

    /// No life will follow this one by itself.
    pub fn cancel_next(&self, key: &str) -> Vec<Decision> {
        let mut map = self.0.borrow_mut();
        let Some(life) = map.find_key(key) else {
            return Vec::new();
        };
        life.record.stopped = true;
        let save = Decision::Save(key.to_owned());
        [save].into_iter().chain(life.cancel_next()).collect()
    }

    /// Notes who of a lost life runs on; `None` once all of them are gone.
    pub fn set_orphans(&self, key: &str, orphans: Option<Vec<i32>>) -> Option<Decision> {
        let mut map = self.0.borrow_mut();
        let life = map.find_key(key)?;
        life.orphans = orphans;
        let changed = life.record.orphaned != life.orphans.is_some();
        life.record.orphaned = life.orphans.is_some();
        changed.then(|| Decision::Save(key.to_owned()))
    }

    /// Gives a life another name, as that name's next life.
    pub fn rename(&self, key: &str, id: &SessionId) -> Option<Decision> {
        let mut map = self.0.borrow_mut();
        let mut life = map.take(key)?;
        let place = (life.handle.clone(), id.name.clone());
        map.keys.insert(key.to_owned(), place);
        life.record.id = id.clone();
        map.names.entry(id.name.clone()).or_default().push(life);
        Some(Decision::Save(key.to_owned()))
    }

    /// Nobody finds this life any more.
    pub fn remove(&self, key: &str) -> Option<H> {
        let life = self.0.borrow_mut().take(key)?;
        Some(life.handle)
    }
}
