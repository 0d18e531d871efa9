//! What a wait waits for, and how it was answered.

use crate::Offset;
use crate::exit::Exit;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One thing that may come true.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Condition {
    /// The pattern matches.
    Text(String),
    /// The pattern matches nothing on the screen (any more).
    Gone(String),
    /// The program waits for input at a prompt.
    Prompt,
    /// Nothing was written for this long.
    Idle(Duration),
    /// The child ended and its last output is in the journal.
    Exit,
    /// Somebody listens on this TCP port, in the session's network.
    Port(u16),
    /// Something is at this path (absolute).
    File(Vec<u8>),
    /// The program reads from the terminal, whatever for; the match says what: `prompt`,
    /// `password`, `pager`, `question`, `input`.
    Input,
}

/// How many of the conditions have to hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Quorum {
    #[default]
    Any,
    /// Each has held at some moment since the wait began.
    All,
}

/// What a pattern looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MatchOn {
    /// Logical lines of output since the offset, control sequences removed.
    #[default]
    Output,
    /// The screen as a person sees it.
    Screen,
}

/// A whole wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    pub conditions: Vec<Condition>,
    pub quorum: Quorum,
    pub on: MatchOn,
    /// Where patterns begin to look; `None` is the present screen and everything from now on.
    pub since: Option<Offset>,
    /// Matched first, the wait fails.
    pub fail: Option<String>,
    pub timeout: Option<Duration>,
    /// Spinners, timers and progress cells do not count against `Idle`.
    pub settle: bool,
}

/// How a wait ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waited {
    pub verdict: Verdict,
    /// Where the answer stands in the journal: just after what a pattern matched, else the end. A
    /// good `--since` for the next question: nothing between the two is missed.
    pub offset: Offset,
    /// How the child ended, if it has.
    pub exit: Option<Exit>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// The conditions that held, by their place in the question, in the order in which they came
    /// true.
    Held(Vec<ConditionHeld>),
    /// The fail pattern matched this text.
    Failed(Match),
    /// The session ended, and what was asked can no longer come true.
    Ended,
    TimedOut,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionHeld {
    /// Index into [`Wait::conditions`].
    pub condition: u32,
    /// What a pattern matched, what a prompt looked like.
    pub found: Option<Match>,
    /// Which kind of evidence answered (`marks`, `kernel`, `screen`), where there are several.
    pub via: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Match {
    pub text: String,
    /// Capture groups, `None` where a group took no part.
    pub groups: Vec<Option<String>>,
    /// The line it stands in.
    pub line: String,
}

/// A condition's word on the command line and in JSON.
impl Condition {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Gone(_) => "gone",
            Self::Prompt => "prompt",
            Self::Idle(_) => "idle",
            Self::Exit => "exit",
            Self::Port(_) => "port",
            Self::File(_) => "file",
            Self::Input => "input",
        }
    }
}
