//! The terminal: what each control means for the grid, the cursor and the modes.
//!
//! Where terminals differ, this one does what tmux does, because programs are told that they are in
//! one (`TERM=tmux-256color`): the cursor may stand behind the last column, erasing keeps the
//! background only, every row that a scroll region loses goes to the history.

use super::grid::{Cell, Glyph, Grid, Row};
use super::history::History;
use super::modes::{Drawing, Modes};
use super::parser::{Act, Csi, Str};
use super::sign::{Sign, Signs};
use super::style::Style;
use super::tables::Tables;
use super::tabs::default_tabs;
use super::width::{self, ZWJ};
use serde::{Deserialize, Serialize};

/// Where the next character goes. `col` may equal the number of columns: then it goes to the next
/// row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub row: usize,
    pub col: usize,
}

/// What DECSC saves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Saved {
    pub place: Place,
    pub style: Style,
    pub charsets: Charsets,
    pub origin: bool,
}

/// Line drawing or ASCII, in each of the two sets, and which of them is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Charsets {
    pub drawing: [bool; 2],
    pub second: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Terminal {
    pub grid: Grid,
    /// The primary screen while the alternate one is shown.
    pub behind: Option<Grid>,
    /// What leaving the alternate screen with 1049 brings back.
    pub entered: Option<(Place, Style)>,
    pub cursor: Place,
    pub style: Style,
    /// The number of `style`; `None` until something is drawn in it.
    pub style_id: Option<u32>,
    /// Numbers of styles that were drawn in lately, each where its colours put it: most programs go
    /// to and fro between a few.
    #[serde(skip)]
    pub recent: [(Style, u32); Style::PLACES],
    pub charsets: Charsets,
    pub saved: Saved,
    /// The scroll region, both rows inside it.
    pub top: usize,
    pub bottom: usize,
    /// Bit n: a tab stop at column n.
    pub tabs: Vec<bool>,
    /// The character that REP repeats.
    pub last: Option<char>,
    /// A zero-width joiner came: the next character belongs to the one before.
    pub joining: bool,
    pub modes: Modes,
    pub drawing: Drawing,
    /// Kitty keyboard flags under the present ones, for the primary and the alternate screen.
    pub kitty: [Vec<u8>; 2],
    pub tables: Tables,
    pub history: History,
    /// Lines of history up to this number were cleared off the screen: they do not come back when
    /// it grows.
    pub recall: u64,
    pub title: String,
    pub titles: Vec<String>,
    pub cwd: Option<String>,
    pub signs: Signs,
    pub replies: Vec<u8>,
    /// Bytes fed before the present call ends.
    pub fed: u64,
    /// When the tables are as long as this, they are looked through.
    pub tables_limit: usize,
}

/// Answers nobody has taken: a program that asks and does not read gets no more.
const REPLIES: usize = 64 << 10;

impl Act for Terminal {
    fn text(&mut self, mut ascii: &[u8]) {
        if ascii.is_empty() {
            return;
        }
        if self.joining || self.drawing.insert || !self.drawing.wrap || self.draws_lines() {
            for &byte in ascii {
                self.print(self.mapped(byte));
            }
            self.last = ascii.last().map(|b| self.mapped(*b));
            return;
        }
        self.last = ascii.last().map(|b| char::from(*b));
        let style = self.style_number();
        let cols = self.cols();
        while !ascii.is_empty() {
            if self.cursor.col >= cols {
                match self.run_through(ascii) {
                    Some(staying) => ascii = staying,
                    None => self.wrap(),
                }
            }
            let (now, later) = ascii.split_at(ascii.len().min(cols - self.cursor.col));
            self.grid
                .row_mut(self.cursor.row)
                .write(self.cursor.col, now, style);
            self.cursor.col += now.len();
            ascii = later;
        }
    }

    fn character(&mut self, c: char) {
        self.last = None;
        self.print(c);
    }

    fn control(&mut self, byte: u8) {
        self.last = None;
        self.joining = false;
        match byte {
            0x07 => self.signs.push(Sign::Bell),
            0x08 => self.backspace(),
            0x09 => self.tab(1),
            0x0a..=0x0c => {
                self.line_feed();
                if self.drawing.newline {
                    self.cursor.col = 0;
                }
            }
            0x0d => self.cursor.col = 0,
            0x0e => self.charsets.second = true,
            0x0f => self.charsets.second = false,
            _ => {}
        }
    }

    fn escape(&mut self, intermediate: u8, last: u8) {
        self.escape_sequence(intermediate, last);
    }

    fn csi(&mut self, csi: &Csi) {
        self.control_sequence(csi);
    }

    fn string(&mut self, string: Str, body: &[u8], bell: bool, after: usize) {
        self.last = None;
        match string {
            Str::Osc => self.osc(body, bell, self.fed - after as u64),
            Str::Dcs => self.dcs(body),
            Str::Apc | Str::Other => {}
        }
    }
}

impl Terminal {
    pub(crate) fn new(rows: usize, cols: usize, history: History) -> Self {
        Self {
            grid: Grid::new(rows, cols),
            behind: None,
            entered: None,
            cursor: Place::default(),
            style: Style::default(),
            style_id: Some(0),
            recent: Default::default(),
            charsets: Charsets::default(),
            saved: Saved::default(),
            top: 0,
            bottom: rows - 1,
            tabs: default_tabs(cols),
            last: None,
            joining: false,
            modes: Modes::default(),
            drawing: Drawing::default(),
            kitty: [Vec::new(), Vec::new()],
            tables: Tables::default(),
            recall: history.end(),
            history,
            title: String::new(),
            titles: Vec::new(),
            cwd: None,
            signs: Signs::default(),
            replies: Vec::new(),
            fed: 0,
            tables_limit: Tables::LEAST,
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.grid.len()
    }

    pub(crate) fn cols(&self) -> usize {
        self.grid.cols()
    }

    /// Text, character by character: the slow path of [`Act::text`] and the only one for everything
    /// else.
    pub(crate) fn print(&mut self, c: char) {
        let Some(width) = width::of(c) else { return };
        if c == ZWJ {
            self.joining = true;
            return;
        }
        let joining = std::mem::take(&mut self.joining);
        if joining || width == 0 {
            self.combine(joining, c);
            return;
        }
        let cols = self.cols();
        if width > cols
            || !self.drawing.wrap
                && width == 2
                && self.cursor.col != cols
                && self.cursor.col + 2 > cols
        {
            return;
        }
        if self.drawing.insert && self.cursor.col < cols {
            let (row, col) = (self.cursor.row, self.cursor.col);
            self.grid.row_mut(row).insert(col, width, 0, cols);
        }
        if self.cursor.col + width > cols {
            if !self.drawing.wrap {
                return;
            }
            self.wrap();
        }
        let style = self.style_number();
        let row = self.grid.row_mut(self.cursor.row);
        // As in tmux: without wrapping, a blank leaves an empty row empty. Line editors end what
        // they draw with one.
        if self.drawing.wrap || c != ' ' || style != 0 || !row.cells.is_empty() {
            row.put(self.cursor.col, Glyph::Char(c), width, style);
        }
        let edge = if self.drawing.wrap { cols } else { cols - 1 };
        self.cursor.col = (self.cursor.col + width).min(edge);
    }

    /// Adds a character to the one left of the cursor.
    fn combine(&mut self, joined: bool, c: char) {
        let row = self.grid.row(self.cursor.row);
        let Some(mut col) = self.cursor.col.checked_sub(1) else {
            return;
        };
        while col > 0 && row.cell(col).is_tail() {
            col -= 1;
        }
        let cell = row.cell(col);
        let combined = self.tables.combined(cell, joined, c);
        let row = self.grid.row_mut(self.cursor.row);
        if row.cells.len() <= col {
            row.cells.resize(col + 1, Cell::default());
        }
        row.cells[col] = combined;
    }

    /// Lines that end go to the history at the top, and nothing is in force that makes text
    /// anything else than text.
    pub(crate) fn scrolls_simply(&self) -> bool {
        self.behind.is_none()
            && self.cols() > 1
            && (self.top, self.bottom) == (0, self.rows() - 1)
            && self.drawing.wrap
            && !self.drawing.insert
            && !self.drawing.newline
            && !self.draws_lines()
            && !self.joining
    }

    /// Goes to the next row because this one is full.
    fn wrap(&mut self) {
        self.grid.row_mut(self.cursor.row).wrapped = true;
        self.next_row(0);
        self.cursor.col = 0;
    }

    pub(crate) fn line_feed(&mut self) {
        let background = self.background();
        self.next_row(background);
    }

    fn next_row(&mut self, background: u32) {
        if self.cursor.row == self.bottom {
            self.scroll_up(1, background);
        } else if self.cursor.row + 1 < self.rows() {
            self.cursor.row += 1;
        }
    }

    /// Scrolls the region up; what leaves the primary screen goes to the history.
    pub(crate) fn scroll_up(&mut self, count: usize, background: u32) {
        let count = count.min(self.bottom - self.top + 1);
        if self.behind.is_none() {
            for row in self.top..self.top + count {
                self.keep(row);
            }
        }
        self.grid.up(self.top, self.bottom, count, background);
    }

    pub(crate) fn scroll_down(&mut self, count: usize, background: u32) {
        if self.top == 0 {
            self.cut_history();
        }
        let count = count.min(self.bottom - self.top + 1);
        self.grid.down(self.top, self.bottom, count, background);
    }

    /// Copies a row to the history.
    pub(crate) fn keep(&mut self, row: usize) {
        let blanks = self.lacks(row);
        self.history.keep(self.grid.row(row), blanks, &self.tables);
    }

    pub(crate) fn keep_row(&mut self, row: &Row) {
        self.history.keep(row, 0, &self.tables);
    }

    /// Blanks that a row which goes on lacks at its end: what follows it begins behind the last
    /// column, or behind the one before if it is a wide character that did not fit.
    pub(crate) fn lacks(&self, row: usize) -> usize {
        let (cells, wrapped) = (&self.grid.row(row).cells, self.grid.row(row).wrapped);
        if !wrapped || cells.is_empty() || cells.len() >= self.cols() {
            return 0;
        }
        // On a screen of one row it is gone before what follows is there.
        let cut = self.wide_begins(row + 1) || self.rows() == 1 && cells.len() + 1 == self.cols();
        (self.cols() - usize::from(cut)).saturating_sub(cells.len())
    }

    /// The line that ends on the screen is not what the history's last one began.
    pub(crate) fn cut_history(&mut self) {
        if self.behind.is_none() && self.history.is_open() {
            self.history.finish();
        }
    }

    fn draws_lines(&self) -> bool {
        self.charsets.drawing[usize::from(self.charsets.second)]
    }

    fn mapped(&self, byte: u8) -> char {
        if self.draws_lines() {
            width::line_drawing(byte)
        } else {
            byte.into()
        }
    }

    pub(crate) fn reply(&mut self, bytes: &[u8]) {
        if self.replies.len() + bytes.len() <= REPLIES {
            self.replies.extend_from_slice(bytes);
        }
    }

    /// The number of the logical line the cursor is in, counted from the first one of the session.
    pub(crate) fn line_number(&self) -> u64 {
        let starts = self
            .grid
            .rows()
            .take(self.cursor.row)
            .filter(|row| !row.wrapped)
            .count();
        self.history.end() + starts as u64
    }
}
