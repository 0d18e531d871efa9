//! Where bytes go: disk, memory for rings, what is kept; and whether the clock agrees with it.

use crate::doctor::seen::{Disk, Seen, bytes, span};
use crate::doctor::verdict::{Verdict, error, info, ok, unknown, warning};
use psup_proto::limits;
use std::time::Duration;

/// Below this not even one session can keep what it may.
const DISK_LEAST: u64 = limits::LOG;
const DISK_LITTLE: u64 = 1 << 30;
const INODES_LEAST: u64 = 1_000;
const INODES_LITTLE: u64 = 20_000;
/// A ring is half a megabyte at most.
const MEMORY_LEAST: u64 = 1 << 20;
const MEMORY_LITTLE: u64 = 16 << 20;
const JOURNALS_MANY: u64 = 1 << 30;
/// What the clock may be set by without a harm.
const CLOCK_SLACK: u64 = 5_000;
/// 2025: no psup is older.
const CLOCK_FIRST: u64 = 1_735_689_600_000;

pub(super) fn disk(seen: &Seen) -> Verdict {
    let Some(disk) = &seen.state_disk else {
        return unknown("the file system does not tell");
    };
    let space = space(disk);
    let inodes = disk.inodes.map_or(String::new(), |(free, total)| {
        format!(", {free} of {total} inodes")
    });
    let evidence = format!(
        "{}: {space}{inodes} free ({})",
        disk.path.display(),
        disk.kind
    );
    let fix = format!(
        "`{} forget --older 1h` drops what has ended; `df -h {path}` and `df -i {path}` \
         show the disk",
        seen.psup,
        path = disk.path.display()
    );
    let inodes = disk.inodes.map_or(u64::MAX, |(free, _)| free);
    if disk.free < DISK_LEAST || inodes < INODES_LEAST {
        error(evidence, fix)
    } else if disk.free < DISK_LITTLE || inodes < INODES_LITTLE {
        warning(evidence, fix)
    } else if disk.kind == "in memory" {
        info(format!(
            "{evidence}; what is kept there is gone after a reboot"
        ))
    } else if disk.kind == "network" {
        info(format!(
            "{evidence}; two machines must not share a state directory"
        ))
    } else {
        ok(evidence)
    }
}

pub(super) fn shared_memory(seen: &Seen) -> Verdict {
    let Some(disk) = &seen.ring_disk else {
        return info(
            "there is no file system in memory: what is not on disk yet ends with the supervisor's \
             processes",
        );
    };
    let evidence = format!("{}: {} free", disk.path.display(), space(disk));
    let fix = format!(
        "`mount -o remount,size=1g {}` as root, or in a container `--shm-size=1g`",
        disk.path.display()
    );
    if disk.free < MEMORY_LEAST {
        error(evidence, fix)
    } else if disk.free < MEMORY_LITTLE {
        warning(evidence, fix)
    } else {
        ok(evidence)
    }
}

fn space(disk: &Disk) -> String {
    format!("{} of {}", bytes(disk.free), bytes(disk.total))
}

pub(super) fn journals(seen: &Seen) -> Verdict {
    let Some(kept) = &seen.journals else {
        return unknown("the state directory cannot be read");
    };
    let evidence = format!(
        "{} sessions are kept, in {}",
        kept.sessions,
        bytes(kept.bytes)
    );
    let free = seen.state_disk.as_ref().map_or(u64::MAX, |disk| disk.free);
    if kept.bytes > JOURNALS_MANY && kept.bytes > free {
        warning(
            format!("{evidence}, more than the disk has left"),
            format!(
                "`{psup} forget --older 7d`, and `{psup} forget --keep-bytes 512m` for good",
                psup = seen.psup
            ),
        )
    } else {
        ok(evidence)
    }
}

pub(super) fn clock(seen: &Seen) -> Verdict {
    let clock = &seen.clock;
    let fix = if clock.has_timedatectl {
        "`timedatectl` shows whether the clock is kept right; offsets, waits and time-outs do not \
         depend on it"
    } else {
        "`date -u` shows what the machine takes for now; offsets, waits and time-outs do not depend \
         on it"
    };
    let milliseconds = |ms| span(Duration::from_millis(ms));
    if clock.now_ms < CLOCK_FIRST {
        return warning("the clock was never set: it is before 2025", fix);
    }
    if let Some((at, what)) = &clock.latest
        && *at > clock.now_ms + CLOCK_SLACK
    {
        return warning(
            format!(
                "the clock went back: {what} is written down for {} from now",
                milliseconds(at - clock.now_ms)
            ),
            fix,
        );
    }
    match &clock.started {
        Some((what, by_clock, by_kernel)) if by_clock.abs_diff(*by_kernel) > CLOCK_SLACK => {
            warning(
                format!(
                    "the clock has jumped by {} since {what} was started",
                    milliseconds(by_clock.abs_diff(*by_kernel))
                ),
                fix,
            )
        }
        Some((what, ..)) => ok(format!(
            "it agrees with the kernel's count since {what} was started"
        )),
        None => ok("nothing is written down for a time to come"),
    }
}
