//! What a program tells its terminal beyond what to draw.

use serde::{Deserialize, Serialize};

/// Signs are taken in the order in which they were given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sign {
    Bell,
    Title(String),
    /// The working directory (OSC 7), percent escapes resolved, without the host.
    Cwd(String),
    /// OSC 9, OSC 99 and OSC 777.
    Notification(String),
    /// OSC 9;4: per cent done; `None` when it is over or cannot be told.
    Progress(Option<u8>),
    /// OSC 52: the text a program put on the clipboard.
    Clipboard(String),
    Mark(Mark),
    /// A synchronized update began or ended.
    SyncBegin,
    SyncEnd,
}

/// A place in the output that a shell marked (OSC 133).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub kind: MarkKind,
    /// The number of the logical line, from the first one the session wrote.
    pub line: u64,
    /// Cells before it in its row.
    pub col: u16,
    /// Bytes fed up to the end of the mark.
    pub at: u64,
    /// What followed the letter: `key=value` pairs as they were written.
    pub params: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MarkKind {
    /// `A`: a prompt begins.
    Prompt,
    /// `B`: the prompt is over, input begins.
    Input,
    /// `C`: the command runs, its output begins.
    Output,
    /// `D`: the command ended, with its exit status if the shell told it.
    End { exit: Option<i32> },
}

/// Signs nobody has taken. Beyond this many the oldest go: a program that rings for ever costs no
/// memory.
const PENDING: usize = 1024;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signs(Vec<Sign>);

impl Signs {
    pub(crate) fn push(&mut self, sign: Sign) {
        // A bell after a bell says nothing new.
        if sign == Sign::Bell && self.0.last() == Some(&Sign::Bell) {
            return;
        }
        if self.0.len() == PENDING {
            self.0.remove(0);
        }
        self.0.push(sign);
    }

    pub(crate) fn take(&mut self) -> Vec<Sign> {
        std::mem::take(&mut self.0)
    }
}
