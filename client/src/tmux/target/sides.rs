//! What lies beside a pane, and at the window's edges.

use crate::tmux::layout::Cell;
use crate::tmux::world::Window;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Up,
    Down,
    Left,
    Right,
}

/// The pane across a border; of several the one that was active last.
pub fn beside(window: &Window, pane: u32, side: Side) -> Option<u32> {
    let cell = window.cell(pane)?;
    let (sx, sy) = (window.sx, window.sy);
    let touches = |other: &Cell| match side {
        Side::Up => {
            let edge = if cell.y == 0 { sy + 1 } else { cell.y };
            other.y + other.sy + 1 == edge && overlap(cell.x, cell.sx, other.x, other.sx)
        }
        Side::Down => {
            let edge = if cell.y + cell.sy + 1 >= sy { 0 } else { cell.y + cell.sy + 1 };
            other.y == edge && overlap(cell.x, cell.sx, other.x, other.sx)
        }
        Side::Left => {
            let edge = if cell.x == 0 { sx + 1 } else { cell.x };
            other.x + other.sx + 1 == edge && overlap(cell.y, cell.sy, other.y, other.sy)
        }
        Side::Right => {
            let edge = if cell.x + cell.sx + 1 >= sx { 0 } else { cell.x + cell.sx + 1 };
            other.x == edge && overlap(cell.y, cell.sy, other.y, other.sy)
        }
    };
    let found = window
        .panes
        .iter()
        .copied()
        .filter(|p| *p != pane && window.cell(*p).is_some_and(touches));
    found.min_by_key(|p| window.last.iter().position(|l| l == p).unwrap_or(usize::MAX))
}

fn overlap(a: i32, a_size: i32, b: i32, b_size: i32) -> bool {
    a < b + b_size + 1 && b < a + a_size + 1
}

/// The pane at an edge or a corner of the window.
pub fn corner(window: &Window, text: &str) -> Option<u32> {
    let (sx, sy) = (window.sx, window.sy);
    let (mut x, mut y) = (sx / 2, sy / 2);
    match text {
        "top" => y = 0,
        "bottom" => y = sy - 1,
        "left" => x = 0,
        "right" => x = sx - 1,
        "top-left" => (x, y) = (0, 0),
        "top-right" => (x, y) = (sx - 1, 0),
        "bottom-left" => (x, y) = (0, sy - 1),
        "bottom-right" => (x, y) = (sx - 1, sy - 1),
        _ => return None,
    }
    window.panes.iter().copied().find(|pane| {
        window
            .cell(*pane)
            .is_some_and(|c| x >= c.x && x <= c.x + c.sx && y >= c.y && y <= c.y + c.sy)
    })
}
