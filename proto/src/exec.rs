//! One command in the live shell of a session, and what became of it.

use crate::Offset;
use crate::info::Blocked;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A command as one would type it at the prompt; it may have several lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exec {
    pub command: Vec<u8>,
    /// Answer after this time. A command that runs goes on; one that waits for its turn is given
    /// up.
    pub timeout: Option<Duration>,
}

/// A command whose output comes while it is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub exec: Exec,
    /// Clean lines instead of bytes.
    pub text: bool,
}

/// Stands before what the command prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Began {
    /// Its output stands from here on in the journal.
    pub from: Offset,
    /// How the prompt was known: `marks`, `kernel` or `screen`.
    pub via: String,
}

/// What a command does that had not ended when its time was over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Doing {
    /// The program that has the terminal.
    pub program: Option<String>,
    /// What it waits for; `None` where that is not known.
    pub blocked: Option<Blocked>,
}

/// Stands before the stream of what the command printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Executed {
    pub ran: Ran,
    /// Its output stands here in the journal.
    pub from: Offset,
    pub to: Offset,
    /// How the prompt was known: `marks`, `kernel` or `screen`.
    pub via: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ran {
    Code(u8),
    /// The prompt is back, but the shell did not say how the command ended.
    Unknown,
    /// The time was over; the command runs on.
    Running,
    /// The session ended by it, with this code if it was one.
    SessionEnded(Option<u8>),
    /// The program is at its prompt again, and has no exit codes.
    Prompt,
}
