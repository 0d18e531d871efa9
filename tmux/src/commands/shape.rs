//! The shape of windows: layouts, sizes, zoom, rotation.

use super::super::addressing::Sort;
use super::super::call::{Call, number};
use super::super::layout::{self, Frame, Way, share};
use super::super::options;
use super::super::run::{CommandError, CommandResult, Run};
use super::{hooks, pane_or_error, window_or_error};

pub fn select_layout(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let (id, pane) = (window_or_error(place)?, pane_or_error(place)?);
    if let Some(window) = run.state.windows.get_mut(&id) {
        window.unzoom();
    }
    let before = layout::dump(&run.state.windows[&id].layout);
    if call.has('n') || call.has('p') {
        return step(run, id, if call.has('n') { 1 } else { -1 });
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
        arrange(run, id, which);
    } else {
        let panes = run.state.windows[&id].panes.clone();
        let root = layout::parse(&name, &panes).map_err(|why| CommandError::Error(format!("{why}: {name}")))?;
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
    hooks::run_hook(run, "window-layout-changed", Some(place), vec![]);
    Ok(())
}

/// One of the arrangements by name or a prefix of it; `None` for a layout string.
fn which(name: &str) -> Result<Option<usize>, CommandError> {
    if let Some(at) = layout::NAMES.iter().position(|n| *n == name) {
        return Ok(Some(at));
    }
    let like: Vec<usize> = (0..layout::NAMES.len()).filter(|at| layout::NAMES[*at].starts_with(name)).collect();
    match like.as_slice() {
        [only] => Ok(Some(*only)),
        _ => Ok(None),
    }
}

pub fn arrange(run: &mut Run, id: u32, which: usize) {
    let window = &run.state.windows[&id];
    let (main, other) = if which == 2 {
        ("main-pane-height", "other-pane-height")
    } else {
        ("main-pane-width", "other-pane-width")
    };
    let main = options::of_window(&run.state, Some(window), main);
    let other = options::of_window(&run.state, Some(window), other);
    let Some(window) = run.state.windows.get_mut(&id) else { return };
    window.last_layout = Some(which);
    if window.panes.len() <= 1 {
        return;
    }
    window.layout = layout::arrange(
        which,
        &Frame {
            panes: &window.panes,
            sx: window.sx,
            sy: window.sy,
            main: &main,
            other: &other,
        },
    );
    (window.sx, window.sy) = (window.layout.sx, window.layout.sy);
}

pub fn step_layout(run: &mut Run, call: &Call, by: i32) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Window)?;
    let id = window_or_error(place)?;
    if let Some(window) = run.state.windows.get_mut(&id) {
        window.unzoom();
    }
    step(run, id, by)
}

fn step(run: &mut Run, id: u32, by: i32) -> CommandResult {
    let count = layout::NAMES.len() as i32;
    let last = run.state.windows[&id].last_layout;
    let next = match last {
        Some(last) => (last as i32 + by).rem_euclid(count),
        None if by > 0 => 0,
        None => count - 1,
    };
    let before = layout::dump(&run.state.windows[&id].layout);
    arrange(run, id, next as usize);
    if let Some(window) = run.state.windows.get_mut(&id) {
        window.old_layout = Some(before);
    }
    Ok(())
}

pub fn resize_pane(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let (id, pane) = (window_or_error(place)?, pane_or_error(place)?);
    if call.has('T') || call.has('M') {
        return Ok(());
    }
    if call.has('Z') {
        if let Some(window) = run.state.windows.get_mut(&id)
            && !window.unzoom()
        {
            window.activate(pane);
            window.zoom(pane);
        } else if let Some(window) = run.state.windows.get_mut(&id) {
            window.activate(pane);
        }
        return Ok(());
    }
    let by = match call.arg(0) {
        Some(text) => number(text, 1, i64::from(i32::MAX)).map_err(|why| CommandError::Error(format!("adjustment {why}")))? as i32,
        None => 1,
    };
    let Some(window) = run.state.windows.get_mut(&id) else {
        return Ok(());
    };
    window.unzoom();
    let (sx, sy) = (window.sx, window.sy);
    for (flag, way, whole, what) in [('x', Way::LeftRight, sx, "width"), ('y', Way::TopBottom, sy, "height")] {
        if let Some(text) = call.get(flag) {
            let size = match text.strip_suffix('%') {
                Some(percent) => number(percent, 0, 100).map(|_| share(text, whole).unwrap_or(whole)),
                None => number(text, 0, i64::from(i32::MAX)).map(|n| n as i32),
            };
            let size = size.map_err(|why| CommandError::Error(format!("{what} {why}")))?;
            window.layout.resize_pane_to(pane, way, size);
        }
    }
    let sides = [
        ('L', Way::LeftRight, -by),
        ('R', Way::LeftRight, by),
        ('U', Way::TopBottom, -by),
        ('D', Way::TopBottom, by),
    ];
    if let Some((_, way, change)) = sides.into_iter().find(|(flag, _, _)| call.has(*flag)) {
        window.layout.resize_pane(pane, way, change);
    }
    hooks::run_hook(run, "window-layout-changed", Some(place), vec![]);
    hooks::run_after(run, "resize-pane", Some(place));
    Ok(())
}

pub fn resize_window(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Window)?;
    let id = window_or_error(place)?;
    let by = match call.arg(0) {
        Some(text) => number(text, 1, i64::from(i32::MAX)).map_err(|why| CommandError::Error(format!("adjustment {why}")))? as i32,
        None => 1,
    };
    let (mut sx, mut sy) = (run.state.windows[&id].sx, run.state.windows[&id].sy);
    let axis = |flag: char, word: &str| match call.get(flag) {
        None => Ok(None),
        Some(text) => number(text, 1, 10_000)
            .map(|n| Some(n as i32))
            .map_err(|why| CommandError::Error(format!("{word} {why}"))),
    };
    sx = axis('x', "width")?.unwrap_or(sx);
    sy = axis('y', "height")?.unwrap_or(sy);
    if call.has('L') && sx >= by {
        sx -= by;
    } else if call.has('R') {
        sx += by;
    } else if call.has('U') && sy >= by {
        sy -= by;
    } else if call.has('D') {
        sy += by;
    }
    if call.has('A') || call.has('a') {
        (sx, sy) = super::windows::usual_size(run, place.session);
    }
    if let Some(window) = run.state.windows.get_mut(&id) {
        window.options.insert("window-size".to_owned(), "manual".to_owned());
        window.manual = true;
        window.resize(sx.max(1), sy.max(1));
    }
    Ok(())
}

pub fn rotate(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Window)?;
    let id = window_or_error(place)?;
    let Some(window) = run.state.windows.get_mut(&id) else {
        return Ok(());
    };
    let zoomed = window.unzoom();
    let before: Vec<u32> = window.layout.leaves().into_iter().filter_map(pane_of).collect();
    let active_at = window.panes.iter().position(|p| *p == window.active).unwrap_or(0);
    let mut panes = window.panes.clone();
    if call.has('D') {
        panes.rotate_right(1);
    } else {
        panes.rotate_left(1);
    }
    // Each cell gets the pane that is now in the place of the one it had.
    let place_of: std::collections::BTreeMap<u32, u32> = window.panes.iter().copied().zip(panes.iter().copied()).collect();
    let mut fresh = window.layout.clone();
    for (at, pane) in before.iter().enumerate() {
        fresh.replace(*pane, u32::MAX - at as u32);
    }
    for (at, pane) in before.iter().enumerate() {
        fresh.replace(u32::MAX - at as u32, place_of.get(pane).copied().unwrap_or(*pane));
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
