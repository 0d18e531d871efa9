//! Who is called what: every life that is kept, by name, newest last; and what follows when one of
//! them begins, ends or gets another name.
//!
//! A map that answers and decides. It opens no file, starts no task and sends nothing: a change
//! returns [`Decision`]s, and `sessions/decisions.rs` carries them out. How a life is reached (`H`)
//! is kept for those who ask, and not looked into. The map belongs to the worker's one thread; no
//! borrow of it outlives a call.

mod change;
mod decision;
mod entry;
#[cfg(test)]
mod tests;

pub use decision::{Decision, PlannedStart};

use super::records::Record;
use super::session_ref::SessionRef;
use crate::worker::nearest::nearest;
use entry::Entry;
use psup_proto::name::{Name, SessionId, Target};
use psup_proto::{Code, Failure, Spec, limits};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

pub struct Registry<H>(RefCell<Map<H>>);

struct Map<H> {
    names: BTreeMap<Name, Vec<Entry<H>>>,
    keys: HashMap<String, (H, Name)>,
}

/// An ended life that may be forgotten.
#[derive(Clone, Debug, PartialEq)]
pub struct EndedLife {
    pub key: String,
    pub id: SessionId,
    pub at_ms: u64,
}

impl<H> Default for Registry<H> {
    fn default() -> Self {
        Self(RefCell::new(Map {
            names: BTreeMap::new(),
            keys: HashMap::new(),
        }))
    }
}

impl<H: Clone> Registry<H> {
    /// The life that was begun by a request, so that a retry begins nothing.
    pub fn by_request(&self, request: u128) -> Option<SessionRef<H>> {
        let map = self.0.borrow();
        map.all()
            .find(|(_, life)| life.record.request == request)
            .map(|(newest, life)| life.known(newest))
    }

    /// What is found, or what might have been meant instead.
    pub fn find(&self, target: &Target) -> Result<SessionRef<H>, Failure> {
        self.known(target)
            .ok_or_else(|| self.0.borrow().unknown(target))
    }

    pub fn known(&self, target: &Target) -> Option<SessionRef<H>> {
        let map = self.0.borrow();
        let lives = map.lives(&target.name);
        let found = match target.life {
            None => lives.last(),
            Some(number) => lives.iter().find(|life| life.record.id.life == number),
        };
        let newest = |life: &Entry<H>| lives.last().is_some_and(|last| last.key == life.key);
        found.map(|life| life.known(newest(life)))
    }

    /// The newest life of every name, or with `all` every life that is kept.
    pub fn list(&self, all: bool) -> Vec<SessionRef<H>> {
        let map = self.0.borrow();
        map.all()
            .filter(|(newest, _)| all || *newest)
            .map(|(newest, life)| life.known(newest))
            .collect()
    }

    pub fn has_key(&self, key: &str) -> bool {
        self.0.borrow().keys.contains_key(key)
    }

    pub fn is_live(&self, key: &str) -> bool {
        let mut map = self.0.borrow_mut();
        map.find_key(key)
            .is_some_and(|life| life.record.exit.is_none())
    }

    pub fn live_keys(&self) -> HashSet<String> {
        let map = self.0.borrow();
        let live = map.all().filter(|(_, life)| life.record.exit.is_none());
        live.map(|(_, life)| life.key.clone()).collect()
    }

    pub fn live_count(&self) -> usize {
        self.0.borrow().live_count()
    }

    pub fn kept_count(&self) -> usize {
        self.0.borrow().keys.len()
    }

    pub fn handle(&self, key: &str) -> Option<H> {
        let map = self.0.borrow();
        map.keys.get(key).map(|(handle, _)| handle.clone())
    }

    /// The handle of every life.
    pub fn handles(&self) -> Vec<H> {
        let map = self.0.borrow();
        map.keys
            .values()
            .map(|(handle, _)| handle.clone())
            .collect()
    }

    /// What is written down of a life; nothing of one that is forgotten.
    pub fn record(&self, key: &str) -> Option<(Rc<Spec>, Record)> {
        let mut map = self.0.borrow_mut();
        let life = map.find_key(key)?;
        Some((life.spec.clone(), life.record.clone()))
    }

    /// The keys of all lives, those that run first.
    pub fn all_keys(&self) -> Vec<String> {
        let map = self.0.borrow();
        let (live, ended): (Vec<_>, Vec<_>) = map
            .all()
            .map(|(_, life)| life)
            .partition(|life| life.record.exit.is_none());
        live.into_iter()
            .chain(ended)
            .map(|life| life.key.clone())
            .collect()
    }

    /// Whether a life is the newest of its name, and nobody has asked it to stop.
    pub fn is_newest(&self, key: &str) -> bool {
        let map = self.0.borrow();
        map.all()
            .any(|(newest, life)| newest && life.key == key && !life.record.stopped)
    }

    /// The ended lives that nothing follows and nobody is left of, the oldest end first.
    pub fn ended_lives(&self) -> Vec<EndedLife> {
        let map = self.0.borrow();
        let mut ended: Vec<EndedLife> = map
            .all()
            .map(|(_, life)| life)
            .filter(|life| life.next_ms.is_none() && life.orphans.is_none())
            .filter_map(|life| {
                Some(EndedLife {
                    key: life.key.clone(),
                    id: life.record.id.clone(),
                    // One that was restored is kept as long as one that ends then.
                    at_ms: (life.record.exit.as_ref()?.at_ms)
                        .max(life.record.restored_ms.unwrap_or_default()),
                })
            })
            .collect();
        ended.sort_by_key(|life| life.at_ms);
        ended
    }

    /// Whether a next life of a name may begin.
    pub fn is_free(&self, name: &Name) -> Result<(), Failure> {
        let map = self.0.borrow();
        let lives = map.lives(name);
        if let Some(life) = lives.last().filter(|life| life.record.exit.is_none()) {
            let message = format!("{} is running already", life.record.id);
            return Err(Failure::new(Code::NameTaken, message).hint(format!(
                "`psup ensure {name}` takes that as success; `psup stop {name}` ends it"
            )));
        }
        if let Some(failure) = lives.iter().find_map(Entry::runs_on) {
            return Err(failure);
        }
        if map.live_count() >= limits::SESSIONS {
            let message = format!("{} sessions are alive already", limits::SESSIONS);
            return Err(Failure::new(Code::Limit, message));
        }
        Ok(())
    }

    /// The lives that go if a target is forgotten: a name goes with all its lives, an id alone.
    pub fn forgettable(&self, target: &Target) -> Result<(SessionId, Vec<String>), Failure> {
        let known = self.find(target)?;
        if known.has_processes() {
            let message = format!("{} is running", known.id);
            return Err(Failure::new(Code::StillRunning, message)
                .hint(format!("`psup stop {}` first", known.id.name)));
        }
        let keys = if target.life.is_some() {
            vec![known.key]
        } else {
            let map = self.0.borrow();
            let lives = map.lives(&target.name).iter();
            lives.map(|life| life.key.clone()).collect()
        };
        Ok((known.id, keys))
    }
}

impl<H: Clone> Map<H> {
    /// Every life, and whether it is the newest of its name.
    fn all(&self) -> impl Iterator<Item = (bool, &Entry<H>)> {
        self.names.values().flat_map(|lives| {
            let last = lives.len().saturating_sub(1);
            let numbered = lives.iter().enumerate();
            numbered.map(move |(i, life)| (i == last, life))
        })
    }

    fn lives(&self, name: &Name) -> &[Entry<H>] {
        self.names.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    fn live_count(&self) -> usize {
        let live = |(_, life): &(bool, &Entry<H>)| life.record.exit.is_none();
        self.all().filter(live).count()
    }

    fn find_key(&mut self, key: &str) -> Option<&mut Entry<H>> {
        let (_, name) = self.keys.get(key)?;
        let lives = self.names.get_mut(name)?;
        lives.iter_mut().find(|life| life.key == key)
    }

    /// The ended lives of a name that are more than are kept.
    fn beyond_limit(&self, name: &Name) -> impl Iterator<Item = String> + use<H> {
        let ended: Vec<String> = self
            .lives(name)
            .iter()
            .filter(|life| life.record.exit.is_some() && life.orphans.is_none())
            .map(|life| life.key.clone())
            .collect();
        ended.into_iter().rev().skip(limits::LIVES)
    }

    fn take(&mut self, key: &str) -> Option<Entry<H>> {
        let (_, name) = self.keys.remove(key)?;
        let lives = self.names.get_mut(&name)?;
        let at = lives.iter().position(|life| life.key == key)?;
        let life = lives.remove(at);
        if lives.is_empty() {
            self.names.remove(&name);
        }
        Some(life)
    }

    fn unknown(&self, target: &Target) -> Failure {
        let failure = Failure::new(
            Code::NoSuchSession,
            format!("no session named {:?}", target.to_string()),
        );
        match nearest(target.name.as_str(), self.names.keys().map(Name::as_str)) {
            Some(near) => failure.hint(format!(
                "did you mean {near:?}? `psup list --all` shows all"
            )),
            None => failure.hint("`psup list --all` shows all"),
        }
    }
}
