//! Sessions: new, has, kill, rename.

use super::super::addressing::{Place, Sort, of_session};
use super::super::call::{Call, number};
use super::super::clock::now_ms;
use super::super::options;
use super::super::run::{CommandError, CommandResult, Run, error};
use super::super::spawn::Wanted;
use super::super::state::{Session, Var};
use super::{clients, hooks};
use std::collections::BTreeMap;

/// What `-P` prints unless told otherwise.
const PRINTED: &str = "#{session_name}:";

pub fn new(run: &mut Run, call: &Call) -> CommandResult {
    if call.has('t') && (!call.args.is_empty() || call.has('n')) {
        return error("command or window name given with target");
    }
    // Only a client that is attached has a session whose formats could be meant.
    let here = run.own_client.as_ref().and_then(|_| run.here());
    let name = match call.get('s') {
        Some(text) => {
            let text = run.expand(text, here);
            Some(super::invalid_name(run, &text).ok_or_else(|| CommandError::Error(format!("invalid session: {text}")))?)
        }
        None => None,
    };
    let target = call.get('t').and_then(|t| run.find(Some(t), Sort::Session).ok());
    if call.has('A') {
        let present = match &name {
            Some(name) => run.state.sessions.get(name).map(|s| s.id),
            None => target.map(|place| place.session),
        };
        if let Some(session) = present {
            return clients::attach_to(run, session, call.has('D'), call);
        }
    }
    if let Some(name) = name.as_ref().filter(|name| run.state.sessions.contains_key(*name)) {
        return error(format!("duplicate session: {name}"));
    }
    let group = match call.get('t') {
        Some(text) => Some(match target.and_then(|place| run.state.session(place.session)) {
            Some(session) => session.group.clone().unwrap_or_else(|| session.name.clone()),
            None => super::invalid_name(run, text).ok_or_else(|| CommandError::Error(format!("invalid session group: {text}")))?,
        }),
        None => None,
    };
    let detached = call.has('d') || run.caller.control || run.alone;
    if !detached {
        clients::check_terminal(run)?;
    }
    let (sx, sy) = size(run, call, detached)?;
    let cwd = call.get('c').map_or_else(|| run.caller.cwd.clone(), |text| run.expand(text, here));
    let session = make(run, call, name, group.as_deref(), (sx, sy), cwd)?;
    if call.has('P') {
        let place = run.state.session(session).map(|s| of_session(&run.state, s));
        let line = run.expand(call.get('F').unwrap_or(PRINTED), place);
        run.print(&line);
    }
    let place = run.state.session(session).map(|s| of_session(&run.state, s));
    hooks::run_hook(run, "session-created", place, vec![]);
    if run.depth == 0 || run.current.is_none() {
        hooks::run_after(run, "new-session", place);
    }
    run.show_mistakes(session);
    if run.caller.control && !call.has('d') && !run.alone {
        clients::control_to(run, session);
        return Ok(());
    }
    if detached {
        Ok(())
    } else {
        clients::attach_to(run, session, false, call)
    }
}

fn size(run: &Run, call: &Call, detached: bool) -> Result<(i32, i32), CommandError> {
    let axis = |flag: char, word: &str, usual: i32| match call.get(flag) {
        None => Ok(usual),
        Some("-") => Ok(clients::terminal_size().map_or(usual, |(cols, rows)| if flag == 'x' { cols } else { rows })),
        Some(text) => number(text, 1, 65535)
            .map(|n| n as i32)
            .map_err(|why| CommandError::Error(format!("{word} {why}"))),
    };
    let (dx, dy) = (axis('x', "width", 80)?, axis('y', "height", 24)?);
    if !detached && let Some((cols, rows)) = clients::terminal_size() {
        let status = i32::from(options::of_session(&run.state, None, "status") != "off");
        return Ok((cols.max(1), (rows - status).max(1)));
    }
    let usual = options::of_session(&run.state, None, "default-size");
    let parsed = usual.split_once('x').and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)));
    let (mut sx, mut sy) = parsed.unwrap_or((dx, dy));
    if call.has('x') {
        sx = dx;
    }
    if call.has('y') {
        sy = dy;
    }
    Ok((sx.max(1), sy.max(1)))
}

fn make(
    run: &mut Run,
    call: &Call,
    name: Option<String>,
    group: Option<&str>,
    (sx, sy): (i32, i32),
    cwd: String,
) -> Result<u32, CommandError> {
    let id = run.state.next_session;
    run.state.next_session += 1;
    let name = name.unwrap_or_else(|| {
        let mut number = id;
        loop {
            let name = group.map_or_else(|| number.to_string(), |group| format!("{group}-{number}"));
            if !run.state.sessions.contains_key(&name) {
                return name;
            }
            number += 1;
        }
    });
    let mut environment = if call.has('E') {
        BTreeMap::new()
    } else {
        run.updated_environment()
    };
    for pair in call.all('e') {
        if let Some((key, value)) = pair.split_once('=') {
            let value = Some(value.to_owned());
            environment.insert(key.to_owned(), Var { value, hidden: false });
        }
    }
    let mut own = BTreeMap::new();
    if call.has('x') || call.has('y') {
        own.insert("default-size".to_owned(), format!("{sx}x{sy}"));
    }
    let now = now_ms();
    let latest = run.state.sessions.values().map(|s| s.activity_ms).max().unwrap_or(0);
    let session = Session {
        id,
        name: name.clone(),
        created_ms: now,
        activity_ms: now.max(latest + 1),
        attached_ms: 0,
        cwd: cwd.clone(),
        windows: BTreeMap::new(),
        current: 0,
        last: vec![],
        options: own,
        environment,
        group: None,
        alerts: BTreeMap::new(),
    };
    run.state.sessions.insert(name.clone(), session);
    let shared = group.and_then(|group| {
        let mut members = run.state.sessions.values().filter(|s| s.id != id);
        members
            .find(|s| s.group.as_deref() == Some(group) || (s.group.is_none() && s.name == group))
            .map(|s| (s.id, s.windows.clone()))
    });
    if let Some(group) = group
        && let Some(session) = run.state.session_mut(id)
    {
        session.group = Some(group.to_owned());
    }
    if let Some((other, windows)) = shared {
        if let Some(other) = run.state.session_mut(other) {
            other.group = group.map(str::to_owned);
        }
        if let Some(session) = run.state.session_mut(id) {
            session.current = windows.keys().next().copied().unwrap_or(0);
            session.windows = windows;
        }
        return Ok(id);
    }
    let wanted = Wanted {
        session: id,
        arguments: call.args.clone(),
        cwd: Some(cwd),
        environment: call.all('e').map(str::to_owned).collect(),
        sx,
        sy,
    };
    let place = Place {
        session: id,
        ..Place::default()
    };
    let window_name = call.get('n').map(|text| run.expand(text, Some(place)));
    match run.start_window(&wanted, window_name.as_deref()) {
        Ok(window) => {
            let base = options::of_session(&run.state, run.state.session(id), "base-index")
                .parse()
                .unwrap_or(0);
            if let Some(session) = run.state.session_mut(id) {
                session.windows.insert(base, window);
                session.current = base;
            }
            Ok(id)
        }
        Err(stopped) => {
            run.state.sessions.remove(&name);
            error(format!("create window failed: {}", stopped.why()))
        }
    }
}

pub fn has(run: &mut Run, call: &Call) -> CommandResult {
    run.find(call.get('t'), Sort::Session).map(drop)
}

pub fn kill(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Session)?;
    if call.has('C') {
        return Ok(());
    }
    let doomed: Vec<u32> = if call.has('a') {
        run.state
            .sessions
            .values()
            .map(|s| s.id)
            .filter(|id| *id != place.session)
            .collect()
    } else {
        vec![place.session]
    };
    for session in doomed {
        end(run, session);
    }
    Ok(())
}

/// Ends a session with those of its windows that no other one shows.
pub fn end(run: &mut Run, id: u32) {
    let Some(session) = run.state.session(id).cloned() else { return };
    let extra = vec![
        ("hook_session".to_owned(), format!("${id}")),
        ("hook_session_name".to_owned(), session.name.clone()),
    ];
    for (index, window) in &session.windows {
        let elsewhere = run.state.links(*window).iter().any(|(s, _)| *s != id);
        if elsewhere {
            if let Some(session) = run.state.session_mut(id) {
                session.windows.remove(index);
            }
        } else {
            run.state.unlink(id, *index);
        }
    }
    run.state.sessions.remove(&session.name);
    hooks::run_hook(run, "session-closed", None, extra);
}

pub fn rename(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Session)?;
    let text = run.expand(call.arg(0).unwrap_or_default(), Some(place));
    let Some(name) = super::invalid_name(run, &text) else {
        return error(format!("invalid session: {text}"));
    };
    let Some(old) = run.state.session(place.session).map(|s| s.name.clone()) else {
        return Ok(());
    };
    if old == name {
        return Ok(());
    }
    if run.state.sessions.contains_key(&name) {
        return error(format!("duplicate session: {name}"));
    }
    if let Some(mut session) = run.state.sessions.remove(&old) {
        session.name.clone_from(&name);
        run.state.sessions.insert(name, session);
    }
    hooks::run_hook(run, "session-renamed", Some(place), vec![]);
    Ok(())
}

pub fn kill_server(run: &mut Run) -> CommandResult {
    run.state.end();
    run.killed = true;
    Ok(())
}
