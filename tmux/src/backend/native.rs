//! Sessions that `psup spawn` began, as tmux sees them: each is a session with one window and one
//! pane, in the world of the socket `default`.
//!
//! They are put into a state when it is read and taken out when it is kept, so that the document
//! holds nothing of a session that tmux's commands have only looked at. What tmux has changed of
//! one (an option, a layout, a client that was attached) is kept like everything else, until the
//! life ends. Ids come from the pid of the child, so that all commands agree on them without a
//! word in the document.

use super::{LABEL, Live, PIPE_LABEL, WATCH_LABEL};
use crate::language::escape;
use crate::layout::Cell;
use crate::platform;
use crate::state::{Options, Pane, Session, State, Window};
use crate::text::session_name;
use crate::variables::names::short_name;
use psup_proto::info::Info;
use std::collections::BTreeMap;

/// Ids from here on are of native sessions: this and the pid of the child. tmux's own counters do
/// not get so far, and pids have seven digits at most.
const FIRST_ID: u32 = 10_000_000;

/// Whether a session, window or pane of this id belongs to a session of `psup spawn`.
pub(crate) fn is_native(id: u32) -> bool {
    id >= FIRST_ID
}

/// Whether a live session was begun by no tmux command.
pub(super) fn began_natively(info: &Info) -> bool {
    let is_tmux_s = |label: &String| [LABEL, WATCH_LABEL, PIPE_LABEL].contains(&label.as_str());
    !info.labels.keys().any(is_tmux_s) && info.pid.is_some()
}

fn id_of(info: &Info) -> u32 {
    FIRST_ID + info.pid.unwrap_or_default().unsigned_abs()
}

fn natives(live: &Live) -> Vec<&Info> {
    let mut natives: Vec<&Info> = live.values().filter(|info| began_natively(info)).collect();
    natives.sort_by(|one, other| one.id.name.as_str().cmp(other.id.name.as_str()));
    natives
}

/// Whether any session of `psup spawn` lives.
pub(crate) fn any(live: &Live) -> bool {
    live.values().any(began_natively)
}

/// Whether the life that a native pane shows goes on.
pub(crate) fn goes_on(pane: &Pane, live: &Live) -> bool {
    live.get(&pane.session)
        .is_some_and(|info| !is_native(pane.id) || id_of(info) == pane.id)
}

/// Puts every native session into a state that has nothing of it yet.
pub(crate) fn add(state: &mut State, live: &Live) {
    for info in natives(live) {
        let id = id_of(info);
        refresh(state, info, id);
        let known = state.panes.contains_key(&id)
            || state.windows.contains_key(&id)
            || state.session(id).is_some();
        if known {
            continue;
        }
        let name = free_name(state, info);
        let (session, window, pane) = shown(info, name);
        state.sessions.insert(session.name.clone(), session);
        state.windows.insert(id, window);
        state.panes.insert(id, pane);
    }
}

/// A state as it is kept: without the native sessions of which nothing was changed.
pub(crate) fn without(state: &State, live: &Live) -> State {
    let mut kept = state.clone();
    for info in natives(live) {
        let id = id_of(info);
        let Some(name) = kept.session(id).map(|session| session.name.clone()) else {
            continue;
        };
        let (session, window, pane) = shown(info, name.clone());
        let untouched = kept.sessions.get(&name) == Some(&session)
            && kept.windows.get(&id) == Some(&window)
            && kept.panes.get(&id) == Some(&pane)
            && !kept.clients.iter().any(|client| client.session == id);
        if untouched {
            kept.sessions.remove(&name);
            kept.windows.remove(&id);
            kept.panes.remove(&id);
        }
    }
    kept
}

/// A session that was kept has the name and the size that it has now.
fn refresh(state: &mut State, info: &Info, id: u32) {
    if let Some(pane) = state.panes.get_mut(&id) {
        pane.session = info.id.name.to_string();
    }
    let (sx, sy) = size(info);
    if let Some(window) = state.windows.get_mut(&id)
        && window.panes == [id]
        && (window.sx, window.sy) != (sx, sy)
    {
        window.resize(sx, sy);
    }
    if let Some(name) = state.session(id).map(|session| session.name.clone())
        && let Some(mut session) = state.sessions.remove(&name)
    {
        session.name = free_name(state, info);
        state.sessions.insert(session.name.clone(), session);
    }
}

/// The name in tmux: the session's own, with `_` for dots; with its life behind it where tmux has
/// a session of that name.
fn free_name(state: &State, info: &Info) -> String {
    let name = session_name(info.id.name.as_str()).unwrap_or_default();
    if !state.sessions.contains_key(&name) {
        return name;
    }
    let named = format!("{name}#{}", info.id.life);
    if state.sessions.contains_key(&named) {
        format!("{named}#{}", id_of(info))
    } else {
        named
    }
}

fn size(info: &Info) -> (i32, i32) {
    (i32::from(info.size.cols), i32::from(info.size.rows))
}

/// A native session as nobody has changed it.
fn shown(info: &Info, name: String) -> (Session, Window, Pane) {
    let id = id_of(info);
    let (sx, sy) = size(info);
    let cwd = String::from_utf8_lossy(&info.cwd).into_owned();
    let words: Vec<String> = info
        .command
        .iter()
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect();
    let pane = Pane {
        id,
        session: info.id.name.to_string(),
        pid: info.pid.unwrap_or_default(),
        tty: info.pid.and_then(platform::terminal).unwrap_or_default(),
        title: None,
        options: Options::new(),
        start_command: words
            .iter()
            .map(|word| escape(word))
            .collect::<Vec<_>>()
            .join(" "),
        start_path: cwd.clone(),
        arguments: words.clone(),
        dead: None,
        pipe: None,
        empty: false,
        mode: None,
        copy: None,
        choosing: None,
        input_off: false,
        cleared: 0,
    };
    let window = Window {
        id,
        name: short_name(&words.join(" ")),
        sx,
        sy,
        layout: Cell::pane(id, sx, sy),
        panes: vec![id],
        active: id,
        last: vec![],
        zoomed: None,
        behind: None,
        // Who looks does not change its size.
        options: Options::from([("window-size".to_owned(), "manual".to_owned())]),
        activity_ms: info.started_ms,
        last_layout: None,
        old_layout: None,
        manual: true,
    };
    let session = Session {
        id,
        name,
        created_ms: info.started_ms,
        // A command without a target means one of tmux's own where there is one.
        activity_ms: 0,
        attached_ms: 0,
        cwd,
        windows: BTreeMap::from([(0, id)]),
        current: 0,
        last: vec![],
        options: Options::new(),
        environment: BTreeMap::new(),
        group: None,
        alerts: BTreeMap::new(),
    };
    (session, window, pane)
}
