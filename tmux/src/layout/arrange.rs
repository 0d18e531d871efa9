//! The arrangements that tmux has names for.

use super::LEAST;
use crate::layout::{Cell, Way};

/// The arrangements by name, in tmux's order.
pub(crate) const NAMES: [&str; 5] = [
    "even-horizontal",
    "even-vertical",
    "main-horizontal",
    "main-vertical",
    "tiled",
];

/// What a window is like whose panes are to be arranged.
pub(crate) struct Frame<'a> {
    pub panes: &'a [u32],
    pub sx: i32,
    pub sy: i32,
    /// `main-pane-width` and `other-pane-width`, or the heights: as columns or as `50%`.
    pub main: &'a str,
    pub other: &'a str,
}

/// One of the arrangements of [`NAMES`].
pub(crate) fn arrange(which: usize, frame: &Frame) -> Cell {
    let mut root = match which {
        0 => even(Way::LeftRight, frame),
        1 => even(Way::TopBottom, frame),
        2 => main(Way::TopBottom, frame),
        3 => main(Way::LeftRight, frame),
        _ => tiled(frame),
    };
    root.place();
    root
}

fn along(way: Way, size: i32, across: i32) -> (i32, i32) {
    match way {
        Way::LeftRight => (size, across),
        Way::TopBottom => (across, size),
    }
}

fn even(way: Way, frame: &Frame) -> Cell {
    let cells = frame
        .panes
        .iter()
        .map(|pane| Cell::pane(*pane, frame.sx, frame.sy))
        .collect();
    let mut root = Cell::split(way, cells, frame.sx, frame.sy);
    let least = frame.panes.len() as i32 * (LEAST + 1) - 1;
    root.set_size(way, root.size(way).max(least));
    root.spread();
    root
}

fn main(way: Way, frame: &Frame) -> Cell {
    let (size, across) = match way {
        Way::LeftRight => (frame.sx - 1, frame.sy),
        Way::TopBottom => (frame.sy - 1, frame.sx),
    };
    let others = &frame.panes[1..];
    let fallback = if way == Way::LeftRight { 80 } else { 24 };
    let mut large = share(frame.main, size).unwrap_or(fallback);
    let mut small;
    if large + LEAST >= size {
        large = if size <= LEAST + LEAST {
            LEAST
        } else {
            size - LEAST
        };
        small = LEAST;
    } else {
        small = share(frame.other, size).unwrap_or(0);
        if small == 0 || small > size || size - small < large {
            small = size - large;
        } else {
            large = size - small;
        }
    }
    let across = across.max(others.len() as i32 * (LEAST + 1) - 1);
    let (sx, sy) = along(way, large, across);
    let first = Cell::pane(frame.panes[0], sx, sy);
    let (sx, sy) = along(way, small, across);
    let rest = match others {
        [only] => Cell::pane(*only, sx, sy),
        others => {
            let cells = others
                .iter()
                .map(|pane| {
                    let (sx, sy) = along(way, small, LEAST);
                    Cell::pane(*pane, sx, sy)
                })
                .collect();
            let mut rest = Cell::split(way.other(), cells, sx, sy);
            rest.spread();
            rest
        }
    };
    let (sx, sy) = along(way, large + small + 1, across);
    Cell::split(way, vec![first, rest], sx, sy)
}

fn tiled(frame: &Frame) -> Cell {
    let count = frame.panes.len() as i32;
    let (mut rows, mut columns) = (1, 1);
    while rows * columns < count {
        rows += 1;
        if rows * columns < count {
            columns += 1;
        }
    }
    let width = ((frame.sx - (columns - 1)) / columns).max(LEAST);
    let height = ((frame.sy - (rows - 1)) / rows).max(LEAST);
    let sx = ((width + 1) * columns - 1).max(frame.sx);
    let sy = ((height + 1) * rows - 1).max(frame.sy);
    let mut cells = Vec::new();
    for row in frame.panes.chunks(columns as usize) {
        if let [only] = row {
            cells.push(Cell::pane(*only, frame.sx, height));
            continue;
        }
        let mut parts: Vec<Cell> = row
            .iter()
            .map(|pane| Cell::pane(*pane, width, height))
            .collect();
        let used = row.len() as i32 * (width + 1) - 1;
        if let Some(last) = parts.last_mut().filter(|_| frame.sx > used) {
            last.adjust(Way::LeftRight, frame.sx - used);
        }
        cells.push(Cell::split(Way::LeftRight, parts, frame.sx, height));
    }
    let used = rows * height + rows - 1;
    if let Some(last) = cells.last_mut().filter(|_| frame.sy > used) {
        last.adjust(Way::TopBottom, frame.sy - used);
    }
    if cells.len() == 1 {
        return cells.remove(0);
    }
    Cell::split(Way::TopBottom, cells, sx, sy)
}

/// `24` or `50%` of a size.
pub(crate) fn share(text: &str, whole: i32) -> Option<i32> {
    match text.strip_suffix('%') {
        Some(percent) => percent
            .parse::<i32>()
            .ok()
            .filter(|p| (0..=100).contains(p))
            .map(|p| whole * p / 100),
        None => text.parse::<i32>().ok().filter(|n| *n >= 0),
    }
}
