//! Fast-forward: lines that will have scrolled away before anyone can look are not drawn.
//!
//! A program that prints a thousand lines at once leaves the last screenful of them on the screen and the others in the history, where they
//! are text again. So when what has arrived is a block of simple lines, longer than two screens, all but its last screenful goes
//! straight into the history in the form in which it would have got there, and only the rest is drawn. Law: nobody can tell
//! (`splitting_output_anywhere_changes_nothing` splits what is skipped).
//!
//! A simple line is printable text, tabs and SGR, ended by CR LF in a style without a background.

use super::history::History;
use super::params::Params;
use super::parser::{Parser, ascii_run};
use super::style::{Colour, Style};
use super::tables::Tables;
use super::terminal::{CLUSTER, Place, Terminal};
use super::width::{self, ZWJ};
use memchr::{memchr, memrchr};
use std::cell::Cell;

/// Bytes drawn before looking again for simple lines where there were none; it doubles while there are none.
const PATIENCE: usize = 1 << 10;
const PATIENCE_MOST: usize = 32 << 10;
/// Memory that is kept for the next block.
const SPARE_MOST: usize = 1 << 20;
/// Bytes for each row of the screen below which looking costs more than it saves: one read of a terminal gives some 4 KiB, and two
/// screenfuls of a log are more.
const ROW: usize = 200;

/// Feeds bytes, drawing as little of them as can be.
pub fn feed(parser: &mut Parser, terminal: &mut Terminal, bytes: &[u8]) {
    let mut rest = bytes;
    let mut patience = PATIENCE;
    // What is known to be text, and where it begins.
    let (mut text, mut begins) = ("", 0);
    while !rest.is_empty() {
        let Some(end) = memchr(b'\n', rest).filter(|_| terminal.scrolls_simply() && rest.len() > ROW * terminal.rows()) else {
            return draw(parser, terminal, rest);
        };
        // The line that is begun is not whole: it is drawn, and what follows begins at column 0.
        rest = drawn(parser, terminal, rest, end + 1);
        if !parser.is_ground() || terminal.cursor.col != 0 || !terminal.scrolls_simply() {
            rest = drawn(parser, terminal, rest, patience);
            continue;
        }
        let at = bytes.len() - rest.len();
        if at >= begins + text.len() {
            (text, begins) = (valid(rest), at);
        }
        let block = Block::scan(text.get(at - begins..).unwrap_or_default(), terminal);
        if block.lines.len() > 2 * terminal.rows() {
            patience = PATIENCE;
            rest = skip(parser, terminal, rest, &block);
        } else {
            rest = drawn(parser, terminal, rest, patience.max(block.len(block.lines.len())));
            patience = PATIENCE_MOST.min(2 * patience);
        }
        block.put_by();
    }
}

/// The text that bytes begin with, in whole lines.
fn valid(bytes: &[u8]) -> &str {
    let bytes = &bytes[..memrchr(b'\n', bytes).map_or(0, |at| at + 1)];
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}

fn draw(parser: &mut Parser, terminal: &mut Terminal, bytes: &[u8]) {
    terminal.fed += bytes.len() as u64;
    parser.feed(bytes, terminal);
}

/// Draws so many bytes, or all; gives the others.
fn drawn<'a>(parser: &mut Parser, terminal: &mut Terminal, bytes: &'a [u8], count: usize) -> &'a [u8] {
    let (now, later) = bytes.split_at(count.min(bytes.len()));
    draw(parser, terminal, now);
    later
}

/// Takes a block in: some lines drawn until the screen scrolls, the middle skipped, the last screenful drawn.
fn skip<'a>(parser: &mut Parser, terminal: &mut Terminal, bytes: &'a [u8], block: &Block) -> &'a [u8] {
    let rows = terminal.rows();
    // One more line than it takes to reach the bottom: then the screen has scrolled and its last row is blank.
    let first = rows - terminal.cursor.row;
    let last = block.lines.len() - rows;
    let rest = drawn(parser, terminal, bytes, block.len(first));
    debug_assert!(terminal.cursor.row == rows - 1 && terminal.grid.row(rows - 1).cells.is_empty());
    for row in 0..rows - 1 {
        terminal.keep(row);
    }
    block.give(first..last, &mut terminal.history);
    terminal.grid.clear(0, rows, 0);
    terminal.cursor = Place::default();
    terminal.set_style(block.lines[last - 1].style);
    let skipped = block.len(last) - block.len(first);
    terminal.fed += skipped as u64;
    drawn(parser, terminal, &rest[skipped..], block.len(block.lines.len()) - block.len(last))
}

impl Terminal {
    /// Text behind a full last row that fills the whole screen more than once: of what it leaves behind only the last screenful is drawn,
    /// the rows before go to the history as they are. Gives what is to be drawn from the top left on; `None` if there is no such text.
    pub fn run_through<'a>(&mut self, ascii: &'a [u8]) -> Option<&'a [u8]> {
        let (rows, cols) = (self.rows(), self.cols());
        let over = ascii.len().div_ceil(cols).saturating_sub(rows);
        if over == 0 || self.cursor.row + 1 < rows || !self.scrolls_simply() {
            return None;
        }
        self.grid.row_mut(rows - 1).wrapped = true;
        for row in 0..rows {
            self.keep(row);
        }
        let (passing, staying) = ascii.split_at(over * cols);
        for row in passing.chunks_exact(cols) {
            let pen = self.history.pen();
            self.history.extend(|text| {
                self.tables.push_style(pen, self.style, text);
                text.push_str(std::str::from_utf8(row).unwrap_or_default());
                self.style
            });
        }
        self.grid.clear(0, rows, 0);
        self.cursor = Place::default();
        Some(staying)
    }
}

thread_local! {
    /// What the last block was held in, for the next one: a flood has one for every batch.
    static SPARE: Cell<Block> = const { Cell::new(Block { text: String::new(), lines: Vec::new() }) };
}

/// Simple lines in the form in which the history keeps them.
#[derive(Default)]
struct Block {
    text: String,
    lines: Vec<Line>,
}

struct Line {
    /// Where it ends among the bytes.
    end: usize,
    /// Where it ends in the text.
    text_end: usize,
    /// The style behind it.
    style: Style,
}

impl Block {
    /// The simple lines that the text begins with.
    fn scan(text: &str, terminal: &Terminal) -> Self {
        let mut spare = SPARE.take();
        spare.text.clear();
        spare.lines.clear();
        spare.text.reserve(text.len() + text.len() / 8);
        let mut lines = spare.lines;
        let mut scan = Scan {
            tables: &terminal.tables,
            tabs: &terminal.tabs,
            style: terminal.style,
            pen: Style::default(),
            params: Params::default(),
            text: spare.text,
        };
        let mut end = 0;
        while let Some(length) = memchr(b'\n', &text.as_bytes()[end..]) {
            let whole = &text[end..end + length];
            let line = whole.trim_end_matches('\r');
            let text_end = scan.text.len();
            // A longer line might be cut differently between pages of the history.
            let simple = line.len() < whole.len() && scan.line(line).is_some() && scan.style.bg == Colour::Default;
            if !simple || scan.text.len() - text_end > History::LINE {
                scan.text.truncate(text_end);
                break;
            }
            scan.text.push('\n');
            end += length + 1;
            lines.push(Line {
                end,
                text_end: scan.text.len(),
                style: scan.style,
            });
        }
        Self { text: scan.text, lines }
    }

    fn put_by(self) {
        if self.text.capacity() + self.lines.capacity() * size_of::<Line>() <= SPARE_MOST {
            SPARE.set(self);
        }
    }

    /// How many bytes the first lines are.
    fn len(&self, lines: usize) -> usize {
        lines.checked_sub(1).map_or(0, |last| self.lines[last].end)
    }

    fn give(&self, lines: std::ops::Range<usize>, history: &mut History) {
        let mut from = lines.start.checked_sub(1).map_or(0, |before| self.lines[before].text_end);
        for line in &self.lines[lines] {
            history.append(&self.text[from..line.text_end]);
            from = line.text_end;
        }
    }
}

/// Turns lines to the history's form.
struct Scan<'a> {
    tables: &'a Tables,
    tabs: &'a [bool],
    style: Style,
    /// The style that the text's end is in.
    pen: Style,
    params: Params,
    text: String,
}

impl Scan<'_> {
    /// One line without its end; `None` if it is not simple.
    fn line(&mut self, line: &str) -> Option<()> {
        let bytes = line.as_bytes();
        self.pen = Style::default();
        let (mut at, mut col) = (0, 0);
        // The character before was ASCII, so what combines belongs to it.
        let mut after_ascii = false;
        // Columns matter in front of a tab: then only narrow text is simple.
        let (mut wide, mut tabbed) = (false, false);
        while at < bytes.len() {
            let run = ascii_run(&bytes[at..]);
            if run > 0 {
                self.begin();
                self.text.push_str(&line[at..at + run]);
                (at, col, after_ascii) = (at + run, col + run, true);
                continue;
            }
            match bytes[at] {
                0x1b => at += self.sgr(&bytes[at..])?,
                b'\t' if !wide => {
                    tabbed = true;
                    at += 1;
                    col = self.tab(&bytes[at..], col)?;
                }
                0x80.. if !tabbed => {
                    wide = true;
                    at += self.wide(&line[at..], after_ascii)?;
                }
                _ => return None,
            }
            after_ascii = false;
        }
        Some(())
    }

    /// Gives the length of the sequence.
    fn sgr(&mut self, bytes: &[u8]) -> Option<usize> {
        let body = bytes.strip_prefix(b"\x1b[")?;
        let length = self.params.read(body);
        if body.get(length) != Some(&b'm') || self.params.is_over() {
            return None;
        }
        self.style.apply(&self.params);
        Some(length + 3)
    }

    fn begin(&mut self) {
        if self.style != self.pen {
            self.tables.push_style(self.pen, self.style, &mut self.text);
            self.pen = self.style;
        }
    }

    /// A tab: blanks in the default style, if text follows. Only within the first row, where it is where it looks to be. Gives the column.
    fn tab(&mut self, rest: &[u8], col: usize) -> Option<usize> {
        let last = self.tabs.len() - 1;
        if col >= last {
            return None;
        }
        let to = (col + 1..last).find(|col| self.tabs[*col]).unwrap_or(last);
        // Blanks that nothing follows are not there; what may follow is text or another tab and then text.
        if rest.iter().any(|b| matches!(b, b' '..=b'~')) && !rest.contains(&0x1b) {
            self.tables.push_style(self.pen, Style::default(), &mut self.text);
            self.pen = Style::default();
            self.text.extend(std::iter::repeat_n(' ', to - col));
        } else if !rest.is_empty() {
            return None;
        }
        Some(to)
    }

    /// Text outside ASCII; gives its length. `None` where a character would be dropped or stand in another cell than it seems.
    fn wide(&mut self, text: &str, after_ascii: bool) -> Option<usize> {
        let mut length = 0;
        // Bytes of the character that what combines belongs to; 0 if it is not known.
        let mut cluster = usize::from(after_ascii);
        let mut joining = false;
        loop {
            if !joining {
                let wide = width::ideographs(&text.as_bytes()[length..]);
                length += wide;
                cluster = if wide > 0 { 3 } else { cluster };
            }
            let Some(c) = text[length..].chars().next().filter(|c| !c.is_ascii()) else {
                break;
            };
            length += c.len_utf8();
            if c == ZWJ {
                if std::mem::replace(&mut joining, true) {
                    return None;
                }
                continue;
            }
            let joined = std::mem::take(&mut joining);
            if width::of(c)? > 0 && !joined {
                cluster = c.len_utf8();
                continue;
            }
            let more = c.len_utf8() + if joined { ZWJ.len_utf8() } else { 0 };
            if cluster == 0 || cluster + more > CLUSTER {
                return None;
            }
            cluster += more;
        }
        if joining {
            return None;
        }
        self.begin();
        self.text.push_str(&text[..length]);
        Some(length)
    }
}
