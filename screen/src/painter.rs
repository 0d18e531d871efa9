//! Shows a screen on a viewer's terminal: the bytes that lead from what stands there to what
//! the screen shows now.
//!
//! Nothing that the session wrote reaches the viewer's terminal as it is. Only cells, the cursor,
//! the modes of keyboard and mouse and a cleaned title do, so a program cannot make that terminal
//! answer, and two viewers of different sizes see the same screen.
//!
//! ```text
//! session's screen ──┬─ lines that left it → the viewer's own scrollback
//!                    ├─ rows in view        → rows that differ are written again
//!                    └─ modes, cursor, title
//! ```
//! The screen keeps its size. A smaller viewer sees the part around the cursor; a larger one has
//! blank cells to the right and below.

mod row;

use super::Screen;
use super::line;
use super::modes::{Drawing, Modes, Mouse, MouseEncoding};
use psup_proto::Size;
use row::{columns, cut, plain_prefix};
use std::fmt::Write;

/// Lines that are put into the viewer's scrollback at once. A viewer that is further behind
/// misses the older ones there; `psup read` has them.
const BACKLOG: usize = 2000;

/// What a viewer's terminal shows.
pub struct Painter {
    size: Size,
    /// Whether the program may be typed to: only then are keys and mouse switched as it asks.
    types: bool,
    /// Styled rows as they stand there; `None` where that is not known.
    rows: Vec<Option<String>>,
    /// The session's cell in the upper left corner of the view.
    origin: (usize, usize),
    /// How many of the session's lines the viewer's scrollback has had.
    scrolled: Option<u64>,
    modes: Option<(Modes, Drawing)>,
    title: String,
    /// Where the cursor stands, if that is known.
    cursor: Option<(usize, usize)>,
    cursor_visible: Option<bool>,
}

impl Painter {
    pub fn new(size: Size, types: bool) -> Self {
        Self {
            size,
            types,
            rows: vec![None; usize::from(size.rows)],
            origin: (0, 0),
            scrolled: None,
            modes: None,
            title: String::new(),
            cursor: None,
            cursor_visible: None,
        }
    }

    /// The viewer's terminal has another size, and may show anything.
    pub fn resize(&mut self, size: Size) {
        self.size = size;
        self.forget();
    }

    /// Everything is written again at the next [`paint`](Self::paint).
    pub fn forget(&mut self) {
        self.rows = vec![None; usize::from(self.size.rows)];
        self.cursor = None;
        self.cursor_visible = None;
    }

    pub fn size(&self) -> Size {
        self.size
    }

    /// The session's cell that is shown in the upper left corner, as column and row.
    pub fn origin(&self) -> (usize, usize) {
        (self.origin.1, self.origin.0)
    }

    /// Whether the viewer is too small for the whole screen.
    pub fn pans(&self, screen: &Screen) -> bool {
        let size = screen.size();
        size.rows > self.size.rows || size.cols > self.size.cols
    }

    /// The bytes that make the viewer show `screen`, with `notice` in the last row if there is one.
    pub fn paint(&mut self, screen: &Screen, notice: Option<&str>) -> Vec<u8> {
        let mut out = String::new();
        if self.modes.is_none() {
            self.begin(&mut out);
        }
        self.put_modes(screen, &mut out);
        self.scroll(screen, &mut out);
        self.follow_cursor(screen, notice.is_some());
        self.put_rows(screen, notice, &mut out);
        self.put_cursor(screen, notice.is_some(), &mut out);
        self.put_title(screen.title(), &mut out);
        out.into_bytes()
    }

    /// Gives the terminal's modes back; what is shown stays, the cursor goes below it.
    pub fn leave(&mut self) -> Vec<u8> {
        let mut out = String::new();
        if let Some((modes, _)) = self.modes.take() {
            if modes.alternate {
                out.push_str("\x1b[?1049l");
            }
            let used = self.rows.iter().rposition(|row| row.as_deref() != Some(""));
            let below = used.map_or(1, |last| last + 2).min(self.rows.len());
            let _ = write!(
                out,
                "\x1b[m\x1b[{};1H",
                if modes.alternate {
                    self.rows.len()
                } else {
                    below
                }
            );
            out.push_str(RESTORE);
            out.push_str("\r\n");
        }
        self.title.clear();
        out.into_bytes()
    }

    /// What the viewer's terminal showed before goes to its scrollback, row by row.
    fn begin(&mut self, out: &mut String) {
        out.push_str("\x1b[?7l\x1b[>1u\x1b[=0;1u\x1b[m");
        let _ = write!(out, "\x1b[{};1H", self.size.rows);
        out.extend(std::iter::repeat_n('\n', self.size.rows.into()));
        out.push_str("\x1b[H\x1b[2J");
        self.rows = vec![Some(String::new()); usize::from(self.size.rows)];
    }

    fn put_modes(&mut self, screen: &Screen, out: &mut String) {
        let (mut new, mut drawing) = (screen.modes(), screen.terminal.drawing);
        if !self.types {
            new = Modes {
                alternate: new.alternate,
                ..Modes::default()
            };
        }
        // Half a frame is nobody's business here: frames are whole when they are painted.
        new.synchronized = false;
        drawing.cursor_visible = true;
        let (old, old_drawing) = self.modes.unwrap_or_default();
        if new.alternate != old.alternate {
            out.push_str(if new.alternate {
                "\x1b[?1049h"
            } else {
                "\x1b[?1049l"
            });
            out.push_str("\x1b[m");
            self.forget();
        }
        for (number, before, now) in [
            (1, old.app_cursor, new.app_cursor),
            (5, old_drawing.reverse, drawing.reverse),
            (1004, old.focus_events, new.focus_events),
            (2004, old.bracketed_paste, new.bracketed_paste),
        ] {
            switch(out, number, before, now);
        }
        if new.app_keypad != old.app_keypad {
            out.push_str(if new.app_keypad { "\x1b=" } else { "\x1b>" });
        }
        if new.mouse != old.mouse {
            for (number, kind) in [
                (1000, Mouse::Buttons),
                (1002, Mouse::Drag),
                (1003, Mouse::Motion),
            ] {
                switch(out, number, old.mouse == kind, new.mouse == kind);
            }
        }
        // A view that is moved has to count columns: that is done for one encoding.
        for (number, kind) in [
            (1005, MouseEncoding::Utf8),
            (1006, MouseEncoding::Sgr),
            (1015, MouseEncoding::Urxvt),
        ] {
            switch(
                out,
                number,
                old.mouse_encoding == kind,
                new.mouse_encoding == kind,
            );
        }
        if new.kitty_flags != old.kitty_flags {
            let _ = write!(out, "\x1b[={};1u", new.kitty_flags);
        }
        if new.modify_other_keys != old.modify_other_keys {
            let _ = write!(out, "\x1b[>4;{}m", new.modify_other_keys);
        }
        if drawing.cursor_style != old_drawing.cursor_style {
            let _ = write!(out, "\x1b[{} q", drawing.cursor_style);
        }
        self.modes = Some((new, drawing));
    }

    /// Lines that have left the session's screen leave the viewer's at its upper edge.
    fn scroll(&mut self, screen: &Screen, out: &mut String) {
        let end = screen.history_end();
        if screen.modes().alternate {
            return;
        }
        let from = self
            .scrolled
            .replace(end)
            .unwrap_or_else(|| screen.history_start());
        if end <= from {
            return;
        }
        let cols = usize::from(screen.size().cols.min(self.size.cols));
        let mut lines = Vec::new();
        for styled in screen.history_since(from, BACKLOG) {
            let rows = line::fold(&styled, screen.size().cols.into());
            lines.extend(rows.iter().map(|row| cut(row, 0, cols)));
        }
        for rows in lines.chunks(self.rows.len()) {
            for (at, row) in rows.iter().enumerate() {
                self.put_row(at, row, out);
            }
            let _ = write!(out, "\x1b[m\x1b[{};1H", self.rows.len());
            out.extend(std::iter::repeat_n('\n', rows.len()));
            self.rows.rotate_left(rows.len());
            let kept = self.rows.len() - rows.len();
            self.rows[kept..].fill(Some(String::new()));
            self.cursor = None;
        }
    }

    /// Moves the view as little as possible so that the cursor is in it.
    fn follow_cursor(&mut self, screen: &Screen, noticed: bool) {
        let (size, cursor) = (screen.size(), screen.cursor());
        let view = usize::from(self.size.rows) - usize::from(noticed && size.rows > self.size.rows);
        let axis = |origin: usize, at: u16, view: usize, whole: u16| {
            let (at, whole) = (usize::from(at), usize::from(whole));
            if whole <= view {
                return 0;
            }
            origin
                .clamp((at + 1).saturating_sub(view), at)
                .min(whole - view)
        };
        self.origin = (
            axis(self.origin.0, cursor.row, view.max(1), size.rows),
            axis(self.origin.1, cursor.col, self.size.cols.into(), size.cols),
        );
    }

    fn put_rows(&mut self, screen: &Screen, notice: Option<&str>, out: &mut String) {
        let cols = usize::from(self.size.cols);
        let last = self.rows.len() - 1;
        let before = out.len();
        for at in 0..self.rows.len() {
            let row = match notice.filter(|_| at == last) {
                Some(notice) => bar(notice, cols),
                None => cut(&screen.styled_row(self.origin.0 + at), self.origin.1, cols),
            };
            self.put_row(at, &row, out);
        }
        // Most terminals can be told to show many rows at once.
        if out.len() > before + 200 {
            out.insert_str(before, "\x1b[?2026h");
            out.push_str("\x1b[?2026l");
        }
    }

    fn put_row(&mut self, at: usize, row: &str, out: &mut String) {
        let old = self.rows[at].as_deref();
        if old == Some(row) {
            return;
        }
        let same = old.map_or(0, |old| plain_prefix(old, row));
        let _ = write!(out, "\x1b[{};{}H\x1b[m", at + 1, same + 1);
        out.push_str(&row[same..]);
        if row.contains('\x1b') {
            out.push_str("\x1b[m");
        }
        if columns(row) < usize::from(self.size.cols) {
            out.push_str("\x1b[K");
        }
        self.rows[at] = Some(row.to_owned());
        self.cursor = None;
    }

    fn put_cursor(&mut self, screen: &Screen, noticed: bool, out: &mut String) {
        let cursor = screen.cursor();
        let row = usize::from(cursor.row).wrapping_sub(self.origin.0);
        let col = usize::from(cursor.col).wrapping_sub(self.origin.1);
        let rows = self.rows.len() - usize::from(noticed);
        let visible = cursor.visible && row < rows && col < usize::from(self.size.cols);
        if row < rows && col < usize::from(self.size.cols) && self.cursor != Some((row, col)) {
            let _ = write!(out, "\x1b[{};{}H", row + 1, col + 1);
            self.cursor = Some((row, col));
        }
        if self.cursor_visible != Some(visible) {
            out.push_str(if visible { "\x1b[?25h" } else { "\x1b[?25l" });
            self.cursor_visible = Some(visible);
        }
    }

    fn put_title(&mut self, title: &str, out: &mut String) {
        if title == self.title || !self.types {
            return;
        }
        title.clone_into(&mut self.title);
        out.push_str("\x1b]2;");
        out.extend(title.chars().filter(|c| !c.is_control()));
        out.push_str("\x1b\\");
    }
}

/// What a terminal is given back with, whatever it was asked for: autowrap, the cursor, no mouse,
/// no paste brackets, the keys as they were.
pub const RESTORE: &str = "\x1b[m\x1b[?25h\x1b[?7h\x1b[?1l\x1b>\x1b[?5l\x1b[?1000l\x1b[?1002l\x1b[?1003l\
     \x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1004l\x1b[?2004l\x1b[<u\x1b[>4;0m\x1b[0 q";

fn switch(out: &mut String, number: u16, before: bool, now: bool) {
    if before != now {
        let _ = write!(out, "\x1b[?{number}{}", if now { 'h' } else { 'l' });
    }
}

/// One row of words in reverse video.
fn bar(words: &str, cols: usize) -> String {
    let clean: String = words.chars().filter(|c| !c.is_control()).collect();
    let mut row = "\x1b[0;7m".to_owned();
    row.push_str(&cut(&clean, 0, cols));
    let lacks = cols.saturating_sub(columns(&row));
    row.extend(std::iter::repeat_n(' ', lacks));
    row.push_str("\x1b[m");
    row
}

#[cfg(test)]
mod tests;
