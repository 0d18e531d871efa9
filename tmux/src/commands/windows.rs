//! Windows: new, kill, select, move, swap, link.

use super::super::addressing::{Place, Sort};
use super::super::call::Call;
use super::super::options;
use super::super::run::{CommandError, CommandResult, Run, error};
use super::super::spawn::Wanted;
use super::super::watch;
use super::{hooks, window_or_error};

const PRINTED: &str = "#{session_name}:#{window_index}.#{pane_index}";

pub fn new(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Index)?;
    let id = place.session;
    let name = call.get('n').map(|text| run.expand(text, Some(place)));
    if call.has('S')
        && let Some(name) = &name
        && place.index.is_none()
    {
        let session = run.state.session(id).cloned();
        let named = |window: &u32| run.state.windows.get(window).is_some_and(|w| run.window_name(w) == *name);
        let found: Vec<i32> = session
            .iter()
            .flat_map(|s| s.windows.iter())
            .filter(|(_, w)| named(w))
            .map(|(i, _)| *i)
            .collect();
        match found.as_slice() {
            [] => {}
            [index] => {
                let index = *index;
                if let Some(session) = run.state.session_mut(id).filter(|_| !call.has('d')) {
                    session.select(index);
                }
                return Ok(());
            }
            _ => return error(format!("multiple windows named {name}")),
        }
    }
    let mut index = place.index;
    if call.has('a') || call.has('b') {
        let current = run.state.session(id).map_or(0, |s| s.current);
        let beside = index.unwrap_or(current) + i32::from(call.has('a') && !call.has('b'));
        make_room(run, id, beside);
        index = Some(beside);
    }
    let taken = index.is_some_and(|i| run.state.session(id).is_some_and(|s| s.windows.contains_key(&i)));
    if taken && !call.has('k') {
        return error(format!("create window failed: index {} in use", index.unwrap_or(0)));
    }
    let (sx, sy) = usual_size(run, id);
    let wanted = Wanted {
        session: id,
        arguments: call.args.clone(),
        cwd: call.get('c').map(|text| run.expand(text, Some(place_or_here(run, place)))),
        environment: call.all('e').map(str::to_owned).collect(),
        sx,
        sy,
    };
    let window = run
        .start_window(&wanted, name.as_deref())
        .map_err(|stopped| CommandError::Error(format!("create window failed: {}", stopped.why())))?;
    let base = options::of_session(&run.state, run.state.session(id), "base-index")
        .parse()
        .unwrap_or(0);
    let mut replaced = None;
    if let Some(session) = run.state.session_mut(id) {
        let index = index.unwrap_or_else(|| session.free_index(base));
        replaced = session.windows.insert(index, window);
        if !call.has('d') || replaced.is_some() && session.current == index {
            session.select(index);
        }
    }
    if let Some(old) = replaced {
        drop_unlinked(run, old);
    }
    run.share(id);
    let index = run
        .state
        .session(id)
        .and_then(|s| s.windows.iter().find(|(_, w)| **w == window).map(|(i, _)| *i));
    let place = Place {
        session: id,
        index,
        window: Some(window),
        pane: run.state.windows.get(&window).map(|w| w.active),
    };
    hooks::run_hook(run, "window-linked", Some(place), vec![]);
    if call.has('P') {
        let line = run.expand(call.get('F').unwrap_or(PRINTED), Some(place));
        run.print(&line);
    }
    hooks::run_after(run, "new-window", Some(place));
    Ok(())
}

/// Formats of a window that is not there yet are those of the current one.
fn place_or_here(run: &Run, place: Place) -> Place {
    if place.window.is_some() {
        return place;
    }
    run.state
        .session(place.session)
        .map_or(place, |session| super::super::addressing::of_session(&run.state, session))
}

/// Windows that nobody shows any more go.
fn drop_unlinked(run: &mut Run, window: u32) {
    if run.state.links(window).is_empty()
        && let Some(gone) = run.state.windows.remove(&window)
    {
        for pane in gone.panes {
            run.state.panes.remove(&pane);
        }
    }
}

/// The size of a session's windows: its clients', else the one it was made with.
pub fn usual_size(run: &Run, session: u32) -> (i32, i32) {
    let client = run
        .state
        .clients
        .iter()
        .filter(|c| c.session == session && c.sx > 0)
        .max_by_key(|c| c.activity_ms);
    let found = run.state.session(session);
    if let Some(client) = client {
        let status = i32::from(!client.control && options::of_session(&run.state, found, "status") != "off");
        return (client.sx, (client.sy - status).max(1));
    }
    let size = options::of_session(&run.state, found, "default-size");
    size.split_once('x')
        .and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)))
        .unwrap_or((80, 24))
}

/// Moves the windows from `index` on up by one, as far as they are in the way.
pub fn make_room(run: &mut Run, session: u32, index: i32) {
    let Some(session) = run.state.session_mut(session) else { return };
    let end = (index..).find(|i| !session.windows.contains_key(i)).unwrap_or(index);
    let of = |i: i32| if (index..end).contains(&i) { i + 1 } else { i };
    session.windows = session.windows.iter().map(|(i, w)| (of(*i), *w)).collect();
    session.current = of(session.current);
    session.last = session.last.iter().map(|i| of(*i)).collect();
}

pub fn kill(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Window)?;
    let window = window_or_error(place)?;
    if call.has('a') {
        let others: Vec<u32> = run
            .state
            .session(place.session)
            .map(|s| s.windows.values().copied().filter(|w| *w != window).collect())
            .unwrap_or_default();
        others.into_iter().for_each(|w| run.state.drop_window(w));
    } else {
        run.state.drop_window(window);
    }
    run.share(place.session);
    hooks::run_hook(run, "window-unlinked", None, vec![("hook_window".to_owned(), format!("@{window}"))]);
    Ok(())
}

pub fn unlink(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Window)?;
    let window = window_or_error(place)?;
    if !call.has('k') && run.state.links(window).len() <= 1 {
        return error("window only linked to one session");
    }
    run.state.unlink(place.session, place.index.unwrap_or_default());
    Ok(())
}

pub fn rename(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Window)?;
    let name = run.expand(call.arg(0).unwrap_or_default(), Some(place));
    let window = window_or_error(place)?;
    if let Some(window) = run.state.windows.get_mut(&window) {
        window.name = name.chars().flat_map(super::visible).collect();
        window.options.insert("automatic-rename".to_owned(), "off".to_owned());
    }
    hooks::run_hook(run, "window-renamed", Some(place), vec![]);
    Ok(())
}

pub fn select(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Window)?;
    if call.has('l') {
        return last_of(run, place);
    }
    if call.has('n') || call.has('p') {
        return step_of(run, place, if call.has('n') { 1 } else { -1 }, false);
    }
    let index = place.index.unwrap_or_default();
    if let Some(session) = run.state.session_mut(place.session) {
        if call.has('T') && session.current == index {
            return last_of(run, place);
        }
        session.select(index);
    }
    watch::chosen(run, place.session);
    hooks::run_hook(run, "session-window-changed", Some(place), vec![]);
    hooks::run_after(run, "select-window", Some(place));
    Ok(())
}

pub fn step(run: &mut Run, call: &Call, by: i32) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Session)?;
    step_of(run, place, by, call.has('a'))
}

fn step_of(run: &mut Run, place: Place, by: i32, alerts: bool) -> CommandResult {
    let none = if by > 0 { "no next window" } else { "no previous window" };
    let Some(session) = run.state.session_mut(place.session) else {
        return Ok(());
    };
    let indices: Vec<i32> = session.windows.keys().copied().collect();
    let here = indices.iter().position(|i| *i == session.current).unwrap_or(0) as i32;
    let count = indices.len() as i32;
    let others = (1..count).map(|step| indices[(here + by * step).rem_euclid(count) as usize]);
    let told = |index: &i32| session.alerts.get(index).is_some_and(|signs| !signs.is_empty());
    let Some(next) = others.into_iter().find(|index| !alerts || told(index)) else {
        return error(none);
    };
    session.select(next);
    Ok(())
}

pub fn last(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Session)?;
    last_of(run, place)
}

fn last_of(run: &mut Run, place: Place) -> CommandResult {
    let Some(session) = run.state.session_mut(place.session) else {
        return Ok(());
    };
    match session.last.first().copied() {
        Some(index) => {
            session.select(index);
            Ok(())
        }
        None => error("no last window"),
    }
}

/// `move-window` and `link-window`.
pub fn shift(run: &mut Run, call: &Call) -> CommandResult {
    let moves = call.name == "move-window";
    if call.has('r') {
        let place = run.find(call.get('t'), Sort::Session)?;
        run.state.renumber(place.session);
        run.share(place.session);
        return Ok(());
    }
    let source = run.find(call.get('s'), Sort::Window)?;
    let target = run.find(call.get('t'), Sort::Index)?;
    let window = window_or_error(source)?;
    let mut index = target.index;
    let to = target.session;
    if call.has('a') || call.has('b') {
        let current = run.state.session(to).map_or(0, |s| s.current);
        let beside = index.unwrap_or(current) + i32::from(call.has('a') && !call.has('b'));
        make_room(run, to, beside);
        index = Some(beside);
    }
    // Making room may have moved the window itself.
    let from = run
        .state
        .session(source.session)
        .and_then(|s| s.windows.iter().find(|(_, w)| **w == window).map(|(i, _)| *i))
        .unwrap_or_default();
    let base = options::of_session(&run.state, run.state.session(to), "base-index")
        .parse()
        .unwrap_or(0);
    let Some(session) = run.state.session_mut(to) else { return Ok(()) };
    let index = index.unwrap_or_else(|| session.free_index(base));
    if let Some(present) = session.windows.get(&index).copied() {
        if present == window {
            return error(format!("same index: {index}"));
        }
        if !call.has('k') {
            return error(format!("index in use: {index}"));
        }
        session.windows.remove(&index);
        drop_unlinked(run, present);
    }
    if let Some(session) = run.state.session_mut(to) {
        session.windows.insert(index, window);
        if !call.has('d') || session.current == index {
            session.select(index);
        }
    }
    if moves {
        let shown = run.state.session(source.session).is_some_and(|s| s.current == from);
        run.state.unlink(source.session, from);
        if shown && source.session == to && call.has('d') {
            // The window that was shown has only another number now.
            if let Some(session) = run.state.session_mut(to) {
                session.current = index;
            }
        }
    }
    run.share(to);
    run.share(source.session);
    Ok(())
}

pub fn swap(run: &mut Run, call: &Call) -> CommandResult {
    let source = run.find(call.get('s'), Sort::Window)?;
    let target = run.find(call.get('t'), Sort::Window)?;
    let (one, two) = (window_or_error(source)?, window_or_error(target)?);
    if one == two {
        return Ok(());
    }
    let (from, to) = (source.index.unwrap_or_default(), target.index.unwrap_or_default());
    if let Some(session) = run.state.session_mut(source.session) {
        session.windows.insert(from, two);
        if call.has('d') {
            session.select(from);
        }
    }
    if let Some(session) = run.state.session_mut(target.session) {
        session.windows.insert(to, one);
        if call.has('d') {
            session.select(to);
        }
    }
    run.share(source.session);
    run.share(target.session);
    Ok(())
}

pub fn respawn(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Window)?;
    let id = window_or_error(place)?;
    let Some(window) = run.state.windows.get(&id) else { return Ok(()) };
    let alive = window
        .panes
        .iter()
        .any(|p| run.state.panes.get(p).is_some_and(|p| p.dead.is_none()));
    if alive && !call.has('k') {
        let session = run.state.session(place.session).map(|s| s.name.clone()).unwrap_or_default();
        return error(format!(
            "respawn window failed: window {session}:{} still active",
            place.index.unwrap_or_default()
        ));
    }
    let others = window.panes[1..].to_vec();
    let first = window.panes[0];
    others.into_iter().for_each(|pane| run.state.drop_pane(pane));
    super::panes::begin_again(run, first, place, call, "window")
}
