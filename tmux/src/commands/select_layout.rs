//! `select-layout`: the panes of a window in one of the arrangements, or as a layout string says.

use crate::addressing::Sort;
use crate::run::{Access, Call, CommandError, CommandResult, Entry, Run};
use crate::{arranging, layout};

pub(super) const ENTRY: Entry = Entry {
    name: "select-layout",
    alias: "selectl",
    flags: "Enopt:",
    args: (0, Some(1)),
    usage: "[-Enop] [-t target-pane] [layout-name]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let (id, pane) = (place.need_window()?, place.need_pane()?);
    if let Some(window) = run.state.windows.get_mut(&id) {
        window.unzoom();
    }
    let before = layout::dump(&run.state.windows[&id].layout);
    if call.has('n') || call.has('p') {
        arranging::step(&mut run.state, id, if call.has('n') { 1 } else { -1 });
        return Ok(());
    }
    if call.has('E') {
        if let Some(window) = run.state.windows.get_mut(&id) {
            window.layout.spread_out(pane);
        }
        return Ok(());
    }
    let wanted = if call.has('o') {
        run.state.windows[&id].old_layout.clone()
    } else {
        call.arg(0).map(str::to_owned)
    };
    let name = match wanted {
        Some(name) => name,
        None => match run.state.windows[&id].last_layout {
            Some(which) => layout::NAMES[which].to_owned(),
            None => return Ok(()),
        },
    };
    if let Some(which) = which(&name)? {
        arranging::arrange(&mut run.state, id, which);
    } else {
        let panes = run.state.windows[&id].panes.clone();
        let root = layout::parse(&name, &panes)
            .map_err(|why| CommandError::Error(format!("{why}: {name}")))?;
        if let Some(window) = run.state.windows.get_mut(&id) {
            let (sx, sy) = (window.sx, window.sy);
            window.layout = root;
            let _ = (sx, sy);
            (window.sx, window.sy) = (window.layout.sx, window.layout.sy);
        }
    }
    if let Some(window) = run.state.windows.get_mut(&id) {
        window.old_layout = Some(before);
    }
    run.hook("window-layout-changed", Some(place), vec![]);
    Ok(())
}

/// One of the arrangements by name or a prefix of it; `None` for a layout string.
fn which(name: &str) -> Result<Option<usize>, CommandError> {
    if let Some(at) = layout::NAMES.iter().position(|n| *n == name) {
        return Ok(Some(at));
    }
    let like: Vec<usize> = (0..layout::NAMES.len())
        .filter(|at| layout::NAMES[*at].starts_with(name))
        .collect();
    match like.as_slice() {
        [only] => Ok(Some(*only)),
        _ => Ok(None),
    }
}
