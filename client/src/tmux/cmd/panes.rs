//! Panes: split, kill, select, respawn, swap, join, break, pipe.

use super::super::commands::{Call, number};
use super::super::face::{Face, Ran, Stopped, error};
use super::super::floor::LABEL;
use super::super::layout::{Cell, Way, Wish};
use super::super::options;
use super::super::spawn::Wanted;
use super::super::target::{Place, Side, Sort, beside, of_pane};
use super::super::world::Window;
use super::{hooks, pane_or_error, window_or_error};
use crate::spec;
use psup_proto::spec::Restart;
use psup_proto::{Size, Spec};
use std::collections::BTreeMap;

const PRINTED: &str = "#{session_name}:#{window_index}.#{pane_index}";

pub fn split(face: &mut Face, call: &Call) -> Ran {
    let place = face.find(call.get('t'), Sort::Pane)?;
    let (window, pane) = (window_or_error(place)?, pane_or_error(place)?);
    let way = if call.has('h') { Way::LeftRight } else { Way::TopBottom };
    let Some(found) = face.world.windows.get_mut(&window) else {
        return Ok(());
    };
    found.unzoom();
    let whole = if call.has('f') {
        found.layout.size(way)
    } else {
        found.cell(pane).map_or(0, |c| c.size(way))
    };
    let size = wanted_size(call, whole, "lines")?;
    let wish = Wish {
        way,
        size,
        before: call.has('b'),
        full: call.has('f'),
    };
    let id = face.world.next_pane;
    let mut layout = face.world.windows[&window].layout.clone();
    if !layout.divide(pane, id, wish) {
        return error("no space for new pane");
    }
    let (sx, sy) = layout.find(id).map_or((1, 1), |cell| (cell.sx, cell.sy));
    let wanted = Wanted {
        session: place.session,
        arguments: call.args.clone(),
        cwd: call.get('c').map(|text| face.expand(text, Some(place))),
        environment: call.all('e').map(str::to_owned).collect(),
        sx,
        sy,
    };
    face.world.next_pane += 1;
    let fresh = face
        .start_pane(id, &wanted)
        .map_err(|stopped| Stopped::Error(format!("create pane failed: {}", stopped.why())))?;
    face.world.panes.insert(id, fresh);
    if let Some(found) = face.world.windows.get_mut(&window) {
        found.layout = layout;
        insert_beside(found, pane, id, call.has('b'), call.has('f'));
        if !call.has('d') {
            found.activate(id);
        }
        if call.has('Z') {
            let active = found.active;
            found.zoom(active);
        }
    }
    let place = Place { pane: Some(id), ..place };
    if call.has('P') {
        let line = face.expand(call.get('F').unwrap_or(PRINTED), Some(place));
        face.print(&line);
    }
    hooks::run_hook(face, "window-layout-changed", Some(place), vec![]);
    hooks::run_after(face, "split-window", Some(place));
    Ok(())
}

fn insert_beside(window: &mut Window, pane: u32, new: u32, before: bool, full: bool) {
    let at = if full {
        if before { 0 } else { window.panes.len() }
    } else {
        window.panes.iter().position(|p| *p == pane).unwrap_or(0) + usize::from(!before)
    };
    window.panes.insert(at, new);
}

/// `-l 10`, `-l 30%`, `-p 30`.
fn wanted_size(call: &Call, whole: i32, what: &str) -> Result<Option<i32>, Stopped> {
    let bad = |why: &str| Stopped::Error(format!("{what} {why}"));
    if let Some(text) = call.get('l') {
        return match text.strip_suffix('%') {
            Some(percent) => number(percent, 0, 100).map(|p| Some(whole * p as i32 / 100)).map_err(bad),
            None => number(text, 0, i64::from(i32::MAX)).map(|n| Some(n as i32)).map_err(bad),
        };
    }
    match call.get('p') {
        Some(text) => number(text, 0, 100).map(|p| Some(whole * p as i32 / 100)).map_err(bad),
        None => Ok(None),
    }
}

pub fn kill(face: &mut Face, call: &Call) -> Ran {
    let place = face.find(call.get('t'), Sort::Pane)?;
    let (window, pane) = (window_or_error(place)?, pane_or_error(place)?);
    if call.has('a') {
        let others: Vec<u32> = face.world.windows[&window].panes.iter().copied().filter(|p| *p != pane).collect();
        others.into_iter().for_each(|p| face.world.drop_pane(p));
    } else {
        face.world.drop_pane(pane);
    }
    face.share(place.session);
    hooks::run_hook(face, "window-layout-changed", None, vec![]);
    Ok(())
}

/// `select-pane` and `last-pane`.
pub fn select(face: &mut Face, call: &Call) -> Ran {
    let sort = if call.name == "last-pane" { Sort::Window } else { Sort::Pane };
    let place = face.find(call.get('t'), sort)?;
    let (id, pane) = (window_or_error(place)?, pane_or_error(place)?);
    if call.name == "last-pane" || call.has('l') {
        let window = &face.world.windows[&id];
        let last = window.last.first().copied().or_else(|| {
            let others: Vec<u32> = window.panes.iter().copied().filter(|p| *p != window.active).collect();
            (others.len() == 1).then(|| others[0])
        });
        let Some(last) = last else { return error("no last pane") };
        if call.has('e') || call.has('d') {
            set_input(face, last, call);
            return Ok(());
        }
        activate(face, id, last, call.has('Z'));
        return Ok(());
    }
    if call.has('m') || call.has('M') {
        let marked = face.world.marked;
        face.world.marked = if call.has('M') || marked == Some(pane) { None } else { Some(pane) };
        return Ok(());
    }
    if call.has('P')
        && let Some(style) = call.get('P')
        && let Some(pane) = face.world.panes.get_mut(&pane)
    {
        for option in ["window-style", "window-active-style"] {
            pane.options.insert(option.to_owned(), style.to_owned());
        }
    }
    if call.has('g') {
        let style = options::of_pane(&face.world, face.world.panes.get(&pane), "window-style");
        face.print(&style);
        return Ok(());
    }
    let side = [('L', Side::Left), ('R', Side::Right), ('U', Side::Up), ('D', Side::Down)];
    let mut chosen = pane;
    if let Some((_, side)) = side.into_iter().find(|(flag, _)| call.has(*flag)) {
        let mut window = face.world.windows[&id].clone();
        window.unzoom();
        match beside(&window, pane, side) {
            Some(other) => chosen = other,
            None => return Ok(()),
        }
    }
    if call.has('e') || call.has('d') {
        set_input(face, chosen, call);
        return Ok(());
    }
    if let Some(title) = call.get('T') {
        let title = face.expand(title, Some(place));
        if let Some(pane) = face.world.panes.get_mut(&chosen) {
            pane.title = Some(title);
        }
        hooks::run_hook(face, "pane-title-changed", Some(place), vec![]);
        return Ok(());
    }
    if face.world.windows[&id].active == chosen {
        return Ok(());
    }
    activate(face, id, chosen, call.has('Z'));
    hooks::run_hook(face, "window-pane-changed", Some(place), vec![]);
    hooks::run_after(face, "select-pane", Some(place));
    Ok(())
}

fn set_input(face: &mut Face, pane: u32, call: &Call) {
    if let Some(pane) = face.world.panes.get_mut(&pane) {
        pane.input_off = call.has('d');
    }
}

fn activate(face: &mut Face, window: u32, pane: u32, keep_zoom: bool) {
    if let Some(window) = face.world.windows.get_mut(&window) {
        let zoomed = window.unzoom();
        window.activate(pane);
        if zoomed && keep_zoom {
            window.zoom(pane);
        }
    }
}

pub fn respawn(face: &mut Face, call: &Call) -> Ran {
    let place = face.find(call.get('t'), Sort::Pane)?;
    let id = pane_or_error(place)?;
    let alive = face.world.panes.get(&id).is_some_and(|p| p.dead.is_none());
    if alive && !call.has('k') {
        let session = face.world.session(place.session).map(|s| s.name.clone()).unwrap_or_default();
        let window = &face.world.windows[&window_or_error(place)?];
        let index = face.pane_index(window, id);
        return error(format!(
            "respawn pane failed: pane {session}:{}.{index} still active",
            place.index.unwrap_or_default()
        ));
    }
    begin_again(face, id, place, call, "pane")
}

/// Another child in the same pane.
pub fn begin_again(face: &mut Face, id: u32, place: Place, call: &Call, what: &str) -> Ran {
    let Some(old) = face.world.panes.get(&id).cloned() else {
        return Ok(());
    };
    let cell = face.world.window_of(id).and_then(|w| w.cell(id)).map_or((80, 24), |c| (c.sx, c.sy));
    let arguments = if call.args.is_empty() {
        old.arguments.clone()
    } else {
        call.args.clone()
    };
    let cwd = call
        .get('c')
        .map_or_else(|| old.start_path.clone(), |text| face.expand(text, Some(place)));
    let wanted = Wanted {
        session: place.session,
        arguments,
        cwd: Some(cwd),
        environment: call.all('e').map(str::to_owned).collect(),
        sx: cell.0,
        sy: cell.1,
    };
    let fresh = face.start_pane(id, &wanted);
    let mut fresh = fresh.map_err(|stopped| Stopped::Error(format!("respawn {what} failed: {}", stopped.why())))?;
    fresh.options = old.options;
    fresh.title = old.title;
    face.world.panes.insert(id, fresh);
    Ok(())
}

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
    for id in [from_window, to_window] {
        if let Some(window) = face.world.windows.get_mut(&id) {
            window.unzoom();
        }
    }
    let actives = (face.world.windows[&from_window].active, face.world.windows[&to_window].active);
    if from_window == to_window {
        if let Some(window) = face.world.windows.get_mut(&to_window) {
            window.layout.swap(from, to);
            exchange(&mut window.panes, from, to);
        }
    } else {
        for (id, old, new) in [(from_window, from, to), (to_window, to, from)] {
            if let Some(window) = face.world.windows.get_mut(&id) {
                window.layout.replace(old, new);
                exchange(&mut window.panes, old, new);
                window.last.retain(|p| *p != old);
            }
        }
    }
    let mut choose = |id: u32, pane: u32| {
        if let Some(window) = face.world.windows.get_mut(&id) {
            if window.panes.contains(&pane) {
                window.activate(pane);
            }
            if !window.panes.contains(&window.active) {
                window.active = window.panes[0];
            }
        }
    };
    if from_window == to_window {
        if call.has('d') {
            choose(to_window, actives.1);
        } else {
            choose(to_window, to);
        }
    } else {
        choose(from_window, if actives.0 == from { to } else { actives.0 });
        choose(to_window, if actives.1 == to { from } else { actives.1 });
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
    let way = if call.has('h') { Way::LeftRight } else { Way::TopBottom };
    for id in [from_window, to_window] {
        if let Some(window) = face.world.windows.get_mut(&id) {
            window.unzoom();
        }
    }
    let Some(kept) = face.world.panes.get(&from).cloned() else {
        return Ok(());
    };
    let found = &face.world.windows[&to_window];
    let whole = if call.has('f') {
        found.layout.size(way)
    } else {
        found.cell(to).map_or(0, |c| c.size(way))
    };
    let size = wanted_size(call, whole, "size")?;
    let mut layout = found.layout.clone();
    if from_window == to_window {
        layout.remove(from);
    }
    let wish = Wish {
        way,
        size,
        before: call.has('b'),
        full: call.has('f'),
    };
    if !layout.divide(to, from, wish) {
        return error("create pane failed: pane too small");
    }
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
        insert_beside(window, to, from, call.has('b'), call.has('f'));
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
    let target = face.find(call.get('t'), Sort::Index)?;
    let (from_window, pane) = (window_or_error(source)?, pane_or_error(source)?);
    let to = target.session;
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
        let name = face.pane_command(&kept);
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

/// The pane's output to a command, or a command's output to the pane: by a psup session of its own, that outlives us.
pub fn pipe(face: &mut Face, call: &Call) -> Ran {
    let place = face.find(call.get('t'), Sort::Pane)?;
    let id = pane_or_error(place)?;
    let Some(pane) = face.world.panes.get(&id).cloned() else {
        return Ok(());
    };
    if pane.dead.is_some() {
        return error("target pane has exited");
    }
    let had = pane.pipe.is_some();
    if let Some(pane) = face.world.panes.get_mut(&id) {
        pane.pipe = None;
    }
    face.keep()?;
    let Some(command) = call.arg(0).filter(|command| !command.is_empty()).filter(|_| !had || !call.has('o')) else {
        return Ok(());
    };
    let command = super::super::format::expand_time(command, &face.view(Some(place)));
    let own = std::env::current_exe().map_or_else(|_| "psup".into(), |p| p.to_string_lossy().into_owned());
    let offset = face.floor.borrow_mut().info(&pane.session).map_or(0, |info| info.offset);
    let (name, session) = (format!("{}-pipe", pane.session), &pane.session);
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
    let read = format!("{} read {session} --since {offset} --follow", quoted(&own));
    let shell = format!("/bin/sh -c {}", quoted(&command));
    let script = match (call.has('I'), call.has('O')) {
        (true, false) => format!("{shell} | {} send {session} --file -", quoted(&own)),
        (true, true) => format!("{read} | {shell} | {} send {session} --file -", quoted(&own)),
        (false, _) => format!("{read} | {shell}"),
    };
    let mut env: Vec<(Vec<u8>, Vec<u8>)> = crate::env::of_caller(false);
    env.retain(|(key, _)| key != b"TMUX_PANE");
    let spec = Spec {
        command: ["/bin/sh", "-c", &script].map(|w| w.as_bytes().to_vec()).to_vec(),
        cwd: face.caller.cwd.clone().into_bytes(),
        env,
        asked_env: vec![],
        size: Size::DEFAULT,
        scrollback: 100,
        restart: Restart::No,
        on_boot: false,
        labels: BTreeMap::from([(format!("{LABEL}-pipe"), format!("%{id}"))]),
        log_limit: None,
        ttl: None,
        umask: spec::umask(),
        integration: false,
    };
    face.floor.borrow_mut().spawn(&name, spec)?;
    if let Some(pane) = face.world.panes.get_mut(&id) {
        pane.pipe = Some(name);
    }
    Ok(())
}
