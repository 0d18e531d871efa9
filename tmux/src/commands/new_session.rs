//! `new-session`: a session with its first window, or one more view of a group's windows.

use crate::addressing::{Place, Sort, of_session};
use crate::run::new_pane::Wanted;
use crate::run::{Access, Call, CommandError, CommandResult, Entry, Run, error};
use crate::state::{Session, Var};
use crate::text;
use crate::text::{number, session_name};
use crate::time::now_ms;
use crate::{options, platform};
use std::collections::BTreeMap;

/// What `-P` prints unless told otherwise.
const PRINTED: &str = "#{session_name}:";

pub(super) const ENTRY: Entry = Entry {
    name: "new-session",
    alias: "new",
    flags: "Ac:dDe:EF:f:n:Ps:t:x:Xy:",
    args: (0, None),
    usage: "[-AdDEPX] [-c start-directory] [-e environment] [-F format] [-f flags] [-n window-name] [-s session-name] [-t target-session] [-x width] [-y height] [shell-command]",
    access: Access::CHANGE.starting_a_server().with_own_hook(),
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    if call.has('t') && (!call.args.is_empty() || call.has('n')) {
        return error("command or window name given with target");
    }
    // Only a client that is attached has a session whose formats could be meant.
    let here = run.own_client.as_ref().and_then(|_| run.here());
    let name = match call.get('s') {
        Some(text) => {
            let text = run.expand(text, here);
            Some(
                session_name(&text)
                    .ok_or_else(|| CommandError::Error(format!("invalid session: {text}")))?,
            )
        }
        None => None,
    };
    let target = call
        .get('t')
        .and_then(|t| run.find(Some(t), Sort::Session).ok());
    if call.has('A') {
        let present = match &name {
            Some(name) => run.state.sessions.get(name).map(|s| s.id),
            None => target.map(|place| place.session),
        };
        if let Some(session) = present {
            return run.attach_to(session, call.has('D'), call);
        }
    }
    if let Some(name) = name
        .as_ref()
        .filter(|name| run.state.sessions.contains_key(*name))
    {
        return error(format!("duplicate session: {name}"));
    }
    let group = match call.get('t') {
        Some(text) => Some(
            match target.and_then(|place| run.state.session(place.session)) {
                Some(session) => session
                    .group
                    .clone()
                    .unwrap_or_else(|| session.name.clone()),
                None => session_name(text)
                    .ok_or_else(|| CommandError::Error(format!("invalid session group: {text}")))?,
            },
        ),
        None => None,
    };
    let detached = call.has('d') || run.caller.control || run.alone;
    if !detached {
        run.check_terminal()?;
    }
    let (sx, sy) = size(run, call, detached)?;
    let cwd = call
        .get('c')
        .map_or_else(|| run.caller.cwd.clone(), |text| run.expand(text, here));
    let session = make(run, call, name, group.as_deref(), (sx, sy), cwd)?;
    if call.has('P') {
        let place = run
            .state
            .session(session)
            .map(|s| of_session(&run.state, s));
        let line = run.expand(call.get('F').unwrap_or(PRINTED), place);
        run.print(&line);
    }
    let place = run
        .state
        .session(session)
        .map(|s| of_session(&run.state, s));
    run.hook("session-created", place, vec![]);
    if run.depth == 0 || run.current.is_none() {
        run.hook_after("new-session", place);
    }
    run.show_mistakes(session);
    if run.caller.control && !call.has('d') && !run.alone {
        run.become_client(session);
        return Ok(());
    }
    if detached {
        Ok(())
    } else {
        run.attach_to(session, false, call)
    }
}

fn size(run: &Run, call: &Call, detached: bool) -> Result<(i32, i32), CommandError> {
    let axis = |flag: char, word: &str, usual: i32| match call.get(flag) {
        None => Ok(usual),
        Some("-") => Ok(platform::terminal_size()
            .map_or(usual, |(cols, rows)| if flag == 'x' { cols } else { rows })),
        Some(text) => number(text, 1, 65535)
            .map(|n| n as i32)
            .map_err(|why| CommandError::Error(format!("{word} {why}"))),
    };
    let (dx, dy) = (axis('x', "width", 80)?, axis('y', "height", 24)?);
    if !detached && let Some((cols, rows)) = platform::terminal_size() {
        let status = i32::from(options::of_session(&run.state, None, "status") != "off");
        return Ok((cols.max(1), (rows - status).max(1)));
    }
    let usual = options::of_session(&run.state, None, "default-size");
    let (mut sx, mut sy) = text::size(&usual).unwrap_or((dx, dy));
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
            let name =
                group.map_or_else(|| number.to_string(), |group| format!("{group}-{number}"));
            if !run.state.sessions.contains_key(&name) {
                return name;
            }
            number += 1;
        }
    });
    let session = session(run, call, id, &name, (sx, sy), &cwd);
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

/// A session without windows yet.
fn session(
    run: &Run,
    call: &Call,
    id: u32,
    name: &str,
    (sx, sy): (i32, i32),
    cwd: &str,
) -> Session {
    let mut environment = if call.has('E') {
        BTreeMap::new()
    } else {
        run.updated_environment()
    };
    for pair in call.all('e') {
        if let Some((key, value)) = pair.split_once('=') {
            let value = Some(value.to_owned());
            environment.insert(
                key.to_owned(),
                Var {
                    value,
                    hidden: false,
                },
            );
        }
    }
    let mut own = BTreeMap::new();
    if call.has('x') || call.has('y') {
        own.insert("default-size".to_owned(), format!("{sx}x{sy}"));
    }
    let now = now_ms();
    let latest = run
        .state
        .sessions
        .values()
        .map(|s| s.activity_ms)
        .max()
        .unwrap_or(0);
    Session {
        id,
        name: name.to_owned(),
        created_ms: now,
        activity_ms: now.max(latest + 1),
        attached_ms: 0,
        cwd: cwd.to_owned(),
        windows: BTreeMap::new(),
        current: 0,
        last: vec![],
        options: own,
        environment,
        group: None,
        alerts: BTreeMap::new(),
    }
}
