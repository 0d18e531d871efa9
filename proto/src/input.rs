//! Input: bytes to the child, as a caller names them.

use crate::Offset;
use crate::key::Key;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One piece of a send. Pieces go in the order given, and no other send comes between them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// Literal always.
    Text(Vec<u8>),
    /// Encoded for the modes the program has set when its turn comes.
    Key(Key),
    /// Bracketed if the program asked for that, else literal.
    Paste(Vec<u8>),
}

/// One send, or one portion of a long one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Send {
    /// Made by the client. A send of the same id is never written twice.
    pub id: u128,
    pub parts: Vec<Part>,
    /// More of the same send follows on this connection: keep the turn.
    pub more: bool,
    /// Type, let the screen settle, press Enter as its own write, verify. Each portion of a long
    /// send says so, and the last is followed by the Enter.
    pub submit: bool,
    /// The person who types, by the number of the viewer; `None` for a program.
    #[serde(default)]
    pub viewer: Option<u64>,
    /// It may be typed while the program reads without echo.
    #[serde(default)]
    pub secret: bool,
    /// How long it may wait while a person has the keyboard.
    #[serde(default)]
    pub patience: Option<Duration>,
}

/// All of it has been written to the terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The journal's end just before the first byte of the send was written.
    pub offset: Offset,
    pub submit: Option<Submit>,
}

/// What became of a submit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Submit {
    /// The program took it.
    Submitted,
    /// Still in the input box.
    Pending,
    /// Something else took the key.
    Blocked,
}
