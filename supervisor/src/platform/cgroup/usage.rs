//! What a life uses: by the kernel's accounts of its cgroup, else as a sum over the processes that
//! run now.

use super::Cgroup;
use crate::platform::process;
use psup_proto::exit::OutOfMemory;
use psup_proto::resources::{Measured, Usage, Via};
use std::fs;
use std::path::Path;

/// What these processes use together; what their cgroup has accounts of comes from there.
pub fn of(cgroup: Option<&Cgroup>, pids: &[i32]) -> Usage {
    let accounts = cgroup.map(accounts).unwrap_or_default();
    let sum = |of: fn(i32) -> Option<u64>| {
        let values: Vec<u64> = pids.iter().filter_map(|pid| of(*pid)).collect();
        (!values.is_empty()).then(|| Measured {
            value: values.iter().sum(),
            via: Via::Processes,
        })
    };
    Usage {
        memory: accounts.memory.or_else(|| sum(resident)),
        cpu_ms: accounts.cpu_ms.or_else(|| sum(cpu_ms)),
        pids: accounts.pids.or_else(|| sum(threads)),
        read: accounts.read.or_else(|| sum(|pid| io(pid, "read_bytes:"))),
        written: accounts
            .written
            .or_else(|| sum(|pid| io(pid, "write_bytes:"))),
    }
}

/// Only what a controller accounts for is there.
fn accounts(cgroup: &Cgroup) -> Usage {
    let measured = |value: Option<u64>| {
        value.map(|value| Measured {
            value,
            via: Via::Cgroup,
        })
    };
    let dir = &cgroup.0;
    let io = fs::read_to_string(dir.join("io.stat")).ok();
    let io = |key: &str| io.as_deref().map(|stat| sum_of(stat, key));
    Usage {
        memory: measured(number(&dir.join("memory.current"))),
        cpu_ms: measured(value(&dir.join("cpu.stat"), "usage_usec").map(|us| us / 1000)),
        pids: measured(number(&dir.join("pids.current"))),
        read: measured(io("rbytes=")),
        written: measured(io("wbytes=")),
    }
}

/// Whether the kernel has killed somebody in it for want of memory.
pub fn out_of_memory(cgroup: &Cgroup) -> Option<OutOfMemory> {
    let events = |key| value(&cgroup.0.join("memory.events"), key).unwrap_or(0);
    (events("oom_kill") > 0).then(|| OutOfMemory {
        limit: number(&cgroup.0.join("memory.max")).filter(|_| events("oom") > 0),
    })
}

fn number(file: &Path) -> Option<u64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// Of a file of lines `key value`.
fn value(file: &Path, key: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let mut lines = text.lines().filter_map(|line| line.split_once(' '));
    lines.find(|(found, _)| *found == key)?.1.parse().ok()
}

/// Of `io.stat`, which has a line for each device.
fn sum_of(stat: &str, key: &str) -> u64 {
    let words = stat.split_ascii_whitespace();
    words
        .filter_map(|word| word.strip_prefix(key)?.parse::<u64>().ok())
        .sum()
}

fn resident(pid: i32) -> Option<u64> {
    Some(process::resident(pid)).filter(|bytes| *bytes > 0)
}

/// Of the process, and of its children that have ended.
fn cpu_ms(pid: i32) -> Option<u64> {
    let fields = stat_fields(pid)?;
    let ticks: u64 = fields.get(11..15)?.iter().sum();
    // SAFETY: a plain question.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) }.max(1) as u64;
    Some(ticks * 1000 / per_second)
}

fn threads(pid: i32) -> Option<u64> {
    stat_fields(pid)?.get(17).copied()
}

/// What stands behind the name in `/proc/PID/stat`, as numbers; what is none is 0.
fn stat_fields(pid: i32) -> Option<Vec<u64>> {
    let line = process::told(pid, "stat")?;
    let close = line.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(line.get(close + 1..)?).ok()?;
    let number = |field: &str| field.parse().unwrap_or(0);
    Some(rest.split_ascii_whitespace().map(number).collect())
}

fn io(pid: i32, key: &str) -> Option<u64> {
    let text = process::told(pid, "io")?;
    let text = std::str::from_utf8(&text).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(key))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn devices_are_added_up() {
        let stat = "8:0 rbytes=10 wbytes=1 rios=1\n8:16 rbytes=5 wbytes=2\n";
        assert_eq!((sum_of(stat, "rbytes="), sum_of(stat, "wbytes=")), (15, 3));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_without_a_cgroup_is_summed_up() {
        let own = std::process::id().cast_signed();
        let usage = of(None, &[own]);
        let memory = usage.memory.unwrap();
        assert!(memory.via == Via::Processes && memory.value > 100_000);
        assert!(usage.pids.unwrap().value >= 1);
        assert_eq!(of(None, &[]).memory, None);
    }

    #[test]
    fn what_a_cgroup_has_accounts_of_comes_from_there() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("memory.current"), "4096\n").unwrap();
        fs::write(
            dir.path().join("cpu.stat"),
            "usage_usec 2500\nuser_usec 1\n",
        )
        .unwrap();
        fs::write(dir.path().join("memory.events"), "oom 1\noom_kill 3\n").unwrap();
        let cgroup = Cgroup(dir.path().to_owned());
        let usage = of(Some(&cgroup), &[]);
        let measured = |value| {
            Some(Measured {
                value,
                via: Via::Cgroup,
            })
        };
        assert_eq!((usage.memory, usage.cpu_ms), (measured(4096), measured(2)));
        assert_eq!(usage.pids, None);
        assert_eq!(out_of_memory(&cgroup), Some(OutOfMemory { limit: None }));
        fs::write(dir.path().join("memory.max"), "8192\n").unwrap();
        let limit = Some(8192);
        assert_eq!(out_of_memory(&cgroup), Some(OutOfMemory { limit }));
        fs::write(dir.path().join("memory.events"), "oom 0\noom_kill 0\n").unwrap();
        assert_eq!(out_of_memory(&cgroup), None);
    }
}
