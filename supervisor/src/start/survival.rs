//! Which kills the supervisor will outlive, each with its evidence, and a fix for each that it will not.
//!
//! Judged from what is true now, not from what was meant at the start: the guardian may have been promoted, moved or adopted since.

use super::rung::Rung;
use crate::guardian::Facts;
use crate::platform::lineage;
use nix::unistd::{Uid, User, geteuid};
use psup_proto::status::Survival;
use std::path::{Path, PathBuf};

/// What is seen of the guardian.
struct Seen {
    rung: Option<Rung>,
    /// The parent's pid and name.
    parent: Option<(i32, String)>,
    cgroups: Vec<String>,
    environment: Vec<String>,
    uid: Uid,
    /// systemd runs this machine.
    systemd: bool,
    /// The user's manager stays when the user logs out.
    lingers: bool,
    /// The unit that starts us at boot, if there is one.
    boot_unit: Option<PathBuf>,
    refused: Vec<String>,
}

const LEAVE: &str = "start it from outside this tree: psup shutdown, then systemd-run --user psup list";

/// The honest block of `psup status`.
pub fn survival(facts: &Facts) -> Vec<Survival> {
    judge(&Seen::now(facts))
}

fn judge(seen: &Seen) -> Vec<Survival> {
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
        yes("env-marker", format!("its environment is only {}", seen.environment.join(" "))),
        logout(seen),
        reboot(seen),
    ]
}

/// Whoever adopts our orphans may end them all; pid 1 and service managers do not.
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
            format!("{evidence}, which adopted it and may end what it adopts{}", seen.why()),
            LEAVE,
        )
    }
}

fn cgroup(seen: &Seen) -> Survival {
    let paths = seen.cgroups.join(" ");
    let own = match seen.rung {
        Some(Rung::SystemdUser | Rung::SystemdSystem | Rung::Cgroup) => seen.cgroups.iter().any(|path| path.contains("/psup")),
        Some(Rung::Launchd | Rung::DoubleFork) | None => false,
    };
    if own {
        yes("cgroup", format!("in one of its own: {paths}"))
    } else if seen.cgroups.iter().all(|path| path == "/") {
        yes("cgroup", "in the root cgroup, which nobody kills".into())
    } else {
        no("cgroup", format!("in its starter's: {paths}{}", seen.why()), LEAVE)
    }
}

fn logout(seen: &Seen) -> Survival {
    let linger = format!("loginctl enable-linger {}", user_name(seen.uid));
    let within = |part: &str| seen.cgroups.iter().any(|path| path.contains(part));
    if !seen.systemd {
        yes("logout", "no systemd runs here that could end a user's processes".into())
    } else if within("/user@") && !seen.lingers {
        no(
            "logout",
            "the user's manager ends at the last logout: the user does not linger".into(),
            &linger,
        )
    } else if within("/user@") {
        yes("logout", "the user's manager stays: the user lingers".into())
    } else if within("/session-") {
        no("logout", "in a login's scope, which a logout may end".into(), LEAVE)
    } else {
        yes("logout", format!("in no login's cgroup: {}", seen.cgroups.join(" ")))
    }
}

/// Processes never survive a reboot; what counts is whether the supervisor comes back by itself and starts `--on-boot` sessions.
fn reboot(seen: &Seen) -> Survival {
    let linger = format!("loginctl enable-linger {}", user_name(seen.uid));
    match &seen.boot_unit {
        Some(unit) if seen.uid.is_root() || seen.lingers => yes(
            "reboot",
            format!("{} starts it, and it starts the sessions marked --on-boot", unit.display()),
        ),
        Some(unit) => no(
            "reboot",
            format!("{} waits for a login: the user does not linger", unit.display()),
            &linger,
        ),
        None => no(
            "reboot",
            "nothing starts it at boot".into(),
            "(crontab -l; echo '@reboot psup list') | crontab -",
        ),
    }
}

impl Seen {
    fn now(facts: &Facts) -> Self {
        let uid = geteuid();
        let pid = facts.guardian_pid;
        Self {
            rung: Rung::parse(&facts.rung),
            parent: lineage::parent(pid).map(|parent| (parent, lineage::command(parent).unwrap_or_else(|| "?".into()))),
            cgroups: lineage::cgroups(pid).unwrap_or_default(),
            environment: lineage::environment_names(pid).unwrap_or_default(),
            uid,
            systemd: Path::new("/run/systemd/system").exists(),
            lingers: Path::new("/var/lib/systemd/linger").join(user_name(uid)).exists(),
            boot_unit: boot_unit(&facts.profile, uid),
            refused: facts.refused.clone(),
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

fn boot_unit(profile: &str, uid: Uid) -> Option<PathBuf> {
    let unit = format!("psup-{profile}.service");
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let wants = if uid.is_root() {
        PathBuf::from("/etc/systemd/system/multi-user.target.wants")
    } else {
        home.join(".config/systemd/user/default.target.wants")
    };
    let agent = home.join("Library/LaunchAgents").join(format!("psup.{profile}.plist"));
    [wants.join(unit), agent].into_iter().find(|path| path.symlink_metadata().is_ok())
}

fn user_name(uid: Uid) -> String {
    User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name)
}

fn yes(kill: &str, evidence: String) -> Survival {
    Survival {
        kill: kill.into(),
        survives: true,
        evidence,
        fix: None,
    }
}

fn no(kill: &str, evidence: String, fix: &str) -> Survival {
    Survival {
        kill: kill.into(),
        survives: false,
        evidence,
        fix: Some(fix.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(rung: Rung, parent: (i32, &str), cgroup: &str) -> Seen {
        Seen {
            rung: Some(rung),
            parent: Some((parent.0, parent.1.into())),
            cgroups: vec![cgroup.into()],
            environment: vec!["HOME".into()],
            uid: Uid::from_raw(1000),
            systemd: true,
            lingers: false,
            boot_unit: None,
            refused: Vec::new(),
        }
    }

    fn dies_of(seen: &Seen) -> Vec<String> {
        let all = judge(seen);
        assert!(all.iter().all(|s| s.survives == s.fix.is_none()), "what is not survived has a fix");
        all.into_iter().filter(|s| !s.survives).map(|s| s.kill).collect()
    }

    #[test]
    fn a_double_fork_under_a_subreaper_in_a_unit_says_what_will_end_it() {
        let seen = seen(Rung::DoubleFork, (812, "node"), "/system.slice/gateway.service");
        assert_eq!(dies_of(&seen), ["subreaper", "cgroup", "reboot"]);
    }

    #[test]
    fn a_users_service_ends_with_the_users_manager_unless_the_user_lingers() {
        let cgroup = "/user.slice/user-1000.slice/user@1000.service/app.slice/psup-default.service";
        let mut seen = seen(Rung::SystemdUser, (700, "systemd"), cgroup);
        assert_eq!(dies_of(&seen), ["logout", "reboot"]);
        seen.lingers = true;
        seen.boot_unit = Some("unit".into());
        assert_eq!(dies_of(&seen), [""; 0]);
    }

    #[test]
    fn in_a_container_without_systemd_only_a_reboot_counts() {
        let mut seen = seen(Rung::DoubleFork, (1, "sh"), "/");
        seen.systemd = false;
        assert_eq!(dies_of(&seen), ["reboot"]);
    }
}
