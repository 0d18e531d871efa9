//! Fast-forward: lines that will have scrolled away before anyone can look are not drawn.
//!
//! A program that prints a thousand lines at once leaves the last screenful of them on the screen and the others in the history, where they
//! are text again. So when what has arrived is a block of simple lines, longer than two screens, all but its last screenful goes
//! straight into the history in the form in which it would have got there, and only the rest is drawn. Law: nobody can tell
//! (`splitting_output_anywhere_changes_nothing` splits what is skipped).
//!
//! A simple line is printable text, tabs and SGR, ended by CR LF in a style without a background.

use super::history::History;
use super::parser::{Params, Parser, ascii_run};
use super::style::{Colour, Style};
use super::terminal::{CLUSTER, Place, Tables, Terminal};
use super::width::{self, ZWJ};
use memchr::memchr;

/// Bytes drawn before looking again for simple lines where there were none; it doubles while there are none.
const PATIENCE: usize = 1 << 10;
const PATIENCE_MOST: usize = 32 << 10;

/// Feeds bytes, drawing as little of them as can be.
pub fn feed(parser: &mut Parser, terminal: &mut Terminal, bytes: &[u8]) {
    let mut rest = bytes;
    let mut patience = PATIENCE;
    while !rest.is_empty() {
        let Some(end) = memchr(b'\n', rest).filter(|_| terminal.scrolls_simply() && rest.len() > PATIENCE) else {
            return draw(parser, terminal, rest);
        };
        // The line that is begun is not whole: it is drawn, and what follows begins at column 0.
        rest = drawn(parser, terminal, rest, end + 1);
        if !parser.is_ground() || terminal.cursor.col != 0 || !terminal.scrolls_simply() {
            rest = drawn(parser, terminal, rest, patience);
            continue;
        }
        let block = Block::scan(rest, terminal);
        if block.lines.len() < 2 * terminal.rows() + 1 {
            rest = drawn(parser, terminal, rest, patience.max(block.len(block.lines.len())));
            patience = PATIENCE_MOST.min(2 * patience);
            continue;
        }
        patience = PATIENCE;
        rest = skip(parser, terminal, rest, &block);
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

/// Simple lines in the form in which the history keeps them.
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
    /// The simple lines that the bytes begin with.
    fn scan(bytes: &[u8], terminal: &Terminal) -> Self {
        let mut scan = Scan {
            tables: &terminal.tables,
            tabs: &terminal.tabs,
            style: terminal.style,
            pen: Style::default(),
            text: String::with_capacity(bytes.len() + bytes.len() / 8),
        };
        let mut lines = Vec::new();
        let mut end = 0;
        while let Some(length) = memchr(b'\n', &bytes[end..]) {
            let line = &bytes[end..end + length];
            let returns = line.len() - line.iter().rposition(|b| *b != b'\r').map_or(0, |at| at + 1);
            let line = &line[..line.len() - returns];
            let text_end = scan.text.len();
            // A longer line might be cut differently between pages of the history.
            let simple = returns > 0 && scan.line(line).is_some() && scan.style.bg == Colour::Default;
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
    text: String,
}

impl Scan<'_> {
    /// One line without its end; `None` if it is not simple.
    fn line(&mut self, mut line: &[u8]) -> Option<()> {
        self.pen = Style::default();
        let mut col = 0;
        // The character before was ASCII, so what combines belongs to it.
        let mut after_ascii = false;
        // With a tab in it, columns matter, and then only narrow text is simple.
        let mut narrow = false;
        while !line.is_empty() {
            let run = ascii_run(line);
            if run > 0 {
                let (text, rest) = line.split_at(run);
                self.begin();
                self.text.push_str(std::str::from_utf8(text).ok()?);
                col += run;
                line = rest;
                after_ascii = true;
                continue;
            }
            match line[0] {
                0x1b => {
                    let params = line.strip_prefix(b"\x1b[")?;
                    let end = params.iter().position(|b| !matches!(b, b'0'..=b';'))?;
                    if params[end] != b'm' {
                        return None;
                    }
                    self.style.apply(&Params::sgr(&params[..end])?);
                    line = &params[end + 1..];
                }
                b'\t' => {
                    narrow = true;
                    let (rest, to) = self.tab(&line[1..], col)?;
                    (line, col) = (rest, to);
                }
                0x80.. => {
                    let end = line.iter().position(|b| *b < 0x80).unwrap_or(line.len());
                    let (text, rest) = line.split_at(end);
                    self.begin();
                    self.wide(std::str::from_utf8(text).ok()?, after_ascii)?;
                    if narrow || line.contains(&b'\t') {
                        return None;
                    }
                    line = rest;
                }
                _ => return None,
            }
            after_ascii = false;
        }
        Some(())
    }

    fn begin(&mut self) {
        if self.style != self.pen {
            self.tables.push_style(self.pen, self.style, &mut self.text);
            self.pen = self.style;
        }
    }

    /// A tab: blanks in the default style, if text follows. Only within the first row, where it is where it looks to be.
    fn tab<'a>(&mut self, rest: &'a [u8], col: usize) -> Option<(&'a [u8], usize)> {
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
        Some((rest, to))
    }

    /// Text outside ASCII. `None` where a character would be dropped or stand in another cell than it seems.
    fn wide(&mut self, text: &str, after_ascii: bool) -> Option<()> {
        let mut cluster = usize::from(after_ascii);
        let mut joining = false;
        for c in text.chars() {
            let width = width::of(c)?;
            if c == ZWJ {
                if std::mem::replace(&mut joining, true) {
                    return None;
                }
                continue;
            }
            if std::mem::take(&mut joining) || width == 0 {
                let joined = if text.contains(ZWJ) { ZWJ.len_utf8() } else { 0 };
                cluster += c.len_utf8() + joined;
                // A cluster of unknown beginning, or one near its limit, is for the slow path.
                if cluster > CLUSTER || cluster == c.len_utf8() + joined {
                    return None;
                }
            } else {
                cluster = c.len_utf8();
            }
        }
        if joining {
            return None;
        }
        self.text.push_str(text);
        Some(())
    }
}
