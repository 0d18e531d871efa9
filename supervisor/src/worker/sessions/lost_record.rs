//! Lives that run although their record is gone from the state directory.

use super::records::{self, StoredSession};
use super::save;
use crate::journal::{HeaderPage, record_copy};
use crate::log::{Level, log};
use crate::pty::ProcessTree;
use crate::worker::context::SharedWorker;
use psup_proto::event::EventKind;
use std::os::fd::BorrowedFd;
use std::sync::atomic::Ordering::Acquire;

/// A life whose record is gone from the disk: it is written again from the copy in its ring.
pub fn from_ring(worker: &SharedWorker, key: &str, ring: BorrowedFd<'_>) -> Option<StoredSession> {
    let pid = HeaderPage::of(ring).ok()?.pid.load(Acquire);
    let found = records::from_copy(key, &record_copy::get(ring)?, pid)?;
    log(
        Level::Error,
        "the record of a session is gone from the state directory; it is made again from memory",
        &[("session", &found.record.id)],
    );
    worker.state_dir.session_lost();
    if let Err(error) =
        records::write_record(&worker.session_dir(&found.key), &found.spec, &found.record)
    {
        let facts: [(&str, &dyn std::fmt::Display); 2] =
            [("session", &found.record.id), ("error", &error)];
        log(Level::Error, "it cannot be written yet", &facts);
        save::save_later(worker, &found.key);
    }
    worker
        .events
        .tell(&found.record.id, 0, EventKind::StateLost);
    Some(found)
}

/// Ends those that run and that this worker could not take over.
pub fn end_set_aside(worker: &SharedWorker) {
    for left in worker.set_aside.take() {
        let pid = HeaderPage::of(&left.ring).map_or(0, |header| header.pid.load(Acquire));
        let cgroups = worker.cgroups.as_ref();
        let cgroup = cgroups.and_then(|cgroups| cgroups.find(&left.key));
        let mut tree = ProcessTree::of(pid, &left.key, cgroup);
        tree.refresh();
        tree.signal(libc::SIGKILL);
    }
}

/// Removes the rings of lives that nobody knows. A record that cannot be read is no reason to throw
/// output away.
pub fn sweep_rings(worker: &SharedWorker) {
    worker.rings.sweep(|key| {
        let left = worker.set_aside.borrow().iter().any(|left| left.key == key);
        let known = worker.registry.has_key(key) || worker.starting.has_key(key);
        left || known || worker.session_dir(key).exists()
    });
}
