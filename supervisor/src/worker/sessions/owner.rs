//! Sessions that end when another process has gone.
//!
//! The kernel tells of its end through a pidfd; nothing looks again and again. The owner is in the
//! spec with its start time, so a worker that takes the session over watches the same process, and
//! none that got its pid later.

use super::owner_process::hold;
use super::session_ref::SessionRef;
use crate::worker::context::{SharedWorker, Worker};
use crate::worker::driver::async_fd::register_readable;
use crate::worker::requests::end_session;
use psup_proto::event::EventKind;
use psup_proto::limits;
use psup_proto::owner::Owner;

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
