//! What the system lets the supervisor and its sessions have.

use crate::doctor::seen::{Seen, Usage, bytes};
use crate::doctor::verdict::{Verdict, error, info, ok, unknown, warning};

/// A supervisor has about 30 files of its own, and three for each session.
const FILES_LEAST: u64 = 64;
const FILES_FEW: u64 = 1024;
/// A shell with a build in it.
const PROCESSES_LEAST: u64 = 8;
const TERMINALS_LEAST: u64 = 2;
const MEMORY_LEAST: u64 = 64 << 20;
/// Of the supervisor itself; a thousand idle sessions take 31 MiB.
const SUPERVISOR_LARGE: u64 = 2 << 30;

pub(super) fn memory(seen: &Seen) -> Verdict {
    let own = seen.supervisor().map(|status| status.memory_bytes);
    let own_text = own.map_or(String::new(), |own| {
        format!("; the supervisor takes {}", bytes(own))
    });
    if let Some(own) = own.filter(|own| *own > SUPERVISOR_LARGE) {
        return warning(
            format!("the supervisor takes {}", bytes(own)),
            format!(
                "`{} list --all` shows what it keeps; a smaller `--scrollback` takes less",
                seen.psup
            ),
        );
    }
    let Some(memory) = &seen.memory else {
        return unknown(format!("the system does not tell{own_text}"));
    };
    if let Some((cgroup, usage)) = memory.cgroup.as_ref().filter(|(_, usage)| usage.is_tight()) {
        return warning(
            format!(
                "{} of {} are used in {cgroup}: the kernel ends a process there when it is full",
                bytes(usage.used),
                bytes(usage.limit)
            ),
            format!("`cat /sys/fs/cgroup{cgroup}/memory.stat` shows what uses it"),
        );
    }
    let evidence = format!(
        "{} of {} available{own_text}",
        bytes(memory.available),
        bytes(memory.total)
    );
    if memory.available < MEMORY_LEAST || memory.available < memory.total / 50 {
        return warning(
            evidence,
            "`ps -eo pid,rss,args --sort=-rss` shows what uses it",
        );
    }
    ok(evidence)
}

pub(super) fn open_files(seen: &Seen) -> Verdict {
    let Some(usage) = seen.open_files else {
        return unknown("the system does not tell");
    };
    let evidence = format!("{} of {} are open", usage.used, usage.limit);
    let fix = match seen.supervisor() {
        Some(status) => format!(
            "`prlimit --pid {} --nofile=65536:65536` as root, and the same for {}",
            status.worker_pid, status.guardian_pid
        ),
        None => "`ulimit -n 65536` before the supervisor is started".into(),
    };
    if usage.left() < FILES_LEAST {
        error(evidence, fix)
    } else if usage.limit < FILES_FEW || usage.is_tight() {
        warning(evidence, fix)
    } else {
        ok(evidence)
    }
}

pub(super) fn processes(seen: &Seen) -> Verdict {
    let Some((whose, usage)) = seen.processes.iter().min_by_key(|(_, usage)| usage.left()) else {
        return unknown("the system does not tell");
    };
    tight(
        &format!("{} of {} processes run in {whose}", usage.used, usage.limit),
        *usage,
        PROCESSES_LEAST,
        "`ps -eLf | wc -l` counts them; the limit is `TasksMax=` of a unit, `--pids-limit` of a \
         container, or `sysctl kernel.threads-max`",
    )
}

pub(super) fn terminals(seen: &Seen) -> Verdict {
    let Some(usage) = seen.terminals else {
        return unknown("the system does not tell");
    };
    tight(
        &format!("{} of {} terminals are in use", usage.used, usage.limit),
        usage,
        TERMINALS_LEAST,
        "`sysctl kernel.pty.max=8192` as root",
    )
}

fn tight(evidence: &str, usage: Usage, least: u64, fix: &str) -> Verdict {
    if usage.left() < least {
        error(evidence, fix)
    } else if usage.is_tight() {
        warning(evidence, fix)
    } else {
        ok(evidence)
    }
}

pub(super) fn core_pattern(seen: &Seen) -> Verdict {
    let Some(pattern) = &seen.core.pattern else {
        return unknown("the system does not tell");
    };
    match &seen.core.handler {
        Some((program, false)) => warning(
            format!(
                "cores go to {}, which is not there: they are lost",
                program.display()
            ),
            "`sysctl kernel.core_pattern=core` as root",
        ),
        Some((program, true)) => ok(format!("cores go to {}", program.display())),
        None if pattern.is_empty() => ok("the kernel writes no cores"),
        None => info(format!(
            "a program that crashes leaves {pattern:?} in its directory, if its limit of core sizes \
             allows it"
        )),
    }
}
