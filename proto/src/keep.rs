//! How many ended sessions a supervisor keeps.

use crate::name::Target;
use crate::{SessionId, limits};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The limits: what is beyond one of them is forgotten, the oldest end first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Keep {
    pub count: u32,
    /// Since the end; `None` for ever.
    pub age: Option<Duration>,
    /// What they take on disk; `None` without a limit.
    pub bytes: Option<u64>,
}

/// What is changed of the limits; what is `None` stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetKeep {
    pub count: Option<u32>,
    pub age: Option<Option<Duration>>,
    pub bytes: Option<Option<u64>>,
}

/// The limits, and what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub limits: Keep,
    pub count: u32,
    pub bytes: u64,
}

/// Several sessions that are to be forgotten; what runs, or will be started again, stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgetEnded {
    pub which: Ended,
    /// Only those that ended longer ago.
    pub older: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ended {
    All,
    /// Every ended session whose name matches.
    Glob(String),
    /// These; that one of them runs is a refusal, and then none is forgotten.
    Named(Vec<Target>),
}

/// What was forgotten, life by life.
pub type Forgotten = Vec<SessionId>;

impl Default for Keep {
    fn default() -> Self {
        Self {
            count: limits::KEPT,
            age: Some(limits::KEPT_AGE),
            bytes: Some(limits::KEPT_BYTES),
        }
    }
}

impl Keep {
    #[must_use]
    pub fn with(self, change: SetKeep) -> Self {
        Self {
            count: change.count.unwrap_or(self.count),
            age: change.age.unwrap_or(self.age),
            bytes: change.bytes.unwrap_or(self.bytes),
        }
    }
}
