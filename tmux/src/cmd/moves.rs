//! Panes that change places: swap, join, break.

use super::super::commands::Call;
use super::super::face::{Face, Ran, error};
use super::super::layout::Cell;
use super::super::options;
use super::super::target::{Place, Sort, of_pane};
use super::super::world::Window;
use super::panes::{PRINTED, insert_beside, wish};
use super::windows::make_room;
use super::{pane_or_error, window_or_error};
use std::collections::BTreeMap;

pub fn swap(face: &mut Face, call: &Call) -> Ran {
    let target = face.find(call.get('t'), Sort::Pane)?;
    let (to_window, to) = (window_or_error(target)?, pane_or_error(target)?);
    let from = if call.has('D') || call.has('U') {
        let window = &face.world.windows[&to_window];
        let at = window.panes.iter().position(|p| *p == to).unwrap_or(0) as i32;
        let by = if call.has('D') { 1 } else { -1 };
        window.panes[(at + by).rem_euclid(window.panes.len() as i32) as usize]
    } else {
        let source = match call.get('s') {
            None if face.world.marked.is_some() => of_pane(&face.world, face.world.marked.unwrap_or_default()),
            name => Some(face.find(name, Sort::Pane)?),
        };
        source.and_then(|place| place.pane).unwrap_or(to)
    };
    if from == to {
        return Ok(());
    }
    let Some(from_window) = face.world.window_of(from).map(|w| w.id) else {
        return Ok(());
    };
    let zoomed = [from_window, to_window].map(|id| face.world.windows.get_mut(&id).is_some_and(Window::unzoom));
    if from_window == to_window {
        if let Some(window) = face.world.windows.get_mut(&to_window) {
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
            if let Some(window) = face.world.windows.get_mut(&id) {
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
        if let Some(window) = face.world.windows.get_mut(&id).filter(|_| zoomed && call.has('Z')) {
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
pub fn join(face: &mut Face, call: &Call) -> Ran {
    let target = face.find(call.get('t'), Sort::Pane)?;
    let source = match call.get('s') {
        None if face.world.marked.is_some() => of_pane(&face.world, face.world.marked.unwrap_or_default()).unwrap_or(target),
        name => face.find(name, Sort::Pane)?,
    };
    let (to_window, to) = (window_or_error(target)?, pane_or_error(target)?);
    let (from_window, from) = (window_or_error(source)?, pane_or_error(source)?);
    if from == to {
        return error("source and target panes must be different");
    }
    for id in [from_window, to_window] {
        if let Some(window) = face.world.windows.get_mut(&id) {
            window.unzoom();
        }
    }
    let Some(kept) = face.world.panes.get(&from).cloned() else {
        return Ok(());
    };
    let found = &face.world.windows[&to_window];
    let wish = wish(call, found, to)?;
    let mut layout = found.layout.clone();
    // The room it leaves is shared out when its new one is there.
    if !layout.divide(to, NEW, wish) {
        return error("create pane failed: pane too small");
    }
    layout.remove(from);
    layout.replace(NEW, from);
    if from_window == to_window {
        if let Some(window) = face.world.windows.get_mut(&to_window) {
            window.panes.retain(|p| *p != from);
        }
    } else {
        face.world.drop_pane(from);
        face.world.panes.insert(from, kept);
    }
    if let Some(window) = face.world.windows.get_mut(&to_window) {
        window.layout = layout;
        insert_beside(window, to, from, call.has('b'), false);
        if !call.has('d') {
            window.activate(from);
        }
    }
    if !call.has('d')
        && let Some(session) = face.world.session_mut(target.session)
    {
        session.select(target.index.unwrap_or_default());
    }
    Ok(())
}

pub fn break_out(face: &mut Face, call: &Call) -> Ran {
    let source = face.find(call.get('s'), Sort::Pane)?;
    let mut target = face.find(call.get('t'), Sort::Index)?;
    let (from_window, pane) = (window_or_error(source)?, pane_or_error(source)?);
    let to = target.session;
    if call.has('a') || call.has('b') {
        let current = face.world.session(to).map_or(0, |s| s.current);
        let beside = target.index.unwrap_or(current) + i32::from(!call.has('b'));
        make_room(face, to, beside);
        target.index = Some(beside);
    }
    // Its window may have moved to make room.
    let source = of_pane(&face.world, pane).unwrap_or(source);
    let taken = |face: &Face, index: i32| face.world.session(to).is_some_and(|s| s.windows.contains_key(&index));
    if let Some(index) = target.index.filter(|i| taken(face, *i)) {
        return error(format!("index in use: {index}"));
    }
    let base = options::of_session(&face.world, face.world.session(to), "base-index")
        .parse()
        .unwrap_or(0);
    let free = face.world.session(to).map_or(0, |s| s.free_index(base));
    let index = target.index.unwrap_or(free);
    let only = face.world.windows[&from_window].panes.len() == 1;
    let window = if only {
        face.world.unlink_keeping(source.session, source.index.unwrap_or_default());
        from_window
    } else {
        let Some(kept) = face.world.panes.get(&pane).cloned() else {
            return Ok(());
        };
        let old = face.world.windows[&from_window].clone();
        let name = face.usual_name(&kept);
        face.world.drop_pane(pane);
        face.world.panes.insert(pane, kept);
        let id = face.world.next_window;
        face.world.next_window += 1;
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
        face.world.windows.insert(id, fresh);
        id
    };
    if let Some(name) = call.get('n').map(|text| face.expand(text, Some(source)))
        && let Some(window) = face.world.windows.get_mut(&window)
    {
        window.name = name;
        window.options.insert("automatic-rename".to_owned(), "off".to_owned());
    }
    if let Some(session) = face.world.session_mut(to) {
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
        let line = face.expand(call.get('F').unwrap_or(PRINTED), Some(place));
        face.print(&line);
    }
    Ok(())
}
