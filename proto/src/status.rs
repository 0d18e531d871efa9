//! What the supervisor says of itself.

use crate::keep::Kept;
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub version: String,
    /// What this build is made of: two binaries of one version may differ.
    pub build: String,
    pub protocol: u16,
    pub guardian_pid: i32,
    pub worker_pid: i32,
    pub uptime: Duration,
    /// Workers this supervisor has had; the first is 1.
    pub worker_epoch: u64,
    /// Times a worker became the guardian, or the guardian became a newer build.
    pub guardian_epoch: u64,
    pub sessions_live: u32,
    pub sessions_kept: u32,
    pub connections: u32,
    /// Resident memory of both processes.
    pub memory_bytes: u64,
    pub run_dir: Vec<u8>,
    pub state_dir: Vec<u8>,
    /// Without screens, after a worker died too often.
    pub safe_mode: bool,
    /// The rung of the start ladder that was reached: `systemd-user`, `systemd-system`, `launchd`,
    /// `cgroup`, `double-fork`.
    pub rung: String,
    pub survival: Vec<Survival>,
    /// How a stop knows which processes to end: `cgroup` or `bookkeeping`.
    #[serde(default)]
    pub stops_by: Option<String>,
    /// How long the present worker has run.
    #[serde(default)]
    pub worker_uptime: Option<Duration>,
    /// The limits of ended sessions, and what is kept of them.
    #[serde(default)]
    pub kept: Option<Kept>,
}

/// Supervisors of version 1 say `stops_by` in an entry of `survival` with this name.
const STOP: &str = "stop";

/// The entry of `survival` that is there once the state directory had gone: whether it could be
/// made again.
pub const STATE_DIR: &str = "state-dir";

impl Status {
    /// How a stop knows which processes to end, from a supervisor of either version.
    pub fn stops_by(&self) -> Option<&str> {
        let entry = || self.survival.iter().find(|entry| entry.kill == STOP);
        let stops_by = self.stops_by.as_deref();
        stops_by.or_else(|| entry().map(|entry| entry.evidence.as_str()))
    }

    /// The kills, and whether the supervisor outlives them.
    pub fn kills(&self) -> impl Iterator<Item = &Survival> {
        self.survival.iter().filter(|entry| entry.kill != STOP)
    }
}

/// One kill, whether the supervisor will outlive it, and why we think so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survival {
    /// `group session tree subreaper cgroup namespace both env-marker logout reboot`.
    pub kill: String,
    pub survives: bool,
    pub evidence: String,
    /// One line that would make it true.
    pub fix: Option<String>,
}
