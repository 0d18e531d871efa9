//! The same bytes drawn by psup, by vt100 and by real tmux, as cells that can be compared.
#![allow(clippy::unwrap_used, dead_code, unused_imports)] // Each test uses some of it.

pub(crate) mod dice;
mod recorded;
pub(crate) mod story;
mod tmux;

pub(crate) use recorded::{Recording, part, recordings};
pub(crate) use tmux::{ANEW, Step, Tmux};

use psup_proto::Size;
use psup_proto::capture::{Capture, Extent, Format};
use psup_proto::rows::RowBuf;
use psup_screen::{Mouse, MouseEncoding, Screen};

pub(crate) type Cells = Vec<Vec<Cell>>;

/// A cell as it can be seen. A wide character is in the first of its two cells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    /// The row was written up to here at least. tmux leaves out what was only erased at the end of
    /// a row, and its colour with it.
    pub told: bool,
    pub text: String,
    pub fg: String,
    pub bg: String,
    /// The colour of its underline.
    pub line: String,
    /// Attributes by their SGR numbers; 42 to 45 are the other kinds of underline.
    pub attrs: Vec<u8>,
}

impl Cell {
    fn set(&mut self, attr: u8) {
        self.attrs.push(attr);
        self.attrs.sort_unstable();
        self.attrs.dedup();
    }
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        let same = (&self.text, &self.fg, &self.bg, &self.line, &self.attrs)
            == (&other.text, &other.fg, &other.bg, &other.line, &other.attrs);
        same || (!self.told || !other.told) && self.text == " " && other.text == " "
    }
}

/// The first difference, told.
pub(crate) fn difference(expected: &Cells, drawn: &Cells) -> Option<String> {
    let cell = |cells: &Cells, row: usize, col: usize| {
        cells
            .get(row)
            .and_then(|r| r.get(col))
            .cloned()
            .unwrap_or_default()
    };
    let rows = expected.len().max(drawn.len());
    let mut count = 0;
    let mut first = None;
    for row in 0..rows {
        for col in 0..expected.get(row).map_or(0, Vec::len) {
            let (a, b) = (cell(expected, row, col), cell(drawn, row, col));
            if a != b {
                count += 1;
                first.get_or_insert_with(|| {
                    format!(
                        "row {row} col {col}: tmux {a:?}, here {b:?}\n    tmux {:?}\n    here {:?}",
                        text(expected, row),
                        text(drawn, row)
                    )
                });
            }
        }
    }
    first.map(|first| format!("{count} cells; {first}"))
}

fn text(cells: &Cells, row: usize) -> String {
    cells[row]
        .iter()
        .map(|cell| cell.text.as_str())
        .collect::<String>()
        .trim_end()
        .to_owned()
}

/// All that is compared of a screen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct View {
    pub screen: Cells,
    /// The rows above it.
    pub history: Cells,
    /// Logical lines, those of the history first.
    pub lines: Vec<String>,
    /// Column and row. Behind the last column is on it.
    pub cursor: (u16, u16),
    pub modes: Vec<String>,
    pub title: String,
    /// It had other sizes before, at which its rows were folded.
    pub folded: bool,
}

impl View {
    /// The first difference, told.
    pub(crate) fn difference(&self, ours: &Self) -> Option<String> {
        if let Some(difference) = difference(&self.screen, &ours.screen) {
            return Some(difference);
        }
        if self.cursor != ours.cursor {
            return Some(format!(
                "the cursor is at {:?} in tmux, here at {:?}",
                self.cursor, ours.cursor
            ));
        }
        if (&self.modes, &self.title) != (&ours.modes, &ours.title) {
            return Some(format!(
                "tmux {:?} {:?}, here {:?} {:?}",
                self.modes, self.title, ours.modes, ours.title
            ));
        }
        // A blank row at the end of a logical line is no row here, and what was blank may have been
        // folded otherwise.
        let blank = |cell: &Cell| {
            *cell
                == Cell {
                    text: " ".into(),
                    ..Cell::default()
                }
        };
        let written = |rows: &Cells| -> Cells {
            let mut full = false;
            let keep = |row: &&Vec<Cell>| {
                let end =
                    std::mem::replace(&mut full, !row.last().is_none_or(blank)) || self.folded;
                !end || !row.iter().all(blank)
            };
            rows.iter().filter(keep).cloned().collect()
        };
        let (history, our_history) = (written(&self.history), written(&ours.history));
        if history.len() != our_history.len() {
            return Some(format!(
                "tmux has {} rows of history, here are {}",
                history.len(),
                our_history.len()
            ));
        }
        difference(&history, &our_history)
            .map(|difference| format!("in the history: {difference}"))
            // The lines of an alternate screen are its own alone.
            .or_else(|| {
                self.text_difference(ours)
                    .filter(|_| !self.modes.iter().any(|mode| mode == "alternate"))
            })
    }

    /// Joined lines: all text of both, where it may be joined otherwise. tmux keeps soft wraps of
    /// rows that were erased to their end and forgets them where rows were moved; of line drawing
    /// it tells the letters.
    fn text_difference(&self, ours: &Self) -> Option<String> {
        let text = |view: &Self| view.lines.concat().split_whitespace().collect::<String>();
        let (theirs, ours) = (text(self), text(ours));
        let drawn = |c: char| !c.is_ascii();
        let differ = || {
            theirs
                .chars()
                .zip(ours.chars())
                .position(|(a, b)| a != b && !(a.is_ascii_graphic() && drawn(b)))
        };
        (theirs.chars().count() != ours.chars().count() || differ().is_some())
            .then(|| format!("joined lines: tmux {theirs:?}, here {ours:?}"))
    }
}

/// psup's screen, given the same.
pub(crate) fn psup(size: Size, steps: &[Step]) -> View {
    View {
        folded: folded(steps),
        ..view(&screen(size, steps))
    }
}

fn folded(steps: &[Step]) -> bool {
    steps.iter().any(|step| matches!(step, Step::Resize(_)))
}

pub(crate) fn screen(size: Size, steps: &[Step]) -> Screen {
    let mut screen = Screen::new(size, 5000);
    screen.feed(ANEW);
    for step in steps {
        match step {
            Step::Bytes(bytes) => screen.feed(&[bytes, &b"\x1b\\"[..]].concat()),
            Step::Resize(size) => screen.resize(*size),
        }
    }
    screen
}

/// A capture in ANSI.
pub(crate) fn ansi(screen: &Screen, extent: Extent, rows: bool) -> Vec<u8> {
    let capture = Capture {
        extent,
        format: Format::Ansi,
        rows,
        at: None,
        budget: None,
    };
    let (rows, _) = screen.rows_of(&capture).unwrap().collect().unwrap();
    let rows = rows.iter().map(RowBuf::as_row);
    psup_render::whole(&capture, &screen.rows_head(0), rows).unwrap()
}

pub(crate) fn view(screen: &Screen) -> View {
    let ansi = |extent| String::from_utf8(ansi(screen, extent, true)).unwrap();
    let size = screen.size();
    let history = ansi(Extent::Rows {
        first: i64::MIN / 2,
        last: -1,
    });
    let count = history.matches('\n').count();
    let (modes, cursor) = (screen.modes(), screen.cursor());
    let names = screen.mode_names();
    let drawing = |name: &str| names.iter().any(|n| n == name);
    let flags = [
        (cursor.visible, "cursor"),
        (modes.alternate, "alternate"),
        (modes.app_cursor, "app-cursor"),
        (modes.app_keypad, "app-keypad"),
        (drawing("insert"), "insert"),
        (drawing("origin"), "origin"),
        (!drawing("no-wrap"), "wrap"),
    ];
    let mut modes_told: Vec<String> = flags
        .iter()
        .filter(|(set, _)| *set)
        .map(|(_, name)| (*name).to_owned())
        .collect();
    let mouse = [
        modes.mouse == Mouse::Buttons,
        modes.mouse == Mouse::Drag,
        modes.mouse == Mouse::Motion,
        modes.mouse_encoding == MouseEncoding::Sgr,
    ];
    modes_told.push(format!(
        "mouse {}",
        mouse.map(|on| if on { "1" } else { "0" }).concat()
    ));
    View {
        screen: parse(&ansi(Extent::Screen), size.cols, size.rows.into()),
        history: parse(&history, size.cols, count),
        lines: told(&screen.lines(Extent::All)),
        cursor: (cursor.col, cursor.row),
        modes: modes_told,
        title: screen.title().to_owned(),
        folded: false,
    }
}

/// Lines without blanks at their ends, up to the last that has text.
fn told(lines: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = lines
        .iter()
        .map(|line| line.trim_end_matches(' ').to_owned())
        .collect();
    lines.truncate(
        lines
            .iter()
            .rposition(|line| !line.is_empty())
            .map_or(0, |last| last + 1),
    );
    lines
}

pub(crate) fn vt100(size: Size, bytes: &[u8]) -> Cells {
    let nonzero = |n: u16| n.try_into().unwrap();
    let mut parser = vt100::Parser::new(nonzero(size.rows), nonzero(size.cols), 0);
    // Without this it panics on ordinary text with emoji.
    let bytes: Vec<u8> = String::from_utf8_lossy(bytes)
        .replace('\u{fe0f}', "")
        .into_bytes();
    parser.process(&bytes);
    let colour = |colour: vt100::Color| match colour {
        vt100::Color::Default => String::new(),
        vt100::Color::Idx(n) => n.to_string(),
        vt100::Color::Rgb(r, g, b) => format!("{r},{g},{b}"),
    };
    let cell = |row, col| {
        let Some(cell) = parser.screen().cell(row, col) else {
            return Cell {
                text: " ".into(),
                ..Cell::default()
            };
        };
        let text = match cell.contents() {
            "" if cell.is_wide_continuation() => "",
            "" => " ",
            text => text,
        };
        let attrs = [
            (cell.bold(), 1),
            (cell.dim(), 2),
            (cell.italic(), 3),
            (cell.underline(), 4),
            (cell.inverse(), 7),
        ];
        Cell {
            told: true,
            text: text.to_owned(),
            fg: colour(cell.fgcolor()),
            bg: colour(cell.bgcolor()),
            line: String::new(),
            attrs: attrs
                .iter()
                .filter(|(set, _)| *set)
                .map(|(_, n)| *n)
                .collect(),
        }
    };
    (0..size.rows)
        .map(|row| (0..size.cols).map(|col| cell(row, col)).collect())
        .collect()
}

/// Rows of text with SGR, as tmux and psup write them, to cells.
fn parse(text: &str, cols: u16, rows: usize) -> Cells {
    let blank = Cell {
        text: " ".to_owned(),
        ..Cell::default()
    };
    let mut parsed: Cells = Vec::new();
    let mut pen = blank.clone();
    let mut drawing = false;
    for line in text.split('\n').take(rows) {
        let mut row: Vec<Cell> = Vec::new();
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\x1b' if chars.peek() == Some(&'[') => {
                    let sgr: String = chars.by_ref().skip(1).take_while(|c| *c != 'm').collect();
                    apply(&mut pen, &sgr);
                }
                '\x1b' => while !matches!(chars.next(), Some('\\') | None) {},
                '\x0e' => drawing = true,
                '\x0f' => drawing = false,
                _ => {
                    let width = width(c);
                    if width == 0 {
                        if let Some(cell) = row.iter_mut().rev().find(|cell| !cell.text.is_empty())
                        {
                            cell.text.push(c);
                        }
                        continue;
                    }
                    let c = if drawing { line_drawing(c) } else { c };
                    row.push(Cell {
                        told: true,
                        text: c.into(),
                        ..pen.clone()
                    });
                    if width == 2 {
                        row.push(Cell {
                            told: true,
                            text: String::new(),
                            ..pen.clone()
                        });
                    }
                }
            }
        }
        row.resize(cols.into(), blank.clone());
        parsed.push(row);
    }
    parsed.resize(rows, vec![blank; cols.into()]);
    parsed
}

pub(crate) fn has_wide(text: &str) -> bool {
    text.chars().any(|c| width(c) == 2)
}

fn width(c: char) -> usize {
    unicode_width::UnicodeWidthChar::width(c).unwrap_or(0)
}

fn line_drawing(c: char) -> char {
    "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·"
        .chars()
        .nth((c as usize).wrapping_sub(0x60))
        .unwrap_or(c)
}

fn apply(pen: &mut Cell, sgr: &str) {
    let mut params = sgr.split(';');
    while let Some(param) = params.next() {
        // tmux writes overline as 5:3, and kinds of underline as 4:3.
        let (code, kind) = param.split_once(':').unwrap_or((param, ""));
        let code: u8 = code.parse().unwrap_or(0);
        match (code, kind) {
            (0, _) => {
                *pen = Cell {
                    text: " ".to_owned(),
                    ..Cell::default()
                }
            }
            (4, "") | (21, _) => pen.set(4 + (code - 4) / 17 * 38),
            (4, "0") => pen
                .attrs
                .retain(|attr| !(*attr == 4 || (42..46).contains(attr))),
            (4, kind) => pen.set(40 + kind.parse::<u8>().unwrap()),
            (5, "3") => pen.set(53),
            (30..=37, _) => pen.fg = (code - 30).to_string(),
            (90..=97, _) => pen.fg = (code - 82).to_string(),
            (40..=47, _) => pen.bg = (code - 40).to_string(),
            (100..=107, _) => pen.bg = (code - 92).to_string(),
            (39, _) => pen.fg = String::new(),
            (49, _) => pen.bg = String::new(),
            (59, _) => pen.line = String::new(),
            (38 | 48 | 58, _) => {
                let colour = match params.next() {
                    Some("5") => params.next().unwrap().to_owned(),
                    _ => params.by_ref().take(3).collect::<Vec<_>>().join(","),
                };
                match code {
                    38 => pen.fg = colour,
                    48 => pen.bg = colour,
                    _ => pen.line = colour,
                }
            }
            _ => pen.set(code),
        }
    }
}
