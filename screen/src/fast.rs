//! Fast-forward: lines that will have scrolled away before anyone can look are not drawn.
//!
//! A program that prints a thousand lines at once leaves the last screenful of them on the screen
//! and the others in the history, where they are text again. So when what has arrived is a block of
//! simple lines, longer than two screens, all but its last screenful goes straight into the
//! history, and only the rest is drawn. Law: nobody can tell
//! (`splitting_output_anywhere_changes_nothing` splits what is skipped).
//!
//! Simple lines (`simple.rs`) are kept as they came wherever that can be: most are forgotten before
//! anybody asks for them.

use super::history::History;
use super::parser::Parser;
use super::simple::{Form, Scan, without_returns};
use super::style::{Colour, Style};
use super::terminal::{Place, Terminal};
use memchr::memchr;
use std::cell::Cell;

/// Bytes drawn before looking again for simple lines where there were none; it doubles while there
/// are none.
const PATIENCE: usize = 1 << 10;
const PATIENCE_MOST: usize = 32 << 10;
/// Memory that is kept for the next block.
const SPARE_MOST: usize = 1 << 20;
/// Bytes for each row of the screen below which looking costs more than it saves: one read of a
/// terminal gives some 4 KiB, and two screenfuls of a log are more.
const ROW: usize = 200;

/// Feeds bytes, drawing as little of them as can be.
pub(crate) fn feed(parser: &mut Parser, terminal: &mut Terminal, bytes: &[u8]) {
    let mut rest = bytes;
    let mut patience = PATIENCE;
    while !rest.is_empty() {
        let Some(end) = memchr(b'\n', rest)
            .filter(|_| terminal.scrolls_simply() && rest.len() > ROW * terminal.rows())
        else {
            return draw(parser, terminal, rest);
        };
        // The line that is begun is not whole: it is drawn, and what follows begins at column 0.
        rest = drawn(parser, terminal, rest, end + 1);
        if !parser.is_ground() || terminal.cursor.col != 0 || !terminal.scrolls_simply() {
            rest = drawn(parser, terminal, rest, patience);
            continue;
        }
        let mut block = Block::scan(rest, terminal, Form::AsItCame);
        if block.lines.len() <= 2 * terminal.rows() && block.must_write {
            block.put_by();
            block = Block::scan(rest, terminal, Form::Written);
        }
        if block.lines.len() > 2 * terminal.rows() {
            patience = PATIENCE;
            rest = skip(parser, terminal, rest, &block);
        } else {
            rest = drawn(
                parser,
                terminal,
                rest,
                patience.max(block.len(block.lines.len())),
            );
            patience = PATIENCE_MOST.min(2 * patience);
        }
        block.put_by();
    }
}

fn draw(parser: &mut Parser, terminal: &mut Terminal, bytes: &[u8]) {
    terminal.fed += bytes.len() as u64;
    parser.feed(bytes, terminal);
}

/// Draws so many bytes, or all; gives the others.
fn drawn<'a>(
    parser: &mut Parser,
    terminal: &mut Terminal,
    bytes: &'a [u8],
    count: usize,
) -> &'a [u8] {
    let (now, later) = bytes.split_at(count.min(bytes.len()));
    draw(parser, terminal, now);
    later
}

/// Takes a block in: some lines drawn until the screen scrolls, the middle skipped, the last
/// screenful drawn.
fn skip<'a>(
    parser: &mut Parser,
    terminal: &mut Terminal,
    bytes: &'a [u8],
    block: &Block,
) -> &'a [u8] {
    let rows = terminal.rows();
    // One more line than it takes to reach the bottom: then the screen has scrolled and its last
    // row is blank.
    let first = rows - terminal.cursor.row;
    let last = block.lines.len() - rows;
    let rest = drawn(parser, terminal, bytes, block.len(first));
    debug_assert!(terminal.cursor.row == rows - 1 && terminal.grid.row(rows - 1).cells.is_empty());
    for row in 0..rows - 1 {
        terminal.keep(row);
    }
    block.give(first..last, bytes, &mut terminal.history);
    terminal.grid.clear(0, rows, 0);
    terminal.cursor = Place::default();
    terminal.set_style(block.style_behind(last - 1));
    let skipped = block.len(last) - block.len(first);
    terminal.fed += skipped as u64;
    drawn(
        parser,
        terminal,
        &rest[skipped..],
        block.len(block.lines.len()) - block.len(last),
    )
}

impl Terminal {
    /// Text behind a full last row that fills the whole screen more than once: of what it leaves
    /// behind only the last screenful is drawn, the rows before go to the history as they are.
    /// Gives what is to be drawn from the top left on; `None` if there is no such text.
    pub(crate) fn run_through<'a>(&mut self, ascii: &'a [u8]) -> Option<&'a [u8]> {
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
        for part in passing.chunks(History::LINE) {
            let pen = self.history.pen();
            self.history.extend(|text| {
                self.tables.push_style(pen, self.style, text);
                text.push_str(std::str::from_utf8(part).unwrap_or_default());
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
    static SPARE: Cell<Option<Block>> = const { Cell::new(None) };
}

/// Simple lines.
#[derive(Default)]
struct Block {
    /// Nothing where they go as they came.
    text: String,
    lines: Vec<Line>,
    /// The style at the end of a line and of those that follow, by its number. The first is the one
    /// that the block begins in.
    styles: Vec<(usize, Style)>,
    form: Form,
    /// The line behind them is simple only if it is written now.
    must_write: bool,
}

struct Line {
    /// Where it ends among the bytes.
    end: u32,
    /// Where it ends in the text.
    text_end: u32,
}

impl Block {
    /// The simple lines that the bytes begin with.
    fn scan(bytes: &[u8], terminal: &Terminal, form: Form) -> Self {
        let mut block = SPARE.take().unwrap_or_default();
        block.text.clear();
        block.lines.clear();
        block.styles.clear();
        block.styles.push((0, terminal.style));
        block.form = form;
        if form == Form::Written {
            block.text.reserve(bytes.len() + bytes.len() / 8);
        }
        let mut scan = Scan::new(
            &terminal.tables,
            &terminal.tabs,
            terminal.style,
            &mut block.text,
            form,
        );
        // A hyperlink's number may be another's by the time they are written.
        scan.must_write = terminal.style.link > 0;
        let (mut end, mut style) = (0, terminal.style);
        while let Some(length) =
            memchr(b'\n', &bytes[end..]).filter(|_| form == Form::Written || !scan.must_write)
        {
            let whole = &bytes[end..end + length];
            let line = without_returns(whole);
            let text_end = scan.out.len();
            // A longer line might be cut differently between pages of the history.
            let simple = line.len() < whole.len()
                && scan.line(line).is_some()
                && scan.style.bg == Colour::Default;
            if !simple || length.max(scan.out.len() - text_end) >= History::LINE {
                scan.out.truncate(text_end);
                break;
            }
            scan.end_line();
            if scan.style != style {
                style = scan.style;
                block.styles.push((block.lines.len(), style));
            }
            end += length + 1;
            block.lines.push(Line {
                end: end as u32,
                text_end: scan.out.len() as u32,
            });
        }
        block.must_write = scan.must_write;
        block
    }

    fn put_by(self) {
        if self.text.capacity() + self.lines.capacity() * size_of::<Line>() <= SPARE_MOST {
            SPARE.set(Some(self));
        }
    }

    /// How many bytes the first lines are.
    fn len(&self, lines: usize) -> usize {
        lines
            .checked_sub(1)
            .map_or(0, |last| self.lines[last].end as usize)
    }

    /// The style at a line's end.
    fn style_behind(&self, line: usize) -> Style {
        let later = self.styles.partition_point(|(from, _)| *from <= line);
        self.styles[later.saturating_sub(1)].1
    }

    /// Gives some of its lines, which are not the first ones, to the history.
    fn give(&self, lines: std::ops::Range<usize>, bytes: &[u8], history: &mut History) {
        let (mut at, end) = (lines.start, lines.end);
        while at < end {
            let before = &self.lines[at - 1];
            let mut next = at + 1;
            match self.form {
                Form::Written => history
                    .append(&self.text[before.text_end as usize..self.lines[at].text_end as usize]),
                Form::AsItCame => {
                    let fits = |line: &Line| (line.end - before.end) as usize <= History::LINE;
                    next = at + self.lines[at..end].partition_point(fits);
                    let page = &bytes[before.end as usize..self.len(next)];
                    history.append_unwritten(page, (next - at) as u32, self.style_behind(at - 1));
                }
            }
            at = next;
        }
    }
}
