//! The terminal as lines, and as memory.

use super::grid::Row;
use super::line;
use super::style::Style;
use super::terminal::Terminal;
use psup_proto::capture::Extent;

impl Terminal {
    /// Styled lines, the oldest first: logical ones, or as rows of the screen's width. May be more
    /// than the extent says: blank lines at the end are not counted yet.
    pub(crate) fn styled_lines(&self, extent: Extent, rows: bool) -> Vec<String> {
        let mut lines = Vec::new();
        let wanted = match extent {
            Extent::Screen | Extent::Rows { .. } => 0,
            Extent::Last(count) => count.into(),
            Extent::All => u64::MAX,
        };
        let mut open = false;
        if self.behind.is_none() && wanted > 0 {
            self.history.each(wanted, |styled| {
                if rows {
                    lines.extend(line::fold(styled, self.cols()));
                } else {
                    lines.push(styled.to_owned());
                }
            });
            open = self.history.is_open();
        }
        let mut pen = if open && !rows {
            self.history.pen()
        } else {
            Style::default()
        };
        let mut continues = open && !rows;
        for (at, row) in self.grid.rows().enumerate() {
            if !continues {
                lines.push(String::new());
                pen = Style::default();
            }
            if let Some(text) = lines.last_mut() {
                let blanks = if rows { 0 } else { self.lacks(at) };
                pen = self.tables.push_row(&row.cells, blanks, pen, text);
            }
            continues = row.wrapped && !rows;
        }
        lines
    }

    /// The rows from `first` to `last`, counted from the top of the screen, and how many there are
    /// above it, above an alternate screen too. Joined, the rows of one line are one.
    pub(crate) fn styled_rows(&self, first: i64, last: i64, joined: bool) -> (Vec<String>, u64) {
        let cols = self.cols();
        let mut above = 0;
        self.history.each(u64::MAX, |styled| {
            above += line::height(styled, cols) as i64;
        });
        let (first, last) = (first.max(-above), last.min(self.rows() as i64 - 1));
        let mut taken = Taken {
            at: -above,
            first,
            last,
            joined,
            open: false,
            lines: Vec::new(),
        };
        if first < 0 {
            let open = self.history.is_open() && self.behind.is_none();
            let mut left = self.history.len();
            self.history.each(u64::MAX, |styled| {
                left -= 1;
                let rows = line::fold(styled, cols);
                let end = rows.len();
                for (row, at) in rows.into_iter().zip(1..) {
                    taken.take(row, at < end || (open && left == 0));
                }
            });
        } else {
            taken.at = 0;
        }
        for (at, row) in self.grid.rows().enumerate() {
            let mut text = String::new();
            let blanks = if joined { self.lacks(at) } else { 0 };
            let pen = self
                .tables
                .push_row(&row.cells, blanks, Style::default(), &mut text);
            self.tables.push_style(pen, Style::default(), &mut text);
            taken.take(text, row.wrapped);
        }
        (taken.lines, above as u64)
    }

    /// Whether a wide character stands at the beginning of a row.
    pub(crate) fn wide_begins(&self, row: usize) -> bool {
        row < self.rows() && self.grid.row(row).cell(0).is_wide()
    }

    pub(crate) fn memory(&self) -> usize {
        let grids = [Some(&self.grid), self.behind.as_ref()]
            .into_iter()
            .flatten();
        let cells: usize = grids
            .flat_map(super::grid::Grid::rows)
            .map(|row| size_of::<Row>() + row.cells.capacity() * 8)
            .sum();
        let tables = self.tables.styles.len() * 64
            + self.tables.clusters.len() * 96
            + self.tables.links.len() * 256;
        size_of::<Self>() + cells + tables + self.history.bytes() + self.replies.capacity()
    }

    pub(crate) fn shrink(&mut self, history: usize) {
        self.history.shrink(history);
        let grids = [Some(&mut self.grid), self.behind.as_mut()]
            .into_iter()
            .flatten();
        for row in grids.flat_map(super::grid::Grid::rows_mut) {
            row.cells.shrink_to_fit();
        }
        self.tables_limit = 0;
        self.tidy();
    }

    /// After a fault: an empty screen of the same size, with the history and what identifies the
    /// session.
    pub(crate) fn start_over(&mut self) {
        let mut fresh = Self::new(self.rows().max(1), self.cols().max(1), self.history.clone());
        fresh.cut_history();
        fresh.title = std::mem::take(&mut self.title);
        fresh.cwd = self.cwd.take();
        fresh.signs = std::mem::take(&mut self.signs);
        fresh.replies = std::mem::take(&mut self.replies);
        fresh.fed = self.fed;
        *self = fresh;
    }
}

/// Rows on their way into a capture.
struct Taken {
    at: i64,
    first: i64,
    last: i64,
    joined: bool,
    /// The line before goes on in the next row.
    open: bool,
    lines: Vec<String>,
}

impl Taken {
    fn take(&mut self, row: String, wrapped: bool) {
        if (self.first..=self.last).contains(&self.at) {
            match self.lines.last_mut().filter(|_| self.open) {
                Some(line) => {
                    if line.contains('\x1b') {
                        line.push_str("\x1b[m");
                    }
                    line.push_str(&row);
                }
                None => self.lines.push(row),
            }
            self.open = self.joined && wrapped;
        }
        self.at += 1;
    }
}
