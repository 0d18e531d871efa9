//! Limits of what one session may use of the machine, and what it uses.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a session is limited to. All of its processes count together, however many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceLimits {
    /// Bytes of memory. Beyond it the kernel ends the whole session, and no other one.
    pub memory: Option<u64>,
    /// Processes and threads.
    pub pids: Option<u32>,
    /// Processor time in percent of one processor: 200 are two.
    pub cpu: Option<u32>,
    /// The priority of its processes: 19 is the last to run, -20 the first.
    pub nice: Option<i32>,
    /// Start it also where a limit cannot be applied, and tell which.
    pub best_effort: bool,
}

/// A limit that was asked for and does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnmetLimit {
    /// The flag without its dashes: `memory`.
    pub limit: String,
    pub reason: String,
}

/// What a running session uses. `None` is what cannot be told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub memory: Option<Measured>,
    /// Milliseconds of processor time since it began.
    pub cpu_ms: Option<Measured>,
    /// Processes and threads.
    pub pids: Option<Measured>,
    /// Bytes read from disks.
    pub read: Option<Measured>,
    /// Bytes written to disks.
    pub written: Option<Measured>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    pub value: u64,
    pub via: Via,
}

/// Where a number comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// The kernel's accounts of the session's cgroup: also what has ended is in it.
    Cgroup,
    /// A sum over the processes that run now.
    Processes,
}

impl ResourceLimits {
    /// Whether anything is limited.
    pub fn is_empty(&self) -> bool {
        !self.need_cgroup() && self.nice.is_none()
    }

    /// Whether there is a limit that only a cgroup can hold.
    pub fn need_cgroup(&self) -> bool {
        self.memory.is_some() || self.pids.is_some() || self.cpu.is_some()
    }

    /// Whether they limit to the same.
    pub fn same_as(&self, other: &Self) -> bool {
        let values = |limits: &Self| (limits.memory, limits.pids, limits.cpu, limits.nice);
        values(self) == values(other)
    }
}

impl Via {
    pub fn word(self) -> &'static str {
        match self {
            Self::Cgroup => "cgroup",
            Self::Processes => "processes",
        }
    }
}

/// `memory 256m, pids 64, cpu 50%, nice 5`.
impl fmt::Display for ResourceLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            self.memory
                .map(|bytes| format!("memory {}", crate::units::show_bytes(bytes))),
            self.pids.map(|pids| format!("pids {pids}")),
            self.cpu.map(|percent| format!("cpu {percent}%")),
            self.nice.map(|nice| format!("nice {nice}")),
        ];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_shown_as_they_are_given() {
        let limits = ResourceLimits {
            memory: Some(256 << 20),
            pids: Some(64),
            cpu: Some(50),
            nice: Some(-5),
            best_effort: true,
        };
        assert_eq!(limits.to_string(), "memory 256m, pids 64, cpu 50%, nice -5");
        let without = ResourceLimits {
            best_effort: false,
            ..limits
        };
        assert!(limits.same_as(&without) && !limits.is_empty());
        assert!(ResourceLimits::default().is_empty());
    }
}
