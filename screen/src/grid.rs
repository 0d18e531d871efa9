//! Cells in rows: what is drawn, without knowing what drew it.
//!
//! A row holds cells only up to its last one that is not blank, so an empty screen costs nothing
//! and a row is as long as its text. Invariant: a wide character is a `wide` cell with a `tail`
//! behind it in the same row, and neither is ever without the other.

use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// A character and the number of its style.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cell {
    glyph: u32,
    pub style: u32,
}

/// What stands in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Glyph {
    Blank,
    Char(char),
    /// A character with what combines with it, by its place in the screen's table.
    Cluster(u32),
    /// The right half of the wide character before it.
    Tail,
}

const CLUSTER: u32 = 1 << 28;
const WIDE: u32 = 1 << 29;
const TAIL: u32 = 1 << 30;
const VALUE: u32 = CLUSTER - 1;

/// One row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub cells: Vec<Cell>,
    /// The text goes on in the next row: the edge of the screen cut it, not the program.
    pub wrapped: bool,
    /// There may be wide characters; while not, nobody has to look for them.
    wide: bool,
}

/// Rows of one length. Row 0 is at the top.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grid {
    rows: VecDeque<Row>,
    cols: usize,
}

impl Cell {
    pub(crate) fn new(glyph: Glyph, wide: bool, style: u32) -> Self {
        let value = match glyph {
            Glyph::Blank => 0,
            Glyph::Char(c) => c as u32,
            Glyph::Cluster(id) => id & VALUE | CLUSTER,
            Glyph::Tail => TAIL,
        };
        Self {
            glyph: value | if wide { WIDE } else { 0 },
            style,
        }
    }

    /// Nothing but a background.
    pub(crate) fn blank(style: u32) -> Self {
        Self { glyph: 0, style }
    }

    pub(crate) fn glyph(self) -> Glyph {
        match self.glyph {
            0 => Glyph::Blank,
            g if g & TAIL != 0 => Glyph::Tail,
            g if g & CLUSTER != 0 => Glyph::Cluster(g & VALUE),
            g => char::from_u32(g & VALUE).map_or(Glyph::Blank, Glyph::Char),
        }
    }

    pub(crate) fn is_tail(self) -> bool {
        self.glyph & TAIL != 0
    }

    pub(crate) fn is_wide(self) -> bool {
        self.glyph & WIDE != 0
    }

    /// An ASCII character that is drawn as it is, or 0.
    pub(crate) fn ascii(self) -> u8 {
        if self.glyph < 0x80 {
            self.glyph as u8
        } else {
            0
        }
    }
}

impl Row {
    /// A row that was laid out elsewhere. Blanks at its end are not kept, unless the row goes on.
    pub(crate) fn of(mut cells: Vec<Cell>, wrapped: bool) -> Self {
        if !wrapped {
            let used = cells
                .iter()
                .rposition(|cell| *cell != Cell::default())
                .map_or(0, |last| last + 1);
            cells.truncate(used);
        }
        let wide = cells.iter().any(|cell| cell.is_wide());
        Self {
            cells,
            wrapped,
            wide,
        }
    }

    /// Something was written here, not only erased.
    pub(crate) fn has_text(&self) -> bool {
        self.cells.iter().any(|cell| cell.glyph() != Glyph::Blank)
    }

    pub(crate) fn cell(&self, col: usize) -> Cell {
        self.cells.get(col).copied().unwrap_or_default()
    }

    /// Writes narrow ASCII; it has to fit.
    pub(crate) fn write(&mut self, col: usize, ascii: &[u8], style: u32) {
        let end = col + ascii.len();
        self.open(col, end);
        let overlap = self.cells.len().min(end).saturating_sub(col);
        let cell = |b: &u8| Cell {
            glyph: u32::from(*b),
            style,
        };
        for (cell_at, byte) in self.cells[col..col + overlap].iter_mut().zip(ascii) {
            *cell_at = cell(byte);
        }
        self.cells.extend(ascii[overlap..].iter().map(cell));
    }

    /// Writes one character of any width; it has to fit.
    pub(crate) fn put(&mut self, col: usize, glyph: Glyph, width: usize, style: u32) {
        let end = col + width;
        self.open(col, end);
        if self.cells.len() < end {
            self.cells.resize(end, Cell::default());
        }
        self.cells[col] = Cell::new(glyph, width == 2, style);
        if width == 2 {
            self.cells[col + 1] = Cell::new(Glyph::Tail, false, style);
            self.wide = true;
        }
    }

    /// Erases `[from, to)` to blanks of a style; `cols` is where the row ends.
    pub(crate) fn erase(&mut self, from: usize, to: usize, style: u32, cols: usize) {
        let to = to.min(cols);
        if from >= to {
            return;
        }
        if to == cols {
            self.wrapped = false;
        }
        if style == 0 && to >= self.cells.len() {
            self.split(from);
            self.cells.truncate(from);
        } else {
            self.open(from, to);
            if self.cells.len() < to {
                self.cells.resize(to, Cell::default());
            }
            self.cells[from..to].fill(Cell::blank(style));
        }
    }

    /// Moves what stands from `col` on to the right; what passes the edge is gone.
    pub(crate) fn insert(&mut self, col: usize, count: usize, style: u32, cols: usize) {
        self.split(col);
        if col < self.cells.len() || style != 0 {
            if self.cells.len() < col {
                self.cells.resize(col, Cell::default());
            }
            self.cells
                .splice(col..col, std::iter::repeat_n(Cell::blank(style), count));
            self.split(cols);
            self.cells.truncate(cols);
        }
    }

    /// Takes cells out; the rest moves left and blanks of a style follow.
    pub(crate) fn delete(&mut self, col: usize, count: usize, style: u32, cols: usize) {
        self.split(col);
        self.split(col + count);
        let end = (col + count).min(self.cells.len());
        if col < end {
            self.cells.drain(col..end);
        }
        if style != 0 {
            self.cells.resize(cols - count, Cell::default());
            self.cells.resize(cols, Cell::blank(style));
        }
    }

    /// Empties the row, to a background.
    pub(crate) fn clear(&mut self, style: u32, cols: usize) {
        self.cells.clear();
        self.wrapped = false;
        self.wide = false;
        if style != 0 {
            self.cells.resize(cols, Cell::blank(style));
        }
    }

    /// Cuts the row, for a narrower screen.
    pub(crate) fn cut(&mut self, cols: usize) {
        self.split(cols);
        self.cells.truncate(cols);
    }

    /// Makes room for cells in `[from, to)`: fills up to `from`, blanks the halves of wide
    /// characters that lie across its ends.
    fn open(&mut self, from: usize, to: usize) {
        if self.cells.len() < from {
            self.cells.resize(from, Cell::default());
        }
        if self.wide {
            self.split(from);
            self.split(to);
        }
    }

    /// Blanks a wide character that `col` would cut in two.
    fn split(&mut self, col: usize) {
        if self.wide && col > 0 && self.cell(col).is_tail() {
            self.cells[col - 1] = Cell::default();
            self.cells[col] = Cell::default();
        }
    }
}

impl Grid {
    pub(crate) fn new(rows: usize, cols: usize) -> Self {
        Self {
            rows: (0..rows).map(|_| Row::default()).collect(),
            cols,
        }
    }

    /// Rows that were laid out elsewhere.
    pub(crate) fn of(rows: VecDeque<Row>, cols: usize) -> Self {
        Self { rows, cols }
    }

    pub(crate) fn cols(&self) -> usize {
        self.cols
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn row(&self, row: usize) -> &Row {
        &self.rows[row]
    }

    pub(crate) fn row_mut(&mut self, row: usize) -> &mut Row {
        &mut self.rows[row]
    }

    pub(crate) fn rows(&self) -> impl DoubleEndedIterator<Item = &Row> + ExactSizeIterator {
        self.rows.iter()
    }

    pub(crate) fn rows_mut(&mut self) -> impl Iterator<Item = &mut Row> {
        self.rows.iter_mut()
    }

    pub(crate) fn into_rows(self) -> VecDeque<Row> {
        self.rows
    }

    /// Clears whole rows `[from, to)`. The row before them no longer goes on.
    pub(crate) fn clear(&mut self, from: usize, to: usize, style: u32) {
        let cols = self.cols;
        for row in self.rows.range_mut(from..to) {
            row.clear(style, cols);
        }
        self.cut_before(from);
    }

    /// Moves the rows `[top, bottom]` up by `count`; the top ones are gone and their memory serves
    /// the new bottom ones.
    pub(crate) fn up(&mut self, top: usize, bottom: usize, count: usize, style: u32) {
        let cols = self.cols;
        for row in self.rows.range_mut(top..top + count) {
            row.clear(style, cols);
        }
        if (top, bottom + 1) == (0, self.rows.len()) {
            self.rows.rotate_left(count);
        } else {
            self.rows.make_contiguous()[top..=bottom].rotate_left(count);
        }
        self.cut_before(top);
    }

    /// Moves the rows `[top, bottom]` down by `count`.
    pub(crate) fn down(&mut self, top: usize, bottom: usize, count: usize, style: u32) {
        let cols = self.cols;
        for row in self.rows.range_mut(bottom + 1 - count..=bottom) {
            row.clear(style, cols);
        }
        self.rows.make_contiguous()[top..=bottom].rotate_right(count);
        self.cut_before(top);
        self.cut_before(bottom + 1);
    }

    /// Cuts or adds rows and columns, as suits a program that will redraw everything: rows go
    /// from below the cursor first, then from the top. Gives how many went there.
    pub(crate) fn crop(&mut self, rows: usize, cols: usize, cursor: usize) -> usize {
        let above = (cursor + 1).saturating_sub(rows);
        self.rows.drain(..above);
        self.rows.resize_with(rows, Row::default);
        for row in &mut self.rows {
            row.cut(cols);
            row.wrapped = false;
        }
        self.cols = cols;
        above
    }

    fn cut_before(&mut self, row: usize) {
        if let Some(before) = row.checked_sub(1).and_then(|r| self.rows.get_mut(r)) {
            before.wrapped = false;
        }
    }
}
