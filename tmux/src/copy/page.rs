//! What is read in copy mode: rows of cells, and which of them go on in the next.

use unicode_width::UnicodeWidthChar;

/// The second half of a wide character.
const HALF: char = '\0';

pub(crate) struct Page {
    rows: Vec<Row>,
    pub sx: i32,
}

struct Row {
    cells: Vec<char>,
    wrapped: bool,
}

impl Page {
    /// From rows as they stand, each with whether the next one goes on from it; there are `count`,
    /// blank ones at the end included.
    pub(crate) fn new<'a>(
        rows: impl IntoIterator<Item = (&'a str, bool)>,
        sx: i32,
        count: i32,
    ) -> Self {
        let row = |(text, goes_on)| {
            let cells = cells(text);
            // One that was erased to its end is over.
            let wrapped = goes_on && cells.len() as i32 >= sx - 1;
            Row { cells, wrapped }
        };
        let mut all: Vec<Row> = rows.into_iter().map(row).collect();
        all.resize_with(count.max(1) as usize, || Row {
            cells: vec![],
            wrapped: false,
        });
        Self { rows: all, sx }
    }

    pub(crate) fn last(&self) -> i32 {
        self.rows.len() as i32 - 1
    }

    fn row(&self, y: i32) -> Option<&Row> {
        self.rows.get(usize::try_from(y).ok()?)
    }

    /// Without the blanks at its end.
    pub(crate) fn length(&self, y: i32) -> i32 {
        self.row(y).map_or(0, |row| row.cells.len() as i32)
    }

    pub(crate) fn wraps(&self, y: i32) -> bool {
        self.row(y).is_some_and(|row| row.wrapped)
    }

    pub(crate) fn cell(&self, x: i32, y: i32) -> char {
        let cell = self
            .row(y)
            .and_then(|row| row.cells.get(usize::try_from(x).ok()?));
        cell.copied().unwrap_or(' ')
    }

    pub(crate) fn is_half(&self, x: i32, y: i32) -> bool {
        self.cell(x, y) == HALF
    }

    /// The text of a row between two columns.
    pub(crate) fn text(&self, y: i32, from: i32, to: i32) -> String {
        let to = to.min(self.length(y));
        (from.max(0)..to)
            .map(|x| self.cell(x, y))
            .filter(|c| *c != HALF)
            .collect()
    }

    /// The column of every character of a row.
    pub(crate) fn columns(&self, y: i32) -> Vec<i32> {
        (0..self.length(y))
            .filter(|x| !self.is_half(*x, y))
            .collect()
    }
}

fn cells(row: &str) -> Vec<char> {
    let mut cells = Vec::with_capacity(row.len());
    for c in row.trim_end_matches(' ').chars() {
        match c.width() {
            // It belongs to the cell before; a selection does without it.
            Some(0) | None => {}
            Some(1) => cells.push(c),
            Some(_) => cells.extend([c, HALF]),
        }
    }
    cells
}
