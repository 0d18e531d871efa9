//! The size of windows: their clients', less the status line.

use crate::options;
use crate::state::State;
use crate::text;

/// The size of a session's windows: its clients', else the one it was made with.
pub(crate) fn usual_size(state: &State, session: u32) -> (i32, i32) {
    let client = state
        .clients
        .iter()
        .filter(|c| c.session == session && c.sx > 0)
        .max_by_key(|c| c.activity_ms);
    let found = state.session(session);
    if let Some(client) = client {
        let status =
            i32::from(!client.control && options::of_session(state, found, "status") != "off");
        return (client.sx, (client.sy - status).max(1));
    }
    text::size(&options::of_session(state, found, "default-size")).unwrap_or((80, 24))
}

/// Gives a session's windows the size of those who look at them.
pub(crate) fn fit(state: &mut State, session: u32) {
    let (sx, sy) = usual_size(state, session);
    let windows: Vec<u32> = state
        .session(session)
        .map(|s| s.windows.values().copied().collect())
        .unwrap_or_default();
    for id in windows {
        if let Some(window) = state.windows.get_mut(&id).filter(|w| !w.manual) {
            window.resize(sx, sy);
        }
    }
}
