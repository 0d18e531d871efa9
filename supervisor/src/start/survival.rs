//! Which kills the supervisor will outlive, each with its evidence, and a fix for each that it will
//! not.
//!
//! Judged from what is true now, not from what was meant at the start: the guardian may have been
//! promoted, moved or adopted since.

use super::fixes::{Fixes, user_name};
use super::marks::is_mark;
use super::rung::Rung;
use super::{launchd, systemd};
use crate::handover::dirs::Place;
use crate::handover::fd_table::Facts;
use crate::platform::ancestry;
use nix::unistd::{Uid, geteuid};
use psup_proto::status::Survival;
use std::path::{Path, PathBuf};

/// A session, and a variable of it that a runner may look for.
pub(super) type Marked = (String, String);

/// What is seen of the guardian.
struct Seen {
    rung: Option<Rung>,
    /// The parent's pid and name.
    parent: Option<(i32, String)>,
    cgroups: Vec<String>,
    environment: Vec<String>,
    marked: Vec<Marked>,
    namespace: Namespace,
    /// Other processes have our pids there.
    foreign_proc: bool,
    uid: Uid,
    /// systemd runs this machine.
    systemd: bool,
    /// The user's manager stays when the user logs out.
    lingers: bool,
    /// The unit that starts us at boot, if there is one.
    boot_unit: Option<PathBuf>,
    refused: Vec<String>,
    /// A service manager keeps what the supervisor holds.
    stored: bool,
    fixes: Fixes,
}

/// Which pids there are for us.
enum Namespace {
    Machine,
    /// One of its own, which ends with its first process.
    Own {
        id: String,
        first: String,
    },
    /// It cannot be told which, and why.
    Unknown(String),
}

/// The honest block of `psup status`.
pub fn survival(facts: &Facts, marked: Vec<Marked>) -> Vec<Survival> {
    judge(&Seen::now(facts, marked))
}

fn judge(seen: &Seen) -> Vec<Survival> {
    let mut all = judge_all(seen);
    if seen.foreign_proc {
        let unknown = "not known: the /proc here is that of another pid namespace".to_owned();
        for entry in all
            .iter_mut()
            .filter(|entry| LOOKED_UP.contains(&entry.kill.as_str()))
        {
            *entry = no(&entry.kill, unknown.clone(), seen.fixes.outside());
        }
    }
    all
}

/// What is judged by a look at the guardian in /proc.
const LOOKED_UP: [&str; 4] = ["tree", "subreaper", "cgroup", "env-marker"];

fn judge_all(seen: &Seen) -> Vec<Survival> {
    let group = "it leads no group of its starter: setsid, and a second fork".to_owned();
    let parent = seen
        .parent
        .as_ref()
        .map_or_else(|| "unknown".into(), |(pid, name)| format!("{name}[{pid}]"));
    vec![
        yes("group", group.clone()),
        yes("session", group),
        yes("tree", format!("its parent is {parent}, not its starter")),
        subreaper(seen, &parent),
        cgroup(seen),
        namespace(seen),
        both(seen),
        env_marker(seen),
        logout(seen),
        reboot(seen),
    ]
}

/// The first process of a pid namespace takes everybody in it along.
fn namespace(seen: &Seen) -> Survival {
    match &seen.namespace {
        Namespace::Machine => yes(
            "namespace",
            "in the machine's own pid namespace, which nothing ends but the machine".into(),
        ),
        Namespace::Own { id, first } => no(
            "namespace",
            format!(
                "in a pid namespace of its own ({id}): when its first process, {first}, ends, everything in it is killed"
            ),
            seen.fixes.outside(),
        ),
        Namespace::Unknown(why) => no(
            "namespace",
            format!("not known: {why}"),
            seen.fixes.outside(),
        ),
    }
}

/// Guardian and worker replace each other. When both are killed at once, terminals and rings stay
/// only where somebody else holds them as well.
fn both(seen: &Seen) -> Survival {
    if seen.stored {
        yes(
            "both",
            "guardian and worker killed at once: systemd keeps terminals, rings and pidfds in its descriptor store, and starts a supervisor that goes on with them".into(),
        )
    } else {
        no(
            "both",
            "guardian and worker killed at once: nobody else holds the terminals, and the sessions are lost".into(),
            seen.fixes.keep(),
        )
    }
}

/// Runners look for their marks in the environment of every process: in the supervisor's, and in
/// those of sessions.
fn env_marker(seen: &Seen) -> Survival {
    let own = format!(
        "the supervisor's environment is only {}",
        seen.environment.join(" ")
    );
    let inherited: Vec<&str> = seen
        .environment
        .iter()
        .map(String::as_str)
        .filter(|name| is_mark(name))
        .collect();
    match (inherited.as_slice(), seen.marked.as_slice()) {
        ([], []) => yes(
            "env-marker",
            format!(
                "{own}; sessions keep their caller's, in which there is no mark of a known runner"
            ),
        ),
        ([], [(session, variable), rest @ ..]) => {
            let others = if rest.is_empty() {
                String::new()
            } else {
                format!(" and {} more", rest.len())
            };
            no(
                "env-marker",
                format!(
                    "{own} and is spared, but sessions keep their caller's: {session} has {variable}{others}, which a runner may look for"
                ),
                format!(
                    "start the session without it: `env -u {variable} psup spawn ...`, or with --clear-env"
                ),
            )
        }
        (names, _) => no(
            "env-marker",
            format!("the supervisor has {}", names.join(" ")),
            seen.fixes.leave(),
        ),
    }
}

/// The process that adopts our orphans may end them all; pid 1 and service managers do not.
fn subreaper(seen: &Seen, parent: &str) -> Survival {
    let adopted_by_a_manager = seen
        .parent
        .as_ref()
        .is_none_or(|(pid, name)| *pid == 1 || name == "systemd" || name == "launchd");
    let evidence = format!("its parent is {parent}");
    if adopted_by_a_manager {
        yes("subreaper", evidence)
    } else {
        no(
            "subreaper",
            format!(
                "{evidence}, which adopted it and may end what it adopts{}",
                seen.why()
            ),
            seen.fixes.leave(),
        )
    }
}

fn cgroup(seen: &Seen) -> Survival {
    let paths = seen.cgroups.join(" ");
    let own = match seen.rung {
        Some(Rung::SystemdUser | Rung::SystemdSystem | Rung::Cgroup) => {
            seen.cgroups.iter().any(|path| path.contains("/psup"))
        }
        Some(Rung::Launchd | Rung::DoubleFork) | None => false,
    };
    if own {
        yes("cgroup", format!("in one of its own: {paths}"))
    } else if seen.cgroups.iter().all(|path| path == "/") {
        yes("cgroup", "in the root cgroup, which nobody kills".into())
    } else {
        no(
            "cgroup",
            format!("in its starter's: {paths}{}", seen.why()),
            seen.fixes.leave(),
        )
    }
}

fn logout(seen: &Seen) -> Survival {
    let within = |part: &str| seen.cgroups.iter().any(|path| path.contains(part));
    if !seen.systemd {
        yes(
            "logout",
            "no systemd runs here that could end a user's processes".into(),
        )
    } else if within("/user@") && !seen.lingers {
        no(
            "logout",
            "the user's manager ends at the last logout: the user does not linger".into(),
            seen.fixes.linger(),
        )
    } else if within("/user@") {
        yes(
            "logout",
            "the user's manager stays: the user lingers".into(),
        )
    } else if within("/session-") {
        no(
            "logout",
            "in a login's scope, which a logout may end".into(),
            seen.fixes.leave(),
        )
    } else {
        yes(
            "logout",
            format!("in no login's cgroup: {}", seen.cgroups.join(" ")),
        )
    }
}

/// Processes never survive a reboot; what counts is whether the supervisor comes back by itself and
/// starts `--on-boot` sessions.
fn reboot(seen: &Seen) -> Survival {
    match &seen.boot_unit {
        Some(unit) if seen.uid.is_root() || seen.lingers => yes(
            "reboot",
            format!(
                "{} starts it, and it starts the sessions marked --on-boot",
                unit.display()
            ),
        ),
        Some(unit) => no(
            "reboot",
            format!(
                "{} waits for a login: the user does not linger",
                unit.display()
            ),
            seen.fixes.linger(),
        ),
        None => no(
            "reboot",
            "no unit or agent starts it at boot; crontabs are not looked at".into(),
            seen.fixes.at_boot(),
        ),
    }
}

impl Seen {
    fn now(facts: &Facts, marked: Vec<Marked>) -> Self {
        let uid = geteuid();
        let pid = facts.guardian_pid;
        Self {
            marked,
            namespace: Namespace::of_this_process(),
            foreign_proc: is_proc_foreign(),
            fixes: Fixes::of(facts, uid),
            rung: Rung::parse(&facts.rung),
            parent: ancestry::parent(pid).map(|parent| {
                (
                    parent,
                    ancestry::command(parent).unwrap_or_else(|| "?".into()),
                )
            }),
            cgroups: ancestry::cgroups(pid).unwrap_or_default(),
            environment: ancestry::environment_names(pid).unwrap_or_default(),
            uid,
            systemd: Path::new("/run/systemd/system").exists(),
            lingers: Path::new("/var/lib/systemd/linger")
                .join(user_name(uid))
                .exists(),
            boot_unit: boot_unit(&Place::of(facts), uid),
            refused: facts.refused.clone(),
            stored: facts.notify.is_some(),
        }
    }

    /// Why no better rung held.
    fn why(&self) -> String {
        if self.refused.is_empty() {
            String::new()
        } else {
            format!(" ({})", self.refused.join("; "))
        }
    }
}

impl Namespace {
    /// The kernel's number of the namespace that the machine starts with.
    const MACHINE: &str = "pid:[4026531836]";

    fn of_this_process() -> Self {
        if !cfg!(target_os = "linux") {
            return Self::Machine;
        }
        let link = |path: &str| {
            std::fs::read_link(path).map(|target| target.to_string_lossy().into_owned())
        };
        let id = match link("/proc/self/ns/pid") {
            Ok(id) => id,
            Err(error) => return Self::Unknown(format!("/proc/self/ns/pid: {error}")),
        };
        if id == Self::MACHINE {
            return Self::Machine;
        }
        let first = ancestry::command(1)
            .filter(|_| !is_proc_foreign())
            .map_or_else(|| "pid 1".into(), |name| format!("{name}[1]"));
        Self::Own { id, first }
    }
}

/// Without a /proc of its own a pid namespace sees that of another one.
fn is_proc_foreign() -> bool {
    std::fs::read_link("/proc/self")
        .is_ok_and(|pid| pid.to_string_lossy() != std::process::id().to_string())
}

fn boot_unit(place: &Place, uid: Uid) -> Option<PathBuf> {
    let unit = systemd::unit(place);
    let home = std::env::var_os("HOME")
        .map(PathBuf::from)
        .unwrap_or_default();
    let wants = crate::service::wants_dir(uid);
    let agent = home
        .join("Library/LaunchAgents")
        .join(format!("{}.plist", launchd::label(place)));
    [wants.join(unit), agent]
        .into_iter()
        .find(|path| path.symlink_metadata().is_ok())
}

fn yes(kill: &str, evidence: String) -> Survival {
    Survival {
        kill: kill.into(),
        survives: true,
        evidence,
        fix: None,
    }
}

fn no(kill: &str, evidence: String, fix: String) -> Survival {
    Survival {
        kill: kill.into(),
        survives: false,
        evidence,
        fix: Some(fix),
    }
}

#[cfg(test)]
mod tests;
