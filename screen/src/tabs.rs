//! Tab stops, and the ways in a row that depend on where it began.

use super::terminal::{Place, Terminal};

impl Terminal {
    pub(crate) fn backspace(&mut self) {
        if self.cursor.col > 0 {
            self.cursor.col -= 1;
        } else if self.cursor.row > 0 && self.grid.row(self.cursor.row - 1).wrapped {
            self.cursor = Place {
                row: self.cursor.row - 1,
                col: self.cols() - 1,
            };
        }
    }

    pub(crate) fn tab(&mut self, count: usize) {
        let last = self.cols() - 1;
        for _ in 0..count {
            if self.cursor.col >= last {
                break;
            }
            self.cursor.col = (self.cursor.col + 1..last)
                .find(|col| self.tabs[*col])
                .unwrap_or(last);
        }
    }
}

pub(crate) fn default_tabs(cols: usize) -> Vec<bool> {
    (0..cols).map(|col| col > 0 && col % 8 == 0).collect()
}
