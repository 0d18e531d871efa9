//! The same bytes drawn by psup, by vt100 and by real tmux, as cells that can be compared.
#![allow(clippy::unwrap_used, dead_code)]

use psup_proto::Size;
use psup_proto::capture::{Extent, Format};
use psup_supervisor::session::screen::Screen;
use std::io::Write;
use std::process::{Command, Stdio};

pub type Cells = Vec<Vec<Cell>>;

/// A cell as it can be seen. A wide character is in the first of its two cells.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// The row was written up to here at least. tmux leaves out what was only erased at the end of a row, and its colour with it.
    pub told: bool,
    pub text: String,
    pub fg: String,
    pub bg: String,
    /// Attributes by their SGR numbers, 4 for any underline.
    pub attrs: Vec<u8>,
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        let look = |cell: &Self| (cell.text.clone(), cell.fg.clone(), cell.bg.clone(), cell.attrs.clone());
        look(self) == look(other) || (!self.told || !other.told) && self.text == " " && other.text == " "
    }
}

/// The first difference, told.
pub fn difference(expected: &Cells, drawn: &Cells) -> Option<String> {
    let cell = |cells: &Cells, row: usize, col: usize| cells.get(row).and_then(|r| r.get(col)).cloned().unwrap_or_default();
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

pub fn psup(size: Size, bytes: &[u8]) -> Cells {
    psup_with_cursor(size, bytes).0
}

/// Also the cursor's column and row.
pub fn psup_with_cursor(size: Size, bytes: &[u8]) -> (Cells, (u16, u16)) {
    let mut screen = Screen::new(size, 0);
    screen.feed(bytes);
    let ansi = screen.capture(Extent::Screen, true, Format::Ansi, None).unwrap().bytes;
    let cursor = screen.cursor();
    (parse(&String::from_utf8(ansi).unwrap(), size), (cursor.col, cursor.row))
}

pub fn vt100(size: Size, bytes: &[u8]) -> Cells {
    let nonzero = |n: u16| n.try_into().unwrap();
    let mut parser = vt100::Parser::new(nonzero(size.rows), nonzero(size.cols), 0);
    // Without this it panics on ordinary text with emoji.
    let bytes: Vec<u8> = String::from_utf8_lossy(bytes).replace('\u{fe0f}', "").into_bytes();
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
            attrs: attrs.iter().filter(|(set, _)| *set).map(|(_, n)| *n).collect(),
        }
    };
    (0..size.rows)
        .map(|row| (0..size.cols).map(|col| cell(row, col)).collect())
        .collect()
}

/// A private tmux server.
pub struct Tmux {
    directory: tempfile::TempDir,
}

/// Puts a file on the terminal and waits until the terminal has drawn it: it answers the question behind the file last.
const SHOW: &str = r"
import os, re, sys, tty
tty.setraw(0)
data = open(sys.argv[1], 'rb').read()
asked = data.count(b'\x1b[6n') + 1
out = data + b'\x1b\\\x1b[6n'
while out:
    out = out[os.write(1, out):]
got = b''
while len(re.findall(rb'\x1b\[\d+;\d+R', got)) < asked:
    got += os.read(0, 4096)
os.system('tmux wait-for -S drawn')
os.read(0, 1)
";

impl Tmux {
    /// `None` where tmux is not installed.
    pub fn start() -> Option<Self> {
        Command::new("tmux").arg("-V").stdout(Stdio::null()).status().ok()?;
        let tmux = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        std::fs::write(tmux.path("show.py"), SHOW).unwrap();
        tmux.run(&["new-session", "-d", "-s", "hold", "cat"]);
        tmux.run(&["set", "-g", "status", "off"]);
        Some(tmux)
    }

    pub fn draw(&self, size: Size, bytes: &[u8]) -> Cells {
        self.draw_with_cursor(size, bytes).0
    }

    /// Also the cursor's column and row. Behind the last column is on it.
    pub fn draw_with_cursor(&self, size: Size, bytes: &[u8]) -> (Cells, (u16, u16)) {
        std::fs::File::create(self.path("bytes")).unwrap().write_all(bytes).unwrap();
        let (cols, rows) = (size.cols.to_string(), size.rows.to_string());
        let show = format!("exec python3 {} {}", self.path("show.py"), self.path("bytes"));
        self.run(&["new-session", "-d", "-s", "draw", "-x", &cols, "-y", &rows, &show]);
        self.run(&["wait-for", "drawn"]);
        let text = self.run(&["capture-pane", "-p", "-e", "-N", "-t", "draw"]);
        let place = self.run(&["display-message", "-p", "-t", "draw", "#{cursor_x} #{cursor_y}"]);
        self.run(&["kill-session", "-t", "draw"]);
        let (col, row) = place.trim().split_once(' ').unwrap();
        let col: u16 = col.parse().unwrap();
        (parse(&text, size), (col.min(size.cols - 1), row.parse().unwrap()))
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).to_str().unwrap().to_owned()
    }

    fn run(&self, args: &[&str]) -> String {
        let output = Command::new("tmux")
            .args(["-u", "-f", "/dev/null", "-S", &self.path("socket")])
            .args(args)
            .env("LANG", "C.UTF-8")
            .env("LC_ALL", "C.UTF-8")
            .env_remove("TMUX")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "tmux {args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        // It has only our sessions; there is nobody to tell if it is gone already.
        let _ = Command::new("tmux").args(["-S", &self.path("socket"), "kill-server"]).status();
    }
}

/// Rows of text with SGR, as tmux and psup write them, to cells.
fn parse(text: &str, size: Size) -> Cells {
    let blank = Cell {
        text: " ".to_owned(),
        ..Cell::default()
    };
    let mut rows: Cells = Vec::new();
    let mut pen = blank.clone();
    let mut drawing = false;
    for line in text.split('\n').take(size.rows.into()) {
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
                        if let Some(cell) = row.iter_mut().rev().find(|cell| !cell.text.is_empty()) {
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
        row.resize(size.cols.into(), blank.clone());
        rows.push(row);
    }
    rows.resize(size.rows.into(), vec![blank; size.cols.into()]);
    rows
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
    // tmux writes overline as 5:3, and kinds of underline as 4:3.
    let sgr = sgr.replace("5:3", "53").replace("4:0", "24");
    let sgr: Vec<&str> = sgr
        .split(';')
        .map(|param| if param.starts_with("4:") { "4" } else { param })
        .collect();
    let mut params = sgr.iter().flat_map(|param| param.split(':')).map(|n| n.parse::<u8>().unwrap_or(0));
    while let Some(n) = params.next() {
        match n {
            0 => {
                *pen = Cell {
                    text: " ".to_owned(),
                    ..Cell::default()
                }
            }
            30..=37 => pen.fg = (n - 30).to_string(),
            90..=97 => pen.fg = (n - 82).to_string(),
            40..=47 => pen.bg = (n - 40).to_string(),
            100..=107 => pen.bg = (n - 92).to_string(),
            39 => pen.fg = String::new(),
            49 => pen.bg = String::new(),
            38 | 48 | 58 => {
                let colour = match params.next() {
                    Some(5) => params.next().unwrap().to_string(),
                    _ => params.by_ref().take(3).map(|n| n.to_string()).collect::<Vec<_>>().join(","),
                };
                match n {
                    38 => pen.fg = colour,
                    48 => pen.bg = colour,
                    _ => {}
                }
            }
            _ => {
                let n = if n == 21 { 4 } else { n };
                pen.attrs.push(n);
                pen.attrs.sort_unstable();
                pen.attrs.dedup();
            }
        }
    }
}
