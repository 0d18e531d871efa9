//! What the registry decides is done here: records are written, next lives planned, files removed.
//!
//! ```text
//! driver, requests, takeover ── change ─→ registry ── decisions ─→ carry_out
//! ```

use super::forget::Forgotten;
use super::records::Record;
use super::registry::{Decision, EndedLife};
use super::save;
use crate::log::now_ms;
use crate::pty::ProcessTree;
use crate::worker::context::{SharedWorker, Worker};
use crate::worker::driver::mailbox::DriverHandle;
use psup_proto::event::EventKind;
use psup_proto::name::{Name, SessionId, Target};
use psup_proto::{Exit, Failure, Offset, Spec};
use std::io;
use std::rc::Rc;

fn carry_out(worker: &SharedWorker, decisions: impl IntoIterator<Item = Decision>) {
    let mut forgotten = Forgotten::default();
    for decision in decisions {
        match decision {
            Decision::Save(key) | Decision::GiveUp { key, .. } => save::save(worker, &key),
            Decision::Plan(start) => worker.planned.add(start),
            Decision::Cancel(key) => worker.planned.cancel(&key),
            // What cannot be removed is kept a while longer.
            Decision::Forget(key) => drop(take_away(worker, &key, &mut forgotten)),
        }
    }
    forgotten.remove_soon();
}

/// The id of the next life of a name, unless one is alive.
pub fn reserve(worker: &Worker, name: &Name) -> Result<SessionId, Failure> {
    worker.registry.is_free(name)?;
    Ok(worker.ids.borrow_mut().next(name))
}

/// A life has begun, or one that was there before this worker is known again.
pub fn add(
    worker: &SharedWorker,
    key: &str,
    spec: &Rc<Spec>,
    record: Record,
    handle: DriverHandle,
) {
    worker.ids.borrow_mut().note(&record.id);
    let decisions = worker.registry.add(key, spec.clone(), record, handle);
    carry_out(worker, decisions);
}

/// A life is over, and its journal ends there.
pub fn ended(worker: &SharedWorker, key: &str, exit: &Exit, stopped: bool, end: Offset) {
    let closing = worker.closing.get();
    let decisions = worker.registry.ended(key, exit, stopped, closing, now_ms());
    tell_of_given_up(worker, &decisions, end);
    carry_out(worker, decisions);
    worker.kept.ended();
}

/// Restarts that were planned when the last worker died are planned again.
pub fn plan_restarts(worker: &SharedWorker) {
    let decisions = worker.registry.plan_restarts(now_ms());
    tell_of_given_up(worker, &decisions, 0);
    carry_out(worker, decisions);
}

fn tell_of_given_up(worker: &SharedWorker, decisions: &[Decision], end: Offset) {
    for decision in decisions {
        if let Decision::GiveUp { id, restarts, .. } = decision {
            let restarts = *restarts;
            let what = EventKind::CrashLooping { restarts };
            worker.events.tell(id, end, what);
        }
    }
}

/// A life that was lost is followed by another one, which could not be begun at once.
pub fn plan_again(worker: &SharedWorker, key: &str) {
    carry_out(worker, worker.registry.plan_again(key, now_ms()));
}

/// No life will follow this one by itself. Whether one would have.
pub fn cancel_next(worker: &SharedWorker, key: &str) -> bool {
    let decisions = worker.registry.cancel_next(key);
    let is_cancel = |decision: &Decision| matches!(decision, Decision::Cancel(_));
    let planned = decisions.iter().any(is_cancel);
    carry_out(worker, decisions);
    planned
}

/// Notes who of a lost life runs on; `None` once all of them are gone.
pub fn set_orphans(worker: &SharedWorker, key: &str, orphans: Option<ProcessTree>) {
    let pids = orphans.as_ref().map(ProcessTree::pids);
    let mut trees = worker.orphans.borrow_mut();
    match orphans.filter(|_| worker.registry.has_key(key)) {
        Some(tree) => drop(trees.insert(key.to_owned(), tree)),
        None => drop(trees.remove(key)),
    }
    drop(trees);
    carry_out(worker, worker.registry.set_orphans(key, pids));
}

/// Drops an ended life, or all of a name, with everything it left; the files go by what is
/// returned.
pub fn forget(worker: &Worker, target: &Target) -> Result<Forgotten, Failure> {
    let (id, keys) = worker.registry.forgettable(target)?;
    remember_ids(worker)?;
    let mut forgotten = Forgotten::default();
    for key in keys {
        take_away(worker, &key, &mut forgotten)
            .map_err(|e| Failure::system("cannot remove a session's directory", e))?;
    }
    worker.events.tell(&id, 0, EventKind::Forgotten);
    Ok(forgotten)
}

/// Drops one ended life with everything it left; the files go by what is returned.
pub fn forget_life(worker: &Worker, life: &EndedLife) -> io::Result<Forgotten> {
    worker.ids.borrow_mut().save()?;
    let mut forgotten = Forgotten::default();
    take_away(worker, &life.key, &mut forgotten)?;
    Ok(forgotten)
}

/// Gives the newest life of a name another name, as that name's next life.
pub fn rename(worker: &SharedWorker, target: &Target, name: &Name) -> Result<SessionId, Failure> {
    let known = worker.registry.find(target)?;
    if known.id.name == *name {
        return Ok(known.id);
    }
    worker.starting.is_free(name)?;
    let id = reserve(worker, name)?;
    remember_ids(worker)?;
    known.handle.set_id(id.clone());
    worker.hint_name(&known.key, &id.name);
    carry_out(worker, worker.registry.rename(&known.key, &id));
    let what = EventKind::Renamed { to: id.clone() };
    worker.events.tell(&known.id, 0, what);
    Ok(id)
}

/// Before an id leaves the disk. While its life is there, the life itself tells that the id was
/// given.
fn remember_ids(worker: &Worker) -> Result<(), Failure> {
    let saved = worker.ids.borrow_mut().save();
    saved.map_err(|e| Failure::system("cannot write to the state directory", e))
}

/// From here on nobody finds the life, neither on disk nor here.
fn take_away(worker: &Worker, key: &str, forgotten: &mut Forgotten) -> io::Result<()> {
    forgotten.take_away(worker, key)?;
    worker.planned.cancel(key);
    worker.orphans.borrow_mut().remove(key);
    if let Some(handle) = worker.registry.remove(key) {
        forgotten.wait_for(&handle);
    }
    Ok(())
}
