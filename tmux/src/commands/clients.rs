//! Clients: attaching, switching, detaching, control mode.

use super::super::addressing::{Place, Sort};
use super::super::bindings;
use super::super::call::Call;
use super::super::run::{CommandResult, Run, error};
use super::super::state::{Client, Flow, PendingDetach, Table};

pub fn terminal_size() -> Option<(i32, i32)> {
    // SAFETY: `winsize` is plain data for which all zeroes is a value.
    let mut size: libc::winsize = unsafe { std::mem::zeroed() };
    for fd in [0, 1, 2] {
        // SAFETY: the call writes a `winsize` to a living one.
        if unsafe { libc::ioctl(fd, libc::TIOCGWINSZ, &raw mut size) } == 0 && size.ws_col > 0 {
            return Some((i32::from(size.ws_col), i32::from(size.ws_row)));
        }
    }
    None
}

/// Whether this is a terminal that a session could be shown on, in tmux's words where it is not.
pub fn check_terminal(run: &Run) -> CommandResult {
    let Ok(terminal) = nix::unistd::ttyname(std::io::stdin()) else {
        return error("open terminal failed: not a terminal");
    };
    let inside = std::env::var("TMUX").is_ok_and(|t| !t.is_empty());
    if inside && run.state.panes.values().any(|pane| terminal.as_os_str() == pane.tty.as_str()) {
        return error("sessions should be nested with care, unset $TMUX to force");
    }
    Ok(())
}

pub fn attach(run: &mut Run, call: &Call) -> CommandResult {
    if run.state.sessions.is_empty() {
        return error("no sessions");
    }
    let sort = if call.get('t').is_some_and(|t| t.contains([':', '.'])) {
        Sort::Pane
    } else {
        Sort::Session
    };
    let place = run.find(call.get('t'), sort)?;
    if run.caller.control {
        renew_environment(run, place.session, call);
        control_to(run, place.session);
        return Ok(());
    }
    attach_to(run, place.session, call.has('d'), call)
}

pub fn attach_to(run: &mut Run, session: u32, others_leave: bool, call: &Call) -> CommandResult {
    if run.alone {
        return Ok(());
    }
    check_terminal(run)?;
    if others_leave {
        run.state.clients.retain(|client| client.session != session);
    }
    renew_environment(run, session, call);
    run.attached = Some(session);
    run.read_only = call.name == "attach-session" && call.has('r');
    Ok(())
}

/// A session that is attached to has its newest client's display, agent and the like.
fn renew_environment(run: &mut Run, session: u32, call: &Call) {
    let fresh = run.updated_environment();
    if let Some(session) = run.state.session_mut(session).filter(|_| !call.has('E')) {
        session.environment.extend(fresh);
    }
}

/// What a control client is to look at from now on.
pub fn control_to(run: &mut Run, session: u32) {
    run.attached = Some(session);
}

pub fn switch(run: &mut Run, call: &Call) -> CommandResult {
    let at = run.client(call.get('c'))?;
    if call.has('r') {
        let client = &mut run.state.clients[at];
        client.read_only = !client.read_only;
    }
    if let Some(table) = call.get('T') {
        if !bindings::has_table(&run.state, table) && table != "root" {
            return error(format!("table {table} doesn't exist"));
        }
        let at_ms = run.moment();
        let name = table.to_owned();
        run.state.clients[at].table = Some(Table { name, at_ms });
        return Ok(());
    }
    if let Some(target) = call.get('t') {
        let names_more = target.contains([':', '.', '%']);
        let place = run.find(Some(target), if names_more { Sort::Pane } else { Sort::Session })?;
        if names_more {
            go_to(run, place, call.has('Z'));
        }
        let client = &mut run.state.clients[at];
        client.last_session = Some(client.session);
        client.session = place.session;
    } else if call.has('l') {
        let client = &mut run.state.clients[at];
        let Some(last) = client.last_session else {
            return error("can't find last session");
        };
        client.last_session = Some(client.session);
        client.session = last;
    } else if call.has('n') || call.has('p') {
        let ids: Vec<u32> = run.state.sessions.values().map(|s| s.id).collect();
        let client = &mut run.state.clients[at];
        let here = ids.iter().position(|id| *id == client.session).unwrap_or(0) as i32;
        let by = if call.has('n') { 1 } else { -1 };
        client.last_session = Some(client.session);
        client.session = ids[(here + by).rem_euclid(ids.len() as i32) as usize];
    }
    Ok(())
}

/// A window and a pane are chosen in their session.
fn go_to(run: &mut Run, place: Place, keeps_zoom: bool) {
    if let (Some(window), Some(pane)) = (place.window.and_then(|id| run.state.windows.get_mut(&id)), place.pane)
        && window.active != pane
    {
        let zoomed = window.unzoom();
        window.activate(pane);
        if zoomed && keeps_zoom {
            window.zoom(pane);
        }
    }
    if let (Some(session), Some(index)) = (run.state.session_mut(place.session), place.index) {
        session.select(index);
    }
}

pub fn detach(run: &mut Run, call: &Call) -> CommandResult {
    let at = run.client(call.get('t'))?;
    let own = run.state.clients[at].name.clone();
    let session = match call.get('s') {
        Some(session) => Some(run.find(Some(session), Sort::Session)?.session),
        None => None,
    };
    let others = call.has('a');
    send_away(run, call, |client| match session {
        Some(session) => client.session == session,
        None => (client.name == own) != others,
    });
    Ok(())
}

/// Clients go at once, or are told what else to do then.
fn send_away(run: &mut Run, call: &Call, goes: impl Fn(&Client) -> bool) {
    let leaving = match call.get('E') {
        Some(command) => Some(PendingDetach::Replaced(command.to_owned())),
        None => call.has('P').then_some(PendingDetach::HungUp),
    };
    for client in run.state.clients.iter_mut().filter(|client| !client.control && goes(client)) {
        client.leaving.clone_from(&leaving);
    }
    run.state.clients.retain(|client| client.leaving.is_some() || !goes(client));
}

pub fn refresh(run: &mut Run, call: &Call) -> CommandResult {
    let at = run.client(call.get('t'))?;
    if let Some(size) = call.get('C') {
        if let Some((id, size)) = size.strip_prefix('@').and_then(|rest| rest.split_once(':')) {
            return size_window(run, at, id, size);
        }
        let parsed = size
            .split_once(['x', ','])
            .and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)));
        let Some((sx, sy)) = parsed else {
            return error("bad size argument");
        };
        if ![sx, sy].iter().all(|size| (1..=10_000).contains(size)) {
            return error("size too small or too big");
        }
        let client = &mut run.state.clients[at];
        (client.sx, client.sy) = (sx, sy);
        let session = client.session;
        fit(run, session);
        return Ok(());
    }
    for wanted in call.all('B') {
        subscribe(&mut run.state.clients[at], wanted);
    }
    for wanted in call.all('A') {
        let pane = wanted.split_once(':').and_then(|(pane, _)| pane.strip_prefix('%')?.parse().ok());
        if pane.is_some_and(|pane| run.state.panes.contains_key(&pane)) {
            regulate(&mut run.state.clients[at], wanted);
        }
    }
    if let Some(flags) = call.get('f').or_else(|| call.get('F')) {
        let client = &mut run.state.clients[at];
        for flag in flags.split(',') {
            match flag.strip_prefix('!') {
                Some(gone) => client.flags.retain(|f| f != gone),
                None => client.flags.push(flag.to_owned()),
            }
        }
    }
    Ok(())
}

/// `name:what:format` wants to be told; a name alone does not any more.
fn subscribe(client: &mut Client, wanted: &str) {
    let mut parts = wanted.splitn(3, ':');
    let name = parts.next().unwrap_or_default().to_owned();
    match (parts.next(), parts.next()) {
        (Some(what), Some(format)) => drop(client.subscriptions.insert(name, (what.to_owned(), format.to_owned()))),
        _ => drop(client.subscriptions.remove(&name)),
    }
}

/// `%1:pause`: whether a pane's output is told.
fn regulate(client: &mut Client, wanted: &str) {
    let Some((pane, state)) = wanted.split_once(':') else { return };
    let Some(pane) = pane.strip_prefix('%').and_then(|id| id.parse().ok()) else {
        return;
    };
    match state {
        "off" => drop(client.flows.insert(pane, Flow::Off)),
        "pause" => drop(client.flows.insert(pane, Flow::Paused)),
        "on" if client.flows.get(&pane) == Some(&Flow::Off) => drop(client.flows.remove(&pane)),
        "continue" if client.flows.get(&pane) == Some(&Flow::Paused) => drop(client.flows.remove(&pane)),
        _ => {}
    }
}

/// A control client's own size for one window; without one it is that of the others again.
fn size_window(run: &mut Run, client: usize, id: &str, size: &str) -> CommandResult {
    let parsed = size.split_once('x').and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)));
    if parsed.is_none() && !size.is_empty() {
        return error("bad size argument");
    }
    let session = run.state.clients[client].session;
    if let Some(window) = id.parse().ok().and_then(|id: u32| run.state.windows.get_mut(&id)) {
        window.manual = parsed.is_some();
        if let Some((sx, sy)) = parsed {
            window.resize(sx, sy);
        }
    }
    fit(run, session);
    Ok(())
}

/// Gives a session's windows the size of those who look at them.
pub fn fit(run: &mut Run, session: u32) {
    let (sx, sy) = super::windows::usual_size(run, session);
    let windows: Vec<u32> = run
        .state
        .session(session)
        .map(|s| s.windows.values().copied().collect())
        .unwrap_or_default();
    for id in windows {
        if let Some(window) = run.state.windows.get_mut(&id).filter(|w| !w.manual) {
            window.resize(sx, sy);
        }
    }
}
