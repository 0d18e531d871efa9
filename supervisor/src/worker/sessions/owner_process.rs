//! The process that owns a session: whether it is there, and a handle by which its end is told.

use crate::platform::process::{self, Stat};
use psup_proto::owner::Owner;
use psup_proto::{Code, Failure, Spec};
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

/// A handle on the owner; none once it has gone.
pub(super) fn hold(owner: &Owner) -> Result<OwnedFd, Failure> {
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
