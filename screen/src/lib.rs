//! The screen: what the journal draws.
//!
//! [`Screen`] is *the* terminal of a session, attached or not: it is fed the child's output,
//! answers its questions and can be captured. It knows no file, socket, task or clock.
//!
//! ```text
//! bytes → parser → terminal → grid      what is on the screen
//!                           → history   lines that have left it
//!                           → replies   bytes for the child
//!                           → signs     bells, titles, marks … for callers that want them
//! ```
//! Laws, each with a test of its name: splitting output anywhere changes nothing; a capture in
//! ANSI, fed to a screen, gives that screen; no bytes and no sizes make it panic; what it holds
//! does not grow with what it is fed.

#![cfg_attr(
    not(test),
    forbid(
        clippy::disallowed_macros,
        clippy::disallowed_methods,
        clippy::disallowed_types
    )
)]

mod capture;
mod checkpoint;
mod control;
mod fast;
mod grid;
mod history;
mod line;
mod modes;
mod numbers;
mod osc;
mod page;
pub mod painter;
pub mod palette;
mod params;
mod parser;
mod query;
mod reflow;
mod rows;
mod sign;
mod simple;
mod style;
mod switch;
mod table;
mod tables;
mod tabs;
mod terminal;
pub mod width;

#[cfg(test)]
mod tests;

pub use modes::{Modes, Mouse, MouseEncoding};
pub use rows::RowReader;
pub use sign::{Mark, MarkKind, Sign};

use history::History;
use memchr::memmem;
use parser::Parser;
use psup_proto::capture::{Capture, Cursor, Extent};
use psup_proto::rows::RowsHead;
use psup_proto::{Code, Failure, Offset, Size};
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use style::Style;
use terminal::Terminal;

/// Bytes of history kept in memory. What is older is drawn again from the journal.
pub const HISTORY: usize = 1 << 20;
/// Bytes of history that a quiet screen keeps.
const HISTORY_QUIET: usize = 16 << 10;
/// Bytes taken in one go; between two the tables are looked after.
const SLICE: usize = 256 << 10;

pub struct Screen {
    parser: Parser,
    terminal: Terminal,
    /// Where the frame began that is being drawn, in bytes fed.
    frame: Option<u64>,
    /// How often drawing failed and started over.
    faults: u64,
}

impl Screen {
    pub fn new(size: Size, scrollback: u32) -> Self {
        Self::with_history(size, scrollback, HISTORY)
    }

    /// A screen that may keep more history than usual: fed the journal from its start, with every
    /// resize where it was, it has all lines.
    pub fn with_history(size: Size, scrollback: u32, bytes: usize) -> Self {
        let history = History::new(scrollback, bytes);
        Self {
            parser: Parser::default(),
            terminal: Terminal::new(size.rows.into(), size.cols.into(), history),
            frame: None,
            faults: 0,
        }
    }

    /// Draws what the child wrote, however it is split.
    pub fn feed(&mut self, bytes: &[u8]) {
        for slice in bytes.chunks(SLICE) {
            let before = self.fed();
            self.guarded(|parser, terminal| {
                fast::feed(parser, terminal, slice);
                terminal.tidy();
            });
            self.frame = self
                .is_synchronized()
                .then(|| frame(slice, before, self.frame))
                .flatten();
        }
    }

    /// The answers to the child's questions so far, in order. They are input: write them at once or
    /// never.
    pub fn take_replies(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.terminal.replies)
    }

    pub fn take_signs(&mut self) -> Vec<Sign> {
        self.terminal.signs.take()
    }

    pub fn resize(&mut self, size: Size) {
        self.guarded(|_, terminal| terminal.resize(size.rows.into(), size.cols.into()));
    }

    pub fn size(&self) -> Size {
        Size {
            cols: self.terminal.cols() as u16,
            rows: self.terminal.rows() as u16,
        }
    }

    pub fn cursor(&self) -> Cursor {
        let cursor = self.terminal.cursor;
        Cursor {
            col: cursor.col.min(self.terminal.cols() - 1) as u16,
            row: cursor.row as u16,
            visible: self.terminal.drawing.cursor_visible,
        }
    }

    pub fn title(&self) -> &str {
        &self.terminal.title
    }

    pub fn cwd(&self) -> Option<&str> {
        self.terminal.cwd.as_deref()
    }

    pub fn modes(&self) -> Modes {
        self.terminal.modes
    }

    pub fn mode_names(&self) -> Vec<String> {
        self.terminal.modes.names(&self.terminal.drawing)
    }

    /// Half a frame is drawn (mode 2026). A capture does well to wait for the other half, for as
    /// long as its caller thinks right.
    pub fn is_synchronized(&self) -> bool {
        self.terminal.modes.synchronized
    }

    /// How many bytes had been fed when that frame began: what they drew is whole. `None` if there
    /// is no frame, or its beginning came in pieces.
    pub fn frame_begun(&self) -> Option<u64> {
        self.frame.filter(|_| self.is_synchronized())
    }

    /// The rows of the screen, without blanks at their ends.
    pub fn rows(&self) -> Vec<String> {
        let text = |row: &grid::Row| {
            let mut text = String::with_capacity(row.cells.len());
            for cell in &row.cells {
                self.terminal.tables.push_glyph(cell.glyph(), &mut text);
            }
            text.truncate(text.trim_end_matches(' ').len());
            text
        };
        self.terminal.grid.rows().map(text).collect()
    }

    /// Logical lines: what the edge cut is joined, blanks at their ends and blank lines at the end
    /// are dropped.
    pub fn lines(&self, extent: Extent) -> Vec<String> {
        let mut lines: Vec<String> = self
            .terminal
            .styled_lines(extent)
            .iter()
            .map(|styled| line::plain(styled))
            .collect();
        lines.truncate(
            lines
                .iter()
                .rposition(|text| !text.is_empty())
                .map_or(0, |last| last + 1),
        );
        if let Extent::Last(count) = extent {
            lines.drain(..lines.len().saturating_sub(count as usize));
        }
        lines
    }

    /// What stands before the rows of a capture: the screen after so many bytes. The rows
    /// themselves are not counted yet.
    pub fn rows_head(&self, offset: Offset) -> RowsHead {
        RowsHead {
            offset,
            size: self.size(),
            cursor: self.cursor(),
            title: self.title().to_owned(),
            cwd: self.cwd().map(str::to_owned),
            modes: self.mode_names(),
            rows: 0,
            left_out: 0,
        }
    }

    /// The rows of a capture, as a value of its own: the screen may change meanwhile.
    pub fn rows_of(&self, capture: &Capture) -> Result<RowReader, Failure> {
        let history = Cow::Borrowed(&self.terminal.history);
        self.read_rows(history, capture)
    }

    /// The same of a screen that is not needed any more, whose history need not be copied.
    pub fn into_rows_of(mut self, capture: &Capture) -> Result<RowReader, Failure> {
        let empty = History::new(0, 0);
        let history = std::mem::replace(&mut self.terminal.history, empty);
        self.read_rows(Cow::Owned(history), capture)
    }

    fn read_rows(&self, from: Cow<'_, History>, capture: &Capture) -> Result<RowReader, Failure> {
        let terminal = &self.terminal;
        catch_unwind(AssertUnwindSafe(|| RowReader::new(terminal, from, capture)))
            .map_err(|_| Failure::new(Code::Internal, "the screen could not be captured"))
    }

    /// How many lines have left the screen since the session's first.
    pub fn history_end(&self) -> u64 {
        self.terminal.history.end()
    }

    /// The styled lines that have left the screen since there were `from` of them, at most so many:
    /// the newest.
    pub fn history_since(&self, from: u64, most: usize) -> Vec<String> {
        let open = u64::from(self.terminal.history.is_open());
        let count = self.history_end().saturating_sub(from).min(most as u64);
        let mut lines = Vec::new();
        let mut give = |line: &str| lines.push(line.to_owned());
        if count > 0 {
            self.terminal.history.each(count + open, &mut give);
        }
        lines.truncate(count as usize);
        lines
    }

    /// One row of the screen with the sequences that style it; empty where there is none.
    pub fn styled_row(&self, at: usize) -> String {
        let mut text = String::new();
        if at < self.terminal.rows() {
            let cells = &self.terminal.grid.row(at).cells;
            let pen = self
                .terminal
                .tables
                .push_cells(cells, Style::default(), &mut text);
            self.terminal
                .tables
                .push_style(pen, Style::default(), &mut text);
        }
        text
    }

    /// The number of the first line the history still has, counted from the session's first. Older
    /// ones are in the journal only.
    pub fn history_start(&self) -> u64 {
        self.terminal.history.start()
    }

    /// Whether memory has all that a capture of this extent shows, or the journal has to be drawn
    /// again for it.
    pub fn reaches(&self, extent: Extent) -> bool {
        match extent {
            Extent::Screen => true,
            Extent::Last(count) => self.terminal.history.reaches(count.into()),
            Extent::All => self.terminal.history.reaches(u64::MAX),
            Extent::Rows { first, .. } => {
                first >= 0 || self.terminal.history.reaches(first.unsigned_abs())
            }
        }
    }

    /// Bytes are missing that may have drawn lines: nobody knows how many, and at least one is told
    /// as left out.
    pub fn lacks_lines(&mut self) {
        self.terminal.history.lack();
    }

    /// Tells lines that only the other screen of the same session has drawn as left out.
    pub fn count_lines_as(&mut self, other: &Self) {
        self.terminal.history.count_as(&other.terminal.history);
    }

    /// Everything but old history, in a form for [`restore`](Self::restore). It can be made at any
    /// byte.
    pub fn checkpoint(&self) -> Option<Vec<u8>> {
        checkpoint::write(&self.parser, &self.terminal)
    }

    /// `None` if the bytes are damaged or of another version: then the journal has to be drawn from
    /// its start.
    pub fn restore(bytes: &[u8], scrollback: u32) -> Option<Self> {
        let (parser, terminal) = checkpoint::read(bytes, &History::new(scrollback, HISTORY))?;
        Some(Self {
            parser,
            terminal,
            frame: None,
            faults: 0,
        })
    }

    /// Bytes fed so far, those before a checkpoint among them.
    pub fn fed(&self) -> u64 {
        self.terminal.fed
    }

    /// How often something went wrong inside and the screen started over, its history kept.
    pub fn faults(&self) -> u64 {
        self.faults
    }

    /// About how many bytes of memory this screen holds.
    pub fn memory(&self) -> usize {
        self.terminal.memory()
    }

    /// Gives memory back, for a session that is quiet. Lines of history go with it;
    /// [`reaches`](Self::reaches) tells.
    pub fn shrink(&mut self) {
        self.guarded(|_, terminal| terminal.shrink(HISTORY_QUIET));
    }

    /// Runs something that must not take the supervisor with it. After a panic the drawing begins
    /// again on an empty screen.
    fn guarded(&mut self, act: impl FnOnce(&mut Parser, &mut Terminal)) {
        let (parser, terminal) = (&mut self.parser, &mut self.terminal);
        if catch_unwind(AssertUnwindSafe(|| act(parser, terminal))).is_err() {
            self.faults += 1;
            self.parser = Parser::default();
            self.terminal.start_over();
        }
    }
}

/// Where the frame began that is open at the end of these bytes, if that can be seen in them or was
/// known before.
fn frame(bytes: &[u8], before: u64, open: Option<u64>) -> Option<u64> {
    let from = match memmem::rfind(bytes, b"\x1b[?2026l") {
        None if open.is_some() => return open,
        closed => closed.unwrap_or(0),
    };
    memmem::find(&bytes[from..], b"\x1b[?2026h").map(|at| before + (from + at) as u64)
}
