//! Limits of one life, which its cgroup holds.
//!
//! A limit needs its controller in the life's cgroup, so every cgroup above has to pass it on. It
//! is switched on when the first life asks for it: where nobody asks, nothing is accounted. A tree
//! that a service manager keeps is written to below our own unit only.

use super::{Cgroup, Cgroups, is_managed};
use psup_proto::resources::{ResourceLimits, UnmetLimit};
use std::fs;
use std::io;
use std::path::Path;

/// The time in which `cpu.max` counts, in microseconds: the kernel's own default.
const PERIOD: u64 = 100_000;

/// Applies what is asked for, each limit by itself, and tells those that do not hold.
pub fn apply(cgroups: &Cgroups, cgroup: &Cgroup, limits: &ResourceLimits) -> Vec<UnmetLimit> {
    let memory = limits.memory.map(|bytes| {
        cgroups.enable("memory")?;
        // Swap would be memory beyond the limit, and a part of a session is no session.
        cgroup.put_if_there("memory.swap.max", "0")?;
        cgroup.put("memory.oom.group", "1")?;
        cgroup.put("memory.max", &bytes.to_string())
    });
    let pids = limits.pids.map(|pids| {
        cgroups.enable("pids")?;
        cgroup.put("pids.max", &pids.to_string())
    });
    let cpu = limits.cpu.map(|percent| {
        cgroups.enable("cpu")?;
        let quota = u64::from(percent) * PERIOD / 100;
        cgroup.put("cpu.max", &format!("{quota} {PERIOD}"))
    });
    if let Some(nice) = limits.nice {
        // Where processor time is shared out among cgroups, a priority counts only within one.
        let _ = cgroup.put_if_there("cpu.weight.nice", &nice.to_string());
    }
    unmet([("memory", memory), ("pids", pids), ("cpu", cpu)])
}

/// The limits that do not hold where a life has no cgroup.
pub fn without_cgroup(limits: &ResourceLimits, reason: &str) -> Vec<UnmetLimit> {
    let refused = |is_asked: bool| is_asked.then(|| Err(reason.to_owned()));
    unmet([
        ("memory", refused(limits.memory.is_some())),
        ("pids", refused(limits.pids.is_some())),
        ("cpu", refused(limits.cpu.is_some())),
    ])
}

fn unmet<const N: usize>(tried: [(&str, Option<Result<(), String>>); N]) -> Vec<UnmetLimit> {
    let failed = |(limit, tried): (&str, Option<Result<(), String>>)| {
        Some(UnmetLimit {
            limit: limit.to_owned(),
            reason: tried?.err()?,
        })
    };
    tried.into_iter().filter_map(failed).collect()
}

impl Cgroups {
    /// Has the cgroups of lives get a controller.
    fn enable(&self, controller: &str) -> Result<(), String> {
        pass_on(&self.dir, &self.mount, controller)
    }
}

impl Cgroup {
    fn put(&self, file: &str, value: &str) -> Result<(), String> {
        let path = self.0.join(file);
        write(&path, value).map_err(|error| format!("cannot write {}: {error}", path.display()))
    }

    fn put_if_there(&self, file: &str, value: &str) -> Result<(), String> {
        if self.0.join(file).exists() {
            self.put(file, value)
        } else {
            Ok(())
        }
    }
}

/// Has the cgroups below `dir` get a controller, from the top of the tree downwards.
fn pass_on(dir: &Path, mount: &Path, controller: &str) -> Result<(), String> {
    if names(&dir.join("cgroup.subtree_control"), controller) {
        return Ok(());
    }
    if !names(&dir.join("cgroup.controllers"), controller) {
        match dir.parent().filter(|_| dir != mount) {
            None => return Err(no_controller(controller)),
            Some(_) if !names(&mount.join("cgroup.controllers"), controller) => {
                return Err(no_controller(controller));
            }
            Some(_) if is_managed() => {
                return Err(format!(
                    "systemd delegates no {controller} controller to {}",
                    dir.display()
                ));
            }
            Some(above) => pass_on(above, mount, controller)?,
        }
    }
    let file = dir.join("cgroup.subtree_control");
    write(&file, &format!("+{controller}")).map_err(|error| {
        if error.raw_os_error() == Some(libc::EBUSY) {
            format!(
                "{} holds processes, so it passes no {controller} controller on",
                dir.display()
            )
        } else {
            format!("cannot write +{controller} to {}: {error}", file.display())
        }
    })
}

fn no_controller(controller: &str) -> String {
    let table = fs::read_to_string("/proc/cgroups").unwrap_or_default();
    let mut rows = table.lines().map(str::split_ascii_whitespace);
    let hierarchy = rows.find_map(|mut row| {
        (row.next() == Some(controller)).then(|| row.next().unwrap_or("0").to_owned())
    });
    if hierarchy.is_some_and(|hierarchy| hierarchy != "0") {
        format!("the {controller} controller is mounted as cgroup version 1 on this machine")
    } else {
        format!("there is no {controller} controller in the cgroup tree that psup sees")
    }
}

/// Whether a list of controllers has this one.
fn names(list: &Path, controller: &str) -> bool {
    let list = fs::read_to_string(list).unwrap_or_default();
    list.split_ascii_whitespace().any(|name| name == controller)
}

/// Such a file is written in one step, and never made.
pub(super) fn write(path: &Path, value: &str) -> io::Result<()> {
    let mut file = fs::File::options().write(true).open(path)?;
    io::Write::write_all(&mut file, value.as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::path::PathBuf;

    /// A tree of plain files: what is written to one is what it says then.
    fn tree(levels: &[(&str, &str, &str)]) -> tempfile::TempDir {
        let mount = tempfile::tempdir().unwrap();
        for (dir, controllers, control) in levels {
            let dir = mount.path().join(dir);
            fs::create_dir_all(&dir).unwrap();
            fs::write(dir.join("cgroup.controllers"), controllers).unwrap();
            fs::write(dir.join("cgroup.subtree_control"), control).unwrap();
        }
        mount
    }

    #[test]
    fn a_controller_is_passed_on_from_the_top_down() {
        let mount = tree(&[("", "memory pids", "pids"), ("a", "memory pids", "")]);
        let dir: PathBuf = mount.path().join("a");
        pass_on(&dir, mount.path(), "memory").unwrap();
        let said = fs::read_to_string(dir.join("cgroup.subtree_control")).unwrap();
        assert_eq!(said, "+memory");
        let top = fs::read_to_string(mount.path().join("cgroup.subtree_control")).unwrap();
        assert_eq!(top, "pids", "what is there already is not written again");
        assert!(
            pass_on(&dir, mount.path(), "rdma")
                .unwrap_err()
                .contains("no rdma controller")
        );
    }

    #[test]
    fn without_a_cgroup_every_limit_that_needs_one_is_unmet() {
        let limits = ResourceLimits {
            memory: Some(1 << 20),
            cpu: Some(50),
            nice: Some(5),
            ..ResourceLimits::default()
        };
        let unmet = without_cgroup(&limits, "no");
        let names: Vec<&str> = unmet.iter().map(|unmet| unmet.limit.as_str()).collect();
        assert_eq!(names, ["memory", "cpu"]);
    }
}
