//! Finds marks in output.

use super::{Mark, MarkKind, Tag};
use memchr::memmem;
use psup_proto::Offset;

const BEGIN: &[u8] = b"\x1b]133;";
/// No mark of ours is longer; what is, is somebody else's.
const LONGEST: usize = 96;

/// What a line editor writes as it takes a line.
const ENTER: &[u8] = b"\x1b[?2004h";

/// How many of these bytes cannot belong to what ends a command, whatever follows.
pub fn may_end(bytes: &[u8]) -> usize {
    let from = bytes.len().saturating_sub(LONGEST + ENTER.len());
    let begins = memchr::memchr_iter(0x1b, &bytes[from..]).map(|at| from + at);
    let mut begins = begins.filter(|at| {
        let rest = &bytes[*at..];
        let rest = rest.strip_prefix(ENTER).unwrap_or(rest);
        ENTER.starts_with(rest) || may_be_mark(rest)
    });
    begins.next().unwrap_or(bytes.len())
}

/// A mark, or the beginning of one.
fn may_be_mark(bytes: &[u8]) -> bool {
    match bytes.strip_prefix(BEGIN) {
        Some(body) => {
            bytes.len() < LONGEST
                && body
                    .iter()
                    .position(|b| *b < 0x20)
                    .is_none_or(|end| end + 2 >= body.len())
        }
        None => BEGIN.starts_with(bytes),
    }
}

/// Finds marks that name a session or a command of psup, however the bytes are cut.
#[derive(Debug)]
pub(super) struct Scanner {
    nonce: String,
    /// The beginning of a mark whose rest has not come.
    held: Vec<u8>,
}

impl Scanner {
    pub(super) fn new(nonce: &str) -> Self {
        Self {
            nonce: nonce.to_owned(),
            held: Vec::new(),
        }
    }

    pub(super) fn forget(&mut self) {
        self.held.clear();
    }

    /// The marks in `bytes`, whose first is at `at`, together with what was held back before.
    pub(super) fn scan(&mut self, at: Offset, bytes: &[u8]) -> Vec<Mark> {
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
            if let (Some((kind, tag, late)), true) = (self.parse(&body[..length]), closing > 0) {
                found.push(Mark {
                    kind,
                    tag,
                    late,
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

    fn parse(&self, body: &[u8]) -> Option<(MarkKind, Tag, bool)> {
        let body = std::str::from_utf8(body).ok()?;
        let (letter, rest) = body.split_once(';')?;
        let (code, rest) = if letter == "D" {
            rest.split_once(';')?
        } else {
            ("", rest)
        };
        let (tag, late) = match rest.split_once(';') {
            None => (rest, false),
            Some((tag, "late")) => (tag, true),
            Some(_) => return None,
        };
        let (name, number) = tag.strip_prefix("psup=")?.split_once('.')?;
        let tag = if name == self.nonce {
            Tag::Session(number.parse().ok()?)
        } else {
            Tag::Command(name.to_owned())
        };
        let kind = match letter {
            "A" => MarkKind::Prompt,
            "B" => MarkKind::Input,
            "C" => MarkKind::Output,
            "D" => MarkKind::End(code.parse().ok()),
            "P" => MarkKind::More,
            _ => return None,
        };
        Some((kind, tag, late))
    }
}
