//! `break-pane`: a pane into a window of its own.

use crate::addressing::{Place, Sort, of_pane};
use crate::layout::Cell;
use crate::options;
use crate::run::wish::PRINTED;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};
use crate::state::Window;
use std::collections::BTreeMap;

pub(super) const ENTRY: Entry = Entry {
    name: "break-pane",
    alias: "breakp",
    flags: "abdPF:n:s:t:",
    args: (0, Some(0)),
    usage: "[-abdP] [-F format] [-n window-name] [-s src-pane] [-t dst-window]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let source = run.find(call.get('s'), Sort::Pane)?;
    let mut target = run.find(call.get('t'), Sort::Index)?;
    let (from_window, pane) = (source.need_window()?, source.need_pane()?);
    let to = target.session;
    if call.has('a') || call.has('b') {
        let current = run.state.session(to).map_or(0, |s| s.current);
        let beside = target.index.unwrap_or(current) + i32::from(!call.has('b'));
        run.state.make_room(to, beside);
        target.index = Some(beside);
    }
    // Its window may have moved to make room.
    let source = of_pane(&run.state, pane).unwrap_or(source);
    let taken = |run: &Run, index: i32| {
        run.state
            .session(to)
            .is_some_and(|s| s.windows.contains_key(&index))
    };
    if let Some(index) = target.index.filter(|i| taken(run, *i)) {
        return error(format!("index in use: {index}"));
    }
    let base = options::of_session(&run.state, run.state.session(to), "base-index")
        .parse()
        .unwrap_or(0);
    let free = run.state.session(to).map_or(0, |s| s.free_index(base));
    let index = target.index.unwrap_or(free);
    let only = run.state.windows[&from_window].panes.len() == 1;
    let window = if only {
        run.state
            .unlink_keeping(source.session, source.index.unwrap_or_default());
        from_window
    } else {
        let Some(kept) = run.state.panes.get(&pane).cloned() else {
            return Ok(());
        };
        let old = run.state.windows[&from_window].clone();
        let name = run.usual_name(&kept);
        run.state.drop_pane(pane);
        run.state.panes.insert(pane, kept);
        let id = run.state.next_window;
        run.state.next_window += 1;
        let fresh = Window {
            id,
            name,
            layout: Cell::pane(pane, old.sx, old.sy),
            panes: vec![pane],
            active: pane,
            last: vec![],
            zoomed: None,
            behind: None,
            options: BTreeMap::new(),
            last_layout: None,
            old_layout: None,
            ..old
        };
        run.state.windows.insert(id, fresh);
        id
    };
    if let Some(name) = call.get('n').map(|text| run.expand(text, Some(source)))
        && let Some(window) = run.state.windows.get_mut(&window)
    {
        window.name = name;
        window
            .options
            .insert("automatic-rename".to_owned(), "off".to_owned());
    }
    if let Some(session) = run.state.session_mut(to) {
        session.windows.insert(index, window);
        if !call.has('d') || !session.windows.contains_key(&session.current) {
            session.select(index);
        }
    }
    let place = Place {
        session: to,
        index: Some(index),
        window: Some(window),
        pane: Some(pane),
    };
    if call.has('P') {
        let line = run.expand(call.get('F').unwrap_or(PRINTED), Some(place));
        run.print(&line);
    }
    Ok(())
}
