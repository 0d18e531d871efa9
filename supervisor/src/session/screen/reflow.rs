//! Another size: rows are joined to their logical lines and folded anew, so nothing is lost.

use super::terminal::{Place, Terminal, default_tabs};

impl Terminal {
    pub fn resize(&mut self, rows: usize, cols: usize) {
        if (rows, cols) == (self.rows(), self.cols()) {
            return;
        }
        self.grid.crop(rows, cols);
        if let Some(behind) = &mut self.behind {
            behind.grid.crop(rows, cols);
        }
        self.tabs = default_tabs(cols);
        (self.top, self.bottom) = (0, rows - 1);
        self.cursor = Place {
            row: self.cursor.row.min(rows - 1),
            col: self.cursor.col.min(cols - 1),
        };
    }
}
