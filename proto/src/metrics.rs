//! What the supervisor counts, for those who watch it over time.

use crate::name::SessionId;
use crate::{Offset, info::State};
use serde::{Deserialize, Serialize};

/// Counters begin with the worker: a new one counts from 0 again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metrics {
    pub version: String,
    pub build: String,
    pub profile: String,
    pub boot_id: String,
    pub restart_nonce: u128,
    /// The rung of the start ladder that was reached.
    pub rung: String,
    /// When the supervisor was started, and the present worker (milliseconds since 1970).
    pub started_ms: u64,
    pub worker_started_ms: u64,
    pub guardian_epoch: u64,
    pub worker_epoch: u64,
    pub safe_mode: bool,
    pub connections: u32,
    /// Lives by state, those with none left out.
    pub sessions: Vec<(State, u32)>,
    /// Bytes of output of live sessions that are kept.
    pub live_bytes: u64,
    /// Bytes of disk that ended sessions take.
    pub ended_bytes: u64,
    /// Bytes of output since the worker began.
    pub output_bytes: u64,
    /// Waits that are parked.
    pub waits: u32,
    /// Viewers that are attached.
    pub viewers: u32,
    /// Events since the worker began, by their word.
    pub events: Vec<(String, u64)>,
    pub hooks: HookCounts,
    pub guardian: ProcessUsage,
    pub worker: ProcessUsage,
    /// When the last checkpoint of everything was made (milliseconds since 1970).
    pub checkpoint_ms: Option<u64>,
    pub live: Vec<LiveSession>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookCounts {
    pub hooks: u32,
    pub due: u32,
    pub delivered: u64,
    pub failed: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessUsage {
    pub pid: i32,
    pub memory_bytes: u64,
    /// Of processor time.
    pub cpu_ms: u64,
}

/// A session that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSession {
    pub id: SessionId,
    pub output_bytes: Offset,
    /// Lives that the restart policy has begun in a row.
    pub restarts: u32,
    pub waits: u32,
}
