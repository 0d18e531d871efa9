//! Escape and control sequences: cursor, erasing, scrolling, tab stops.

use super::grid::{Cell, Glyph, Row};
use super::modes::{Drawing, Modes};
use super::params::Params;
use super::parser::Csi;
use super::style::Style;
use super::tabs::default_tabs;
use super::terminal::{Charsets, Place, Saved, Terminal};

/// Titles that XTWINOPS 22 may stack.
const TITLES: usize = 16;

impl Terminal {
    pub(crate) fn escape_sequence(&mut self, intermediate: u8, last: u8) {
        self.last = None;
        self.joining = false;
        match (intermediate, last) {
            (0, b'7') => self.save(),
            (0, b'8') => self.restore(),
            (0, b'D') => self.line_feed(),
            (0, b'E') => {
                self.cursor.col = 0;
                self.line_feed();
            }
            (0, b'M') => self.reverse_index(),
            (0, b'H') => self.set_tab(true),
            (0, b'=') => self.modes.app_keypad = true,
            (0, b'>') => self.modes.app_keypad = false,
            (0, b'c') => self.reset(),
            (b'#', b'8') => self.alignment(),
            (b'(', set) => self.charsets.drawing[0] = set == b'0',
            (b')', set) => self.charsets.drawing[1] = set == b'0',
            _ => {}
        }
    }

    pub(crate) fn control_sequence(&mut self, csi: &Csi) {
        let repeated = self.last.take();
        self.joining = false;
        let params = &csi.params;
        match (csi.prefix, csi.intermediate, csi.last) {
            (0, 0, b'm') => {
                self.style.apply(params);
                self.style_id = None;
            }
            (0, 0, b'b') => self.repeat(repeated, params.count(0)),
            (0, 0, b'h') => self.ansi_modes(params, true),
            (0, 0, b'l') => self.ansi_modes(params, false),
            (b'?', 0, b'h') => self.private_modes(params, true),
            (b'?', 0, b'l') => self.private_modes(params, false),
            (0, 0, b's') => self.save(),
            (0, 0, b'u') => self.restore(),
            (0, b'!', b'p') => self.soft_reset(),
            (0, b' ', b'q') => self.cursor_style(params.or_zero(0)),
            (0, 0, b'r') => self.set_region(params),
            (0, 0, b'g') => match params.or_zero(0) {
                0 => self.set_tab(false),
                3 => self.tabs.fill(false),
                _ => {}
            },
            (0, 0, b't') => self.window(params),
            (b'>', 0, b'm') if params.or_zero(0) == 4 || params.len() == 0 => {
                self.modes.modify_other_keys = params.or_zero(1).min(2) as u8;
            }
            (b'>', 0, b'n') if params.or_zero(0) == 4 => self.modes.modify_other_keys = 0,
            (b'>' | b'<' | b'=', 0, b'u') => self.kitty_keyboard(csi.prefix, params),
            (0, 0, b'A'..=b'I' | b'Z' | b'`' | b'a' | b'd' | b'e' | b'f' | b'j' | b'k') => {
                self.move_cursor(csi.last, params);
            }
            (0 | b'?', 0, b'J') => self.erase_screen(params),
            (0 | b'?', 0, b'K') => self.erase_line(params.or_zero(0)),
            (0, 0, b'@' | b'L' | b'M' | b'P' | b'S' | b'T' | b'X') => {
                self.edit(csi.last, params.count(0));
            }
            _ => self.query(csi),
        }
    }

    fn move_cursor(&mut self, last: u8, params: &Params) {
        let count = params.count(0);
        let (rows, cols) = (self.rows(), self.cols());
        match last {
            b'A' | b'k' => self.up(count),
            b'B' | b'e' => self.down(count),
            b'C' | b'a' => self.cursor.col = (self.cursor.col + count).min(cols - 1),
            b'D' | b'j' => self.cursor.col = self.cursor.col.saturating_sub(count),
            b'E' => {
                self.cursor.col = 0;
                self.down(count);
            }
            b'F' => {
                self.cursor.col = 0;
                self.up(count);
            }
            b'G' | b'`' => self.cursor.col = (count - 1).min(cols - 1),
            b'H' | b'f' => self.go(count - 1, params.count(1) - 1),
            b'I' => self.tab(count.min(cols)),
            b'Z' => self.back_tab(count.min(cols)),
            // VPA keeps the column, even the one behind the last.
            _ => {
                let col = self.cursor.col;
                self.go(count - 1, 0);
                self.cursor.col = col;
            }
        }
        debug_assert!(self.cursor.row < rows);
    }

    pub(crate) fn go(&mut self, row: usize, col: usize) {
        let row = match (self.drawing.origin, self.bottom - self.top) {
            (true, height) => self.top + row.min(height),
            (false, _) => row,
        };
        self.cursor = Place {
            row: row.min(self.rows() - 1),
            col: col.min(self.cols() - 1),
        };
    }

    /// Up, not past the top of the region when coming from below it.
    fn up(&mut self, count: usize) {
        let most = if self.cursor.row < self.top {
            0
        } else {
            self.top
        };
        self.cursor = Place {
            row: self.cursor.row.saturating_sub(count).max(most),
            col: self.cursor.col.min(self.cols() - 1),
        };
    }

    fn down(&mut self, count: usize) {
        let most = if self.cursor.row > self.bottom {
            self.rows() - 1
        } else {
            self.bottom
        };
        self.cursor = Place {
            row: (self.cursor.row + count).min(most),
            col: self.cursor.col.min(self.cols() - 1),
        };
    }

    fn back_tab(&mut self, count: usize) {
        let mut col = self.cursor.col.min(self.cols() - 1);
        for _ in 0..count {
            col = (0..col).rev().find(|col| self.tabs[*col]).unwrap_or(0);
        }
        self.cursor.col = col;
    }

    fn set_tab(&mut self, on: bool) {
        if let Some(stop) = self.tabs.get_mut(self.cursor.col) {
            *stop = on;
        }
    }

    fn reverse_index(&mut self) {
        if self.cursor.row == self.top {
            let background = self.background();
            self.scroll_down(1, background);
        } else {
            self.cursor.row = self.cursor.row.saturating_sub(1);
        }
    }

    fn edit(&mut self, last: u8, count: usize) {
        let background = self.background();
        let (cols, Place { row, col }) = (self.cols(), self.cursor);
        let cells = count.min(cols.saturating_sub(col));
        match last {
            b'S' => self.scroll_up(count, background),
            b'T' => self.scroll_down(count, background),
            b'L' | b'M' => self.edit_rows(last == b'L', count, background),
            _ if cells == 0 => {}
            b'@' => self.grid.row_mut(row).insert(col, cells, background, cols),
            b'P' => self.grid.row_mut(row).delete(col, cells, background, cols),
            _ => self
                .grid
                .row_mut(row)
                .erase(col, col + cells, background, cols),
        }
    }

    /// IL and DL: inside the region its bottom is the end, outside it the screen's.
    fn edit_rows(&mut self, insert: bool, count: usize, background: u32) {
        let row = self.cursor.row;
        let inside = (self.top..=self.bottom).contains(&row);
        let bottom = if inside { self.bottom } else { self.rows() - 1 };
        if row == 0 {
            self.cut_history();
        }
        let count = count.min(bottom - row + 1);
        if insert {
            self.grid.down(row, bottom, count, background);
        } else {
            self.grid.up(row, bottom, count, background);
        }
    }

    fn erase_screen(&mut self, params: &Params) {
        let background = self.background();
        let (rows, cols, Place { row, col }) = (self.rows(), self.cols(), self.cursor);
        match params.or_zero(0) {
            0 if (row, col) == (0, 0) => self.clear(background),
            0 => {
                self.grid.row_mut(row).erase(col, cols, background, cols);
                self.grid.clear(row + 1, rows, background);
                if col == 0 {
                    self.grid.clear(row, row + 1, background);
                }
            }
            1 => {
                if row > 0 {
                    self.cut_history();
                    self.grid.clear(0, row, background);
                }
                self.grid.row_mut(row).erase(0, col + 1, background, cols);
            }
            2 => self.clear(background),
            3 => self.history.clear(),
            _ => {}
        }
    }

    /// Clears the screen; what was on the primary one goes to the history, as tmux has it.
    pub(crate) fn clear(&mut self, background: u32) {
        if self.behind.is_none() {
            let used = self
                .grid
                .rows()
                .rposition(Row::has_text)
                .map_or(0, |last| last + 1);
            for row in 0..used {
                self.keep(row);
            }
            self.cut_history();
            self.recall = self.history.end();
        }
        self.grid.clear(0, self.rows(), background);
    }

    fn erase_line(&mut self, what: u16) {
        let background = self.background();
        let (cols, Place { row, col }) = (self.cols(), self.cursor);
        let (from, to) = match what {
            0 => (col, cols),
            1 => (0, col + 1),
            2 => (0, cols),
            _ => return,
        };
        if from == 0 && to >= cols {
            if row == 0 {
                self.cut_history();
            }
            self.grid.clear(row, row + 1, background);
        } else {
            self.grid.row_mut(row).erase(from, to, background, cols);
        }
    }

    /// REP, to the end of the row at most: that is where tmux stops, and it bounds the work.
    fn repeat(&mut self, c: Option<char>, count: usize) {
        let Some(c) = c else { return };
        for _ in 0..count.min(self.cols().saturating_sub(self.cursor.col)) {
            self.print(c);
        }
    }

    fn set_region(&mut self, params: &Params) {
        let last = self.rows() - 1;
        let top = (params.count(0) - 1).min(last);
        let bottom = params
            .get(1)
            .map_or(last, |n| usize::from(n.max(1)) - 1)
            .min(last);
        if top < bottom {
            (self.top, self.bottom) = (top, bottom);
            self.cursor = Place::default();
        }
    }

    pub(crate) fn save(&mut self) {
        self.saved = Saved {
            place: self.cursor,
            style: self.style,
            charsets: self.charsets,
            origin: self.drawing.origin,
        };
    }

    pub(crate) fn restore(&mut self) {
        let saved = self.saved;
        self.set_style(saved.style);
        self.charsets = saved.charsets;
        self.drawing.origin = saved.origin;
        self.cursor = Place {
            row: saved.place.row.min(self.rows() - 1),
            col: saved.place.col.min(self.cols() - 1),
        };
    }

    fn alignment(&mut self) {
        self.cut_history();
        let cols = self.cols();
        for row in self.grid.rows_mut() {
            row.clear(0, cols);
            row.cells
                .resize(cols, Cell::new(Glyph::Char('E'), false, 0));
        }
        (self.top, self.bottom) = (0, self.rows() - 1);
        self.cursor = Place::default();
    }

    /// RIS. The history stays: it is not the program's.
    pub(crate) fn reset(&mut self) {
        self.show_primary(false);
        self.entered = None;
        self.soft_reset();
        self.clear(0);
        self.tabs = default_tabs(self.cols());
        self.cursor = Place::default();
        self.modes = Modes::default();
        self.drawing = Drawing::default();
        self.kitty = [Vec::new(), Vec::new()];
    }

    fn soft_reset(&mut self) {
        self.set_style(Style::default());
        self.charsets = Charsets::default();
        self.saved = Saved::default();
        (self.top, self.bottom) = (0, self.rows() - 1);
        self.drawing.insert = false;
        self.drawing.origin = false;
        self.drawing.wrap = true;
        self.drawing.cursor_visible = true;
        self.modes.app_cursor = false;
        self.modes.app_keypad = false;
    }

    /// XTWINOPS: the title stack here, the rest are questions. As in tmux, 22 and 23 have to tell
    /// what is stacked.
    fn window(&mut self, params: &Params) {
        match (params.or_zero(0), params.get(1).unwrap_or(u16::MAX)) {
            (22, 0 | 2) => {
                if self.titles.len() == TITLES {
                    self.titles.remove(0);
                }
                self.titles.push(self.title.clone());
            }
            (23, 0 | 2) => {
                if let Some(title) = self.titles.pop() {
                    self.set_title(title);
                }
            }
            (question, _) => self.window_query(question),
        }
    }
}
