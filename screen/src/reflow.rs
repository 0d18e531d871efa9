//! Another size: rows are joined to their logical lines and wrapped again, so nothing is lost.
//!
//! Only the primary screen is folded. A program on the alternate one redraws it, so that is cut
//! or padded.

use super::grid::{Cell, Glyph, Grid, Row};
use super::line;
use super::style::Style;
use super::tables::CLUSTER;
use super::tables::{Link, Tables};
use super::tabs::default_tabs;
use super::terminal::{Place, Terminal};
use super::width::{self, ZWJ};
use std::collections::VecDeque;

/// Cells that go to the history at once.
const PIECE: usize = 4 << 10;

/// A place in logical lines: cell `offset` of line `line`.
#[derive(Clone, Copy, Default)]
struct Spot {
    line: usize,
    offset: usize,
}

impl Terminal {
    pub(crate) fn resize(&mut self, rows: usize, cols: usize) {
        let (old_rows, old_cols) = (self.rows(), self.cols());
        if (rows, cols) == (old_rows, old_cols) {
            return;
        }
        if self.behind.is_some() {
            // The primary screen gets its size when it is shown again.
            self.cursor.row -= self.grid.crop(rows, cols, self.cursor.row);
        } else {
            self.refold(rows, cols);
        }
        if cols != old_cols {
            self.tabs = default_tabs(cols);
        }
        if rows != old_rows {
            (self.top, self.bottom) = (0, rows - 1);
        }
        self.cursor.row = self.cursor.row.min(rows - 1);
        self.cursor.col = self.cursor.col.min(cols);
    }

    /// The primary screen in another size, as tmux does it: blank rows below the cursor make room
    /// when it gets lower, what has scrolled away comes back when it gets higher, and then the
    /// lines are wrapped again with the last row where it is. What does not fit goes to the
    /// history.
    fn refold(&mut self, rows: usize, cols: usize) {
        let (old_rows, old_cols) = (self.rows(), self.cols());
        let grid = std::mem::replace(&mut self.grid, Grid::new(0, 0));
        let begun = if self.history.is_open() {
            self.history.pop()
        } else {
            None
        };
        let begun = begun.map(|text| self.tables.cells(&text));
        let mut back = begun.as_ref().map_or(0, |begun| height(begun, old_cols));
        let (mut lines, mut spot) = join(grid, self.cursor, begun, cols != old_cols);
        for _ in rows..old_rows {
            if lines.len() > spot.line + 1 && lines.last().is_some_and(|line| written(line) == 0) {
                lines.pop();
            }
        }
        while old_rows + back < rows && self.history.end() > self.recall {
            let Some(line) = self.recalled() else { break };
            back += height(&line, old_cols);
            lines.insert(0, line);
            spot.line += 1;
        }
        lines.extend((old_rows + back..rows).map(|_| Vec::new()));
        let mut all: usize = lines.iter().map(|line| height(line, cols)).sum();
        while all < rows {
            let Some(line) = self.recalled() else { break };
            all += height(&line, cols);
            lines.insert(0, line);
            spot.line += 1;
        }
        let mut place = find(&lines, spot, cols);
        let over = all.saturating_sub(rows);
        let mut folded = self.keep_rows(&lines, over, cols);
        place = place
            .row
            .checked_sub(over)
            .map_or(Place::default(), |row| Place { row, ..place });
        folded.resize_with(rows, Row::default);
        self.grid = Grid::of(folded, cols);
        self.cursor = place;
    }

    /// Gives the history the first `over` rows of the folded lines, and returns the others. What
    /// goes to the history is text and needs no rows: on a screen of one column a long line would
    /// have a million of them.
    fn keep_rows(&mut self, lines: &[Vec<Cell>], mut over: usize, cols: usize) -> VecDeque<Row> {
        let mut folded = VecDeque::new();
        for line in lines {
            let starts = starts(line, cols);
            if over >= starts.len() {
                let end = last_end(line, &starts, cols);
                self.keep_cells(&line[..used(&line[..end])], false);
            } else {
                if over > 0 {
                    self.keep_cells(&line[..starts[over]], true);
                }
                folded.extend(fold(line, &starts, over, cols));
            }
            over = over.saturating_sub(starts.len());
        }
        folded
    }

    /// Gives the history a line, or the beginning of one that goes on.
    fn keep_cells(&mut self, cells: &[Cell], goes_on: bool) {
        for piece in cells.chunks(PIECE) {
            self.keep_row(&Row::of(piece.to_vec(), true));
        }
        if !goes_on {
            self.keep_row(&Row::default());
        }
    }

    /// The newest line of the history, which is there no more.
    fn recalled(&mut self) -> Option<Vec<Cell>> {
        let text = self.history.pop()?;
        Some(self.tables.cells(&text))
    }
}

/// The rows of a grid as logical lines, and where the cursor is in them. `begun` is what the first
/// line has in the history.
fn join(
    grid: Grid,
    cursor: Place,
    begun: Option<Vec<Cell>>,
    folds: bool,
) -> (Vec<Vec<Cell>>, Spot) {
    let cols = grid.cols();
    let mut lines: Vec<Vec<Cell>> = Vec::from_iter(begun);
    let mut goes_on = !lines.is_empty();
    let mut spot = Spot::default();
    let mut behind = false;
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
            behind = written(&row.cells) <= cursor.col;
        }
        // A row that goes on is full, except where a wide character did not fit its last column, or
        // where nothing was written before the cursor, already behind the last column, came into
        // it.
        if row.wrapped && !row.cells.is_empty() {
            let wide_next = rows.peek().is_some_and(|(_, next)| next.cell(0).is_wide());
            if !(wide_next && row.cells.len() + 1 == cols) {
                row.cells.resize(cols, Cell::default());
            }
        }
        line.append(&mut row.cells);
        goes_on = row.wrapped;
    }
    // Behind what is written in its row the cursor goes behind the whole line where that is folded
    // again, as in tmux.
    if behind && folds {
        spot.offset = written(&lines[spot.line]);
    }
    (lines, spot)
}

/// Where the rows of a line begin, when they are so long.
fn starts(line: &[Cell], cols: usize) -> Vec<usize> {
    let mut starts = vec![0];
    let mut start = 0;
    let line = &line[..written(line)];
    while line.len() - start > cols {
        // A wide character is not cut in two; on a screen of one column it has to be.
        start += if cols > 1 && line[start + cols].is_tail() {
            cols - 1
        } else {
            cols
        };
        starts.push(start);
    }
    starts
}

/// How many rows a line has.
fn height(line: &[Cell], cols: usize) -> usize {
    if cols == 1 {
        return written(line).max(1);
    }
    starts(line, cols).len()
}

/// The rows of a line behind its first `from`.
fn fold<'a>(
    line: &'a [Cell],
    starts: &'a [usize],
    from: usize,
    cols: usize,
) -> impl Iterator<Item = Row> + 'a {
    let last = starts.len() - 1;
    let ends = starts[1..]
        .iter()
        .copied()
        .chain([last_end(line, starts, cols)]);
    let rows = starts.iter().zip(ends).enumerate().skip(from);
    rows.map(move |(at, (start, end))| Row::of(line[*start..end].to_vec(), at < last))
}

/// What was only erased at a line's end makes no rows, but it keeps its colour as far as the last
/// row goes.
fn last_end(line: &[Cell], starts: &[usize], cols: usize) -> usize {
    line.len()
        .min(starts.last().map_or(0, |start| start + cols))
}

/// How many cells there are up to the last that is more than nothing.
fn used(cells: &[Cell]) -> usize {
    cells
        .iter()
        .rposition(|cell| *cell != Cell::default())
        .map_or(0, |last| last + 1)
}

/// How many cells there are up to the last that was not only erased.
fn written(cells: &[Cell]) -> usize {
    cells
        .iter()
        .rposition(|cell| cell.glyph() != Glyph::Blank)
        .map_or(0, |last| last + 1)
}

/// Row and column of a spot once the lines are folded.
fn find(lines: &[Vec<Cell>], spot: Spot, cols: usize) -> Place {
    let above: usize = lines[..spot.line]
        .iter()
        .map(|line| height(line, cols))
        .sum();
    let starts = starts(&lines[spot.line], cols);
    let row = starts
        .iter()
        .rposition(|start| *start <= spot.offset)
        .unwrap_or(0);
    Place {
        row: above + row,
        col: (spot.offset - starts[row]).min(cols),
    }
}

impl Tables {
    /// A styled line as the cells it came from.
    pub(crate) fn cells(&mut self, styled: &str) -> Vec<Cell> {
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
    pub(crate) fn combined(&mut self, cell: Cell, joined: bool, c: char) -> Cell {
        let mut text = String::new();
        self.push_glyph(cell.glyph(), &mut text);
        text.extend(joined.then_some(ZWJ));
        text.push(c);
        if text.len() > CLUSTER {
            return cell;
        }
        Cell::new(
            Glyph::Cluster(self.clusters.id(&text)),
            cell.is_wide(),
            cell.style,
        )
    }
}
