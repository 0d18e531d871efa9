//! What `-t` means: tmux's rule of exact name, prefix and pattern, ids, indices and offsets.

mod finder;
mod panes;
mod parts;
mod pattern;
mod sides;

use crate::state::{Session, State};

pub(crate) use finder::Finder;
pub(crate) use pattern::fnmatch;
pub(crate) use sides::{Side, beside};

/// A place in the state. A window that is only an index has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub session: u32,
    /// The window's index in the session; `None` where no index was given but one was asked for.
    pub index: Option<i32>,
    pub window: Option<u32>,
    pub pane: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Session,
    Window,
    Pane,
    /// A window's index, which need not be in use.
    Index,
}

impl Place {
    /// The window, for what cannot do without one.
    pub(crate) fn need_window(self) -> Result<u32, String> {
        self.window.ok_or_else(|| "no such window".to_owned())
    }

    /// The pane, for what cannot do without one.
    pub(crate) fn need_pane(self) -> Result<u32, String> {
        self.pane.ok_or_else(|| "no such pane".to_owned())
    }
}

/// The session that was used last, of these.
pub(crate) fn best<'a>(sessions: impl Iterator<Item = &'a Session>) -> Option<&'a Session> {
    sessions.max_by_key(|session| (session.activity_ms, session.id))
}

/// What a session shows.
pub(crate) fn of_session(state: &State, session: &Session) -> Place {
    let window = session.current_window();
    Place {
        session: session.id,
        index: Some(session.current),
        window: Some(window),
        pane: state.windows.get(&window).map(|w| w.active),
    }
}

/// Where a window is seen best.
pub(crate) fn of_window(state: &State, window: u32) -> Option<Place> {
    let session = best(
        state
            .sessions
            .values()
            .filter(|s| s.windows.values().any(|w| *w == window)),
    )?;
    let index = link(session, window)?;
    Some(Place {
        session: session.id,
        index: Some(index),
        window: Some(window),
        pane: state.windows.get(&window).map(|w| w.active),
    })
}

pub(crate) fn of_pane(state: &State, pane: u32) -> Option<Place> {
    let mut place = of_window(state, state.window_of(pane)?.id)?;
    place.pane = Some(pane);
    Some(place)
}

fn link(session: &Session, window: u32) -> Option<i32> {
    if session.current_window() == window {
        return Some(session.current);
    }
    session
        .windows
        .iter()
        .find(|(_, w)| **w == window)
        .map(|(i, _)| *i)
}
