//! `join-pane` and `move-pane`: a pane from one window into another.

use crate::addressing::{Sort, of_pane};
use crate::run::{Access, Call, CommandResult, Entry, Run, error};

/// Stands in a layout for a pane whose old cell is still there.
const NEW: u32 = u32::MAX;

pub(super) const ENTRY: Entry = Entry {
    name: "join-pane",
    alias: "joinp",
    flags: "bdfhvp:l:s:t:",
    args: (0, Some(0)),
    usage: "[-bdfhv] [-l size] [-s src-pane] [-t dst-pane]",
    access: Access::CHANGE,
    run,
};

pub(super) fn run(run: &mut Run, call: &Call) -> CommandResult {
    let target = run.find(call.get('t'), Sort::Pane)?;
    let source = match call.get('s') {
        None if run.state.marked.is_some() => {
            of_pane(&run.state, run.state.marked.unwrap_or_default()).unwrap_or(target)
        }
        name => run.find(name, Sort::Pane)?,
    };
    let (to_window, to) = (target.need_window()?, target.need_pane()?);
    let (from_window, from) = (source.need_window()?, source.need_pane()?);
    if from == to {
        return error("source and target panes must be different");
    }
    for id in [from_window, to_window] {
        if let Some(window) = run.state.windows.get_mut(&id) {
            window.unzoom();
        }
    }
    let Some(kept) = run.state.panes.get(&from).cloned() else {
        return Ok(());
    };
    let found = &run.state.windows[&to_window];
    let wish = call.wish(found, to)?;
    let mut layout = found.layout.clone();
    // The room it leaves is shared out when its new one is there.
    if !layout.divide(to, NEW, wish) {
        return error("create pane failed: pane too small");
    }
    layout.remove(from);
    layout.replace(NEW, from);
    if from_window == to_window {
        if let Some(window) = run.state.windows.get_mut(&to_window) {
            window.panes.retain(|p| *p != from);
        }
    } else {
        run.state.drop_pane(from);
        run.state.panes.insert(from, kept);
    }
    if let Some(window) = run.state.windows.get_mut(&to_window) {
        window.layout = layout;
        window.insert_beside(to, from, call.has('b'), false);
        if !call.has('d') {
            window.activate(from);
        }
    }
    if !call.has('d')
        && let Some(session) = run.state.session_mut(target.session)
    {
        session.select(target.index.unwrap_or_default());
    }
    Ok(())
}
