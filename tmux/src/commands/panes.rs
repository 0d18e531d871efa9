//! Panes: split, kill, select, respawn.

use super::super::addressing::{Place, Side, Sort, beside};
use super::super::call::{Call, number};
use super::super::layout::{Way, Wish};
use super::super::options;
use super::super::run::{CommandError, CommandResult, Run, error};
use super::super::spawn::Wanted;
use super::super::state::Window;
use super::{hooks, pane_or_error, talk, window_or_error};

pub const PRINTED: &str = "#{session_name}:#{window_index}.#{pane_index}";

pub fn split(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let (window, pane) = (window_or_error(place)?, pane_or_error(place)?);
    let Some(found) = run.state.windows.get_mut(&window) else {
        return Ok(());
    };
    found.unzoom();
    let wish = wish(call, found, pane)?;
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
    let fresh = started.map_err(|stopped| CommandError::Error(format!("create pane failed: {}", stopped.why())))?;
    run.state.panes.insert(id, fresh);
    if call.has('I') {
        talk::from_stdin(run, id)?;
    }
    if let Some(found) = run.state.windows.get_mut(&window) {
        found.layout = layout;
        insert_beside(found, pane, id, call.has('b'), call.has('f'));
        if !call.has('d') {
            found.activate(id);
        }
        if call.has('Z') {
            let active = found.active;
            found.zoom(active);
            found.behind = Some(id).filter(|_| behind);
        }
    }
    let place = Place { pane: Some(id), ..place };
    if call.has('P') {
        let line = run.expand(call.get('F').unwrap_or(PRINTED), Some(place));
        run.print(&line);
    }
    hooks::run_hook(run, "window-layout-changed", Some(place), vec![]);
    hooks::run_after(run, "split-window", Some(place));
    Ok(())
}

/// How the flags want the room of a pane divided.
pub fn wish(call: &Call, window: &Window, pane: u32) -> Result<Wish, CommandError> {
    let way = if call.has('h') { Way::LeftRight } else { Way::TopBottom };
    let whole = if call.has('f') {
        window.layout.size(way)
    } else {
        window.cell(pane).map_or(0, |c| c.size(way))
    };
    Ok(Wish {
        way,
        size: wanted_size(call, whole)?,
        before: call.has('b'),
        full: call.has('f'),
    })
}

pub fn insert_beside(window: &mut Window, pane: u32, new: u32, before: bool, full: bool) {
    let at = if full {
        if before { 0 } else { window.panes.len() }
    } else {
        window.panes.iter().position(|p| *p == pane).unwrap_or(0) + usize::from(!before)
    };
    window.panes.insert(at, new);
}

/// `-l 10`, `-l 30%`, `-p 30`; more than there is takes all that can be had.
fn wanted_size(call: &Call, whole: i32) -> Result<Option<i32>, CommandError> {
    let splits = call.name == "split-window";
    let bad = |what: &'static str| move |why: &str| CommandError::Error(format!("{} {why}", if splits { what } else { "size" }));
    let most = i64::from(i32::MAX);
    // Only a split takes more than all there is.
    let all = if splits { most } else { 100 };
    let part = |percent: i64| i32::try_from(i64::from(whole) * percent / 100).unwrap_or(i32::MAX);
    if let Some(text) = call.get('l') {
        return match text.strip_suffix('%') {
            Some(percent) => number(percent, 0, all).map(|p| Some(part(p))).map_err(bad("percentage")),
            None => number(text, 0, most).map(|n| Some(n as i32)).map_err(bad("lines")),
        };
    }
    match call.get('p') {
        Some(text) => number(text, 0, all).map(|p| Some(part(p))).map_err(bad("create pane failed: -p")),
        None => Ok(None),
    }
}

pub fn kill(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let (window, pane) = (window_or_error(place)?, pane_or_error(place)?);
    if call.has('a') {
        let others: Vec<u32> = run.state.windows[&window].panes.iter().copied().filter(|p| *p != pane).collect();
        others.into_iter().for_each(|p| run.state.drop_pane(p));
    } else {
        run.state.drop_pane(pane);
    }
    run.share(place.session);
    hooks::run_hook(run, "window-layout-changed", None, vec![]);
    Ok(())
}

/// `select-pane` and `last-pane`.
pub fn select(run: &mut Run, call: &Call) -> CommandResult {
    let sort = if call.name == "last-pane" { Sort::Window } else { Sort::Pane };
    let place = run.find(call.get('t'), sort)?;
    let (id, pane) = (window_or_error(place)?, pane_or_error(place)?);
    if call.name == "last-pane" || call.has('l') {
        let window = &run.state.windows[&id];
        let last = window.last.first().copied().or_else(|| {
            let others: Vec<u32> = window.panes.iter().copied().filter(|p| *p != window.active).collect();
            (others.len() == 1).then(|| others[0])
        });
        let Some(last) = last else { return error("no last pane") };
        if call.has('e') || call.has('d') {
            set_input(run, last, call);
            return Ok(());
        }
        activate(run, id, last, call.has('Z'));
        return Ok(());
    }
    if call.has('m') || call.has('M') {
        let marked = run.state.marked;
        run.state.marked = if call.has('M') || marked == Some(pane) { None } else { Some(pane) };
        return Ok(());
    }
    if call.has('P')
        && let Some(style) = call.get('P')
        && let Some(pane) = run.state.panes.get_mut(&pane)
    {
        for option in ["window-style", "window-active-style"] {
            pane.options.insert(option.to_owned(), style.to_owned());
        }
    }
    if call.has('g') {
        let style = options::of_pane(&run.state, run.state.panes.get(&pane), "window-style");
        run.print(&style);
        return Ok(());
    }
    let side = [('L', Side::Left), ('R', Side::Right), ('U', Side::Up), ('D', Side::Down)];
    let mut chosen = pane;
    if let Some((_, side)) = side.into_iter().find(|(flag, _)| call.has(*flag)) {
        let mut window = run.state.windows[&id].clone();
        window.unzoom();
        match beside(&window, pane, side) {
            Some(other) => chosen = other,
            None => return Ok(()),
        }
    }
    if call.has('e') || call.has('d') {
        set_input(run, chosen, call);
        return Ok(());
    }
    if let Some(title) = call.get('T') {
        let title = run.expand(title, Some(place));
        if let Some(pane) = run.state.panes.get_mut(&chosen) {
            pane.title = Some(title);
        }
        hooks::run_hook(run, "pane-title-changed", Some(place), vec![]);
        return Ok(());
    }
    if run.state.windows[&id].active == chosen {
        return Ok(());
    }
    activate(run, id, chosen, call.has('Z'));
    hooks::run_hook(run, "window-pane-changed", Some(place), vec![]);
    hooks::run_after(run, "select-pane", Some(place));
    Ok(())
}

fn set_input(run: &mut Run, pane: u32, call: &Call) {
    if let Some(pane) = run.state.panes.get_mut(&pane) {
        pane.input_off = call.has('d');
    }
}

fn activate(run: &mut Run, window: u32, pane: u32, keep_zoom: bool) {
    if let Some(window) = run.state.windows.get_mut(&window) {
        let zoomed = window.unzoom();
        window.activate(pane);
        if zoomed && keep_zoom {
            window.zoom(pane);
        }
    }
}

pub fn respawn(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let id = pane_or_error(place)?;
    let alive = run.state.panes.get(&id).is_some_and(|p| p.dead.is_none());
    if alive && !call.has('k') {
        let session = run.state.session(place.session).map(|s| s.name.clone()).unwrap_or_default();
        let window = &run.state.windows[&window_or_error(place)?];
        let index = run.pane_index(window, id);
        return error(format!(
            "respawn pane failed: pane {session}:{}.{index} still active",
            place.index.unwrap_or_default()
        ));
    }
    begin_again(run, id, place, call, "pane")
}

/// Another child in the same pane.
pub fn begin_again(run: &mut Run, id: u32, place: Place, call: &Call, what: &str) -> CommandResult {
    let Some(old) = run.state.panes.get(&id).cloned() else {
        return Ok(());
    };
    let cell = run.state.window_of(id).and_then(|w| w.cell(id)).map_or((80, 24), |c| (c.sx, c.sy));
    let arguments = if call.args.is_empty() {
        old.arguments.clone()
    } else {
        call.args.clone()
    };
    let cwd = call
        .get('c')
        .map_or_else(|| old.start_path.clone(), |text| run.expand(text, Some(place)));
    let wanted = Wanted {
        session: place.session,
        arguments,
        cwd: Some(cwd),
        environment: call.all('e').map(str::to_owned).collect(),
        sx: cell.0,
        sy: cell.1,
    };
    let fresh = run.start_pane(id, &wanted);
    let mut fresh = fresh.map_err(|stopped| CommandError::Error(format!("respawn {what} failed: {}", stopped.why())))?;
    fresh.options = old.options;
    fresh.title = old.title;
    run.state.panes.insert(id, fresh);
    Ok(())
}
