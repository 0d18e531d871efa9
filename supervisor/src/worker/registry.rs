//! Who is called what: every life that is kept, by name, newest last.
//!
//! The registry belongs to the worker's one thread; no borrow of it lives across an await.

use super::house::Shared;
use super::known::Known;
use super::mail::{Handle, Mail};
use super::nearest::nearest;
use super::policy;
use super::restarts::Next;
use super::store::{self, Lives, Record};
use crate::journal::Told;
use crate::log::{Level, log, now_ms};
use crate::pty::Tree;
use crate::session::Session;
use psup_proto::event::What;
use psup_proto::name::{Name, SessionId, Target};
use psup_proto::{Code, Exit, Failure, Spec, limits};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

pub struct Registry(RefCell<Inner>);

struct Inner {
    names: BTreeMap<Name, Vec<Life>>,
    keys: HashMap<String, Handle>,
    lives: Lives,
}

/// One life as the registry knows it.
pub struct Life {
    pub id: Rc<RefCell<SessionId>>,
    pub key: String,
    pub spec: Rc<Spec>,
    pub record: Record,
    pub handle: Handle,
    pub next: Option<Next>,
    /// It is lost, and these processes of it run on.
    pub orphans: Option<Tree>,
}

impl Registry {
    pub fn open(state: &Path) -> Self {
        let inner = Inner {
            names: BTreeMap::new(),
            keys: HashMap::new(),
            lives: Lives::open(state),
        };
        Self(RefCell::new(inner))
    }

    /// The id of the next life of a name, unless one is alive.
    pub fn reserve(&self, name: &Name) -> Result<SessionId, Failure> {
        let mut inner = self.0.borrow_mut();
        if let Some(life) = inner
            .names
            .get(name)
            .and_then(|lives| lives.last())
            .filter(|life| life.record.exit.is_none())
        {
            let message = format!("{} is running already", life.id.borrow());
            return Err(Failure::new(Code::NameTaken, message).hint("psup ensure is content with that; psup stop ends it"));
        }
        let orphaned = |life: &&Life| life.orphans.is_some();
        if let Some(life) = inner.names.get(name).into_iter().flatten().find(orphaned) {
            return Err(life.runs_on());
        }
        if inner.live_count() >= limits::SESSIONS {
            return Err(Failure::new(
                Code::Limit,
                format!("{} sessions are alive already", limits::SESSIONS),
            ));
        }
        Ok(inner.lives.next(name))
    }

    pub fn add(&self, life: Life) {
        let mut inner = self.0.borrow_mut();
        inner.keys.insert(life.key.clone(), life.handle.clone());
        let id = life.id.borrow().clone();
        inner.lives.note(&id);
        let lives = inner.names.entry(id.name).or_default();
        for older in lives.iter_mut() {
            older.cancel_next();
        }
        lives.push(life);
        lives.sort_by_key(|life| life.id.borrow().life);
    }

    /// The life that was begun by a request, so that a retry begins nothing.
    pub fn by_request(&self, request: u128) -> Option<Known> {
        let inner = self.0.borrow();
        inner
            .all()
            .find(|(_, life)| life.record.request == request)
            .map(|(newest, life)| life.known(newest))
    }

    /// What is found, or what might have been meant instead.
    pub fn find(&self, target: &Target) -> Result<Known, Failure> {
        self.known(target).ok_or_else(|| self.0.borrow().unknown(target))
    }

    pub fn known(&self, target: &Target) -> Option<Known> {
        let inner = self.0.borrow();
        let lives = inner.names.get(&target.name).map(Vec::as_slice).unwrap_or_default();
        let found = match target.life {
            None => lives.last(),
            Some(number) => lives.iter().find(|life| life.id.borrow().life == number),
        };
        let newest = |life: &Life| lives.last().is_some_and(|last| last.key == life.key);
        found.map(|life| life.known(newest(life)))
    }

    /// The newest life of every name, or with `all` every life that is kept.
    pub fn list(&self, all: bool) -> Vec<Known> {
        let inner = self.0.borrow();
        inner
            .all()
            .filter(|(newest, _)| all || *newest)
            .map(|(newest, life)| life.known(newest))
            .collect()
    }

    pub fn has_key(&self, key: &str) -> bool {
        self.0.borrow().keys.contains_key(key)
    }

    pub fn live_keys(&self) -> HashSet<String> {
        let inner = self.0.borrow();
        let live = inner.all().filter(|(_, life)| life.record.exit.is_none());
        live.map(|(_, life)| life.key.clone()).collect()
    }

    pub fn live_count(&self) -> usize {
        self.0.borrow().live_count()
    }

    pub fn kept_count(&self) -> usize {
        self.0.borrow().keys.len()
    }

    pub fn post(&self, key: &str, mail: Mail) {
        if let Some(handle) = self.0.borrow().keys.get(key) {
            handle.post(mail);
        }
    }

    pub fn tell(&self, told: Told) {
        let key = match &told {
            Told::Failing { key, .. } | Told::Gap { key, .. } | Told::Room { key } | Told::Sealed { key } => key.clone(),
        };
        self.post(&key, Mail::Told(told));
    }

    /// Every living driver looks whether its child has ended.
    pub fn look_all(&self) {
        for handle in self.0.borrow().keys.values() {
            handle.post(Mail::Look);
        }
    }

    /// A life is over: its end is written down, and the policy has its say.
    pub fn ended(&self, house: &Shared, key: &str, session: &Session) {
        let mut inner = self.0.borrow_mut();
        let Some(life) = inner.find_key(key) else { return };
        if life.record.exit.is_some() {
            return;
        }
        let facts = session.facts();
        life.record.exit.clone_from(&facts.exit);
        life.record.stopped |= session.was_stopped();
        life.save(house);
        let exit = life.record.exit.clone();
        if let Some(exit) =
            exit.filter(|exit| !life.record.stopped && !house.closing.get() && policy::wants_another(life.spec.restart, exit))
        {
            life.plan(house, exit.at_ms);
        }
        let name = life.id.borrow().name.clone();
        inner.thin_out(&name);
    }

    /// Restarts that were planned when the last worker died are planned again.
    pub fn plan_restarts(&self, house: &Shared) {
        for life in self.0.borrow_mut().names.values_mut().filter_map(|lives| lives.last_mut()) {
            let wants = |exit: &Exit| !life.record.stopped && policy::wants_another(life.spec.restart, exit);
            if let Some(at_ms) = life.record.exit.as_ref().filter(|exit| wants(exit)).map(|exit| exit.at_ms) {
                life.plan(house, at_ms);
            }
        }
    }

    /// The next life could not be begun and is tried again after a pause.
    pub(super) fn postpone(&self, key: &str, pause: Duration) {
        if let Some(next) = self.0.borrow_mut().find_key(key).and_then(|life| life.next.as_mut()) {
            next.at_ms = now_ms() + pause.as_millis() as u64;
        }
    }

    /// A life that was lost is followed by another one, which could not be begun at once.
    pub fn plan_again(&self, house: &Shared, key: &str) {
        if let Some(life) = self.0.borrow_mut().find_key(key) {
            life.plan(house, now_ms());
        }
    }

    /// Whether a life is the newest of its name, and nobody has asked it to stop.
    pub fn is_newest(&self, key: &str) -> bool {
        let inner = self.0.borrow();
        inner.all().any(|(newest, life)| newest && life.key == key && !life.record.stopped)
    }

    /// Notes who of a lost life runs on; `None` once all of them are gone.
    pub fn set_orphans(&self, house: &Shared, key: &str, orphans: Option<Tree>) {
        let mut inner = self.0.borrow_mut();
        let Some(life) = inner.find_key(key) else { return };
        life.orphans = orphans;
        if life.record.orphaned != life.orphans.is_some() {
            life.record.orphaned = life.orphans.is_some();
            life.save(house);
        }
    }

    /// No life will follow this one by itself.
    pub fn cancel_next(&self, house: &Shared, key: &str) -> bool {
        let mut inner = self.0.borrow_mut();
        let Some(life) = inner.find_key(key) else { return false };
        life.record.stopped = true;
        life.save(house);
        life.cancel_next()
    }

    /// Drops an ended life with everything it left.
    pub fn forget(&self, house: &Shared, target: &Target) -> Result<(), Failure> {
        let known = self.find(target)?;
        if known.has_processes() {
            let message = format!("{} is running", known.id);
            return Err(Failure::new(Code::StillRunning, message).hint(format!("psup stop {} first", known.id.name)));
        }
        let mut inner = self.0.borrow_mut();
        // A name is forgotten with all its lives; an id alone takes only that one.
        let keys: Vec<String> = match target.life {
            Some(_) => vec![known.key],
            None => inner
                .names
                .get(&target.name)
                .into_iter()
                .flatten()
                .map(|life| life.key.clone())
                .collect(),
        };
        inner.remember_lives()?;
        for key in keys {
            inner.drop_life(&key);
        }
        drop(inner);
        house.events.tell(&known.id, 0, What::Forgotten);
        Ok(())
    }

    /// Gives the newest life of a name another name, as that name's next life.
    pub fn rename(&self, house: &Shared, target: &Target, name: &Name) -> Result<SessionId, Failure> {
        let known = self.find(target)?;
        if known.id.name == *name {
            return Ok(known.id);
        }
        house.starting.is_free(name)?;
        let id = self.reserve(name)?;
        let mut inner = self.0.borrow_mut();
        inner.remember_lives()?;
        let lives = inner.names.get_mut(&known.id.name);
        let at = lives.as_ref().and_then(|lives| lives.iter().position(|life| life.key == known.key));
        if let (Some(lives), Some(at)) = (lives, at) {
            let mut life = lives.remove(at);
            let empty = lives.is_empty();
            if empty {
                inner.names.remove(&known.id.name);
            }
            *life.id.borrow_mut() = id.clone();
            house.hint_name(&life.key, &id.name);
            life.record.id = id.clone();
            life.save(house);
            inner.names.entry(name.clone()).or_default().push(life);
        }
        drop(inner);
        house.events.tell(&known.id, 0, What::Renamed { to: id.clone() });
        Ok(id)
    }
}

impl Inner {
    fn all(&self) -> impl Iterator<Item = (bool, &Life)> {
        self.names.values().flat_map(|lives| {
            let last = lives.len().saturating_sub(1);
            lives.iter().enumerate().map(move |(i, life)| (i == last, life))
        })
    }

    fn live_count(&self) -> usize {
        self.all().filter(|(_, life)| life.record.exit.is_none()).count()
    }

    pub(super) fn find_key(&mut self, key: &str) -> Option<&mut Life> {
        self.names.values_mut().flatten().find(|life| life.key == key)
    }

    /// Before an id leaves the disk. While its life is there, the life itself tells that the id was given.
    fn remember_lives(&mut self) -> Result<(), Failure> {
        self.lives
            .save()
            .map_err(|e| Failure::system("cannot write to the state directory", e))
    }

    /// Only so many ended lives of a name are kept.
    fn thin_out(&mut self, name: &Name) {
        let lives = self.names.get(name).map(Vec::as_slice).unwrap_or_default();
        let ended: Vec<String> = lives
            .iter()
            .filter(|life| life.record.exit.is_some() && life.orphans.is_none())
            .map(|life| life.key.clone())
            .collect();
        for key in ended.iter().rev().skip(limits::LIVES) {
            self.drop_life(key);
        }
    }

    fn drop_life(&mut self, key: &str) {
        for lives in self.names.values_mut() {
            lives.retain_mut(|life| {
                if life.key == key {
                    life.cancel_next();
                    life.handle.post(Mail::Forget);
                }
                life.key != key
            });
        }
        self.names.retain(|_, lives| !lives.is_empty());
        self.keys.remove(key);
    }

    fn unknown(&self, target: &Target) -> Failure {
        let failure = Failure::new(Code::NoSuchSession, format!("no session named {:?}", target.to_string()));
        match nearest(target.name.as_str(), self.names.keys().map(Name::as_str)) {
            Some(near) => failure.hint(format!("did you mean {near:?}? psup list --all shows all")),
            None => failure.hint("psup list --all shows all"),
        }
    }
}

impl Life {
    fn known(&self, newest: bool) -> Known {
        Known {
            id: self.id.borrow().clone(),
            key: self.key.clone(),
            spec: self.spec.clone(),
            record: self.record.clone(),
            handle: self.handle.clone(),
            next_start_ms: self.next.as_ref().map(|next| next.at_ms),
            orphans: self.orphans.clone(),
            newest,
        }
    }

    pub(super) fn save(&self, house: &Shared) {
        if let Err(error) = store::write_record(&house.session_dir(&self.key), &self.record) {
            log(
                Level::Warn,
                "cannot write down how a life stands",
                &[("session", &self.record.id), ("error", &error)],
            );
        }
    }
}
