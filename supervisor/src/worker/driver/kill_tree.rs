//! The processes that a stopped session's leader left behind: they may end by themselves until the
//! grace is over, then they are ended.

use super::async_fd::register_readable;
use crate::platform::process;
use crate::pty::ProcessTree;
use std::time::{Duration, Instant};

/// Processes that do not die of SIGKILL within this time hang in the kernel; nobody can end those.
const HOPELESS: Duration = Duration::from_secs(2);
/// Who is there so long after a kill has been born since, or dies slowly.
const KILLED: Duration = Duration::from_millis(50);
/// However many are born, an answer comes.
const LONGEST: Duration = Duration::from_secs(20);

/// Returns when nobody is left, or nobody who could be ended; and whether SIGKILL was needed.
pub(crate) async fn end(mut tree: ProcessTree, until: Option<Instant>) -> bool {
    let polite_until = until.unwrap_or_else(Instant::now);
    while Instant::now() < polite_until {
        if tree.has_gone().await {
            return false;
        }
        one_gone(&tree, polite_until).await;
    }
    if tree.has_gone().await {
        return false;
    }
    tree.signal(libc::SIGKILL);
    let began = Instant::now();
    let mut hopeless_at = began + HOPELESS;
    while !is_gone_within(&mut tree, KILLED).await && Instant::now() < hopeless_at {
        if tree.stop_then_kill().await {
            hopeless_at = (Instant::now() + HOPELESS).min(began + LONGEST);
        }
    }
    true
}

async fn is_gone_within(tree: &mut ProcessTree, time: Duration) -> bool {
    let until = Instant::now() + time;
    while !tree.has_gone().await {
        if Instant::now() >= until {
            return false;
        }
        one_gone(tree, until).await;
    }
    true
}

/// Waits until the first of them is gone, or the time is over.
pub(crate) async fn one_gone(tree: &ProcessTree, until: Instant) {
    let pidfd = tree
        .pids()
        .first()
        .and_then(|pid| process::open_pidfd(*pid).ok());
    match pidfd.and_then(|pidfd| register_readable(pidfd).ok()) {
        // Whichever it is, the tree is looked at again.
        Some(pidfd) => drop(tokio::time::timeout_at(until.into(), pidfd.readable()).await),
        // No pidfds on this system.
        None => tokio::time::sleep(Duration::from_millis(10)).await,
    }
}
