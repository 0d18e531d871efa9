//! What is shown: captures of the panes, and what lies on top of them.

use super::canvas::{Cursor, Row};
use super::terminal::write;
use super::{Attached, borders, pan};
use crate::layout::Cell;
use crate::layout::Kind;
use crate::state::Pane;
use crate::state::copy::Copy;
use psup_proto::capture::Captured;
use std::ops::Range;

/// The rows of a pane as they are to stand, the cursor in it, and the modes of its program.
pub(super) struct Picture {
    pub(super) rows: Vec<String>,
    pub(super) cursor: Option<(i32, i32)>,
    pub(super) modes: Vec<String>,
}

impl Attached<'_, '_> {
    pub(super) fn draw(&mut self) {
        let Some(window) = self.window().cloned() else {
            return;
        };
        let rows = self.pane_rows();
        let mut out = String::new();
        if self.canvas.is_empty() {
            self.canvas.clear();
            out.push_str("\x1b[m\x1b[H\x1b[2J");
            borders::draw(
                &window,
                (self.size.0, rows.end - rows.start),
                rows.start,
                &mut out,
            );
        }
        let mut cursor = None;
        for cell in window.layout.leaves() {
            let Kind::Pane(id) = cell.kind else { continue };
            self.draw_pane(id, cell, &rows, &mut out);
            if id == window.active {
                cursor = self
                    .canvas
                    .fresh(id)
                    .cloned()
                    .map(|cursor| (cursor, cell.clone()));
            }
        }
        let asked = self.draw_status(&mut out);
        let (cursor, modes) = match cursor {
            Some((cursor, cell)) => (
                cursor
                    .at
                    .map(|(x, y)| (rows.start + cell.y + y + 1, cell.x + x + 1)),
                cursor.modes,
            ),
            None => (None, vec![]),
        };
        // On the status line the cursor is a cell in reverse: programs that look for a cursor look
        // for the pane's.
        let lists = self.active().is_some_and(|pane| pane.choosing.is_some());
        let shows = asked.is_none() && self.message.is_none() && !lists;
        let cursor = match asked.or(cursor) {
            Some((row, col)) => format!(
                "\x1b[m\x1b[{row};{col}H\x1b[?25{}",
                if shows { 'h' } else { 'l' }
            ),
            None => "\x1b[?25l".to_owned(),
        };
        let all = self.canvas.finish(&out, cursor);
        if !all.is_empty() {
            write(&all);
        }
        let wanted = self.wanted_modes(&modes);
        self.modes.set(&wanted);
    }

    /// Reads a pane that is not as it was, and draws its rows.
    fn draw_pane(&mut self, id: u32, cell: &Cell, rows: &Range<i32>, out: &mut String) {
        let Some(pane) = self.state.panes.get(&id) else {
            return;
        };
        // A list tells of other panes too.
        if pane.choosing.is_none() && self.canvas.fresh(id).is_some() {
            return;
        }
        let Some(picture) = self.picture(pane, cell) else {
            return;
        };
        let picture = self.panned(picture, cell, rows);
        for (number, line) in picture.rows.into_iter().enumerate() {
            let row = Row {
                pane: id,
                number,
                x: cell.x,
                y: rows.start + cell.y + number as i32,
                width: cell.sx,
            };
            if row.y < rows.end {
                self.canvas.draw_row(&row, line, out);
            }
        }
        let cursor = Cursor {
            at: picture.cursor,
            modes: picture.modes,
        };
        self.canvas.read(id, cursor);
    }

    /// The part of a picture that this terminal has room for.
    fn panned(&mut self, picture: Picture, cell: &Cell, rows: &Range<i32>) -> Picture {
        let area = (self.size.0 - cell.x, rows.end - rows.start - cell.y);
        if cell.sx <= area.0 && cell.sy <= area.1 {
            self.pan = (0, 0);
            return picture;
        }
        let alone = (cell.x, cell.y) == (0, 0);
        let pan = if alone {
            pan::of(cell, area, picture.cursor)
        } else {
            (0, 0)
        };
        self.pan = pan;
        pan::cut(picture, pan, area)
    }

    /// What this terminal is to be asked for: the mouse and brackets around pastes as the active
    /// pane's program wants them.
    fn wanted_modes(&self, modes: &[String]) -> Vec<u16> {
        let has = |mode: &str| modes.iter().any(|m| m == mode);
        let mut wanted = Vec::new();
        let mouse = match () {
            () if has("mouse-motion") => Some(1003),
            () if has("mouse-drag") || self.option("mouse") == "on" => Some(1002),
            () if has("mouse-buttons") => Some(1000),
            () => None,
        };
        wanted.extend(mouse.into_iter().flat_map(|mode| [mode, 1006]));
        wanted.extend(has("bracketed-paste").then_some(2004));
        wanted
    }

    fn picture(&self, pane: &Pane, cell: &Cell) -> Option<Picture> {
        if let Some(copy) = pane.copy.as_deref() {
            return self.held(pane, copy);
        }
        if let Some(choosing) = pane.choosing.as_deref() {
            let mut run = self.run();
            run.open(false).ok()?;
            let (rows, at) = choosing.rows(&run.view(None), (cell.sx as usize, cell.sy as usize));
            return Some(Picture {
                rows,
                cursor: Some((0, at as i32)),
                modes: vec![],
            });
        }
        let mut backend = self.backend.clone();
        let shot = backend
            .rows(pane, 0, i64::from(cell.sy) - 1, true, false)
            .ok()?;
        let text = String::from_utf8_lossy(&shot.bytes).into_owned();
        Some(Picture {
            rows: text
                .lines()
                .take(cell.sy as usize)
                .map(str::to_owned)
                .collect(),
            cursor: cursor(&shot.head).filter(|_| pane.dead.is_none()),
            modes: shot.head.modes,
        })
    }

    /// A pane in copy mode.
    fn held(&self, pane: &Pane, copy: &Copy) -> Option<Picture> {
        let (first, last) = (i64::from(-copy.back), i64::from(copy.sy - copy.back) - 1);
        let mut rows: Vec<String> = if let Some(lines) = &copy.text {
            let shown = lines
                .iter()
                .skip(copy.top().max(0) as usize)
                .take(copy.sy as usize);
            shown
                .map(|line| line.chars().take(copy.sx as usize).collect())
                .collect()
        } else {
            let mut backend = self.backend.clone();
            let shot = backend
                .capture_at(&pane.session, first, last, true, false, Some(copy.at))
                .or_else(|_| backend.capture(&pane.session, first, last, true, false))
                .ok()?;
            String::from_utf8_lossy(&shot.bytes)
                .lines()
                .map(str::to_owned)
                .collect()
        };
        rows.resize(copy.sy.max(1) as usize, String::new());
        self.mark(pane, copy, &mut rows);
        if !copy.hides_position {
            let results = copy
                .found
                .map(|count| format!("({count} results) "))
                .unwrap_or_default();
            let position = format!("{results}[{}/{}]", copy.back, copy.above);
            let column = (copy.sx - position.len() as i32).max(0);
            let step = if column > 0 {
                format!("\x1b[{column}C")
            } else {
                String::new()
            };
            // Behind the row's text, back from its beginning.
            rows[0] = format!("\x1b7{}\x1b8{step}\x1b[30;43m{position}\x1b[m", rows[0]);
        }
        Some(Picture {
            rows,
            cursor: Some((copy.x.min(copy.sx - 1), copy.y)),
            modes: vec![],
        })
    }

    /// Shows what is selected.
    fn mark(&self, pane: &Pane, copy: &Copy, rows: &mut [String]) {
        if copy.selected.is_none() {
            return;
        }
        let mut run = self.run();
        if run.open(false).is_err() {
            return;
        }
        let Ok(page) = run.copy_page(pane.id, copy) else {
            return;
        };
        for (at, row) in rows.iter_mut().enumerate() {
            let y = copy.top() + at as i32;
            let Some((from, to)) = copy.marked(&page, y) else {
                continue;
            };
            let text = page.text(y, from, to);
            let step = if from > 0 {
                format!("\x1b[{from}C")
            } else {
                String::new()
            };
            *row = format!("\x1b7{row}\x1b8{step}\x1b[30;43m{text}\x1b[m");
        }
    }
}

fn cursor(head: &Captured) -> Option<(i32, i32)> {
    head.cursor
        .visible
        .then(|| (i32::from(head.cursor.col), i32::from(head.cursor.row)))
}
