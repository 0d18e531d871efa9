//! `split-window`: a new pane beside another one.

use crate::addressing::{Place, Sort};
use crate::run::new_pane::Wanted;
use crate::run::wish::PRINTED;
use crate::run::{Access, Call, CommandError, CommandResult, Entry, Run, error};

pub(super) const ENTRY: Entry = Entry {
    name: "split-window",
    alias: "splitw",
    flags: "bc:de:fF:hIl:p:Pt:vZ",
    args: (0, None),
    usage: "[-bdefhIPvZ] [-c start-directory] [-e environment] [-F format] [-l size] [-t target-pane][shell-command]",
    access: Access::CHANGE.with_own_hook(),
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let (window, pane) = (place.need_window()?, place.need_pane()?);
    let Some(found) = run.state.windows.get_mut(&window) else {
        return Ok(());
    };
    found.unzoom();
    let wish = call.wish(found, pane)?;
    let id = run.state.next_pane;
    let mut layout = run.state.windows[&window].layout.clone();
    if !layout.divide(pane, id, wish) {
        return error("no space for new pane");
    }
    let behind = call.has('d') && call.has('Z');
    let (sx, sy) = match layout.find(id) {
        Some(cell) if !behind => (cell.sx, cell.sy),
        _ => (layout.sx, layout.sy),
    };
    let wanted = Wanted {
        session: place.session,
        arguments: call.args.clone(),
        cwd: call.get('c').map(|text| run.expand(text, Some(place))),
        environment: call.all('e').map(str::to_owned).collect(),
        sx,
        sy,
    };
    run.state.next_pane += 1;
    let empty = call.has('I') || call.args.as_slice() == [""];
    let started = if empty {
        run.start_empty_pane(id, &wanted)
    } else {
        run.start_pane(id, &wanted)
    };
    let fresh = started
        .map_err(|stopped| CommandError::Error(format!("create pane failed: {}", stopped.why())))?;
    run.state.panes.insert(id, fresh);
    if call.has('I') {
        run.show_stdin(id)?;
    }
    if let Some(found) = run.state.windows.get_mut(&window) {
        found.layout = layout;
        found.insert_beside(pane, id, call.has('b'), call.has('f'));
        if !call.has('d') {
            found.activate(id);
        }
        if call.has('Z') {
            let active = found.active;
            found.zoom(active);
            found.behind = Some(id).filter(|_| behind);
        }
    }
    let place = Place {
        pane: Some(id),
        ..place
    };
    if call.has('P') {
        let line = run.expand(call.get('F').unwrap_or(PRINTED), Some(place));
        run.print(&line);
    }
    run.hook("window-layout-changed", Some(place), vec![]);
    run.hook_after("split-window", Some(place));
    Ok(())
}
