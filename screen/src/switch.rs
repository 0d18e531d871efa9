//! Switches: modes, the alternate screen, the keyboard protocols.

use super::grid::Grid;
use super::modes::{Mouse, MouseEncoding};
use super::params::Params;
use super::sign::Sign;
use super::terminal::Terminal;

/// Kitty keyboard flags that may be stacked.
const KITTY: usize = 16;

impl Terminal {
    pub(crate) fn ansi_modes(&mut self, params: &Params, on: bool) {
        for n in 0..params.len() {
            match params.or_zero(n) {
                4 => self.drawing.insert = on,
                20 => self.drawing.newline = on,
                _ => {}
            }
        }
    }

    pub(crate) fn private_modes(&mut self, params: &Params, on: bool) {
        for n in 0..params.len() {
            self.private_mode(params.or_zero(n), on);
        }
    }

    fn private_mode(&mut self, mode: u16, on: bool) {
        match mode {
            1 => self.modes.app_cursor = on,
            // DECCOLM: the width is not the program's to change, the clearing is.
            3 => {
                self.go(0, 0);
                let background = self.background();
                self.clear(background);
            }
            5 => self.drawing.reverse = on,
            6 => {
                self.drawing.origin = on;
                self.go(0, 0);
            }
            7 => self.drawing.wrap = on,
            12 => self.drawing.cursor_blinks = on,
            25 => self.drawing.cursor_visible = on,
            47 | 1047 if on => self.show_alternate(false),
            47 | 1047 => self.show_primary(false),
            1048 if on => self.save(),
            1048 => self.restore(),
            1049 if on => self.show_alternate(true),
            1049 => self.show_primary(true),
            66 => self.modes.app_keypad = on,
            1000 | 1001 => self.modes.mouse = if on { Mouse::Buttons } else { Mouse::Off },
            1002 => self.modes.mouse = if on { Mouse::Drag } else { Mouse::Off },
            1003 => self.modes.mouse = if on { Mouse::Motion } else { Mouse::Off },
            1004 => self.modes.focus_events = on,
            1005 => {
                self.modes.mouse_encoding = if on {
                    MouseEncoding::Utf8
                } else {
                    MouseEncoding::Plain
                }
            }
            1006 => {
                self.modes.mouse_encoding = if on {
                    MouseEncoding::Sgr
                } else {
                    MouseEncoding::Plain
                }
            }
            1015 => {
                self.modes.mouse_encoding = if on {
                    MouseEncoding::Urxvt
                } else {
                    MouseEncoding::Plain
                }
            }
            2004 => self.modes.bracketed_paste = on,
            2026 if on != self.modes.synchronized => {
                self.modes.synchronized = on;
                self.signs
                    .push(if on { Sign::SyncBegin } else { Sign::SyncEnd });
            }
            _ => {}
        }
    }

    fn show_alternate(&mut self, with_cursor: bool) {
        if self.behind.is_some() {
            return;
        }
        // The style is kept in any case, as in tmux: it comes back with a cursor that was kept
        // before.
        if with_cursor {
            self.entered = Some((self.cursor, self.style));
        } else if let Some((_, style)) = &mut self.entered {
            *style = self.style;
        }
        let blank = Grid::new(self.rows(), self.cols());
        self.behind = Some(std::mem::replace(&mut self.grid, blank));
        self.modes.alternate = true;
        self.swap_keyboard();
    }

    /// The cursor comes back even to a primary screen that was never left, as in tmux and xterm.
    pub(crate) fn show_primary(&mut self, with_cursor: bool) {
        let (rows, cols) = (self.rows(), self.cols());
        if let Some(grid) = self.behind.take() {
            self.grid = grid;
            self.modes.alternate = false;
            self.swap_keyboard();
        }
        if let Some((place, style)) = self.entered.filter(|_| with_cursor) {
            self.cursor = place;
            self.set_style(style);
        }
        self.cursor.row = self.cursor.row.min(self.rows() - 1);
        self.cursor.col = self.cursor.col.min(self.cols());
        self.resize(rows, cols);
        self.cursor.col = self.cursor.col.min(cols - 1);
    }

    /// Each of the two screens has its own keyboard flags.
    fn swap_keyboard(&mut self) {
        let (leaves, comes) = if self.modes.alternate { (0, 1) } else { (1, 0) };
        self.kitty[leaves].push(self.modes.kitty_flags);
        self.modes.kitty_flags = self.kitty[comes].pop().unwrap_or(0);
    }

    pub(crate) fn kitty_keyboard(&mut self, how: u8, params: &Params) {
        let stack = &mut self.kitty[usize::from(self.modes.alternate)];
        let flags = (params.or_zero(0) & 0x1f) as u8;
        let now = &mut self.modes.kitty_flags;
        match (how, params.get(1)) {
            (b'>', _) => {
                if stack.len() == KITTY {
                    stack.remove(0);
                }
                stack.push(std::mem::replace(now, flags));
            }
            (b'<', _) => {
                for _ in 0..params.count(0).min(KITTY + 1) {
                    *now = stack.pop().unwrap_or(0);
                }
            }
            (_, Some(2)) => *now |= flags,
            (_, Some(3)) => *now &= !flags,
            (_, _) => *now = flags,
        }
    }

    pub(crate) fn cursor_style(&mut self, style: u16) {
        if style <= 6 {
            self.drawing.cursor_style = style as u8;
            self.drawing.cursor_blinks = matches!(style, 1 | 3 | 5);
        }
    }
}
