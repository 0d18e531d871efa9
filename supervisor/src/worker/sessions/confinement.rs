//! The cgroup of a life that is about to begin, and the limits that it holds.
//!
//! A limit that cannot be applied refuses the start before anything is started, unless the caller
//! takes what there is.

use crate::log::{Level, log};
use crate::platform::cgroup::{Cgroup, limits};
use crate::platform::process_setup;
use crate::worker::context::Worker;
use psup_proto::resources::{ResourceLimits, UnmetLimit};
use psup_proto::{Code, Failure};
use std::os::fd::OwnedFd;

const NO_CGROUP: &str = "sessions have no cgroups of their own here";
/// Under `--best-effort`, where the kernel knows no way to start a process in a cgroup.
pub const NOT_CONFINED: &str = "the kernel cannot start a process in a cgroup";

/// Where a life begins.
pub struct Confinement {
    /// To be given to the fork.
    pub cgroup: Option<OwnedFd>,
    pub unmet: Vec<UnmetLimit>,
}

pub fn confine(
    worker: &Worker,
    key: &str,
    resources: &ResourceLimits,
) -> Result<Confinement, Failure> {
    let made = worker.make_cgroup(key);
    let mut unmet = match (&made, &worker.cgroups) {
        (Some((cgroup, _)), Some(cgroups)) => limits::apply(cgroups, cgroup, resources),
        _ => limits::without_cgroup(resources, NO_CGROUP),
    };
    let nice = resources
        .nice
        .filter(|nice| !process_setup::may_be_nice(*nice));
    unmet.extend(nice.map(|_| UnmetLimit {
        limit: "nice".into(),
        reason: "only root may raise a priority".into(),
    }));
    if !unmet.is_empty() && !resources.best_effort {
        return Err(refused(&unmet));
    }
    Ok(Confinement {
        cgroup: made.map(|(_, dir)| dir),
        unmet,
    })
}

fn refused(unmet: &[UnmetLimit]) -> Failure {
    let told = |one: &UnmetLimit| format!("--{} cannot be applied: {}", one.limit, one.reason);
    let told: Vec<String> = unmet.iter().map(told).collect();
    Failure::new(Code::Unsupported, told.join("; "))
        .hint("`--best-effort` starts it without; `psup doctor --only delegation` tells of cgroups")
}

impl Worker {
    /// The cgroup that a life begins in, and its directory.
    fn make_cgroup(&self, key: &str) -> Option<(Cgroup, OwnedFd)> {
        let made = self.cgroups.as_ref()?.make(key);
        let opened = made.and_then(|cgroup| cgroup.open().map(|dir| (cgroup, dir)));
        opened
            .inspect_err(|error| {
                log(
                    Level::Warn,
                    "a life begins without a cgroup",
                    &[("key", &key), ("error", error)],
                );
            })
            .ok()
    }
}
