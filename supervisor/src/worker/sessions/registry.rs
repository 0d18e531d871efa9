//! Who is called what: every life that is kept, by name, newest last.
//!
//! The registry belongs to the worker's one thread; no borrow of it lives across an await.

use super::forget::Forgotten;
use super::kept::EndedLife;
use super::last_ids::LastIds;
use super::records::{self, Record};
use super::restart_policy;
use super::restarts::PlannedStart;
use super::session_ref::SessionRef;
use crate::journal::LogNews;
use crate::log::{Level, log, now_ms};
use crate::pty::ProcessTree;
use crate::worker::context::{SharedWorker, Worker};
use crate::worker::driver::mailbox::{DriverHandle, Message};
use crate::worker::hooks::WatchedLife;
use crate::worker::nearest::nearest;
use crate::worker::unsaved;
use psup_proto::event::EventKind;
use psup_proto::name::{Name, SessionId, Target};
use psup_proto::{Code, Exit, Failure, Offset, Spec, limits};
use psup_session::Session;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

pub struct Registry(RefCell<Inner>);

struct Inner {
    names: BTreeMap<Name, Vec<SessionEntry>>,
    keys: HashMap<String, (DriverHandle, Name)>,
    lives: LastIds,
}

/// One life as the registry knows it.
pub struct SessionEntry {
    pub id: Rc<RefCell<SessionId>>,
    pub key: String,
    pub spec: Rc<Spec>,
    pub record: Record,
    pub handle: DriverHandle,
    pub next: Option<PlannedStart>,
    /// It is lost, and these processes of it run on.
    pub orphans: Option<ProcessTree>,
}

impl Registry {
    pub fn open(state: &Path, memory: Option<&Path>) -> Self {
        let inner = Inner {
            names: BTreeMap::new(),
            keys: HashMap::new(),
            lives: LastIds::open(state, memory),
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
            return Err(Failure::new(Code::NameTaken, message).hint(format!(
                "`psup ensure {name}` takes that as success; `psup stop {name}` ends it"
            )));
        }
        let orphaned = |life: &&SessionEntry| life.orphans.is_some();
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

    pub fn add(&self, life: SessionEntry) {
        let mut inner = self.0.borrow_mut();
        let id = life.id.borrow().clone();
        let place = (life.handle.clone(), id.name.clone());
        inner.keys.insert(life.key.clone(), place);
        inner.lives.note(&id);
        let lives = inner.names.entry(id.name).or_default();
        for older in lives.iter_mut() {
            older.cancel_next();
        }
        lives.push(life);
        lives.sort_by_key(|life| life.id.borrow().life);
    }

    /// The life that was begun by a request, so that a retry begins nothing.
    pub fn by_request(&self, request: u128) -> Option<SessionRef> {
        let inner = self.0.borrow();
        inner
            .all()
            .find(|(_, life)| life.record.request == request)
            .map(|(newest, life)| life.known(newest))
    }

    /// What is found, or what might have been meant instead.
    pub fn find(&self, target: &Target) -> Result<SessionRef, Failure> {
        self.known(target)
            .ok_or_else(|| self.0.borrow().unknown(target))
    }

    pub fn known(&self, target: &Target) -> Option<SessionRef> {
        let inner = self.0.borrow();
        let lives = inner
            .names
            .get(&target.name)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let found = match target.life {
            None => lives.last(),
            Some(number) => lives.iter().find(|life| life.id.borrow().life == number),
        };
        let newest = |life: &SessionEntry| lives.last().is_some_and(|last| last.key == life.key);
        found.map(|life| life.known(newest(life)))
    }

    /// The newest life of every name, or with `all` every life that is kept.
    pub fn list(&self, all: bool) -> Vec<SessionRef> {
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

    pub fn is_live(&self, key: &str) -> bool {
        self.0
            .borrow_mut()
            .find_key(key)
            .is_some_and(|life| life.record.exit.is_none())
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

    pub fn handle(&self, key: &str) -> Option<DriverHandle> {
        let inner = self.0.borrow();
        inner.keys.get(key).map(|(handle, _)| handle.clone())
    }

    /// Every life that runs, as hooks watch it; where its journal ends only its driver knows.
    pub(crate) fn watched_lives(&self) -> Vec<WatchedLife> {
        let inner = self.0.borrow();
        let live = inner.all().filter(|(_, life)| life.record.exit.is_none());
        live.map(|(_, life)| life.watched(0)).collect()
    }

    pub fn post(&self, key: &str, mail: Message) {
        if let Some((handle, _)) = self.0.borrow().keys.get(key) {
            handle.post(mail);
        }
    }

    pub fn tell(&self, told: LogNews) {
        let key = match &told {
            LogNews::Failing { key, .. }
            | LogNews::Gap { key, .. }
            | LogNews::Room { key }
            | LogNews::Sealed { key } => key.clone(),
        };
        self.post(&key, Message::LogNews(told));
    }

    /// Every living driver looks whether its child has ended.
    pub fn look_all(&self) {
        for (handle, _) in self.0.borrow().keys.values() {
            handle.post(Message::CheckExit);
        }
    }

    /// A life is over: its end is written down, and the policy has its say.
    pub fn ended(&self, worker: &SharedWorker, key: &str, session: &Session) {
        let mut inner = self.0.borrow_mut();
        let Some(life) = inner.find_key(key) else {
            return;
        };
        if life.record.exit.is_some() {
            return;
        }
        let facts = session.facts();
        life.record.exit.clone_from(&facts.exit);
        life.record.stopped |= session.was_stopped();
        life.save(worker);
        let exit = life.record.exit.clone();
        if let Some(exit) = exit.filter(|exit| {
            !life.record.stopped
                && !worker.closing.get()
                && restart_policy::wants_another(life.spec.restart, exit)
        }) {
            life.plan(worker, exit.at_ms);
        }
        let name = life.id.borrow().name.clone();
        inner.thin_out(worker, &name).remove_soon();
        worker.kept.ended();
    }

    /// Writes a life's record; one that is forgotten has none to write.
    pub fn write_record(&self, worker: &SharedWorker, key: &str) -> io::Result<()> {
        let mut inner = self.0.borrow_mut();
        inner
            .find_key(key)
            .map_or(Ok(()), |life| life.write(worker))
    }

    /// The supervisor ends in order.
    pub fn leave_memory(&self) {
        self.0.borrow().lives.leave_memory();
    }

    /// Every id that was ever given.
    pub fn write_ids(&self) -> io::Result<()> {
        self.0.borrow_mut().lives.write_again()
    }

    /// The keys of all lives, those that run first.
    pub fn all_keys(&self) -> Vec<String> {
        let inner = self.0.borrow();
        let (live, ended): (Vec<_>, Vec<_>) = inner
            .all()
            .map(|(_, life)| life)
            .partition(|life| life.record.exit.is_none());
        live.into_iter()
            .chain(ended)
            .map(|life| life.key.clone())
            .collect()
    }

    /// Restarts that were planned when the last worker died are planned again.
    pub fn plan_restarts(&self, worker: &SharedWorker) {
        for life in self
            .0
            .borrow_mut()
            .names
            .values_mut()
            .filter_map(|lives| lives.last_mut())
        {
            let wants = |exit: &Exit| {
                !life.record.stopped && restart_policy::wants_another(life.spec.restart, exit)
            };
            if let Some(at_ms) = life
                .record
                .exit
                .as_ref()
                .filter(|exit| wants(exit))
                .map(|exit| exit.at_ms)
            {
                life.plan(worker, at_ms);
            }
        }
    }

    /// The next life could not be begun and is tried again after a pause.
    pub(crate) fn postpone(&self, key: &str, pause: Duration) {
        if let Some(next) = self
            .0
            .borrow_mut()
            .find_key(key)
            .and_then(|life| life.next.as_mut())
        {
            next.at_ms = now_ms() + pause.as_millis() as u64;
        }
    }

    /// A life that was lost is followed by another one, which could not be begun at once.
    pub fn plan_again(&self, worker: &SharedWorker, key: &str) {
        if let Some(life) = self.0.borrow_mut().find_key(key) {
            life.plan(worker, now_ms());
        }
    }

    /// Whether a life is the newest of its name, and nobody has asked it to stop.
    pub fn is_newest(&self, key: &str) -> bool {
        let inner = self.0.borrow();
        inner
            .all()
            .any(|(newest, life)| newest && life.key == key && !life.record.stopped)
    }

    /// Notes who of a lost life runs on; `None` once all of them are gone.
    pub fn set_orphans(&self, worker: &SharedWorker, key: &str, orphans: Option<ProcessTree>) {
        let mut inner = self.0.borrow_mut();
        let Some(life) = inner.find_key(key) else {
            return;
        };
        life.orphans = orphans;
        if life.record.orphaned != life.orphans.is_some() {
            life.record.orphaned = life.orphans.is_some();
            life.save(worker);
        }
    }

    /// No life will follow this one by itself.
    pub fn cancel_next(&self, worker: &SharedWorker, key: &str) -> bool {
        let mut inner = self.0.borrow_mut();
        let Some(life) = inner.find_key(key) else {
            return false;
        };
        life.record.stopped = true;
        life.save(worker);
        life.cancel_next()
    }

    /// Drops an ended life with everything it left; the files go by what is returned.
    pub fn forget(&self, worker: &Worker, target: &Target) -> Result<Forgotten, Failure> {
        let known = self.find(target)?;
        if known.has_processes() {
            let message = format!("{} is running", known.id);
            return Err(Failure::new(Code::StillRunning, message)
                .hint(format!("`psup stop {}` first", known.id.name)));
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
        let mut forgotten = Forgotten::default();
        for key in keys {
            forgotten
                .take_away(worker, &key)
                .map_err(|e| Failure::system("cannot remove a session's directory", e))?;
            inner.drop_life(&key, &mut forgotten);
        }
        drop(inner);
        worker.events.tell(&known.id, 0, EventKind::Forgotten);
        Ok(forgotten)
    }

    /// The ended lives that may be forgotten, the oldest end first.
    pub fn ended_lives(&self, worker: &Worker) -> Vec<EndedLife> {
        let inner = self.0.borrow();
        let mut ended: Vec<EndedLife> = inner
            .all()
            .map(|(_, life)| life)
            .filter(|life| life.next.is_none() && life.orphans.is_none())
            .filter(|life| !worker.unsaved.has(&life.key))
            .filter_map(|life| {
                Some(EndedLife {
                    key: life.key.clone(),
                    id: life.id.borrow().clone(),
                    at_ms: life.record.exit.as_ref()?.at_ms,
                })
            })
            .collect();
        ended.sort_by_key(|life| life.at_ms);
        ended
    }

    /// Drops one ended life with everything it left; the files go by what is returned.
    pub fn forget_life(&self, worker: &Worker, life: &EndedLife) -> io::Result<Forgotten> {
        let mut inner = self.0.borrow_mut();
        inner.lives.save()?;
        let mut forgotten = Forgotten::default();
        forgotten.take_away(worker, &life.key)?;
        inner.drop_life(&life.key, &mut forgotten);
        Ok(forgotten)
    }

    /// Gives the newest life of a name another name, as that name's next life.
    pub fn rename(
        &self,
        worker: &SharedWorker,
        target: &Target,
        name: &Name,
    ) -> Result<SessionId, Failure> {
        let known = self.find(target)?;
        if known.id.name == *name {
            return Ok(known.id);
        }
        worker.starting.is_free(name)?;
        let id = self.reserve(name)?;
        let mut inner = self.0.borrow_mut();
        inner.remember_lives()?;
        let lives = inner.names.get_mut(&known.id.name);
        let at = lives
            .as_ref()
            .and_then(|lives| lives.iter().position(|life| life.key == known.key));
        if let (Some(lives), Some(at)) = (lives, at) {
            let mut life = lives.remove(at);
            let empty = lives.is_empty();
            if empty {
                inner.names.remove(&known.id.name);
            }
            *life.id.borrow_mut() = id.clone();
            let place = (life.handle.clone(), name.clone());
            inner.keys.insert(life.key.clone(), place);
            worker.hint_name(&life.key, &id.name);
            life.record.id = id.clone();
            life.save(worker);
            inner.names.entry(name.clone()).or_default().push(life);
        }
        drop(inner);
        worker
            .events
            .tell(&known.id, 0, EventKind::Renamed { to: id.clone() });
        Ok(id)
    }
}

impl Inner {
    fn all(&self) -> impl Iterator<Item = (bool, &SessionEntry)> {
        self.names.values().flat_map(|lives| {
            let last = lives.len().saturating_sub(1);
            lives
                .iter()
                .enumerate()
                .map(move |(i, life)| (i == last, life))
        })
    }

    fn live_count(&self) -> usize {
        self.all()
            .filter(|(_, life)| life.record.exit.is_none())
            .count()
    }

    pub(crate) fn find_key(&mut self, key: &str) -> Option<&mut SessionEntry> {
        let (_, name) = self.keys.get(key)?;
        let lives = self.names.get_mut(name)?;
        lives.iter_mut().find(|life| life.key == key)
    }

    /// Before an id leaves the disk. While its life is there, the life itself tells that the id was
    /// given.
    fn remember_lives(&mut self) -> Result<(), Failure> {
        self.lives
            .save()
            .map_err(|e| Failure::system("cannot write to the state directory", e))
    }

    /// Only so many ended lives of a name are kept.
    fn thin_out(&mut self, worker: &Worker, name: &Name) -> Forgotten {
        let lives = self.names.get(name).map(Vec::as_slice).unwrap_or_default();
        let ended: Vec<String> = lives
            .iter()
            .filter(|life| life.record.exit.is_some() && life.orphans.is_none())
            .map(|life| life.key.clone())
            .collect();
        let mut forgotten = Forgotten::default();
        for key in ended.iter().rev().skip(limits::LIVES) {
            // What cannot be removed is kept a while longer.
            if forgotten.take_away(worker, key).is_ok() {
                self.drop_life(key, &mut forgotten);
            }
        }
        forgotten
    }

    fn drop_life(&mut self, key: &str, forgotten: &mut Forgotten) {
        let Some((_, name)) = self.keys.remove(key) else {
            return;
        };
        let Some(lives) = self.names.get_mut(&name) else {
            return;
        };
        if let Some(at) = lives.iter().position(|life| life.key == key) {
            let mut life = lives.remove(at);
            life.cancel_next();
            forgotten.wait_for(&life.handle);
        }
        if lives.is_empty() {
            self.names.remove(&name);
        }
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

impl SessionEntry {
    /// `end`: where its journal ends.
    pub(crate) fn watched(&self, end: Offset) -> WatchedLife {
        WatchedLife {
            id: self.id.clone(),
            key: self.key.clone(),
            started_ms: self.record.started_ms,
            end,
            live: self.record.exit.is_none(),
            handle: self.handle.clone(),
        }
    }

    fn known(&self, newest: bool) -> SessionRef {
        SessionRef {
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

    pub(crate) fn save(&self, worker: &SharedWorker) {
        worker.copy_record(&self.spec, &self.record);
        if let Err(error) = self.write(worker) {
            log(
                Level::Warn,
                "cannot write down how a life stands",
                &[("session", &self.record.id), ("error", &error)],
            );
            unsaved::save_later(worker, &self.key);
        }
    }

    fn write(&self, worker: &Worker) -> io::Result<()> {
        records::write_record(&worker.session_dir(&self.key), &self.spec, &self.record)
    }
}
