//! What lies beside a pane, and at the window's edges.

use crate::layout::Cell;
use crate::state::Window;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Up,
    Down,
    Left,
    Right,
}

/// The pane across a border; of several the one that was active last.
pub(crate) fn beside(window: &Window, pane: u32, side: Side) -> Option<u32> {
    let cell = window.cell(pane)?;
    let vertical = matches!(side, Side::Up | Side::Down);
    // Begin and extent towards that side, and across it.
    let spans = |cell: &Cell| {
        let (x, y) = ((cell.x, cell.sx), (cell.y, cell.sy));
        if vertical { (y, x) } else { (x, y) }
    };
    let whole = if vertical { window.sy } else { window.sx };
    let ((begin, extent), across) = spans(cell);
    let touches = |other: &Cell| {
        let ((there, size), other_across) = spans(other);
        let meets = match side {
            Side::Up | Side::Left => there + size + 1 == if begin == 0 { whole + 1 } else { begin },
            Side::Down | Side::Right => {
                let end = begin + extent + 1;
                there == if end >= whole { 0 } else { end }
            }
        };
        meets && overlap(across, other_across)
    };
    let found = window
        .panes
        .iter()
        .copied()
        .filter(|p| *p != pane && window.cell(*p).is_some_and(touches));
    found.min_by_key(|p| {
        window
            .last
            .iter()
            .position(|l| l == p)
            .unwrap_or(usize::MAX)
    })
}

fn overlap((a, a_size): (i32, i32), (b, b_size): (i32, i32)) -> bool {
    a < b + b_size + 1 && b < a + a_size + 1
}

/// The pane at an edge or a corner of the window.
pub(super) fn corner(window: &Window, text: &str) -> Option<u32> {
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
