//! Panes that change places: swap, join, break.

use super::super::addressing::{Place, Sort, of_pane};
use super::super::call::Call;
use super::super::layout::Cell;
use super::super::options;
use super::super::run::{CommandResult, Run, error};
use super::super::state::Window;
use super::panes::{PRINTED, insert_beside, wish};
use super::windows::make_room;
use super::{pane_or_error, window_or_error};
use std::collections::BTreeMap;

pub fn swap(run: &mut Run, call: &Call) -> CommandResult {
    let target = run.find(call.get('t'), Sort::Pane)?;
    let (to_window, to) = (window_or_error(target)?, pane_or_error(target)?);
    let from = if call.has('D') || call.has('U') {
        let window = &run.state.windows[&to_window];
        let at = window.panes.iter().position(|p| *p == to).unwrap_or(0) as i32;
        let by = if call.has('D') { 1 } else { -1 };
        window.panes[(at + by).rem_euclid(window.panes.len() as i32) as usize]
    } else {
        let source = match call.get('s') {
            None if run.state.marked.is_some() => of_pane(&run.state, run.state.marked.unwrap_or_default()),
            name => Some(run.find(name, Sort::Pane)?),
        };
        source.and_then(|place| place.pane).unwrap_or(to)
    };
    if from == to {
        return Ok(());
    }
    let Some(from_window) = run.state.window_of(from).map(|w| w.id) else {
        return Ok(());
    };
    let zoomed = [from_window, to_window].map(|id| run.state.windows.get_mut(&id).is_some_and(Window::unzoom));
    if from_window == to_window {
        if let Some(window) = run.state.windows.get_mut(&to_window) {
            window.layout.swap(from, to);
            exchange(&mut window.panes, from, to);
            // Without `-d` it is the target; with it whichever of the two is now where the active one was.
            if !call.has('d') {
                window.activate(to);
            } else if [from, to].contains(&window.active) {
                window.activate(from);
            }
        }
    } else {
        for (id, old, new) in [(from_window, from, to), (to_window, to, from)] {
            if let Some(window) = run.state.windows.get_mut(&id) {
                window.layout.replace(old, new);
                exchange(&mut window.panes, old, new);
                window.last.retain(|p| *p != old);
                if !call.has('d') || window.active == old {
                    window.activate(new);
                    window.last.retain(|p| *p != old);
                }
            }
        }
    }
    for (id, zoomed) in [from_window, to_window].into_iter().zip(zoomed) {
        if let Some(window) = run.state.windows.get_mut(&id).filter(|_| zoomed && call.has('Z')) {
            let active = window.active;
            window.zoom(active);
        }
    }
    Ok(())
}

fn exchange(panes: &mut [u32], one: u32, two: u32) {
    for pane in panes {
        if *pane == one {
            *pane = two;
        } else if *pane == two {
            *pane = one;
        }
    }
}

/// Stands in a layout for a pane whose old cell is still there.
const NEW: u32 = u32::MAX;

/// `join-pane` and `move-pane`.
pub fn join(run: &mut Run, call: &Call) -> CommandResult {
    let target = run.find(call.get('t'), Sort::Pane)?;
    let source = match call.get('s') {
        None if run.state.marked.is_some() => of_pane(&run.state, run.state.marked.unwrap_or_default()).unwrap_or(target),
        name => run.find(name, Sort::Pane)?,
    };
    let (to_window, to) = (window_or_error(target)?, pane_or_error(target)?);
    let (from_window, from) = (window_or_error(source)?, pane_or_error(source)?);
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
    let wish = wish(call, found, to)?;
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
        insert_beside(window, to, from, call.has('b'), false);
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

pub fn break_out(run: &mut Run, call: &Call) -> CommandResult {
    let source = run.find(call.get('s'), Sort::Pane)?;
    let mut target = run.find(call.get('t'), Sort::Index)?;
    let (from_window, pane) = (window_or_error(source)?, pane_or_error(source)?);
    let to = target.session;
    if call.has('a') || call.has('b') {
        let current = run.state.session(to).map_or(0, |s| s.current);
        let beside = target.index.unwrap_or(current) + i32::from(!call.has('b'));
        make_room(run, to, beside);
        target.index = Some(beside);
    }
    // Its window may have moved to make room.
    let source = of_pane(&run.state, pane).unwrap_or(source);
    let taken = |run: &Run, index: i32| run.state.session(to).is_some_and(|s| s.windows.contains_key(&index));
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
        run.state.unlink_keeping(source.session, source.index.unwrap_or_default());
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
        window.options.insert("automatic-rename".to_owned(), "off".to_owned());
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
