//! What the two halves of the program say to each other about `psup doctor`. It stays in one
//! process: nothing of it is on the wire.

use crate::error::Failure;
use crate::hook::HookInfo;
use crate::info::Info;
use crate::status::Status;
use schemars::JsonSchema;
use serde::Serialize;

/// How a check ended, in the order of how much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    Ok,
    /// Nothing is wrong, and it is good to know.
    Info,
    /// It cannot be told from here.
    Unknown,
    /// It will do harm some day, or to some sessions.
    Warning,
    /// psup does not work, or sessions lose something now.
    Error,
}

/// What a check has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The check's id.
    pub check: &'static str,
    /// What the check is for.
    pub about: &'static str,
    pub severity: Severity,
    /// What was looked at and seen.
    pub evidence: String,
    /// What to do, commands in backticks.
    pub fix: Option<String>,
    /// What was mended, where that was asked for.
    pub fixed: Option<String>,
}

/// What is to be examined.
pub struct Examination {
    pub checks: Checks,
    /// Mend what can be mended without a risk, and look again.
    pub repair: bool,
    pub supervisor: Result<Answers, Failure>,
}

/// Which checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checks {
    All,
    /// Those that can tell of an error; they start no program and read few files.
    Urgent,
    Named(Vec<String>),
}

/// What the supervisor says.
pub struct Answers {
    pub status: Status,
    /// Also those that have ended.
    pub sessions: Vec<Info>,
    pub hooks: Vec<HookInfo>,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Info => "info",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// Whether something is wrong.
    pub fn is_wrong(self) -> bool {
        self >= Self::Warning
    }
}
