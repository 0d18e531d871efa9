//! Those whom a stopped session's leader left behind: they may end politely until the grace is
//! over, then they are ended.

use super::async_fd::register_readable;
use crate::platform::process;
use crate::pty::ProcessTree;
use std::time::{Duration, Instant};

/// Processes that do not die of SIGKILL within this time hang in the kernel; nobody can end those.
const HOPELESS: Duration = Duration::from_secs(2);

/// Returns when nobody is left, or nobody who could be ended; and whether SIGKILL was needed.
pub async fn end(mut tree: ProcessTree, until: Option<Instant>) -> bool {
    let mut until = until.unwrap_or_else(Instant::now);
    let mut killed = false;
    while !tree.is_gone() {
        if Instant::now() < until {
            one_gone(&tree, until).await;
        } else if killed {
            break;
        } else {
            tree.signal(libc::SIGKILL);
            killed = true;
            until = Instant::now() + HOPELESS;
        }
    }
    killed
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
