//! The marks a shell sets in its output (OSC 133), by which a prompt and a command are known
//! exactly.
//!
//! ```text
//! ESC ] 133 ; A ; psup=NONCE BEL      a prompt begins
//! ESC ] 133 ; B ; psup=NONCE BEL      the line editor takes input
//! ESC ] 133 ; C ; psup=NONCE BEL      a command runs, its output begins
//! ESC ] 133 ; D ; 0 ; psup=NONCE BEL  it ended, with its exit code
//! ```
//! Only marks with the session's own nonce count: a recording of another session, printed in this
//! one, says nothing. Marks are read from the journal and not from the screen, so they have exact
//! places and cost no drawing.

mod printed;
mod scanner;

pub use printed::{Printed, after_fish};
use psup_proto::Offset;
use scanner::Scanner;

/// What a session that was taken over looks through for its last mark.
const LOOK_BACK: u64 = 64 << 10;

/// A reader of the journal that knows where the shell stands.
#[derive(Debug)]
pub struct Marks {
    scanner: Scanner,
    at: Offset,
    stage: Stage,
    /// A prompt has been seen: this shell tells where it stands.
    alive: bool,
    /// Old output has not been looked through.
    unread: bool,
    /// It has been asked for.
    awaited: bool,
}

/// Where the shell stands by its own word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Unknown,
    /// It takes input since this place.
    Ready {
        since: Offset,
        typed: LineState,
    },
    /// A command runs; its output begins here.
    Running,
    /// A command has ended, the prompt is on its way.
    Ended,
}

/// What was typed at a prompt since it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineState {
    Nothing,
    Something,
    /// Enter, or a key that ends a line just the same: the next mark is on its way.
    Line,
}

/// A mark and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub kind: MarkKind,
    pub by: MarkSource,
    pub start: Offset,
    pub end: Offset,
}

/// Whose mark it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkSource {
    /// The shell's integration.
    Shell,
    /// A line that was typed to run one command, in a shell that need not know of marks. Its marks
    /// carry one more parameter.
    Line,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    Prompt,
    Input,
    Output,
    End(Option<u8>),
}

impl Marks {
    pub fn new(nonce: &str, end: Offset) -> Self {
        Self {
            scanner: Scanner::new(nonce),
            at: end.saturating_sub(LOOK_BACK),
            stage: Stage::Unknown,
            alive: false,
            unread: end > 0,
            awaited: false,
        }
    }

    pub fn stage(&self) -> Stage {
        self.stage
    }

    pub fn is_alive(&self) -> bool {
        self.alive
    }

    /// Where old output has to be read from, once: when somebody wants to know, or when more of it
    /// comes.
    pub fn behind(&mut self) -> Option<Offset> {
        let unread = std::mem::take(&mut self.unread);
        self.awaited |= unread;
        unread.then_some(self.at)
    }

    /// Old output is on its way, and may hold the mark that counts.
    pub fn are_awaited(&self) -> bool {
        self.awaited
    }

    /// Old output, the first byte at `from`. Where more of it has to be read before `end`.
    pub fn past(&mut self, from: Offset, bytes: &[u8], end: Offset) -> Option<Offset> {
        drop(self.feed(from, bytes));
        self.awaited = self.at < end && !bytes.is_empty();
        self.awaited.then_some(self.at)
    }

    /// Journal bytes, the first at `from`; those seen before are passed over.
    pub fn feed(&mut self, from: Offset, bytes: &[u8]) -> Vec<Mark> {
        let end = from + bytes.len() as Offset;
        if end <= self.at {
            return Vec::new();
        }
        if from > self.at {
            self.scanner.forget();
            self.at = from;
        }
        let found = self
            .scanner
            .scan(self.at, &bytes[(self.at - from) as usize..]);
        self.at = end;
        for mark in found.iter().filter(|mark| mark.by == MarkSource::Shell) {
            self.stage = match mark.kind {
                MarkKind::Prompt => self.stage,
                MarkKind::Input => Stage::Ready {
                    since: mark.end,
                    typed: LineState::Nothing,
                },
                MarkKind::Output => Stage::Running,
                MarkKind::End(_) => Stage::Ended,
            };
            self.alive |= mark.kind == MarkKind::Input;
        }
        found
    }

    /// Input has reached the terminal.
    pub fn typed(&mut self, bytes: &[u8]) {
        if let Stage::Ready { typed, .. } = &mut self.stage {
            let ends = bytes
                .iter()
                .any(|b| matches!(b, b'\r' | b'\n' | 0x03 | 0x04 | 0x0f | 0x1a));
            *typed = match (&typed, ends) {
                (LineState::Line, _) | (_, true) => LineState::Line,
                (LineState::Nothing | LineState::Something, false) => LineState::Something,
            };
        }
    }
}

#[cfg(test)]
mod tests;
