//! Another size: rows are joined to their logical lines and folded anew, so nothing is lost.
//!
//! Only the primary screen is folded. A program on the alternate one draws it anew, so that is cut or padded.

use super::grid::{Cell, Glyph, Grid, Row};
use super::line;
use super::style::Style;
use super::tables::{Link, Tables};
use super::terminal::{CLUSTER, Place, Terminal, default_tabs};
use super::width::{self, ZWJ};
use std::collections::VecDeque;

/// A place in logical lines: cell `offset` of line `line`.
#[derive(Clone, Copy, Default)]
struct Spot {
    line: usize,
    offset: usize,
}

impl Terminal {
    pub fn resize(&mut self, rows: usize, cols: usize) {
        if (rows, cols) == (self.rows(), self.cols()) {
            return;
        }
        if let Some(behind) = self.behind.take() {
            let (place, style) = self.entered.unwrap_or_default();
            let (grid, place) = self.refold(behind, place, rows, cols);
            self.behind = Some(grid);
            self.entered = self.entered.map(|_| (place, style));
            self.grid.crop(rows, cols);
        } else {
            let grid = std::mem::replace(&mut self.grid, Grid::new(0, 0));
            (self.grid, self.cursor) = self.refold(grid, self.cursor, rows, cols);
        }
        self.tabs = default_tabs(cols);
        (self.top, self.bottom) = (0, rows - 1);
        self.cursor.row = self.cursor.row.min(rows - 1);
        self.cursor.col = self.cursor.col.min(cols);
    }

    /// The primary screen in another size, and where its cursor is then. What does not fit goes to the history; what has scrolled away
    /// comes back when there is room.
    fn refold(&mut self, grid: Grid, cursor: Place, rows: usize, cols: usize) -> (Grid, Place) {
        let begun = if self.history.is_open() { self.history.pop() } else { None };
        let begun = begun.map(|text| self.tables.cells(&text));
        let (mut lines, mut spot) = join(grid, cursor, begun);
        // What is blank below the cursor is room, not text.
        while lines.len() > spot.line + 1 && lines.last().is_some_and(Vec::is_empty) {
            lines.pop();
        }
        let mut folded: VecDeque<Row> = lines.iter().flat_map(|line| fold(line, cols)).collect();
        while folded.len() < rows && self.history.end() > self.recall {
            let Some(text) = self.history.pop() else { break };
            let line = self.tables.cells(&text);
            for row in fold(&line, cols).into_iter().rev() {
                folded.push_front(row);
            }
            lines.insert(0, line);
            spot.line += 1;
        }
        let mut place = find(&lines, spot, cols);
        let over = folded.len().saturating_sub(rows);
        for row in folded.drain(..over) {
            self.keep_row(&row);
        }
        place.row = place.row.saturating_sub(over);
        folded.resize_with(rows, Row::default);
        (Grid::of(folded, cols), place)
    }
}

/// The rows of a grid as logical lines, and where the cursor is in them. `begun` is what the first line has in the history.
fn join(grid: Grid, cursor: Place, begun: Option<Vec<Cell>>) -> (Vec<Vec<Cell>>, Spot) {
    let cols = grid.cols();
    let mut lines: Vec<Vec<Cell>> = Vec::from_iter(begun);
    let mut goes_on = !lines.is_empty();
    let mut spot = Spot::default();
    let mut rows = grid.into_rows().into_iter().enumerate().peekable();
    while let Some((at, mut row)) = rows.next() {
        if !goes_on {
            lines.push(Vec::new());
        }
        let number = lines.len() - 1;
        let line = &mut lines[number];
        if at == cursor.row {
            spot = Spot {
                line: number,
                offset: line.len() + cursor.col,
            };
        }
        // A row that goes on is full, except where a wide character did not fit its last column.
        if row.wrapped {
            let wide_next = rows.peek().is_some_and(|(_, next)| next.cell(0).is_wide());
            if !(wide_next && row.cells.len() + 1 == cols) {
                row.cells.resize(cols, Cell::default());
            }
        }
        line.append(&mut row.cells);
        goes_on = row.wrapped;
    }
    (lines, spot)
}

/// Where the rows of a line begin, when they are so long.
fn starts(line: &[Cell], cols: usize) -> Vec<usize> {
    let mut starts = vec![0];
    let mut start = 0;
    while line.len() - start > cols {
        // A wide character is not cut in two; on a screen of one column it has to be.
        start += if cols > 1 && line[start + cols].is_tail() { cols - 1 } else { cols };
        starts.push(start);
    }
    starts
}

fn fold(line: &[Cell], cols: usize) -> Vec<Row> {
    let starts = starts(line, cols);
    let ends = starts[1..].iter().copied().chain([line.len()]);
    let last = starts.len() - 1;
    let rows = starts.iter().zip(ends).enumerate();
    rows.map(|(at, (start, end))| Row::of(line[*start..end].to_vec(), at < last))
        .collect()
}

/// Row and column of a spot once the lines are folded.
fn find(lines: &[Vec<Cell>], spot: Spot, cols: usize) -> Place {
    let above: usize = lines[..spot.line].iter().map(|line| starts(line, cols).len()).sum();
    let starts = starts(&lines[spot.line], cols);
    let row = starts.iter().rposition(|start| *start <= spot.offset).unwrap_or(0);
    Place {
        row: above + row,
        col: (spot.offset - starts[row]).min(cols),
    }
}

impl Tables {
    /// A styled line as the cells it came from.
    pub fn cells(&mut self, styled: &str) -> Vec<Cell> {
        let mut cells: Vec<Cell> = Vec::new();
        for run in line::runs(styled) {
            let link = run.link.map_or(0, |(id, uri)| {
                self.links.id(&Link {
                    uri: uri.to_owned(),
                    id: id.to_owned(),
                })
            });
            let style = self.styles.id(&Style { link, ..run.style });
            let mut joining = false;
            for c in run.text.chars() {
                let joined = std::mem::replace(&mut joining, c == ZWJ);
                let width = width::of(c).unwrap_or(0);
                if joining {
                    continue;
                }
                if joined || width == 0 {
                    self.combine(&mut cells, joined, c);
                    continue;
                }
                cells.push(Cell::new(Glyph::Char(c), width == 2, style));
                if width == 2 {
                    cells.push(Cell::new(Glyph::Tail, false, style));
                }
            }
        }
        cells
    }

    fn combine(&mut self, cells: &mut [Cell], joined: bool, c: char) {
        let Some(cell) = cells.iter_mut().rev().find(|cell| !cell.is_tail()) else {
            return;
        };
        *cell = self.combined(*cell, joined, c);
    }

    /// A cell with one more character in it, behind a joiner or not, unless it is full.
    pub fn combined(&mut self, cell: Cell, joined: bool, c: char) -> Cell {
        let mut text = String::new();
        self.push_glyph(cell.glyph(), &mut text);
        text.extend(joined.then_some(ZWJ));
        text.push(c);
        if text.len() > CLUSTER {
            return cell;
        }
        Cell::new(Glyph::Cluster(self.clusters.id(&text)), cell.is_wide(), cell.style)
    }
}
