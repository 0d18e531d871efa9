//! Sessions that end when another process has gone.
//!
//! The kernel tells of its end through a pidfd; nothing looks again and again. The owner is in the
//! spec with its start time, so a worker that takes the session over watches the same process, and
//! none that got its pid later.

use super::session_ref::SessionRef;
use crate::platform::process::{self, Stat};
use crate::worker::context::{SharedWorker, Worker};
use crate::worker::driver::async_fd::register_readable;
use crate::worker::requests::end_session;
use psup_proto::event::EventKind;
use psup_proto::owner::Owner;
use psup_proto::{Code, Failure, Spec, limits};
use std::os::fd::OwnedFd;

/// Whether the session may be started: its owner is there, and its end can be told.
pub fn check(spec: &Spec) -> Result<(), Failure> {
    match &spec.owner {
        None => Ok(()),
        Some(owner) if !is_there(owner) => Err(gone(owner)),
        Some(owner) => hold(owner).map(drop),
    }
}

/// Whether this very process runs.
pub fn is_there(owner: &Owner) -> bool {
    let stat = Stat::of(owner.pid).filter(|stat| !stat.is_zombie());
    stat.is_some_and(|stat| stat.start_time == owner.started)
}

/// Ends the session with this key once its owner, if it has one, has gone.
pub fn watch(worker: &SharedWorker, key: &str, owner: Option<Owner>) {
    let Some(owner) = owner else {
        return;
    };
    let (shared, watched) = (worker, key);
    let (worker, key) = (worker.clone(), key.to_owned());
    let task = tokio::task::spawn_local(async move {
        if let Ok(pidfd) = hold(&owner)
            && let Ok(pidfd) = register_readable(pidfd)
        {
            let _ = pidfd.readable().await;
        }
        // From here on the end of the session does not end this task, which waits for all of it.
        worker.owners.borrow_mut().remove(&key);
        let mut all = worker.registry.list(true).into_iter();
        let known: Option<SessionRef> = all.find(|known| known.key == key);
        if let Some(known) = known.filter(SessionRef::is_live) {
            let what = EventKind::OwnerGone { pid: owner.pid };
            worker.events.tell(&known.id, 0, what);
            end_session(&worker, &known, limits::GRACE).await;
        }
    });
    let mut owners = shared.owners.borrow_mut();
    owners.insert(watched.to_owned(), task.abort_handle());
}

/// The session has ended: its owner is of no interest any more.
pub fn forget(worker: &Worker, key: &str) {
    if let Some(task) = worker.owners.borrow_mut().remove(key) {
        task.abort();
    }
}

/// A handle on the owner; none once it has gone.
fn hold(owner: &Owner) -> Result<OwnedFd, Failure> {
    let pidfd = process::open_pidfd(owner.pid).map_err(|error| {
        let message = format!("--owner: cannot watch process {}: {error}", owner.pid);
        Failure::new(Code::Unsupported, message)
    })?;
    // Looked at after the pidfd was opened: from here on it is the same process or none.
    if is_there(owner) {
        Ok(pidfd)
    } else {
        Err(gone(owner))
    }
}

fn gone(owner: &Owner) -> Failure {
    let message = format!("--owner: there is no process {} any more", owner.pid);
    Failure::new(Code::CannotStart, message)
        .hint("the owner is a process that the supervisor sees; `--owner self` is your shell")
}
