//! What stands on the terminal, so that only what is different is written, and only panes that have
//! said something are read again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar;

/// Where a pane's cursor is, if it shows, and the modes of its program.
#[derive(Clone, Default)]
pub(super) struct Cursor {
    pub at: Option<(i32, i32)>,
    pub modes: Vec<String>,
}

/// Empty when it is new or has been cleared: then all of it is drawn.
#[derive(Default)]
pub(super) struct Canvas {
    /// The rows of each pane, as they were written.
    rows: BTreeMap<(u32, usize), String>,
    cursors: BTreeMap<u32, Cursor>,
    /// Panes that have said something since they were read.
    stale: BTreeSet<u32>,
    status: String,
    /// What was written last to put the cursor in its place.
    cursor: String,
}

/// A row of the terminal that belongs to a pane.
pub(super) struct Row {
    pub pane: u32,
    /// Among the pane's rows.
    pub number: usize,
    /// From 0, on the terminal.
    pub x: i32,
    pub y: i32,
    pub width: i32,
}

impl Canvas {
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Nothing of it counts any more: the terminal will be cleared.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Every pane has to be read again.
    pub(super) fn make_stale(&mut self) {
        self.cursors.clear();
    }

    pub(super) fn make_pane_stale(&mut self, pane: u32) {
        self.stale.insert(pane);
    }

    /// The cursor and the modes of a pane that has said nothing since it was read.
    pub(super) fn fresh(&self, pane: u32) -> Option<&Cursor> {
        self.cursors
            .get(&pane)
            .filter(|_| !self.stale.contains(&pane))
    }

    pub(super) fn read(&mut self, pane: u32, cursor: Cursor) {
        self.stale.remove(&pane);
        self.cursors.insert(pane, cursor);
    }

    /// Something was written over a row of the panes, which is drawn again when that goes.
    pub(super) fn cover(&mut self, number: usize) {
        self.rows.retain(|(_, at), _| *at != number);
        self.cursors.clear();
        self.status.clear();
    }

    /// Writes what is different in a row.
    pub(super) fn draw_row(&mut self, row: &Row, line: String, out: &mut String) {
        let old = self.rows.get(&(row.pane, row.number));
        if old == Some(&line) {
            return;
        }
        // A row that was never written may have anything in it.
        let (bytes, columns) = old.map_or((0, 0), |old| common(old, &line));
        let _ = write!(out, "\x1b[m\x1b[{};{}H", row.y + 1, row.x + columns + 1);
        if old.is_none_or(|old| old.len() > bytes) && columns < row.width {
            // Blanks first: then a row need not be measured.
            let _ = write!(out, "\x1b[{}X", row.width - columns);
        }
        out.push_str(&line[bytes..]);
        self.rows.insert((row.pane, row.number), line);
    }

    pub(super) fn draw_status(&mut self, status: String, out: &mut String) {
        if self.status != status {
            out.push_str(&status);
            self.status = status;
        }
    }

    /// All that is to be written: what was drawn, and the cursor in its place.
    pub(super) fn finish(&mut self, drawn: &str, cursor: String) -> String {
        if drawn.is_empty() && self.cursor == cursor {
            return String::new();
        }
        let hides = if drawn.is_empty() { "" } else { "\x1b[?25l" };
        let all = format!("{hides}{drawn}{cursor}");
        self.cursor = cursor;
        all
    }
}

/// How far two rows are the same before the first style in them, in bytes and columns.
fn common(old: &str, new: &str) -> (usize, i32) {
    let (mut bytes, mut columns) = (0, 0);
    // Where the last character of the common part begins.
    let mut last = (0, 0);
    for (one, other) in old.chars().zip(new.chars()) {
        if one != other || one.is_control() {
            break;
        }
        let width = one.width().unwrap_or(0) as i32;
        if width > 0 {
            last = (bytes, columns);
        }
        bytes += one.len_utf8();
        columns += width;
    }
    // What joins the character before it has to be written with it.
    let joins = |rest: &str| {
        rest.chars()
            .next()
            .is_some_and(|c| !c.is_control() && c.width() == Some(0))
    };
    if joins(&new[bytes..]) || joins(&old[bytes..]) {
        return last;
    }
    (bytes, columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: usize) -> Row {
        Row {
            pane: 1,
            number,
            x: 2,
            y: number as i32,
            width: 10,
        }
    }

    #[test]
    fn only_what_is_different_in_a_row_is_written() {
        for (before, after, wanted) in [
            ("abc", "abcd", "\x1b[m\x1b[1;6Hd"),
            ("abc", "abx", "\x1b[m\x1b[1;5H\x1b[8Xx"),
            ("abcd", "abc", "\x1b[m\x1b[1;6H\x1b[7X"),
            ("日本", "日x", "\x1b[m\x1b[1;5H\x1b[8Xx"),
            ("a\x1b[1mb", "a\x1b[1mc", "\x1b[m\x1b[1;4H\x1b[9X\x1b[1mc"),
            ("ae", "ae\u{301}", "\x1b[m\x1b[1;4H\x1b[9Xe\u{301}"),
            ("abcdefghij", "abcdefghij", ""),
        ] {
            let mut canvas = Canvas::default();
            canvas.draw_row(&row(0), before.to_owned(), &mut String::new());
            let mut out = String::new();
            canvas.draw_row(&row(0), after.to_owned(), &mut out);
            assert_eq!(out, wanted, "{before:?} {after:?}");
        }
    }

    #[test]
    fn a_pane_is_read_again_when_it_has_said_something() {
        let mut canvas = Canvas::default();
        assert!(canvas.fresh(1).is_none());
        canvas.read(1, Cursor::default());
        assert!(canvas.fresh(1).is_some());
        canvas.make_pane_stale(1);
        assert!(canvas.fresh(1).is_none());
    }
}
