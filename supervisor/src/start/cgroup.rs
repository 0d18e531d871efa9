//! The cgroup rung: where no manager owns the tree and we may write it (root in a container, a
//! delegated tree), a cgroup beside the starter's own, so that `cgroup.kill` of that one does not
//! reach the supervisor.

use super::systemd;
use super::unreachable::unreachable;
use crate::handover::fd_table::Facts;
use crate::platform::ancestry;
use crate::platform::cgroup::{self, Cgroups};
use psup_proto::Failure;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Makes the sibling and opens the `cgroup.procs` of its leaf, to which the supervisor writes
/// itself.
pub fn sibling(facts: &Facts) -> Result<File, Failure> {
    if cgroup::is_managed() {
        return Err(unreachable("systemd owns the cgroups"));
    }
    let mount = cgroup::mount_point().ok_or_else(|| unreachable("no cgroup v2 is mounted"))?;
    let own = ancestry::cgroup(std::process::id() as i32).unwrap_or_default();
    let Some(parent) = Path::new(&own)
        .parent()
        .and_then(|parent| parent.strip_prefix("/").ok())
    else {
        return Err(unreachable(
            "we are in the root cgroup: there is nothing to leave",
        ));
    };
    if own.contains("/..") {
        return Err(unreachable(
            "our cgroup lies outside of our cgroup namespace",
        ));
    }
    let dir = mount.join(parent).join(name(&facts.state));
    let procs = cgroup::leaf(&dir)
        .map_err(|error| unreachable(format!("cannot make {}: {error}", dir.display())))?;
    File::options()
        .write(true)
        .open(&procs)
        .map_err(|error| unreachable(format!("cannot write {}: {error}", procs.display())))
}

/// Those of the lives of a supervisor that this process is part of, if there are any.
pub fn of_lives(state: &Path) -> Option<Cgroups> {
    Cgroups::of_this_supervisor(&name(state))
}

/// What a supervisor's cgroup is called where no manager gives it a name.
fn name(state: &Path) -> String {
    format!("psup.{:016x}", systemd::hash(state.as_os_str().as_bytes()))
}
