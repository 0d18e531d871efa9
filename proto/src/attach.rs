//! A person at a session: what a viewer asks for, and what it is shown beside the output.

use crate::name::{SessionId, Target};
use crate::{Offset, Size};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Show a session to a person, until the connection ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attach {
    pub target: Target,
    /// Made by the client, and the same when it comes back after a lost connection.
    pub viewer: u64,
    /// The person may type. Without it the viewer only looks on.
    pub types: bool,
    /// Nobody else may type until this viewer leaves.
    pub take: bool,
    /// The size the session had before this viewer changed it; given back when it leaves.
    pub original: Option<Size>,
}

/// The session as it stands. The screen follows as a stream, in the form that only the same build
/// reads; then the output from `offset` on, with a [`Shared`] wherever that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    pub id: SessionId,
    pub offset: Offset,
    pub scrollback: u32,
    pub shared: Shared,
}

/// What all viewers of a session share beside its output.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    pub size: Size,
    pub viewers: u32,
    pub keyboard: Option<Keyboard>,
    /// What a person is asked to type, by `psup ask`.
    pub question: Option<String>,
}

/// Who has the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyboard {
    pub viewer: u64,
    /// Until the viewer leaves, not only while it types.
    pub taken: bool,
    /// Bytes typed since it has it.
    pub typed: u64,
}

/// Ask a person for something that they type into the session. Answered by
/// [`PersonAnswered`](crate::Response::PersonAnswered) once they have pressed Enter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskPerson {
    pub target: Target,
    pub why: String,
    /// Only once the program reads without echo.
    pub secret: bool,
    pub timeout: Option<Duration>,
}
