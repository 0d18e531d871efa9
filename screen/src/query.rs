//! Answers to a program's questions about its terminal.
//!
//! They are the same whether or not somebody watches. Nothing a program can set freely is ever sent
//! back, nor any part of its question but a number: it would be typed into the shell that reads
//! next.

use super::modes::{Mouse, MouseEncoding};
use super::params::Params;
use super::parser::Csi;
use super::terminal::Terminal;

/// A VT220 with colours and a clipboard.
const PRIMARY: &[u8] = b"\x1b[?62;22;52c";
/// Terminal type 1 (VT220), version 100.
const SECONDARY: &[u8] = b"\x1b[>1;100;0c";
const TERTIARY: &[u8] = b"\x1bP!|00000000\x1b\\";
/// What a cell measures, for programs that ask for pixels.
const CELL: (usize, usize) = (10, 20);

impl Terminal {
    /// Control sequences that are questions; anything else is nothing.
    pub(crate) fn query(&mut self, csi: &Csi) {
        let params = &csi.params;
        match (csi.prefix, csi.intermediate, csi.last) {
            (0, 0, b'c') if params.or_zero(0) == 0 => self.reply(PRIMARY),
            (b'>', 0, b'c') if params.or_zero(0) == 0 => self.reply(SECONDARY),
            (b'=', 0, b'c') if params.or_zero(0) == 0 => self.reply(TERTIARY),
            (b'>', 0, b'q') if params.or_zero(0) == 0 => {
                self.reply(concat!("\x1bP>|psup ", env!("CARGO_PKG_VERSION"), "\x1b\\").as_bytes());
            }
            (0, 0, b'n') => self.status(params),
            (b'?', 0, b'n') => self.private_status(params),
            (b'?', b'$', b'p') => {
                let mode = params.or_zero(0);
                let state = self.private_mode_state(mode);
                self.reply(format!("\x1b[?{mode};{state}$y").as_bytes());
            }
            (0, b'$', b'p') => {
                let mode = params.or_zero(0);
                let state = match mode {
                    4 => told(self.drawing.insert),
                    20 => told(self.drawing.newline),
                    _ => 0,
                };
                self.reply(format!("\x1b[{mode};{state}$y").as_bytes());
            }
            (b'?', 0, b'u') => self.reply(format!("\x1b[?{}u", self.modes.kitty_flags).as_bytes()),
            (b'?', 0, b'm') if params.or_zero(0) == 4 => {
                self.reply(format!("\x1b[>4;{}m", self.modes.modify_other_keys).as_bytes());
            }
            _ => {}
        }
    }

    fn status(&mut self, params: &Params) {
        match params.or_zero(0) {
            5 => self.reply(b"\x1b[0n"),
            6 => {
                let (row, col) = self.position();
                self.reply(format!("\x1b[{row};{col}R").as_bytes());
            }
            _ => {}
        }
    }

    fn private_status(&mut self, params: &Params) {
        match params.or_zero(0) {
            6 => {
                let (row, col) = self.position();
                self.reply(format!("\x1b[?{row};{col};1R").as_bytes());
            }
            // No printer, keys unlocked, a North American keyboard, no macros, a dark background.
            15 => self.reply(b"\x1b[?13n"),
            25 => self.reply(b"\x1b[?20n"),
            26 => self.reply(b"\x1b[?27;1;0;0n"),
            996 => self.reply(b"\x1b[?997;1n"),
            _ => {}
        }
    }

    /// Row and column as CPR counts them: from 1, and from the region in origin mode.
    fn position(&self) -> (usize, usize) {
        let above = if self.drawing.origin { self.top } else { 0 };
        (
            self.cursor.row.saturating_sub(above) + 1,
            self.cursor.col.min(self.cols() - 1) + 1,
        )
    }

    /// DECRQM's numbers: 0 unknown, 1 set, 2 reset, 4 never set.
    fn private_mode_state(&self, mode: u16) -> u8 {
        let (modes, drawing) = (&self.modes, &self.drawing);
        match mode {
            1 => told(modes.app_cursor),
            3 => 4,
            5 => told(drawing.reverse),
            6 => told(drawing.origin),
            7 => told(drawing.wrap),
            12 => told(drawing.cursor_blinks),
            25 => told(drawing.cursor_visible),
            47 | 1047 | 1049 => told(modes.alternate),
            66 => told(modes.app_keypad),
            1000 => told(modes.mouse == Mouse::Buttons),
            1002 => told(modes.mouse == Mouse::Drag),
            1003 => told(modes.mouse == Mouse::Motion),
            1004 => told(modes.focus_events),
            1005 => told(modes.mouse_encoding == MouseEncoding::Utf8),
            1006 => told(modes.mouse_encoding == MouseEncoding::Sgr),
            1015 => told(modes.mouse_encoding == MouseEncoding::Urxvt),
            2004 => told(modes.bracketed_paste),
            2026 => told(modes.synchronized),
            _ => 0,
        }
    }

    /// XTWINOPS: sizes in pixels and cells. Titles (20, 21) are never told.
    pub(crate) fn window_query(&mut self, question: u16) {
        let (rows, cols, (width, height)) = (self.rows(), self.cols(), CELL);
        let answer = match question {
            11 => "\x1b[1t".to_owned(),
            13 => "\x1b[3;0;0t".to_owned(),
            14 => format!("\x1b[4;{};{}t", rows * height, cols * width),
            15 => format!("\x1b[5;{};{}t", rows * height, cols * width),
            16 => format!("\x1b[6;{height};{width}t"),
            18 => format!("\x1b[8;{rows};{cols}t"),
            19 => format!("\x1b[9;{rows};{cols}t"),
            _ => return,
        };
        self.reply(answer.as_bytes());
    }

    /// DECRQSS (`$ q`) and XTGETTCAP (`+ q`).
    pub(crate) fn dcs(&mut self, body: &[u8]) {
        if let Some(setting) = body.strip_prefix(b"$q") {
            self.setting(setting);
        } else if let Some(names) = body.strip_prefix(b"+q") {
            for name in names.split(|b| *b == b';') {
                self.capability(name);
            }
        }
    }

    fn setting(&mut self, setting: &[u8]) {
        let mut value = String::new();
        match setting {
            b"m" => {
                self.style.write_params(&mut value);
                if value.is_empty() {
                    value.push('0');
                }
            }
            b"r" => value = format!("{};{}", self.top + 1, self.bottom + 1),
            b" q" => value = self.drawing.cursor_style.to_string(),
            b"\"p" => value.push_str("62;1"),
            b"\"q" => value.push('0'),
            _ => return self.reply(b"\x1bP0$r\x1b\\"),
        }
        self.reply(&[b"\x1bP1$r", value.as_bytes(), setting, b"\x1b\\"].concat());
    }

    fn capability(&mut self, hex: &[u8]) {
        let byte = |pair: &[u8]| {
            std::str::from_utf8(pair)
                .ok()
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
        };
        let digits = hex.iter().all(u8::is_ascii_hexdigit);
        let name: Option<Vec<u8>> = hex
            .chunks(2)
            .map(|pair| byte(pair).filter(|_| digits))
            .collect();
        // The names are told from here; one that is not known is not repeated.
        let (name, value) = match name.as_deref() {
            Some(b"TN") => ("TN", "tmux-256color"),
            Some(b"name") => ("name", "tmux-256color"),
            Some(b"Co") => ("Co", "256"),
            Some(b"colors") => ("colors", "256"),
            Some(b"RGB") => ("RGB", "8/8/8"),
            Some(_) | None => return self.reply(b"\x1bP0+r\x1b\\"),
        };
        let hex = |text: &str| {
            text.bytes()
                .fold(String::new(), |hex, byte| hex + &format!("{byte:02X}"))
        };
        self.reply(format!("\x1bP1+r{}={}\x1b\\", hex(name), hex(value)).as_bytes());
    }

    /// OSC 4, 10, 11 and 12 asked with `?`. Colours that programs set are not kept: the answer is
    /// always the same.
    pub(crate) fn colour_query(&mut self, code: &str, colour: (u8, u8, u8), bell: bool) {
        let (r, g, b) = colour;
        let end = if bell { "\x07" } else { "\x1b\\" };
        self.reply(
            format!("\x1b]{code};rgb:{r:02x}{r:02x}/{g:02x}{g:02x}/{b:02x}{b:02x}{end}").as_bytes(),
        );
    }
}

fn told(set: bool) -> u8 {
    if set { 1 } else { 2 }
}
