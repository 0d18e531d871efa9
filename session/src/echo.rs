//! The echo of what was typed, which is no output of the program: a wait for what comes after a
//! send is not answered by it.
//!
//! A terminal that echoes writes what is typed into the output itself, as soon as it is typed. A
//! line editor draws it behind its prompt, and may draw it again. So a stretch of a line is an echo
//! when it is what was typed, was written after that, and stands where an echo stands: anywhere,
//! once, for the terminal's own; behind a prompt for a line editor's. In the line that a pattern
//! looks at it is covered with bytes that are no text.

use super::lines::{Line, Lines, Returns};
use super::prompt::looks_like_prompt;
use memchr::memmem;
use psup_proto::Offset;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Range;

/// Pieces of typed text whose echo is looked for at once; the oldest goes when there are more.
const PIECES: usize = 256;
/// Text of one send that is looked for; a longer one is a file, and not all of it is looked for.
const TEXT: usize = 64 << 10;
/// What has not been echoed after so much output is not going to be.
const ECHOED: Offset = 64 << 10;
/// No pattern matches it unless it asks for bytes that are no text.
const COVER: u8 = 0xff;

/// Who draws what is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Echoes {
    /// The terminal does: ECHO is on.
    pub terminal: bool,
    /// A line editor may: what was typed stands at a prompt, or the program is a shell that will
    /// show it at its next one.
    pub editor: bool,
}

/// One piece of typed text without control characters.
#[derive(Clone, Debug)]
struct Piece {
    text: Vec<u8>,
    /// The journal's end when it was typed.
    offset: Offset,
    /// What stood left of the cursor then.
    left: Vec<u8>,
    echoes: Echoes,
    /// So much of it has been seen: the edge of the screen cuts lines.
    seen: usize,
}

/// What was typed and may still be echoed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Echo {
    pieces: VecDeque<Piece>,
}

/// What was typed lately, and what of it has not been echoed yet.
#[derive(Debug, Default)]
pub(crate) struct Typed {
    all: Echo,
    open: Option<(Lines, Echo)>,
}

/// Where a piece was found in a line.
struct Found {
    range: Range<usize>,
    whole: bool,
    /// The line editor drew it; else the terminal.
    editor: bool,
}

impl Typed {
    /// Text is typed at the journal's end.
    pub(crate) fn typed(&mut self, text: &[u8], end: Offset, left: &str, echoes: Echoes) {
        self.all.typed(text, end, left, echoes);
        let (_, open) = self
            .open
            .get_or_insert_with(|| (Lines::new(end, Returns::End), Echo::default()));
        open.typed(text, end, left, echoes);
    }

    pub(crate) fn output(&mut self, bytes: &[u8]) {
        let Some((lines, open)) = &mut self.open else {
            return;
        };
        lines.feed(bytes, |line| {
            open.ended(line);
            open.pieces.is_empty()
        });
        let last = open.pieces.back().map(|piece| piece.offset);
        if last.is_none_or(|last| lines.at() > last + ECHOED) {
            self.open = None;
        }
    }

    /// What output from an offset on may echo.
    pub(crate) fn since(&self, offset: Offset) -> Echo {
        let since = self
            .all
            .pieces
            .iter()
            .filter(|piece| piece.offset >= offset);
        Echo {
            pieces: since.cloned().collect(),
        }
    }

    /// What output from here on may still echo.
    pub(crate) fn open(&self) -> Echo {
        let Some((lines, open)) = &self.open else {
            return Echo::default();
        };
        let mut open = open.clone();
        open.has_echoed(lines.open_line());
        open
    }

    /// The newest of it, which the screen may show.
    pub(crate) fn newest(&self) -> Echo {
        let newest = self.all.pieces.back().map_or(0, |piece| piece.offset);
        self.since(newest)
    }
}

impl Echo {
    /// Text is typed at the journal's end.
    pub(crate) fn typed(&mut self, text: &[u8], offset: Offset, left: &str, echoes: Echoes) {
        if !echoes.terminal && !echoes.editor {
            return;
        }
        let text = &text[..text.len().min(TEXT)];
        let mut left = left.as_bytes();
        for piece in text.split(|byte| byte.is_ascii_control() && *byte != b'\t') {
            if piece.iter().any(|byte| !byte.is_ascii_whitespace()) {
                self.pieces.push_back(Piece {
                    text: piece.to_vec(),
                    offset,
                    left: left.to_vec(),
                    echoes,
                    seen: 0,
                });
            }
            left = b"";
        }
        while self.pieces.len() > PIECES {
            self.pieces.pop_front();
        }
    }

    /// A line as patterns see it.
    pub(crate) fn cover<'a>(&self, line: &'a Line) -> Cow<'a, [u8]> {
        let found = self.pieces.iter().filter_map(|piece| piece.find(line));
        let mut covered = Cow::Borrowed(line.text());
        for found in found {
            covered.to_mut()[found.range].fill(COVER);
        }
        covered
    }

    /// The line has ended: an echo that it held does not come again.
    pub(crate) fn ended(&mut self, line: &Line) {
        self.pieces.retain_mut(|piece| {
            let Some(found) = piece.find(line) else {
                return true;
            };
            match (found.whole, found.editor) {
                // Only a line editor's is cut by the edge.
                (false, true) => piece.seen += found.range.len(),
                (false, false) => {}
                // What was typed ahead is drawn once more when a shell comes to its prompt.
                (true, _) if piece.echoes.terminal => {
                    piece.echoes.terminal = false;
                    piece.seen = 0;
                }
                (true, _) => return false,
            }
            piece.echoes.terminal || piece.echoes.editor
        });
    }

    /// The line goes on: what the terminal has echoed in it does not come again. A line editor may
    /// draw the line once more.
    fn has_echoed(&mut self, line: &Line) {
        self.pieces.retain_mut(|piece| {
            let echoed = piece.echoes.terminal && piece.find(line).is_some_and(|f| f.whole);
            piece.echoes.terminal &= !echoed;
            piece.echoes.terminal || piece.echoes.editor
        });
    }

    /// Lines on the screen as patterns see them: the last echo of each piece is covered.
    pub(crate) fn cover_screen(&self, screen: &[String]) -> Vec<Vec<u8>> {
        let mut lines: Vec<Vec<u8>> = screen.iter().map(|line| line.as_bytes().to_vec()).collect();
        for piece in self.pieces.iter().rev() {
            let text = piece.text.trim_ascii_end();
            for line in lines.iter_mut().rev() {
                let Some(before) = line.trim_ascii_end().strip_suffix(text) else {
                    continue;
                };
                let place = before.len();
                if piece.stands(before, false) {
                    line[place..place + text.len()].fill(COVER);
                    break;
                }
            }
        }
        lines
    }
}

impl Piece {
    fn find(&self, line: &Line) -> Option<Found> {
        let text = line.text();
        let from = line.written_after(self.offset)?;
        let here = line.offset_after(0) <= self.offset;
        if self.seen > 0
            && let Some(length) = self.goes_on(text)
        {
            return Some(Found {
                range: 0..length,
                whole: self.text.ends_with(&text[..length]),
                editor: true,
            });
        }
        let whole =
            memmem::find_iter(&text[from..], &self.text).map(|at| (from + at, self.text.len()));
        // An editor may write a blank to get to the next row.
        let bare = text.trim_ascii_end().len();
        let begun = [text.len(), bare].into_iter().flat_map(|end| {
            let begins = move |at: &usize| self.text.starts_with(&text[*at..end]);
            (from..end).filter(begins).map(move |at| (at, end - at))
        });
        for (at, length) in whole.chain(begun) {
            let editor = self.echoes.editor && self.stands(&text[..at], here && at == from);
            if editor || self.echoes.terminal {
                return Some(Found {
                    range: at..at + length,
                    whole: length == self.text.len(),
                    editor,
                });
            }
        }
        None
    }

    /// A line that begins with the rest of what the line before had begun; what stood at the edge
    /// may stand in both.
    fn goes_on(&self, text: &[u8]) -> Option<usize> {
        let rests = (0..=2).filter_map(|twice| self.text.get(self.seen.checked_sub(twice)?..));
        rests
            .into_iter()
            .find(|rest| text.starts_with(rest) || (!text.is_empty() && rest.starts_with(text)))
            .map(|rest| rest.len().min(text.len()))
    }

    /// Whether an echo stands behind this; `here`: the cursor was there when it was typed.
    fn stands(&self, before: &[u8], here: bool) -> bool {
        here || before == self.left
            || self.echoes.terminal
            || std::str::from_utf8(before)
                .is_ok_and(|before| looks_like_prompt(before, false) || is_continued(before))
    }
}

/// What a shell or a REPL shows where a command goes on.
fn is_continued(before: &str) -> bool {
    ["> ", "... ", "...> "]
        .iter()
        .any(|end| before.ends_with(end))
        && before.len() < 24
}

#[cfg(test)]
mod tests;
