//! The marks a shell sets in its output (OSC 133), by which a prompt and a command are known exactly.
//!
//! ```text
//! ESC ] 133 ; A ; psup=NONCE BEL      a prompt begins
//! ESC ] 133 ; B ; psup=NONCE BEL      the line editor takes input
//! ESC ] 133 ; C ; psup=NONCE BEL      a command runs, its output begins
//! ESC ] 133 ; D ; 0 ; psup=NONCE BEL  it ended, with its exit code
//! ```
//! Only marks with the session's own nonce count: a recording of another session, printed in this one, says nothing.
//! Marks are read from the journal and not from the screen, so they have exact places and cost no drawing.

use memchr::memmem;
use psup_proto::Offset;

const BEGIN: &[u8] = b"\x1b]133;";
/// No mark of ours is longer; what is, is somebody else's.
const LONGEST: usize = 80;
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
        typed: Typed,
    },
    /// A command runs; its output begins here.
    Running,
    /// A command has ended, the prompt is on its way.
    Ended,
}

/// What was typed at a prompt since it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    Nothing,
    Something,
    /// Enter, or a key that ends a line just the same: the next mark is on its way.
    Line,
}

/// A mark and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub kind: Kind,
    pub by: By,
    pub start: Offset,
    pub end: Offset,
}

/// Whose mark it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The shell's integration.
    Shell,
    /// A line that was typed to run one command, in a shell that need not know of marks. Its marks carry one more parameter.
    Line,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
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

    /// Where old output has to be read from, once: when somebody wants to know, or when more of it comes.
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
        let found = self.scanner.scan(self.at, &bytes[(self.at - from) as usize..]);
        self.at = end;
        for mark in found.iter().filter(|mark| mark.by == By::Shell) {
            self.stage = match mark.kind {
                Kind::Prompt => self.stage,
                Kind::Input => Stage::Ready {
                    since: mark.end,
                    typed: Typed::Nothing,
                },
                Kind::Output => Stage::Running,
                Kind::End(_) => Stage::Ended,
            };
            self.alive |= mark.kind == Kind::Input;
        }
        found
    }

    /// Input has reached the terminal.
    pub fn typed(&mut self, bytes: &[u8]) {
        if let Stage::Ready { typed, .. } = &mut self.stage {
            let ends = bytes.iter().any(|b| matches!(b, b'\r' | b'\n' | 0x03 | 0x04 | 0x0f | 0x1a));
            *typed = match (&typed, ends) {
                (Typed::Line, _) | (_, true) => Typed::Line,
                (Typed::Nothing | Typed::Something, false) => Typed::Something,
            };
        }
    }
}

/// Finds the marks of one nonce, however the bytes are cut.
#[derive(Debug)]
pub struct Scanner {
    tail: Vec<u8>,
    /// The beginning of a mark whose rest has not come.
    held: Vec<u8>,
}

impl Scanner {
    pub fn new(nonce: &str) -> Self {
        Self {
            tail: format!("psup={nonce}").into_bytes(),
            held: Vec::new(),
        }
    }

    fn forget(&mut self) {
        self.held.clear();
    }

    /// Bytes that are held back because they may begin a mark.
    pub fn held(&self) -> &[u8] {
        &self.held
    }

    /// The marks in `bytes`, whose first is at `at`, together with what was held back before.
    pub fn scan(&mut self, at: Offset, bytes: &[u8]) -> Vec<Mark> {
        let held = std::mem::take(&mut self.held);
        let base = at - held.len() as Offset;
        if held.is_empty() {
            return self.look_through(base, bytes);
        }
        let joined = [held.as_slice(), bytes].concat();
        self.look_through(base, &joined)
    }

    fn look_through(&mut self, base: Offset, bytes: &[u8]) -> Vec<Mark> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(start) = memmem::find(&bytes[from..], BEGIN).map(|i| from + i) {
            let rest = &bytes[start..];
            let body = &rest[BEGIN.len()..rest.len().min(LONGEST)];
            let Some(length) = body.iter().position(|b| *b < 0x20) else {
                if rest.len() < LONGEST {
                    self.held = rest.to_vec();
                    return found;
                }
                from = start + BEGIN.len();
                continue;
            };
            let closing = match body[length..] {
                [0x07, ..] => 1,
                [0x1b, b'\\', ..] => 2,
                [0x1b] if rest.len() < LONGEST => {
                    self.held = rest.to_vec();
                    return found;
                }
                _ => 0,
            };
            let end = start + BEGIN.len() + length + closing;
            if let (Some((kind, by)), true) = (self.parse(&body[..length]), closing > 0) {
                found.push(Mark {
                    kind,
                    by,
                    start: base + start as Offset,
                    end: base + end as Offset,
                });
            }
            from = end;
        }
        let rest = &bytes[from..];
        let most = rest.len().min(BEGIN.len() - 1);
        if let Some(begun) = (1..=most).rev().find(|n| rest.ends_with(&BEGIN[..*n])) {
            self.held = BEGIN[..begun].to_vec();
        }
        found
    }

    fn parse(&self, body: &[u8]) -> Option<(Kind, By)> {
        let mut parts = body.split(|b| *b == b';');
        let letter = parts.next()?;
        let rest: Vec<&[u8]> = parts.collect();
        let (code, rest) = if letter == b"D" {
            rest.split_first()?
        } else {
            (&letter, rest.as_slice())
        };
        let by = match rest {
            [tail] if *tail == self.tail => By::Shell,
            [tail, b"line"] if *tail == self.tail => By::Line,
            _ => return None,
        };
        let kind = match letter {
            b"A" => Kind::Prompt,
            b"B" => Kind::Input,
            b"C" => Kind::Output,
            b"D" => Kind::End(std::str::from_utf8(code).ok().and_then(|code| code.parse().ok())),
            _ => return None,
        };
        Some((kind, by))
    }
}

/// The part of a command's output that is the command's own. After it has told that a command runs, fish still writes the
/// title and the colours that it leaves the terminal in, and a carriage return.
pub fn after_fish(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes.strip_prefix(b"\x1b[?2004l").unwrap_or(bytes);
    if let Some(title) = rest.strip_prefix(b"\x1b]0;") {
        let Some(end) = title.iter().position(|b| *b == 0x07) else {
            return bytes;
        };
        rest = &title[end + 1..];
    }
    loop {
        let colour = rest.strip_prefix(b"\x1b[").and_then(|body| {
            let length = body.iter().position(|b| !b.is_ascii_digit() && *b != b';')?;
            (body[length] == b'm').then(|| &body[length + 1..])
        });
        let plain = || rest.strip_prefix(b"\x0f").or_else(|| rest.strip_prefix(b"\x1b(B"));
        match colour.or_else(plain) {
            Some(after) => rest = after,
            None => return rest.strip_prefix(b"\r").unwrap_or(bytes),
        }
    }
}

/// What a command printed, made of what is in the journal: our marks are taken out, and of every `\r\n` the `\r` that the
/// terminal put there.
#[derive(Debug)]
pub struct Printed {
    scanner: Scanner,
    at: Offset,
    /// The last byte was a `\r`, and what follows decides whose it was.
    returned: bool,
}

impl Printed {
    pub fn new(nonce: &str, from: Offset) -> Self {
        Self {
            scanner: Scanner::new(nonce),
            at: from,
            returned: false,
        }
    }

    /// The next bytes of the journal, made into what was printed.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        let held = self.scanner.held().to_vec();
        let base = self.at - held.len() as Offset;
        let marks = self.scanner.scan(self.at, bytes);
        self.at += bytes.len() as Offset;
        let all = [held.as_slice(), bytes].concat();
        let whole = all.len() - self.scanner.held().len();
        let mut out = Vec::with_capacity(whole);
        let mut from = 0;
        for mark in marks {
            self.lines(&all[from..(mark.start - base) as usize], &mut out);
            from = (mark.end - base) as usize;
        }
        self.lines(&all[from..whole], &mut out);
        out
    }

    /// What was held back, once nothing follows.
    pub fn rest(mut self) -> Vec<u8> {
        let held = std::mem::take(&mut self.scanner.held);
        let mut out = Vec::new();
        self.lines(&held, &mut out);
        if self.returned {
            out.push(b'\r');
        }
        out
    }

    fn lines(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for &byte in bytes {
            if std::mem::take(&mut self.returned) && byte != b'\n' {
                out.push(b'\r');
            }
            if byte == b'\r' {
                self.returned = true;
            } else {
                out.push(byte);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn mark(letter: &str) -> String {
        format!("\x1b]133;{letter};psup=n1\x07")
    }

    #[test]
    fn marks_tell_where_the_shell_stands() {
        let mut marks = Marks::new("n1", 0);
        marks.feed(0, format!("{}$ {}", mark("A"), mark("B")).as_bytes());
        let Stage::Ready { since, typed } = marks.stage() else {
            panic!("{marks:?}")
        };
        assert_eq!((since, typed), (34, Typed::Nothing));
        marks.typed(b"ls");
        assert!(matches!(
            marks.stage(),
            Stage::Ready {
                typed: Typed::Something,
                ..
            }
        ));
        marks.typed(b"\r");
        assert!(matches!(marks.stage(), Stage::Ready { typed: Typed::Line, .. }));
        marks.feed(34, mark("C").as_bytes());
        assert_eq!(marks.stage(), Stage::Running);
        let found = marks.feed(50, mark("D;7").as_bytes());
        assert_eq!(found[0].kind, Kind::End(Some(7)));
        assert_eq!(marks.stage(), Stage::Ended);
    }

    #[test]
    fn a_mark_of_another_session_says_nothing() {
        let mut marks = Marks::new("n1", 0);
        marks.feed(0, b"\x1b]133;B\x07\x1b]133;B;psup=n2\x07\x1b]133;D;0\x07\x1b]133;B;psup=n1x\x07");
        assert_eq!(marks.stage(), Stage::Unknown);
        marks.feed(100, b"\x1b]133;B;psup=n1\x1b\\");
        assert!(marks.is_alive());
    }

    #[test]
    fn what_fish_writes_before_the_command_is_not_the_commands() {
        let own = |bytes: &'static [u8]| after_fish(bytes);
        assert_eq!(own(b"\x1b[?2004l\x1b]0;ls /tmp\x07\x1b[30m\x1b[m\x0f\r\x1b[1mout"), b"\x1b[1mout");
        assert_eq!(own(b"\x1b(B\x1b[m\rout\r\n"), b"out\r\n");
        assert_eq!(own(b"\x1b[1mout"), b"\x1b[1mout");
        assert_eq!(own(b""), b"");
    }

    proptest! {
        /// Invariant 6.
        #[test]
        fn splitting_changes_nothing(parts in prop::collection::vec(0usize..6, 0..12), cut in 1usize..9) {
            let text: String = parts
                .iter()
                .map(|i| [mark("C"), mark("D;3"), "a\r\nb\r\r\n".into(), "\x1b]133".into(), "\x1b[1m\x1b".into(), "\r".into()][*i].clone())
                .collect();
            let whole = Scanner::new("n1").scan(0, text.as_bytes());
            let mut scanner = Scanner::new("n1");
            let mut printed = Printed::new("n1", 0);
            let (mut found, mut out, mut at) = (Vec::new(), Vec::new(), 0);
            for part in text.as_bytes().chunks(cut) {
                found.extend(scanner.scan(at, part));
                out.extend(printed.take(part));
                at += part.len() as Offset;
            }
            out.extend(printed.rest());
            prop_assert_eq!(found, whole);
            let mut once = Printed::new("n1", 0);
            let mut want = once.take(text.as_bytes());
            want.extend(once.rest());
            prop_assert_eq!(&out, &want);
            let plain = text.replace(&mark("C"), "").replace(&mark("D;3"), "").replace("\r\n", "\n");
            prop_assert_eq!(out, plain.into_bytes());
        }
    }
}
