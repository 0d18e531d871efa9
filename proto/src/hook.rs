//! Hooks: commands that the supervisor runs when something happens to a session.

use crate::name::{Name, SessionId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A command, and what it is run for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    pub on: HookEvent,
    /// Program and arguments; never empty.
    #[serde(with = "crate::text_or_bytes")]
    pub command: Vec<Vec<u8>>,
    /// One run of the command is ended after this time.
    pub timeout: Duration,
    /// How often the command is run before psup gives a delivery up.
    pub tries: u32,
}

/// What a hook waits for. Variants are only ever added at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HookEvent {
    /// The program has ended, and how is known.
    Exit,
    /// A line of output matches.
    Match(String),
    /// The program waits for input; with words, only for one of these.
    Blocked(Vec<String>),
    /// Nothing was written for this long.
    Idle(Duration),
    /// The session went with the machine or with the supervisor.
    Lost,
    /// The restart policy has begun many short lives in a row, or has given the session up.
    CrashLoop,
}

/// What a blocked program can wait for: the words of `wait --input`.
pub const BLOCKED_WORDS: [&str; 5] = ["prompt", "question", "input", "pager", "password"];

/// Time for one run, unless `--timeout` says otherwise.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Runs before a delivery is given up, unless `--tries` says otherwise: with the pauses between
/// them about eight minutes.
pub const TRIES: u32 = 10;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HookRequest {
    /// Answered with the new hook.
    Add(Box<AddHook>),
    /// Answered with all hooks, or those that apply to this session.
    List { name: Option<Name> },
    /// Answered with the hooks that are gone.
    Remove(HookSelector),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddHook {
    /// Made by the client: the same id adds nothing twice.
    pub id: u128,
    /// `None`: every session.
    pub name: Option<Name>,
    pub hook: Hook,
    pub cwd: Vec<u8>,
    pub env: Vec<(Vec<u8>, Vec<u8>)>,
    pub umask: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HookSelector {
    Number(u32),
    /// Those of a session, or with `None` those of every session; `on` narrows it to the hooks of
    /// one event, by its word, and `value` to one pattern or time.
    Of {
        name: Option<Name>,
        on: Option<String>,
        value: Option<String>,
    },
}

/// A hook, and how its deliveries went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookInfo {
    pub number: u32,
    pub name: Option<Name>,
    pub hook: Hook,
    /// It came with `spawn` or `ensure`.
    pub of_spec: bool,
    /// Deliveries that are still to be made.
    pub due: u32,
    pub delivered: u64,
    pub failed: u64,
    pub last: Option<Delivery>,
}

/// How a delivery went, or how its last try went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The number of the event that it tells of.
    pub event: u64,
    pub id: SessionId,
    pub state: DeliveryState,
    pub tries: u32,
    /// Why the last try failed; empty after a success.
    pub reason: String,
    pub at_ms: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryState {
    /// The command returned 0.
    Delivered,
    /// The command failed, and is run again after a pause.
    Retrying,
    /// The command failed too often.
    Failed,
}

impl HookEvent {
    /// The event's word on the command line and in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Exit => "exit",
            Self::Match(_) => "match",
            Self::Blocked(_) => "blocked",
            Self::Idle(_) => "idle",
            Self::Lost => "lost",
            Self::CrashLoop => "crash-loop",
        }
    }

    /// What stands after the word, where something does.
    pub fn value(&self) -> Option<String> {
        match self {
            Self::Match(pattern) => Some(pattern.clone()),
            Self::Blocked(words) if !words.is_empty() => Some(words.join(",")),
            Self::Idle(time) => Some(crate::units::show_duration(*time)),
            Self::Exit | Self::Blocked(_) | Self::Lost | Self::CrashLoop => None,
        }
    }
}

impl DeliveryState {
    pub fn word(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Retrying => "retrying",
            Self::Failed => "failed",
        }
    }
}
