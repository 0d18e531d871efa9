//! From the parts of a target to the place they mean, in tmux's order: id, index and offset, exact
//! name, prefix, pattern.

use super::link;
use super::parts::{Only, PANE_WORDS, WINDOW_WORDS, split};
use crate::addressing::{Place, Sort, fnmatch, of_pane, of_session, of_window};
use crate::state::{Session, State, Window};

pub(crate) struct Finder<'a> {
    pub state: &'a State,
    pub current: Place,
    /// What lay under the mouse when the key was pressed that all this is bound to.
    pub mouse: Option<Place>,
    /// The name of a window as it shows now.
    pub window_name: &'a dyn Fn(&Window) -> String,
}

#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    sort: Sort,
    exact_session: bool,
    exact_window: bool,
}

impl Finder<'_> {
    pub(crate) fn find(&self, target: &str, sort: Sort) -> Result<Place, String> {
        if target.is_empty() {
            return Ok(self.here(sort));
        }
        if target == "=" || target == "{mouse}" {
            return self.mouse.ok_or_else(|| "no mouse target".to_owned());
        }
        if target == "~" || target == "{marked}" {
            let marked = self.state.marked.and_then(|pane| of_pane(self.state, pane));
            return marked.ok_or_else(|| "no marked target".to_owned());
        }
        let parts = split(target, sort);
        if parts.pane.is_some() && sort == Sort::Index {
            return Err("can't specify pane here".to_owned());
        }
        let strip = |part: Option<String>| match part {
            Some(text) => match text.strip_prefix('=') {
                Some(exact) => (Some(exact.to_owned()), true),
                None => (Some(text), false),
            },
            None => (None, false),
        };
        let (session, exact_session) = strip(parts.session);
        let (window, exact_window) = strip(parts.window);
        let given = |part: Option<String>| part.filter(|text| !text.is_empty());
        let full = |part: Option<String>, words: &[(&str, &str)]| {
            let part = given(part)?;
            Some(
                words
                    .iter()
                    .find(|(word, _)| *word == part)
                    .map_or(part, |(_, short)| (*short).to_owned()),
            )
        };
        let session = given(session);
        let window = full(window, WINDOW_WORDS);
        let pane = full(parts.pane, PANE_WORDS);
        let wanted = Wanted {
            sort,
            exact_session,
            exact_window,
        };
        self.look(
            session.as_deref(),
            window.as_deref(),
            pane.as_deref(),
            parts.only,
            wanted,
        )
    }

    /// How far a target that is not there leads: formats are told of the session or window that is.
    pub(crate) fn partial(&self, target: &str) -> Option<Place> {
        let parts = split(target, Sort::Pane);
        let wanted = Wanted {
            sort: Sort::Pane,
            exact_session: false,
            exact_window: false,
        };
        let bare = |part: Option<String>| {
            part.map(|p| p.trim_start_matches('=').to_owned())
                .filter(|p| !p.is_empty())
        };
        let place = match (bare(parts.session), bare(parts.window)) {
            (Some(session), window) => {
                let session = self.session(&session, wanted)?;
                let found = window.and_then(|window| self.window_in(session, &window, wanted));
                found.unwrap_or_else(|| of_session(self.state, session))
            }
            (None, Some(window)) => self.window(&window, parts.only.window, wanted)?,
            (None, None) if parts.only.pane => self.current,
            (None, None) => return None,
        };
        let pane = parts
            .pane
            .and_then(|pane| by_id(&pane, '%'))
            .filter(|id| self.state.panes.contains_key(id));
        let active = || {
            place
                .window
                .and_then(|w| self.state.windows.get(&w))
                .map(|w| w.active)
        };
        Some(Place {
            pane: pane.or_else(active),
            ..place
        })
    }

    fn here(&self, sort: Sort) -> Place {
        let mut place = self.current;
        if sort == Sort::Index {
            place.index = None;
        }
        place
    }

    fn look(
        &self,
        session: Option<&str>,
        window: Option<&str>,
        pane: Option<&str>,
        only: Only,
        wanted: Wanted,
    ) -> Result<Place, String> {
        let no_window = |window: &str| format!("can't find window: {window}");
        let no_pane = |pane: &str| format!("can't find pane: {pane}");
        let in_window = |place: Place, pane: Option<&str>| match pane {
            None => Ok(place),
            Some(pane) => self.pane(place, pane).ok_or_else(|| no_pane(pane)),
        };
        match (session, window, pane) {
            (Some(name), window, pane) => {
                let session = self
                    .session(name, wanted)
                    .ok_or_else(|| format!("can't find session: {name}"))?;
                let place = of_session(self.state, session);
                match (window, pane) {
                    (None, None) => Ok(Place {
                        index: if wanted.sort == Sort::Index {
                            None
                        } else {
                            place.index
                        },
                        ..place
                    }),
                    (None, Some(pane)) => {
                        if pane.starts_with('%') {
                            let found = by_id(pane, '%').and_then(|id| of_pane(self.state, id));
                            return found.ok_or_else(|| no_pane(pane));
                        }
                        self.pane(place, pane).ok_or_else(|| no_pane(pane))
                    }
                    (Some(window), pane) => {
                        let place = self
                            .window_in(session, window, wanted)
                            .ok_or_else(|| no_window(window))?;
                        in_window(place, pane)
                    }
                }
            }
            (None, Some(window), pane) => {
                let place = self
                    .window(window, only.window, wanted)
                    .ok_or_else(|| no_window(window))?;
                in_window(place, pane)
            }
            (None, None, Some(pane)) => self
                .any_pane(pane, only.pane, wanted)
                .ok_or_else(|| no_pane(pane)),
            (None, None, None) => Ok(self.here(wanted.sort)),
        }
    }

    fn session(&self, name: &str, wanted: Wanted) -> Option<&Session> {
        let state = self.state;
        if name.starts_with('$') {
            return state.session(by_id(name, '$')?);
        }
        if let Some(session) = state.sessions.get(name) {
            return Some(session);
        }
        let client = state
            .clients
            .iter()
            .find(|c| c.name == name || c.tty == name);
        if let Some(session) = client.and_then(|c| state.session(c.session)) {
            return Some(session);
        }
        if wanted.exact_session {
            return None;
        }
        match one(state.sessions.values().filter(|s| s.name.starts_with(name))) {
            Ok(session) => Some(session),
            Err(true) => None,
            Err(false) => one(state.sessions.values().filter(|s| fnmatch(name, &s.name))).ok(),
        }
    }

    pub(crate) fn window(&self, text: &str, only: bool, wanted: Wanted) -> Option<Place> {
        if text.starts_with('@') {
            return of_window(
                self.state,
                by_id(text, '@').filter(|id| self.state.windows.contains_key(id))?,
            );
        }
        let session = self.state.session(self.current.session)?;
        if let Some(place) = self.window_in(session, text, wanted) {
            return Some(place);
        }
        if only {
            return None;
        }
        let session = self.session(text, wanted)?;
        let mut place = of_session(self.state, session);
        if wanted.sort == Sort::Index {
            place.index = None;
        }
        Some(place)
    }

    fn window_in(&self, session: &Session, text: &str, wanted: Wanted) -> Option<Place> {
        let at = |index: i32| {
            let window = *session.windows.get(&index)?;
            Some(Place {
                session: session.id,
                index: Some(index),
                window: Some(window),
                pane: self.state.windows.get(&window).map(|w| w.active),
            })
        };
        let free = |index: i32| Place {
            session: session.id,
            index: Some(index),
            window: None,
            pane: None,
        };
        if text.starts_with('@') {
            let id = by_id(text, '@')?;
            return at(link(session, id)?);
        }
        let is_index = wanted.sort == Sort::Index;
        if !wanted.exact_window
            && let Some((sign, rest)) = text
                .split_at_checked(1)
                .filter(|(sign, _)| *sign == "+" || *sign == "-")
        {
            let by = if rest.is_empty() {
                1
            } else {
                rest.parse::<i32>().ok().filter(|n| *n > 0).unwrap_or(0)
            };
            if is_index {
                let index = if sign == "+" {
                    session.current.checked_add(by)?
                } else {
                    session.current - by
                };
                return (index >= 0).then(|| at(index).unwrap_or(free(index)));
            }
            let indices: Vec<i32> = session.windows.keys().copied().collect();
            let here = indices.iter().position(|i| *i == session.current)? as i32;
            let by = if sign == "+" { by } else { -by };
            let there = (here + by).rem_euclid(indices.len() as i32);
            return at(indices[there as usize]);
        }
        if !wanted.exact_window {
            match text {
                "!" => return at(*session.last.first()?),
                "^" => return at(*session.windows.keys().next()?),
                "$" => return at(*session.windows.keys().next_back()?),
                _ => {}
            }
        }
        if let Some(index) = text
            .parse::<i32>()
            .ok()
            .filter(|i| *i >= 0 && !text.starts_with(['+', '-']))
        {
            if let Some(place) = at(index) {
                return Some(place);
            }
            if is_index {
                return Some(free(index));
            }
        }
        let named = |matches: &dyn Fn(&str) -> bool| {
            one(session.windows.iter().filter(|(_, id)| {
                self.state
                    .windows
                    .get(id)
                    .is_some_and(|w| matches(&(self.window_name)(w)))
            }))
            .map(|(index, _)| *index)
        };
        let found = match named(&|name| name == text) {
            Err(false) if !wanted.exact_window => match named(&|name| name.starts_with(text)) {
                Err(false) => named(&|name| fnmatch(text, name)),
                found => found,
            },
            found => found,
        };
        at(found.ok()?)
    }
}

pub(super) fn by_id(text: &str, sign: char) -> Option<u32> {
    text.strip_prefix(sign)?.parse().ok()
}

/// The only one there is; else whether there were several.
fn one<T>(mut found: impl Iterator<Item = T>) -> Result<T, bool> {
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(false),
        (Some(_), Some(_)) => Err(true),
    }
}
