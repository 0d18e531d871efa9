//! What may end the supervisor from outside, and what brings it back.

use super::reach::some_of;
use crate::doctor::seen::Seen;
use crate::doctor::verdict::{Verdict, info, ok, unknown, warning};
use psup_proto::Code;

const NOBODY: &str = "no supervisor answers";

/// A line of the survival block as a verdict; its fix is a command already.
fn survives(seen: &Seen, kill: &str) -> Verdict {
    let Some(entry) = seen.survival(kill) else {
        return unknown(NOBODY);
    };
    if entry.survives {
        ok(&entry.evidence)
    } else {
        let fix = entry.fix.as_deref().unwrap_or_default();
        warning(&entry.evidence, command(fix))
    }
}

/// The command in backticks, unless there are some: a fix is a command, or words and a command.
fn command(fix: &str) -> String {
    match fix.split_once(": ") {
        _ if fix.contains('`') || fix.is_empty() => fix.to_owned(),
        Some((words, command)) => format!("{words}: `{command}`"),
        None if fix.starts_with("have ") => fix.to_owned(),
        None => format!("`{fix}`"),
    }
}

pub(super) fn cgroup(seen: &Seen) -> Verdict {
    let verdict = survives(seen, "cgroup");
    let Some((unit, mode)) = &seen.caller.unit else {
        return verdict;
    };
    let verdict = verdict.and(&format!("; this caller is in {unit} (KillMode={mode})"));
    let mut parts = seen.caller.guardian_cgroup.split('/');
    let is_inside = parts.any(|part| part == unit);
    if seen.supervisor().is_none() || !is_inside || mode == "process" || mode == "none" {
        return verdict;
    }
    let evidence = format!(
        "{}, as is the supervisor: a restart of {unit} ends all sessions",
        verdict.evidence
    );
    let fix = verdict.fix.unwrap_or_else(|| {
        format!(
            "`{psup} shutdown && systemd-run {psup} status --start`",
            psup = seen.psup
        )
    });
    warning(evidence, fix)
}

pub(super) fn starter(seen: &Seen) -> Verdict {
    let all = ["group", "session", "tree", "subreaper", "env-marker"];
    let verdicts = all.map(|kill| survives(seen, kill));
    verdicts
        .into_iter()
        .reduce(|worst, next| {
            if next.severity > worst.severity {
                next
            } else {
                worst
            }
        })
        .unwrap_or_else(|| unknown(NOBODY))
}

pub(super) fn linger(seen: &Seen) -> Verdict {
    survives(seen, "logout")
}

pub(super) fn boot(seen: &Seen) -> Verdict {
    let verdict = survives(seen, "reboot");
    if verdict.severity.is_wrong() {
        let fix = if seen.systemd || cfg!(target_os = "macos") {
            format!("`{} service install`", seen.psup)
        } else {
            verdict.fix.unwrap_or_default()
        };
        return info(verdict.evidence).fix(fix);
    }
    verdict
}

pub(super) fn pid_namespace(seen: &Seen) -> Verdict {
    if seen.caller.same_namespace == Some(false) {
        return info(
            "caller and supervisor are in different pid namespaces: pids in answers are those of the \
             supervisor's",
        );
    }
    let verdict = survives(seen, "namespace");
    if verdict.severity.is_wrong() {
        return info(verdict.evidence).fix(verdict.fix.unwrap_or_default());
    }
    verdict
}

pub(super) fn delegation(seen: &Seen) -> Verdict {
    let Some(status) = seen.supervisor() else {
        return unknown(NOBODY);
    };
    match status.stops_by() {
        Some("cgroup") => ok("each session has a cgroup: a stop ends all of it"),
        Some(by) if status.rung.starts_with("systemd") => warning(
            format!("a stop goes by {by}: the unit's cgroup is not delegated to us"),
            format!(
                "`{psup} shutdown && {psup} status --start` from a systemd that delegates \
                 (`Delegate=yes`)",
                psup = seen.psup
            ),
        ),
        Some(by) => info(format!(
            "a stop goes by {by}: no cgroup here is ours, so who leaves terminal, parents and \
             environment is missed"
        )),
        None => unknown("an older supervisor does not tell"),
    }
}

pub(super) fn service(seen: &Seen) -> Verdict {
    let psup = &seen.psup;
    let report = match &seen.service {
        Some(Ok(report)) => report,
        Some(Err(failure)) if failure.code == Code::Unsupported => {
            return info(failure.message.clone());
        }
        Some(Err(failure)) => return unknown(failure.message.clone()),
        None => return unknown("it was not looked at"),
    };
    let unit = &report.unit;
    let mut wrong = Vec::new();
    if !report.installed {
        return info(format!("{unit} is not installed")).fix(format!("`{psup} service install`"));
    }
    if let Some(drift) = &report.drift {
        wrong.push(format!("{unit} was not written by this psup: {drift}"));
    }
    if !report.enabled {
        wrong.push(format!("{unit} is not enabled"));
    }
    if !wrong.is_empty() {
        return warning(some_of(&wrong), format!("`{psup} service install`"));
    }
    if let Some(outside) = &report.outside {
        return warning(
            outside.clone(),
            format!("`{psup} shutdown --force && {psup} service start`, which ends its sessions"),
        );
    }
    if !report.active {
        return warning(
            format!("{unit} is {}", report.state),
            format!("`{psup} service start`"),
        );
    }
    ok(format!("{unit} is installed, enabled and {}", report.state))
}
