//! What /proc and the cgroups tell of limits, memory and processes. Elsewhere than on Linux there
//! is nothing of it, and every answer is empty.

use crate::doctor::seen::{Core, Memory, Usage};
use crate::platform::{ancestry, cgroup, process};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

fn own() -> i32 {
    std::process::id().cast_signed()
}

fn number(path: impl AsRef<Path>) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// The file that a process runs; the kernel adds `(deleted)` where it has gone.
pub(super) fn program(pid: i32) -> Option<String> {
    let path = fs::read_link(format!("/proc/{pid}/exe")).ok()?;
    Some(path.to_string_lossy().into_owned())
}

pub(super) fn is_same_namespace(pid: i32) -> Option<bool> {
    let of = |process: &str| fs::read_link(format!("/proc/{process}/ns/pid")).ok();
    Some(of("self")? == of(&pid.to_string())?)
}

/// For how long a process has run, by the kernel's count.
#[cfg(target_os = "linux")]
pub(super) fn age_ms(pid: i32) -> Option<u64> {
    use nix::time::{ClockId, clock_gettime};
    use nix::unistd::{SysconfVar, sysconf};
    let since_boot = clock_gettime(ClockId::CLOCK_BOOTTIME).ok()?;
    let now = since_boot.tv_sec().cast_unsigned() * 1000
        + since_boot.tv_nsec().cast_unsigned() / 1_000_000;
    let ticks = u64::try_from(sysconf(SysconfVar::CLK_TCK).ok()??).ok()?;
    let started = process::start_time(pid)? * 1000 / ticks;
    Some(now.saturating_sub(started))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn age_ms(_pid: i32) -> Option<u64> {
    None
}

/// Of the worker; without one, of this process.
pub(super) fn open_files(worker: Option<i32>) -> Option<Usage> {
    let pid = worker.unwrap_or_else(own);
    Some(Usage {
        used: fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count() as u64,
        limit: limit(pid, "Max open files")?,
    })
}

/// The soft limit of a process; unlimited is the greatest number.
fn limit(pid: i32, what: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(what))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(u64::MAX),
        number => number.parse().ok(),
    }
}

/// Everything that limits how many processes there may be, with what is used of it.
pub(super) fn processes(guardian: Option<i32>) -> Vec<(String, Usage)> {
    let pid = guardian.unwrap_or_else(own);
    let mut found = Vec::new();
    let most = number("/proc/sys/kernel/threads-max")
        .into_iter()
        .chain(number("/proc/sys/kernel/pid_max"))
        .min();
    if let (Some(used), Some(limit)) = (threads(), most) {
        found.push(("the machine".to_owned(), Usage { used, limit }));
    }
    found.extend(in_cgroups(pid, "pids.current", "pids.max"));
    let is_root = nix::unistd::geteuid().is_root();
    if let Some(limit) = limit(pid, "Max processes").filter(|most| !is_root && *most < u64::MAX) {
        found.push((
            "this user's sessions".into(),
            Usage {
                used: of_this_user(),
                limit,
            },
        ));
    }
    found
}

/// All threads there are: the second number of `2/345`.
fn threads() -> Option<u64> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    let runnable = text.split(' ').nth(3)?;
    runnable.split_once('/')?.1.parse().ok()
}

fn of_this_user() -> u64 {
    let uid = nix::unistd::geteuid().as_raw();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ours = entries.filter(|entry| {
        entry.file_name().as_encoded_bytes()[0].is_ascii_digit()
            && entry.metadata().is_ok_and(|found| found.uid() == uid)
    });
    ours.count() as u64
}

/// The cgroup of `pid` and all above it that have this limit.
fn in_cgroups(pid: i32, used: &str, limit: &str) -> Vec<(String, Usage)> {
    let (Some(mount), Some(path)) = (cgroup::mount_point(), ancestry::cgroup(pid)) else {
        return Vec::new();
    };
    let all = Path::new(&path).ancestors().filter_map(|path| {
        let dir = mount.join(path.strip_prefix("/").unwrap_or(path));
        let usage = Usage {
            used: number(dir.join(used))?,
            limit: number(dir.join(limit))?,
        };
        Some((path.display().to_string(), usage))
    });
    all.collect()
}

pub(super) fn terminals() -> Option<Usage> {
    let dir = Path::new("/proc/sys/kernel/pty");
    Some(Usage {
        used: number(dir.join("nr"))?,
        limit: number(dir.join("max"))?,
    })
}

pub(super) fn memory(guardian: Option<i32>) -> Option<Memory> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let value = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key))?;
        let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kib * 1024)
    };
    let cgroups = in_cgroups(guardian.unwrap_or_else(own), "memory.current", "memory.max");
    Some(Memory {
        available: value("MemAvailable:")?,
        total: value("MemTotal:")?,
        cgroup: cgroups.into_iter().min_by_key(|(_, usage)| usage.left()),
    })
}

pub(super) fn core() -> Core {
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern");
    let pattern = pattern.ok().map(|text| text.trim().to_owned());
    let handler = pattern.as_deref().and_then(|pattern| {
        let program = pattern.strip_prefix('|')?.split(' ').next()?;
        Some((PathBuf::from(program), Path::new(program).exists()))
    });
    Core { pattern, handler }
}
