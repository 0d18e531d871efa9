//! The terminal as lines, and as memory.

use super::grid::Row;
use super::style::Style;
use super::terminal::Terminal;
use psup_proto::capture::Extent;

impl Terminal {
    /// Styled logical lines, the oldest first. May be more than the extent says: blank lines at the
    /// end are not counted yet.
    pub(crate) fn styled_lines(&self, extent: Extent) -> Vec<String> {
        let mut lines = Vec::new();
        let wanted = match extent {
            Extent::Screen | Extent::Rows { .. } => 0,
            Extent::Last(count) => count.into(),
            Extent::All => u64::MAX,
        };
        let mut open = false;
        if self.behind.is_none() && wanted > 0 {
            self.history.each(wanted, |styled| {
                lines.push(styled.to_owned());
            });
            open = self.history.is_open();
        }
        let mut pen = if open {
            self.history.pen()
        } else {
            Style::default()
        };
        let mut continues = open;
        for (at, row) in self.grid.rows().enumerate() {
            if !continues {
                lines.push(String::new());
                pen = Style::default();
            }
            if let Some(text) = lines.last_mut() {
                pen = self.tables.push_row(&row.cells, self.lacks(at), pen, text);
            }
            continues = row.wrapped;
        }
        lines
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
