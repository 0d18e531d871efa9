//! The marks a shell sets in its output (OSC 133), by which a prompt and a command are known
//! exactly.
//!
//! ```text
//! ESC ] 133 ; A ; psup=NONCE BEL      a prompt begins
//! ESC ] 133 ; B ; psup=NONCE BEL      the line editor takes input
//! ESC ] 133 ; C ; psup=NONCE BEL      a command runs, its output begins
//! ESC ] 133 ; D ; 0 ; psup=NONCE BEL  it ended, with its exit code
//! ESC ] 133 ; P ; psup=NONCE BEL      it waits for the rest of a command
//! ```
//! NONCE is SESSION.NUMBER at a prompt, where the number grows from prompt to prompt; TOKEN.NUMBER
//! around a command that psup runs, where each has two tokens of its own: one for its beginning,
//! one for its end. A mark counts once: a prompt's only with a number that has not been, a
//! command's only with its token and while it is due. So a recording, of another session or of this
//! one, says nothing when it is printed. Marks are read from the journal and not from the screen,
//! so they have exact places and cost no drawing.

mod printed;
mod scanner;

pub use printed::{Printed, after_fish};
use psup_proto::Offset;
use scanner::Scanner;
pub use scanner::may_end;

/// What a session that was taken over looks through for its last mark.
const LOOK_BACK: u64 = 64 << 10;

/// A reader of the journal that knows where the shell stands.
#[derive(Debug)]
pub struct Marks {
    scanner: Scanner,
    at: Offset,
    stage: Stage,
    /// The number of the last prompt.
    number: u64,
    /// A prompt has been seen: this shell tells where it stands.
    alive: bool,
    /// No prompt has been missed. Where only the last part of old output has been looked through,
    /// it may hold a recording of prompts that were.
    sure: bool,
    /// The command that psup runs has ended, so the next prompt is the shell's.
    next_is_sure: bool,
    /// The marks of the command that psup runs, as long as they have not come.
    expected: Option<Tokens>,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub kind: MarkKind,
    pub tag: Tag,
    /// Something may have been printed between what it tells of and the mark.
    pub late: bool,
    pub start: Offset,
    pub end: Offset,
}

/// Whose mark it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tag {
    /// The session's, with the number of the prompt.
    Session(u64),
    /// That of a command that psup runs, or has run.
    Command(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    Prompt,
    Input,
    Output,
    End(Option<u8>),
    More,
}

/// What the two marks of one command carry; nobody knows them before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    pub begin: String,
    pub end: String,
}

impl Tokens {
    pub fn new(random: u128) -> Self {
        let text = format!("{random:032x}");
        let (begin, end) = text.split_at(16);
        Self {
            begin: begin.to_owned(),
            end: end.to_owned(),
        }
    }
}

impl Marks {
    pub fn new(nonce: &str, end: Offset) -> Self {
        Self {
            scanner: Scanner::new(nonce),
            at: end.saturating_sub(LOOK_BACK),
            stage: Stage::Unknown,
            number: 0,
            alive: false,
            sure: end == 0,
            next_is_sure: false,
            expected: None,
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

    /// Whether a prompt that a mark tells of is there without doubt.
    pub fn is_sure(&self) -> bool {
        self.sure
    }

    /// A prompt was seen that no mark told of.
    pub fn lost(&mut self) {
        self.alive = false;
    }

    /// A command is about to be typed, to a shell that marks it.
    pub fn expect(&mut self, tokens: Tokens) {
        self.expected = Some(tokens);
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
        found.into_iter().filter(|mark| self.take(mark)).collect()
    }

    /// Whether a mark counts, and where the shell stands by it.
    fn take(&mut self, mark: &Mark) -> bool {
        let number = match &mark.tag {
            Tag::Session(number) => *number,
            Tag::Command(token) => {
                // Those of a line that was typed are nobody's but its own.
                if self
                    .expected
                    .as_ref()
                    .is_some_and(|tokens| tokens.begin == *token)
                    && mark.kind == MarkKind::Output
                {
                    self.stage = Stage::Running;
                } else if self
                    .expected
                    .as_ref()
                    .is_some_and(|tokens| tokens.end == *token)
                {
                    self.expected = None;
                    self.next_is_sure = true;
                    self.stage = Stage::Ended;
                }
                return true;
            }
        };
        let counts = match mark.kind {
            MarkKind::Input => number > self.number,
            MarkKind::Output => number == self.number && matches!(self.stage, Stage::Ready { .. }),
            MarkKind::End(_) => number == self.number && self.stage == Stage::Running,
            // Between the lines of a command bash counts on.
            MarkKind::More => number >= self.number,
            MarkKind::Prompt => false,
        };
        if !counts {
            return false;
        }
        match mark.kind {
            MarkKind::Prompt | MarkKind::More => {}
            MarkKind::Input => {
                self.stage = Stage::Ready {
                    since: mark.end,
                    typed: LineState::Nothing,
                };
                self.number = number;
                self.alive = true;
                self.sure |= std::mem::take(&mut self.next_is_sure);
            }
            MarkKind::Output => self.stage = Stage::Running,
            MarkKind::End(_) => self.stage = Stage::Ended,
        }
        true
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
