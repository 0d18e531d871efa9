//! The shapes that several verbs print with `--json`. Their keys are a promise: `docs/json.md`
//! lists them, and a key is always there, `null` where there is nothing to tell.
//!
//! Paths and arguments are bytes to the system; where they are not UTF-8, JSON shows U+FFFD in
//! their place.

use crate::human;
pub(crate) use crate::json_resources::{Limits, OutOfMemory, RestartLimit, UnmetLimit, Usage};
use psup_proto::attach;
use psup_proto::condition::{Condition, Match, Verdict, Waited};
use psup_proto::exit::{Exit, Outcome};
use psup_proto::hook::HookInfo;
use psup_proto::info::{Blocked, Info, State};
use psup_proto::spec::Restart;
use psup_proto::{Name, Size, units};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// The person who has the keyboard.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Keyboard {
    pub viewer: u64,
    /// Until they detach.
    pub taken: bool,
    /// Bytes typed since they have it.
    pub typed: u64,
}

/// A session, as `list` and `info` tell it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Session<'a> {
    pub id: String,
    pub name: &'a str,
    pub life: u32,
    #[schemars(with = "State")]
    pub state: &'static str,
    pub pid: Option<i32>,
    pub foreground: Option<Process<'a>>,
    pub cwd: String,
    pub command: Vec<String>,
    pub size: Dimensions,
    pub offset: u64,
    pub kept_from: u64,
    pub title: &'a str,
    pub exit: Option<Ended>,
    pub restarts: u32,
    pub next_start_ms: Option<u64>,
    pub restart: Restart,
    pub on_boot: bool,
    pub ttl_ms: Option<u64>,
    pub labels: &'a BTreeMap<String, String>,
    pub started_ms: u64,
    pub idle_ms: Option<u64>,
    pub blocked: Option<&'a Blocked>,
    pub log: Option<String>,
    pub attached: u32,
    pub keyboard: Option<Keyboard>,
    pub limits: Limits<'a>,
    pub usage: Option<Usage>,
    pub restart_limit: Option<RestartLimit>,
    /// The pid of the process that it belongs to.
    pub owner: Option<i32>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Process<'a> {
    pub pid: i32,
    pub name: &'a str,
    pub command: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Size")]
pub(crate) struct Dimensions {
    pub cols: u16,
    pub rows: u16,
}

/// How a child ended. `kind` says which of the others are filled.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Exit")]
pub(crate) struct Ended {
    /// `code`, `signal`, `unknown` or `lost`.
    #[schemars(extend("enum" = ["code", "signal", "unknown", "lost"]))]
    pub kind: &'static str,
    pub code: Option<u8>,
    pub signal: Option<String>,
    pub core: bool,
    pub reason: Option<String>,
    pub at_ms: u64,
    /// Only where the kernel ended it for want of memory.
    pub oom: Option<OutOfMemory>,
}

/// A hook, as `hook` tells it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Hook<'a> {
    #[serde(rename = "hook")]
    pub number: u32,
    /// `null`: every session.
    pub name: Option<&'a str>,
    #[schemars(extend("enum" = ["exit", "match", "blocked", "idle", "lost", "crash-loop"]))]
    pub on: &'static str,
    pub value: Option<String>,
    pub command: Vec<String>,
    pub timeout_ms: u64,
    pub tries: u32,
    pub of_spec: bool,
    pub due: u32,
    pub delivered: u64,
    pub failed: u64,
    pub last: Option<Delivery<'a>>,
}

/// How a hook's last delivery went.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Delivery<'a> {
    pub event: u64,
    pub id: String,
    /// `delivered`, `retrying` or `failed`.
    #[schemars(extend("enum" = ["delivered", "retrying", "failed"]))]
    pub state: &'static str,
    pub tries: u32,
    pub reason: Option<&'a str>,
    pub at_ms: u64,
}

/// How a wait ended.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Waited")]
pub(crate) struct Answer {
    /// Which of several sessions it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `held`, `failed`, `ended` or `timed-out`.
    #[schemars(extend("enum" = ["held", "failed", "ended", "timed-out"]))]
    pub verdict: &'static str,
    pub offset: u64,
    pub exit: Option<Ended>,
    pub held: Vec<Held>,
    pub failed: Option<Found>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Held {
    #[schemars(extend("enum" = ["text", "gone", "prompt", "input", "idle", "exit", "port", "file"]))]
    pub condition: &'static str,
    /// Its place among the conditions asked for, from 0.
    pub index: u32,
    pub value: Option<String>,
    #[serde(rename = "match")]
    pub found: Option<Found>,
    pub via: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Match")]
pub(crate) struct Found {
    pub text: String,
    pub groups: Vec<Option<String>>,
    pub line: String,
}

impl<'a> From<&'a HookInfo> for Hook<'a> {
    fn from(info: &'a HookInfo) -> Self {
        Self {
            number: info.number,
            name: info.name.as_ref().map(Name::as_str),
            on: info.hook.on.word(),
            value: info.hook.on.value(),
            command: info.hook.command.iter().map(|word| text(word)).collect(),
            timeout_ms: millis(info.hook.timeout),
            tries: info.hook.tries,
            of_spec: info.of_spec,
            due: info.due,
            delivered: info.delivered,
            failed: info.failed,
            last: info.last.as_ref().map(|last| Delivery {
                event: last.event,
                id: last.id.to_string(),
                state: last.state.word(),
                tries: last.tries,
                reason: (!last.reason.is_empty()).then_some(last.reason.as_str()),
                at_ms: last.at_ms,
            }),
        }
    }
}

impl<'a> From<&'a Info> for Session<'a> {
    fn from(info: &'a Info) -> Self {
        Self {
            id: info.id.to_string(),
            name: info.id.name.as_str(),
            life: info.id.life,
            state: info.state.word(),
            pid: info.pid,
            foreground: info.foreground.as_ref().map(|p| Process {
                pid: p.pid,
                name: &p.name,
                command: p.command.iter().map(|arg| text(arg)).collect(),
            }),
            cwd: text(&info.cwd),
            command: info.command.iter().map(|arg| text(arg)).collect(),
            size: info.size.into(),
            offset: info.offset,
            kept_from: info.kept_from,
            title: &info.title,
            exit: info.exit.as_ref().map(Ended::from),
            restarts: info.restarts,
            next_start_ms: info.next_start_ms,
            restart: info.restart,
            on_boot: info.on_boot,
            ttl_ms: info.ttl.map(millis),
            labels: &info.labels,
            started_ms: info.started_ms,
            idle_ms: info.idle.map(millis),
            blocked: info.blocked.as_ref(),
            log: info.log.as_deref().map(text),
            attached: info.attached,
            keyboard: info.keyboard.map(Keyboard::from),
            limits: Limits::from(info),
            usage: info.usage.as_ref().map(Usage::from),
            restart_limit: info.restart_limit.map(RestartLimit::from),
            owner: info.owner.map(|owner| owner.pid),
        }
    }
}

impl From<attach::Keyboard> for Keyboard {
    fn from(keyboard: attach::Keyboard) -> Self {
        Self {
            viewer: keyboard.viewer,
            taken: keyboard.taken,
            typed: keyboard.typed,
        }
    }
}

impl From<Size> for Dimensions {
    fn from(size: Size) -> Self {
        Self {
            cols: size.cols,
            rows: size.rows,
        }
    }
}

impl From<&Exit> for Ended {
    fn from(exit: &Exit) -> Self {
        let none = |kind| Self {
            kind,
            code: None,
            signal: None,
            core: false,
            reason: None,
            at_ms: exit.at_ms,
            oom: exit.oom.map(|oom| OutOfMemory {
                limit_bytes: oom.limit,
            }),
        };
        match &exit.outcome {
            Outcome::Code(code) => Self {
                code: Some(*code),
                ..none("code")
            },
            Outcome::Signal { number, core } => Self {
                signal: Some(human::signal(*number)),
                core: *core,
                ..none("signal")
            },
            Outcome::Unknown { reason } => Self {
                reason: Some(reason.clone()),
                ..none("unknown")
            },
            Outcome::Lost { reason } => Self {
                reason: Some(reason.clone()),
                ..none("lost")
            },
        }
    }
}

impl Answer {
    /// The answer to a wait for `asked`.
    pub(crate) fn new(waited: &Waited, asked: &[Condition]) -> Self {
        let (verdict, held, failed) = match &waited.verdict {
            Verdict::Held(held) => ("held", held.as_slice(), None),
            Verdict::Failed(found) => ("failed", [].as_slice(), Some(found)),
            Verdict::Ended => ("ended", [].as_slice(), None),
            Verdict::TimedOut => ("timed-out", [].as_slice(), None),
        };
        let held = held.iter().filter_map(|held| {
            let condition = asked.get(held.condition as usize)?;
            Some(Held {
                condition: condition.word(),
                index: held.condition,
                value: value(condition),
                found: held.found.as_ref().map(Found::from),
                via: held.via.clone(),
            })
        });
        Self {
            id: None,
            verdict,
            offset: waited.offset,
            exit: waited.exit.as_ref().map(Ended::from),
            held: held.collect(),
            failed: failed.map(Found::from),
        }
    }
}

impl From<&Match> for Found {
    fn from(found: &Match) -> Self {
        Self {
            text: found.text.clone(),
            groups: found.groups.clone(),
            line: found.line.clone(),
        }
    }
}

/// What a condition was given, as it is written on the command line.
pub(crate) fn value(condition: &Condition) -> Option<String> {
    match condition {
        Condition::Text(pattern) | Condition::Gone(pattern) => Some(pattern.clone()),
        Condition::Idle(duration) => Some(units::show_duration(*duration)),
        Condition::Port(port) => Some(port.to_string()),
        Condition::File(path) => Some(text(path)),
        Condition::Prompt | Condition::Input | Condition::Exit => None,
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub(crate) fn millis(duration: Duration) -> u64 {
    duration.as_millis() as u64
}
