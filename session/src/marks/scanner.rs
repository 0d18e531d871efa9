//! Finds marks in output.

use super::{Mark, MarkKind, MarkSource};
use memchr::memmem;
use psup_proto::Offset;

const BEGIN: &[u8] = b"\x1b]133;";
/// No mark of ours is longer; what is, is somebody else's.
const LONGEST: usize = 80;

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

    pub fn forget(&mut self) {
        self.held.clear();
    }

    /// Bytes that are held back because they may begin a mark.
    pub fn held(&self) -> &[u8] {
        &self.held
    }

    /// Takes them: nothing follows.
    pub fn take_held(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
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

    fn parse(&self, body: &[u8]) -> Option<(MarkKind, MarkSource)> {
        let mut parts = body.split(|b| *b == b';');
        let letter = parts.next()?;
        let rest: Vec<&[u8]> = parts.collect();
        let (code, rest) = if letter == b"D" {
            rest.split_first()?
        } else {
            (&letter, rest.as_slice())
        };
        let by = match rest {
            [tail] if *tail == self.tail => MarkSource::Shell,
            [tail, b"line"] if *tail == self.tail => MarkSource::Line,
            _ => return None,
        };
        let kind = match letter {
            b"A" => MarkKind::Prompt,
            b"B" => MarkKind::Input,
            b"C" => MarkKind::Output,
            b"D" => MarkKind::End(
                std::str::from_utf8(code)
                    .ok()
                    .and_then(|code| code.parse().ok()),
            ),
            _ => return None,
        };
        Some((kind, by))
    }
}
