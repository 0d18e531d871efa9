//! What a session is limited to and what it uses, with `--json`.

use psup_proto::info::Info;
use psup_proto::{resources, restart};
use schemars::JsonSchema;
use serde::Serialize;

/// What was asked for; `null` is no limit.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Limits<'a> {
    pub memory_bytes: Option<u64>,
    pub pids: Option<u32>,
    pub cpu_percent: Option<u32>,
    pub nice: Option<i32>,
    pub best_effort: bool,
    /// Those that do not hold.
    pub unmet: Vec<UnmetLimit<'a>>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct UnmetLimit<'a> {
    pub limit: &'a str,
    pub reason: &'a str,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct OutOfMemory {
    /// The session's own limit; `null` where it was the machine that had no more.
    pub limit_bytes: Option<u64>,
}

/// So many restarts within this time.
#[derive(Serialize, JsonSchema)]
pub(crate) struct RestartLimit {
    pub most: u32,
    pub within_ms: u64,
}

/// What a running session uses; `null` is what cannot be told.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Usage {
    pub memory_bytes: Option<u64>,
    pub cpu_ms: Option<u64>,
    pub pids: Option<u64>,
    pub read_bytes: Option<u64>,
    pub written_bytes: Option<u64>,
    pub via: UsageVia,
}

/// Where each number comes from: `cgroup`, or `processes` for a sum over those that run now.
#[derive(Serialize, JsonSchema)]
pub(crate) struct UsageVia {
    pub memory: Option<&'static str>,
    pub cpu: Option<&'static str>,
    pub pids: Option<&'static str>,
    pub io: Option<&'static str>,
}

impl From<restart::RestartLimit> for RestartLimit {
    fn from(limit: restart::RestartLimit) -> Self {
        Self {
            most: limit.most,
            within_ms: limit.within.as_millis() as u64,
        }
    }
}

impl<'a> From<&'a Info> for Limits<'a> {
    fn from(info: &'a Info) -> Self {
        let limits = &info.resources;
        Self {
            memory_bytes: limits.memory,
            pids: limits.pids,
            cpu_percent: limits.cpu,
            nice: limits.nice,
            best_effort: limits.best_effort,
            unmet: info.unmet.iter().map(UnmetLimit::from).collect(),
        }
    }
}

impl<'a> From<&'a resources::UnmetLimit> for UnmetLimit<'a> {
    fn from(unmet: &'a resources::UnmetLimit) -> Self {
        Self {
            limit: &unmet.limit,
            reason: &unmet.reason,
        }
    }
}

impl From<&resources::Usage> for Usage {
    fn from(usage: &resources::Usage) -> Self {
        let value = |measured: Option<resources::Measured>| measured.map(|found| found.value);
        let via = |measured: Option<resources::Measured>| measured.map(|found| found.via.word());
        Self {
            memory_bytes: value(usage.memory),
            cpu_ms: value(usage.cpu_ms),
            pids: value(usage.pids),
            read_bytes: value(usage.read),
            written_bytes: value(usage.written),
            via: UsageVia {
                memory: via(usage.memory),
                cpu: via(usage.cpu_ms),
                pids: via(usage.pids),
                io: via(usage.read.or(usage.written)),
            },
        }
    }
}
