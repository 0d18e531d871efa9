//! The life that follows one which was over when nobody watched: lost, or ended as the last
//! supervisor was killed.

use super::decisions;
use super::owner_process;
use super::records::StoredSession;
use super::restart_policy::Restarts;
use super::start;
use crate::log::{Level, log};
use crate::worker::context::SharedWorker;
use psup_proto::Outcome;
use psup_proto::spec::Restart;
use std::rc::Rc;

/// Whether another life follows one that was over when nobody watched.
pub(super) fn wants_revival(found: &StoredSession) -> bool {
    let Some(exit) = found.record.exit.as_ref().filter(|_| !found.record.stopped) else {
        return false;
    };
    if found
        .spec
        .owner
        .is_some_and(|owner| !owner_process::is_there(&owner))
    {
        return false;
    }
    match exit.outcome {
        Outcome::Lost { .. } => found.spec.on_boot || found.spec.restart != Restart::No,
        Outcome::Code(_) | Outcome::Signal { .. } | Outcome::Unknown { .. } => {
            super::restart_policy::wants_another(found.spec.restart, exit)
        }
    }
}

/// At once: where that fails it is tried again.
pub(super) fn revive(worker: &SharedWorker, found: &StoredSession) {
    let (name, spec) = (found.record.id.name.clone(), Rc::new(found.spec.clone()));
    let start = start::start_session(worker, &name, &spec, start::fresh_id(), Restarts::default());
    let (worker, key) = (worker.clone(), found.key.clone());
    tokio::task::spawn_local(async move {
        if let Err(failure) = start.await {
            let facts: [(&str, &dyn std::fmt::Display); 2] =
                [("session", &name), ("error", &failure)];
            log(Level::Error, "cannot bring a lost session back yet", &facts);
            decisions::plan_again(&worker, &key);
        }
    });
}
