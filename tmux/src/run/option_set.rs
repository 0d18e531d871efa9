//! Which set of options is meant by flags and name: the server's, a session's, a window's, a pane's
//! or those of all.

use crate::addressing::{Place, Sort};
use crate::options;
use crate::options::Scope;
use crate::run::{Call, CommandError, Run};
use crate::state::{Options, State};

/// Which set of values is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    Server,
    Global,
    GlobalWindow,
    Session(u32),
    Window(u32),
    Pane(u32),
}

pub(crate) fn set_of(state: &mut State, set: Set) -> Option<&mut Options> {
    match set {
        Set::Server => Some(&mut state.server),
        Set::Global => Some(&mut state.global),
        Set::GlobalWindow => Some(&mut state.global_window),
        Set::Session(id) => state.session_mut(id).map(|s| &mut s.options),
        Set::Window(id) => state.windows.get_mut(&id).map(|w| &mut w.options),
        Set::Pane(id) => state.panes.get_mut(&id).map(|p| &mut p.options),
    }
}

fn is_window(call: &Call) -> bool {
    matches!(call.name(), "set-window-option" | "show-window-options")
}

/// The place, where the target is good for something; and tmux's word where it is not.
pub(crate) fn place_of(run: &Run, call: &Call) -> Option<Place> {
    let sort = if is_window(call) {
        Sort::Window
    } else {
        Sort::Pane
    };
    run.find(call.get('t'), sort).ok()
}

fn missing(call: &Call, what: &str) -> CommandError {
    CommandError::Error(match call.get('t') {
        Some(target) => format!("no such {what}: {target}"),
        None => format!("no current {what}"),
    })
}

/// The set that the flags name, for a user's option or all options.
pub(crate) fn by_flags(call: &Call, place: Option<Place>) -> Result<Set, CommandError> {
    if call.has('s') {
        return Ok(Set::Server);
    }
    if call.has('p') {
        return place
            .and_then(|p| p.pane)
            .map(Set::Pane)
            .ok_or_else(|| missing(call, "pane"));
    }
    if is_window(call) || call.has('w') {
        if call.has('g') {
            return Ok(Set::GlobalWindow);
        }
        return place
            .and_then(|p| p.window)
            .map(Set::Window)
            .ok_or_else(|| missing(call, "window"));
    }
    if call.has('g') {
        return Ok(Set::Global);
    }
    place
        .map(|p| Set::Session(p.session))
        .ok_or_else(|| missing(call, "session"))
}

/// The set that an option's name calls for, as far as the flags leave it open.
pub(crate) fn by_name(
    call: &Call,
    entry: Option<&options::Entry>,
    place: Option<Place>,
) -> Result<Set, CommandError> {
    let Some(entry) = entry else {
        return by_flags(call, place);
    };
    match entry.scope {
        Scope::Server => Ok(Set::Server),
        Scope::Session if call.has('g') => Ok(Set::Global),
        Scope::Session => place
            .map(|p| Set::Session(p.session))
            .ok_or_else(|| missing(call, "session")),
        Scope::Window if (entry.pane || entry.kind == options::Kind::Hook) && call.has('p') => {
            place
                .and_then(|p| p.pane)
                .map(Set::Pane)
                .ok_or_else(|| missing(call, "pane"))
        }
        Scope::Window if call.has('g') => Ok(Set::GlobalWindow),
        Scope::Window => place
            .and_then(|p| p.window)
            .map(Set::Window)
            .ok_or_else(|| missing(call, "window")),
    }
}

/// A name as given: the option, if tmux has it, its full name and index.
pub(crate) fn named(
    argument: &str,
) -> Result<(Option<&'static options::Entry>, String, Option<u32>), String> {
    let (base, index) = options::indexed(argument);
    if base.starts_with('@') {
        return Ok((None, base.to_owned(), index));
    }
    let entry = options::find(base).map_err(|why| {
        let word = why.split(':').next().unwrap_or_default().to_owned();
        format!("{word}: {argument}")
    })?;
    Ok((Some(entry), entry.name.to_owned(), index))
}
