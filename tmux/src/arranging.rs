//! The arrangements of a window's panes, with the sizes that its options say.

use crate::layout::Frame;
use crate::state::State;
use crate::{layout, options};

/// Gives the panes of a window one of the arrangements.
pub(crate) fn arrange(state: &mut State, id: u32, which: usize) {
    let window = &state.windows[&id];
    let (main, other) = if which == 2 {
        ("main-pane-height", "other-pane-height")
    } else {
        ("main-pane-width", "other-pane-width")
    };
    let main = options::of_window(state, Some(window), main);
    let other = options::of_window(state, Some(window), other);
    let Some(window) = state.windows.get_mut(&id) else {
        return;
    };
    window.last_layout = Some(which);
    if window.panes.len() <= 1 {
        return;
    }
    window.layout = layout::arrange(
        which,
        &Frame {
            panes: &window.panes,
            sx: window.sx,
            sy: window.sy,
            main: &main,
            other: &other,
        },
    );
    (window.sx, window.sy) = (window.layout.sx, window.layout.sy);
}

/// The next arrangement, or the one before.
pub(crate) fn step(state: &mut State, id: u32, by: i32) {
    let count = layout::NAMES.len() as i32;
    let last = state.windows[&id].last_layout;
    let next = match last {
        Some(last) => (last as i32 + by).rem_euclid(count),
        None if by > 0 => 0,
        None => count - 1,
    };
    let before = layout::dump(&state.windows[&id].layout);
    arrange(state, id, next as usize);
    if let Some(window) = state.windows.get_mut(&id) {
        window.old_layout = Some(before);
    }
}
