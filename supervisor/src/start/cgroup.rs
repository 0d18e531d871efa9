//! The cgroup rung: where no manager owns the tree and we may write it (root in a container, a delegated tree), a cgroup beside the
//! starter's own, so that `cgroup.kill` of that one does not reach the supervisor.

use super::connect::unreachable;
use super::systemd;
use crate::guardian::Facts;
use crate::platform::lineage;
use psup_proto::Failure;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Makes the sibling and opens its `cgroup.procs`, to which the supervisor writes itself.
pub fn sibling(facts: &Facts) -> Result<File, Failure> {
    if Path::new("/run/systemd/system").exists() {
        return Err(unreachable("systemd owns the cgroups"));
    }
    let mount = mount_point().ok_or_else(|| unreachable("no cgroup v2 is mounted"))?;
    let own = lineage::cgroup(std::process::id() as i32).unwrap_or_default();
    let Some(parent) = Path::new(&own).parent().and_then(|parent| parent.strip_prefix("/").ok()) else {
        return Err(unreachable("we are in the root cgroup: there is nothing to leave"));
    };
    if own.contains("/..") {
        return Err(unreachable("our cgroup lies outside of our cgroup namespace"));
    }
    let parent = mount.join(parent);
    let name = format!("psup.{:016x}", systemd::hash(facts.state.as_os_str().as_bytes()));
    let dir = parent.join(name);
    match fs::create_dir(&dir) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(unreachable(format!("cannot make {}: {error}", dir.display())));
        }
        Ok(()) | Err(_) => {}
    }
    let procs = dir.join("cgroup.procs");
    File::options()
        .write(true)
        .open(&procs)
        .map_err(|error| unreachable(format!("cannot write {}: {error}", procs.display())))
}

/// Leaves the sibling behind empty and removes it. Best effort: one that somebody is still in stays.
pub fn leave() {
    let own = lineage::cgroup(std::process::id() as i32).unwrap_or_default();
    let (Some(mount), Some((parent, name))) = (mount_point(), own.rsplit_once('/')) else {
        return;
    };
    if name.starts_with("psup.") {
        let parent = mount.join(parent.trim_start_matches('/'));
        let _ = fs::write(parent.join("cgroup.procs"), "0");
        let _ = fs::remove_dir(parent.join(name));
    }
}

fn mount_point() -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let line = mounts.lines().find(|line| line.split(' ').nth(2) == Some("cgroup2"))?;
    line.split(' ').nth(1).map(PathBuf::from)
}
