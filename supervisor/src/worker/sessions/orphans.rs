//! Processes that run on though guardian and worker were killed, and with them the session's
//! terminal.
//!
//! They are looked for by the life's cgroup, its mark in the environment, its terminal session, and
//! the leader's pid and start time. While one of them runs the session is told as orphaned, `stop`
//! ends it, and no other life of its name begins beside it: neither by a spawn, nor by a restart
//! policy, nor by `--on-boot`.

use super::decisions::set_orphans;
use super::records::StoredSession;
use crate::log::{Level, log};
use crate::pty::ProcessTree;
use crate::worker::context::SharedWorker;
use crate::worker::driver::kill_tree;
use std::time::{Duration, Instant};

/// The end of an orphan is waited for, however late it comes; this is how long one wait is.
const LONG: Duration = Duration::from_secs(24 * 60 * 60);

/// Who of a lost life runs on, if anybody does.
pub fn find(worker: &SharedWorker, found: &StoredSession) -> Option<ProcessTree> {
    if found.record.boot_id != worker.boot_id {
        return None;
    }
    let cgroup = worker
        .cgroups
        .as_ref()
        .and_then(|cgroups| cgroups.find(&found.key));
    let (pid, started) = (found.record.pid, found.record.started_ticks);
    let mut tree = ProcessTree::orphaned(pid, started, &found.key, cgroup);
    (!tree.is_gone()).then_some(tree)
}

/// Watches them to their end. `revive` begins another life then, unless somebody has asked for a
/// stop.
pub fn watch(
    worker: &SharedWorker,
    found: StoredSession,
    mut tree: ProcessTree,
    revive: Option<fn(&SharedWorker, &StoredSession)>,
) {
    let pids = format!("{:?}", tree.pids());
    let facts: [(&str, &dyn std::fmt::Display); 2] =
        [("session", &found.record.id), ("pids", &pids)];
    log(Level::Warn, "a lost session's processes run on", &facts);
    let (worker, key) = (worker.clone(), found.key.clone());
    set_orphans(&worker, &key, Some(tree.clone()));
    tokio::task::spawn_local(async move {
        while !tree.has_gone().await {
            kill_tree::one_gone(&tree, Instant::now() + LONG).await;
            set_orphans(&worker, &key, Some(tree.clone()));
        }
        set_orphans(&worker, &key, None);
        worker.let_go_of_cgroup(&key);
        if let Some(revive) = revive
            && worker.registry.is_newest(&key)
        {
            revive(&worker, &found);
        }
    });
}

/// Ends them: politely, and by SIGKILL once `grace` is over. Whether that was needed.
pub async fn end(worker: &SharedWorker, key: &str, signal: Option<i32>, grace: Duration) -> bool {
    let known = worker.orphans.borrow().get(key).cloned();
    let Some(mut tree) = known else {
        return false;
    };
    match signal {
        Some(signal) => drop(tree.signal(signal)),
        None => tree.ask_to_end(),
    }
    let killed = kill_tree::end(tree.clone(), Instant::now().checked_add(grace)).await;
    let left = (!tree.has_gone().await).then_some(tree);
    set_orphans(worker, key, left);
    worker.let_go_of_cgroup(key);
    killed
}
