//! What there is to know about a session.

use crate::attach::Keyboard;
use crate::exit::Exit;
use crate::name::SessionId;
use crate::owner::Owner;
use crate::resources::{ResourceLimits, UnmetLimit, Usage};
use crate::restart::RestartLimit;
use crate::spec::Restart;
use crate::{Offset, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// Where a life stands. The first four are the core's; `Lost` is what a reboot or the death of
/// every psup process leaves of a life that was running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Running,
    /// Asked to stop, not gone yet.
    Stopping,
    /// The child is gone, its last output is still being read.
    Draining,
    Ended,
    Lost,
    /// Lost, but processes of it run on, without a terminal; a stop ends them.
    Orphaned,
    /// Ended, and given up by its restart limit.
    CrashLooping,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    pub id: SessionId,
    pub state: State,
    pub pid: Option<i32>,
    /// The process group that has the terminal, by its leader.
    pub foreground: Option<Process>,
    /// Where the child is now; where it was started once that cannot be known.
    pub cwd: Vec<u8>,
    pub command: Vec<Vec<u8>>,
    pub size: Size,
    /// The journal's end.
    pub offset: Offset,
    /// The first byte that can still be read.
    pub kept_from: Offset,
    pub title: String,
    pub exit: Option<Exit>,
    /// Earlier lives that the restart policy restarted, in a row.
    pub restarts: u32,
    /// When the restart policy begins the next life (milliseconds since 1970).
    pub next_start_ms: Option<u64>,
    pub restart: Restart,
    pub on_boot: bool,
    pub ttl: Option<Duration>,
    pub labels: BTreeMap<String, String>,
    pub started_ms: u64,
    /// Since the last output.
    pub idle: Option<Duration>,
    /// Whether the program waits for input; `None` when that cannot be told.
    pub blocked: Option<Blocked>,
    /// The directory of the log's segments.
    pub log: Option<Vec<u8>>,
    pub attached: u32,
    /// Who has the keyboard, if a person has it.
    #[serde(default)]
    pub keyboard: Option<Keyboard>,
    #[serde(default)]
    pub resources: ResourceLimits,
    /// Limits that were asked for and do not hold.
    #[serde(default)]
    pub unmet: Vec<UnmetLimit>,
    /// What it uses; `None` once it has ended, and where nobody looked.
    #[serde(default)]
    pub usage: Option<Usage>,
    #[serde(default)]
    pub restart_limit: Option<RestartLimit>,
    #[serde(default)]
    pub owner: Option<Owner>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    pub pid: i32,
    pub name: String,
    /// The beginning of its command line; empty where that cannot be read.
    #[serde(default)]
    pub command: Vec<Vec<u8>>,
}

/// What a program that waits for input waits for, and how we know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Blocked {
    pub on: BlockedOn,
    /// `marks`, `kernel` or `screen`.
    pub via: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BlockedOn {
    Nothing,
    Input,
    Prompt,
    Password,
}

impl State {
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Draining => "draining",
            Self::Ended => "ended",
            Self::Lost => "lost",
            Self::Orphaned => "orphaned",
            Self::CrashLooping => "crash-looping",
        }
    }

    /// Whether a child is (or may still be) there.
    pub fn is_live(self) -> bool {
        match self {
            Self::Running | Self::Stopping | Self::Draining => true,
            Self::Ended | Self::Lost | Self::Orphaned | Self::CrashLooping => false,
        }
    }
}
