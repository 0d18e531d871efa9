//! The lines between panes, with their crossings, and the dots outside of a window that is smaller
//! than the terminal.

use crate::layout::Cell;
use crate::layout::Kind;
use crate::state::Window;
use std::fmt::Write as _;

/// Draws all that is no pane's, in an area of columns and rows that begins in a row of the
/// terminal.
pub(super) fn draw(window: &Window, area: (i32, i32), top: i32, out: &mut String) {
    let leaves = window.layout.leaves();
    let active = window.layout.find(window.active);
    for y in 0..area.1 {
        let mut pen = None;
        let mut column = None;
        for x in 0..area.0 {
            let Some(c) = sign(&leaves, window, x, y) else {
                continue;
            };
            if column != Some(x) {
                let _ = write!(out, "\x1b[{};{}H", top + y + 1, x + 1);
            }
            let green = leaves.len() > 1 && active.is_some_and(|cell| frames(cell, x, y));
            if pen != Some(green) {
                out.push_str(if green { "\x1b[32m" } else { "\x1b[m" });
                pen = Some(green);
            }
            out.push(c);
            column = Some(x + 1);
        }
    }
    out.push_str("\x1b[m");
}

/// Whether a place is one of those around a pane.
fn frames(cell: &Cell, x: i32, y: i32) -> bool {
    let across = (cell.x - 1..=cell.x + cell.sx).contains(&x);
    let along = (cell.y - 1..=cell.y + cell.sy).contains(&y);
    let inside = (cell.x..cell.x + cell.sx).contains(&x) && (cell.y..cell.y + cell.sy).contains(&y);
    across && along && !inside
}

fn in_pane(leaves: &[&Cell], x: i32, y: i32) -> bool {
    let holds = |cell: &&&Cell| {
        (cell.x..cell.x + cell.sx).contains(&x) && (cell.y..cell.y + cell.sy).contains(&y)
    };
    leaves
        .iter()
        .any(|cell| matches!(cell.kind, Kind::Pane(_)) && holds(&cell))
}

fn sign(leaves: &[&Cell], window: &Window, x: i32, y: i32) -> Option<char> {
    let (sx, sy) = (window.sx, window.sy);
    if x > sx || y > sy {
        return Some('·');
    }
    if in_pane(leaves, x, y) {
        return None;
    }
    let is_border = |x: i32, y: i32| match (x, y) {
        _ if x > sx || y > sy => false,
        _ if x == sx || y == sy => true,
        _ => !in_pane(leaves, x, y),
    };
    let left = x == 0 || is_border(x - 1, y);
    let right = is_border(x + 1, y);
    let above = y == 0 || is_border(x, y - 1);
    let below = is_border(x, y + 1);
    Some(match (left, right, above, below) {
        (true, true, true, true) => '┼',
        (true, true, true, false) => '┴',
        (true, true, false, true) => '┬',
        (true, true, false, false) => '─',
        (true, false, true, true) => '┤',
        (true, false, true, false) => '┘',
        (true, false, false, true) => '┐',
        (false, true, true, true) => '├',
        (false, true, true, false) => '└',
        (false, true, false, true) => '┌',
        (false, false, true, true) => '│',
        _ => '·',
    })
}
