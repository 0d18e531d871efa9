//! Captures as rows, made piece by piece: who reads a million lines leaves room for others between
//! two pieces, and what has been given is not kept.
//!
//! ```text
//! Screen ── copy of the lines, or the lines themselves ── RowReader: count, then piece after piece
//! ```

mod count;
mod give;
mod walk;

use crate::history::History;
use crate::line;
use crate::page::Page;
use crate::style::Style;
use crate::terminal::Terminal;
use count::{Count, Limits};
use give::Give;
use psup_proto::capture::{Capture, Extent, Format};
use psup_proto::rows::{Assembler, RowBuf, Rows};
use psup_proto::{Code, Failure};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use walk::{ScreenText, Walk};

/// The rows of one capture. [`count`](Self::count) until it is done, then [`piece`](Self::piece)
/// until there is none; each call is a short step of work.
#[derive(Clone, Debug, PartialEq)]
pub struct RowReader {
    extent: Extent,
    walk: Walk,
    /// Set while rows are counted.
    count: Option<Count>,
    give: Give,
    /// Lines of the session that are not kept any more.
    missed: u64,
    /// Rows in the capture, and older ones that are left out.
    rows: u64,
    left_out: u64,
    /// Rows of the screen itself.
    on_screen: u64,
    is_over: bool,
}

/// The lines of the history that a capture is made of.
struct Lines {
    pages: VecDeque<Page>,
    /// Finished ones.
    count: u64,
    open: Option<bool>,
}

impl RowReader {
    /// The history is the terminal's own, or one that nobody else needs.
    pub(crate) fn new(terminal: &Terminal, history: Cow<'_, History>, capture: &Capture) -> Self {
        let by_rows = capture.is_by_rows();
        let missed = history.missed();
        let above = rows_above_screen(&history, terminal.cols(), capture.extent);
        let pen = history.pen();
        let lines = Lines::of(history, terminal.behind.is_some(), capture.extent);
        let joins = !by_rows && lines.open.is_some();
        let pen = if joins { pen } else { Style::default() };
        let screen = terminal.screen_text(by_rows, pen);
        let used = used(&screen.text);
        let on_screen = terminal.rows() as u64;
        let has_history = lines.count > 0 || lines.open.is_some();
        let limits = Limits {
            trims: !(by_rows && capture.extent == Extent::Screen),
            rows: match capture.extent {
                Extent::Last(count) => Some(count.into()),
                Extent::Screen | Extent::All | Extent::Rows { .. } => None,
            },
            budget: capture.budget,
        };
        let finished = lines.count;
        let cols = by_rows.then_some(terminal.cols());
        let mut reader = Self {
            extent: capture.extent,
            walk: Walk::new(lines.pages, lines.open, cols, screen),
            count: None,
            give: Give::new(0, 0, capture.format != Format::Text),
            missed: if terminal.behind.is_some() { 0 } else { missed },
            rows: 0,
            left_out: 0,
            on_screen,
            is_over: false,
        };
        if let Extent::Rows { .. } = capture.extent {
            match above {
                Some(above) => reader.begin_rows(above, 0),
                None => reader.count = Some(Count::new(limits)),
            }
        } else if capture.budget.is_some() || has_history && (by_rows || used == 0) {
            reader.count = Some(Count::new(limits));
        } else {
            let used = if limits.trims { used } else { on_screen };
            let there = finished + used;
            reader.begin(there, there.min(limits.rows.unwrap_or(u64::MAX)));
        }
        reader
    }

    /// Counts on for a while; true once it is known what is given and what is left out.
    pub fn count(&mut self) -> Result<bool, Failure> {
        guarded(|| self.count_on())
    }

    /// How many rows are given. Known once all are [counted](Self::count).
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// How many older ones are not.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The next rows; an empty piece where others were passed over, `None` at the end.
    pub fn piece(&mut self) -> Result<Option<Rows>, Failure> {
        guarded(|| self.next_piece())
    }

    /// Whether the last piece has been given.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// All rows at once, and how many are left out.
    pub fn collect(mut self) -> Result<(Vec<RowBuf>, u64), Failure> {
        while !self.count()? {}
        let (mut rows, mut whole) = (Vec::new(), Assembler::default());
        while let Some(piece) = self.piece()? {
            whole.take(&piece, |row| {
                rows.push(row.into());
                Ok::<(), Failure>(())
            })?;
        }
        Ok((rows, self.left_out))
    }

    fn count_on(&mut self) -> bool {
        let Some(count) = &mut self.count else {
            return true;
        };
        if self.walk.step(count) {
            return false;
        }
        let (all, used, fitting) = (count.all(), count.used(), count.fitting());
        self.count = None;
        self.walk.restart();
        match self.extent {
            Extent::Rows { .. } => {
                let above = all - self.on_screen;
                self.begin_rows(above, above);
            }
            Extent::Screen | Extent::Last(_) | Extent::All => self.begin(used, fitting),
        }
        true
    }

    /// Of so many rows the last ones are given.
    fn begin(&mut self, there: u64, given: u64) {
        let missed = match self.extent {
            Extent::Screen | Extent::Rows { .. } => 0,
            Extent::Last(count) => u64::from(count).saturating_sub(there).min(self.missed),
            Extent::All => self.missed,
        };
        let wanted = match self.extent {
            Extent::Last(count) => there.min(count.into()),
            Extent::Screen | Extent::All | Extent::Rows { .. } => there,
        };
        self.left_out = missed + (wanted - given);
        self.rows = given;
        (self.give.skip, self.give.left) = (there - given, given);
    }

    /// Rows by their place: so many stand above the screen, and so many of them are walked through.
    fn begin_rows(&mut self, above: u64, walked: u64) {
        let Extent::Rows { first, last } = self.extent else {
            return;
        };
        let first = first.max(-(walked as i64));
        let last = last.min(self.on_screen as i64 - 1);
        self.left_out = above;
        self.rows = (last - first + 1).max(0) as u64;
        let skip = (walked as i64 + first).max(0) as u64;
        (self.give.skip, self.give.left) = (skip, self.rows);
    }

    fn next_piece(&mut self) -> Option<Rows> {
        if self.is_over {
            return None;
        }
        self.is_over = !self.walk.step(&mut self.give) || self.give.left == 0;
        self.walk.forget();
        Some(self.give.take())
    }
}

impl Lines {
    /// `is_hidden`: they belong to the screen behind the one that is shown.
    fn of(history: Cow<'_, History>, is_hidden: bool, extent: Extent) -> Self {
        let wanted = match extent {
            Extent::Screen => 0,
            Extent::Last(_) | Extent::All if is_hidden => 0,
            Extent::Last(count) => count.into(),
            Extent::Rows { first, .. } if first >= 0 => 0,
            Extent::All | Extent::Rows { .. } => u64::MAX,
        };
        if wanted == 0 {
            return Self {
                pages: VecDeque::new(),
                count: 0,
                open: None,
            };
        }
        let is_open = history.is_open();
        let count = history.len().min(wanted) - u64::from(is_open);
        let pages = match history {
            Cow::Borrowed(history) => history.last_lines(wanted),
            Cow::Owned(history) => history.into_last_lines(wanted),
        };
        Self {
            pages,
            count,
            open: is_open.then_some(!is_hidden),
        }
    }
}

/// How many rows stand above the screen, where a capture by place shows none of them.
fn rows_above_screen(history: &History, cols: usize, extent: Extent) -> Option<u64> {
    match extent {
        Extent::Rows { first, .. } if first >= 0 => {
            let mut above = 0;
            history.each(u64::MAX, |line| above += line::height(line, cols));
            Some(above as u64)
        }
        Extent::Screen | Extent::Last(_) | Extent::All | Extent::Rows { .. } => None,
    }
}

impl Terminal {
    /// The screen's rows as styled text that begins in a style.
    fn screen_text(&self, by_rows: bool, mut pen: Style) -> ScreenText {
        let mut screen = ScreenText::default();
        for (at, row) in self.grid.rows().enumerate() {
            let blanks = if by_rows { 0 } else { self.lacks(at) };
            pen = self
                .tables
                .push_row(&row.cells, blanks, pen, &mut screen.text);
            if by_rows {
                let wrap = row.wrapped.then(|| self.lacks(at) as u16);
                screen.wraps.push(wrap);
            }
            if by_rows || !row.wrapped || at + 1 == self.rows() {
                screen.text.push('\n');
                pen = Style::default();
            }
        }
        screen
    }
}

/// How many lines there are up to the last that is not blank.
fn used(text: &str) -> u64 {
    let lines = text.split_terminator('\n');
    let last = lines
        .enumerate()
        .filter(|(_, styled)| !line::plain(styled).is_empty())
        .last();
    last.map_or(0, |(last, _)| last as u64 + 1)
}

/// Runs something that must not take the supervisor with it.
fn guarded<T>(step: impl FnOnce() -> T) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(step))
        .map_err(|_| Failure::new(Code::Internal, "the screen could not be captured"))
}
