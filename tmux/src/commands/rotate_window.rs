//! `rotate-window`: each cell gets the next pane.

use crate::addressing::Sort;
use crate::layout;
use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "rotate-window",
    alias: "rotatew",
    flags: "Dt:UZ",
    args: (0, Some(0)),
    usage: "[-DUZ] [-t target-window]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Window)?;
    let id = place.need_window()?;
    let Some(window) = run.state.windows.get_mut(&id) else {
        return Ok(());
    };
    let zoomed = window.unzoom();
    let before: Vec<u32> = window
        .layout
        .leaves()
        .into_iter()
        .filter_map(pane_of)
        .collect();
    let active_at = window
        .panes
        .iter()
        .position(|p| *p == window.active)
        .unwrap_or(0);
    let mut panes = window.panes.clone();
    if call.has('D') {
        panes.rotate_right(1);
    } else {
        panes.rotate_left(1);
    }
    // Each cell gets the pane that is now in the place of the one it had.
    let place_of: std::collections::BTreeMap<u32, u32> = window
        .panes
        .iter()
        .copied()
        .zip(panes.iter().copied())
        .collect();
    let mut fresh = window.layout.clone();
    for (at, pane) in before.iter().enumerate() {
        fresh.replace(*pane, u32::MAX - at as u32);
    }
    for (at, pane) in before.iter().enumerate() {
        fresh.replace(
            u32::MAX - at as u32,
            place_of.get(pane).copied().unwrap_or(*pane),
        );
    }
    window.layout = fresh;
    window.panes = panes;
    let chosen = window.panes[active_at];
    window.activate(chosen);
    if zoomed && call.has('Z') {
        window.zoom(chosen);
    }
    Ok(())
}

fn pane_of(cell: &layout::Cell) -> Option<u32> {
    match cell.kind {
        layout::Kind::Pane(pane) => Some(pane),
        layout::Kind::Split(..) => None,
    }
}
