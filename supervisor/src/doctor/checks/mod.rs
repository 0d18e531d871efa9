//! The checks, in the order in which they are told: what stops everything comes first.
//!
//! A new one is a function in one of these files, a row here, and a line in docs/doctor.md.

mod care;
mod limits;
mod place;
mod reach;
mod sessions;
mod storage;
mod survive;

use super::{Check, Repair, Seen, Verdict, repair};
use psup_proto::doctor::Severity;
use psup_proto::doctor::Severity::{Error, Unknown, Warning};

pub(super) const ALL: &[Check] = &[
    check(
        "sandbox",
        "this process may connect to a socket",
        Error,
        reach::sandbox,
    ),
    check(
        "supervisor",
        "a supervisor runs and answers",
        Error,
        reach::supervisor,
    ),
    check(
        "versions",
        "client and supervisor are of one build",
        Error,
        reach::versions,
    ),
    check("safe-mode", "screens are drawn", Warning, reach::safe_mode),
    mended(
        "run-dir",
        "the directory of the socket is ours alone",
        Error,
        place::run_dir,
        repair::run_dir,
    ),
    check(
        "tmp-cleaner",
        "nothing removes the socket when it is old",
        Warning,
        place::tmp_cleaner,
    ),
    mended(
        "state-dir",
        "the directory of records and journals is there, ours and writable",
        Error,
        place::state_dir,
        repair::state_dir,
    ),
    check(
        "home",
        "every caller means the same state directory",
        Warning,
        place::home,
    ),
    mended(
        "stale-files",
        "no socket is left of a supervisor that has ended",
        Warning,
        place::stale_files,
        repair::stale_files,
    ),
    check(
        "disk",
        "the state directory's disk has space and inodes",
        Error,
        storage::disk,
    ),
    check(
        "shared-memory",
        "new sessions find memory for their output",
        Error,
        storage::shared_memory,
    ),
    check(
        "journals",
        "what is kept of sessions is in proportion to the disk",
        Warning,
        storage::journals,
    ),
    check(
        "clock",
        "the clock agrees with what is written down",
        Warning,
        storage::clock,
    ),
    check(
        "memory",
        "the machine and the supervisor have memory left",
        Warning,
        limits::memory,
    ),
    check(
        "open-files",
        "the supervisor may open files enough",
        Error,
        limits::open_files,
    ),
    check(
        "processes",
        "sessions can be started",
        Error,
        limits::processes,
    ),
    check(
        "terminals",
        "terminals can be opened",
        Error,
        limits::terminals,
    ),
    check(
        "core-pattern",
        "what becomes of the cores of programs that crash",
        Warning,
        limits::core_pattern,
    ),
    check(
        "cgroup",
        "a restart of the calling unit leaves the supervisor alone",
        Warning,
        survive::cgroup,
    ),
    check(
        "starter",
        "nothing ends the supervisor with the program that started it",
        Warning,
        survive::starter,
    ),
    check(
        "linger",
        "a logout leaves the supervisor alone",
        Warning,
        survive::linger,
    ),
    check(
        "boot",
        "the supervisor is started at boot",
        Unknown,
        survive::boot,
    ),
    check(
        "pid-namespace",
        "the supervisor outlives this container",
        Unknown,
        survive::pid_namespace,
    ),
    check(
        "delegation",
        "sessions have cgroups of their own",
        Warning,
        survive::delegation,
    ),
    check(
        "service",
        "the installed service is that of this psup",
        Warning,
        survive::service,
    ),
    check(
        "lost",
        "no session was lost without a successor",
        Warning,
        sessions::lost,
    ),
    check(
        "orphaned",
        "no process of a lost session runs on",
        Warning,
        sessions::orphaned,
    ),
    check(
        "crash-loop",
        "no session ends again and again",
        Warning,
        sessions::crash_loop,
    ),
    check(
        "hooks",
        "the commands of hooks succeed",
        Warning,
        care::hooks,
    ),
    check(
        "checkpoint",
        "the last checkpoint is not older than 36 hours",
        Warning,
        care::checkpoint,
    ),
];

const fn check(
    id: &'static str,
    about: &'static str,
    worst: Severity,
    judge: fn(&Seen) -> Verdict,
) -> Check {
    Check {
        id,
        about,
        worst,
        judge,
        repair: None,
    }
}

const fn mended(
    id: &'static str,
    about: &'static str,
    worst: Severity,
    judge: fn(&Seen) -> Verdict,
    repair: Repair,
) -> Check {
    Check {
        repair: Some(repair),
        ..check(id, about, worst, judge)
    }
}

#[cfg(test)]
mod tests;
