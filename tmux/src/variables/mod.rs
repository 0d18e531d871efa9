//! What the variables of formats stand for.

mod client;
pub(crate) mod names;
mod pane;
mod server;
mod session;
mod window;

use crate::addressing::Place;
use crate::backend::{Backend, Live};
use crate::format::Source;
use crate::state::{Buffer, Client, Pane, Session, State, Window};
use crate::text::sample;
use crate::{addressing, format, options};
use std::cell::RefCell;
use std::rc::Rc;

/// A place that formats are expanded at, what they read there, and what a command adds to it.
#[derive(Clone)]
pub(crate) struct View<'f, 'a> {
    pub state: &'f State,
    pub live: &'f Live,
    pub backend: &'f RefCell<Backend<'a>>,
    /// The command that runs.
    pub command: &'static str,
    pub place: Option<Place>,
    pub client: Option<&'f Client>,
    /// Variables of one command's own.
    pub extra: Rc<Vec<(String, String)>>,
}

impl<'f> View<'f, '_> {
    fn session(&self) -> Option<&'f Session> {
        self.state.session(self.place?.session)
    }

    fn window(&self) -> Option<&'f Window> {
        self.state.windows.get(&self.place?.window?)
    }

    fn pane(&self) -> Option<&'f Pane> {
        self.state.panes.get(&self.place?.pane?)
    }

    fn index(&self) -> Option<i32> {
        self.place?.index
    }

    /// The same at another place, for the client that was last used there.
    pub(crate) fn at(&self, place: Option<Place>) -> Self {
        let of_session = |session: u32| {
            self.state
                .clients
                .iter()
                .filter(move |c| c.session == session)
        };
        Self {
            place,
            client: place.and_then(|place| of_session(place.session).max_by_key(|c| c.activity_ms)),
            ..self.clone()
        }
    }

    pub(crate) fn expand(&self, text: &str) -> String {
        format::expand(text, self)
    }
}

impl Source for View<'_, '_> {
    fn variable(&self, name: &str) -> Option<String> {
        if let Some((_, value)) = self.extra.iter().find(|(key, _)| key == name) {
            return Some(value.clone());
        }
        self.option(name)
            .or_else(|| server::value(self, name))
            .or_else(|| session::value(self, name))
            .or_else(|| window::value(self, name))
            .or_else(|| pane::value(self, name))
            .or_else(|| client::value(self, name))
            .or_else(|| self.environment(name))
    }

    fn each(&self, over: char) -> Vec<(Self, bool)> {
        let state = self.state;
        let with = |place: Place| Self {
            place: Some(place),
            ..self.clone()
        };
        let here = self.place.unwrap_or_default();
        match over {
            'S' => state
                .sessions
                .values()
                .map(|s| (with(addressing::of_session(state, s)), s.id == here.session))
                .collect(),
            'W' => {
                let Some(session) = self.session() else {
                    return vec![];
                };
                let each = session.windows.iter().map(|(index, window)| {
                    let pane = state.windows.get(window).map(|w| w.active);
                    let place = Place {
                        session: session.id,
                        index: Some(*index),
                        window: Some(*window),
                        pane,
                    };
                    (with(place), *index == session.current)
                });
                each.collect()
            }
            'P' => {
                let Some(window) = self.window() else {
                    return vec![];
                };
                let each = window.panes.iter().map(|pane| {
                    let place = Place {
                        pane: Some(*pane),
                        ..here
                    };
                    (with(place), *pane == window.active)
                });
                each.collect()
            }
            _ => vec![],
        }
    }

    fn exists(&self, sort: char, name: &str) -> bool {
        if sort == 's' {
            return self.state.sessions.contains_key(name);
        }
        self.session().is_some_and(|session| {
            session
                .windows
                .values()
                .filter_map(|id| self.state.windows.get(id))
                .any(|window| names::window_name(self.state, self.live, window) == name)
        })
    }

    /// tmux answers before such a command has run; only its status line, which is drawn again and
    /// again, ever shows the result.
    fn job(&self, _: &str) -> String {
        String::new()
    }

    fn search(&self, text: &str, regex: bool, fold: bool) -> u64 {
        let Some(pane) = self.pane() else { return 0 };
        let Ok(shot) =
            self.backend
                .borrow_mut()
                .capture(&pane.session, 0, i64::from(i32::MAX), false, false)
        else {
            return 0;
        };
        let screen = String::from_utf8_lossy(&shot.bytes).into_owned();
        let pattern = format!("*{text}*");
        let compiled = regex.then(|| format::regex(text, fold)).flatten();
        let found = screen.lines().position(|line| match &compiled {
            Some(regex) => regex.is_match(line),
            None if fold => addressing::fnmatch(&pattern.to_lowercase(), &line.to_lowercase()),
            None => addressing::fnmatch(&pattern, line),
        });
        found.map_or(0, |at| at as u64 + 1)
    }
}

/// The variables of a buffer.
pub(crate) fn of_buffer(buffer: &Buffer) -> Vec<(String, String)> {
    let bytes = buffer.data.bytes();
    let variables = [
        ("buffer_name", buffer.name.clone()),
        ("buffer_size", bytes.len().to_string()),
        ("buffer_sample", sample(bytes)),
        ("buffer_created", (buffer.created_ms / 1000).to_string()),
    ];
    variables
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
}

fn yes(held: bool) -> Option<String> {
    Some(if held { "1" } else { "0" }.to_owned())
}

/// A flag that is shown as 1 or 0 in the option's place.
fn plain(entry: &options::Entry, value: String) -> String {
    match entry.kind {
        options::Kind::Flag => String::from(if value == "on" { "1" } else { "0" }),
        _ => value,
    }
}

impl View<'_, '_> {
    fn option(&self, name: &str) -> Option<String> {
        let state = self.state;
        if name.starts_with('@') {
            let pane = self.pane().and_then(|p| p.options.get(name));
            let window = || self.window().and_then(|w| w.options.get(name));
            let session = || self.session().and_then(|s| s.options.get(name));
            let all = || {
                state
                    .global_window
                    .get(name)
                    .or_else(|| state.global.get(name))
                    .or_else(|| state.server.get(name))
            };
            return pane.or_else(window).or_else(session).or_else(all).cloned();
        }
        let (base, index) = options::indexed(name);
        let entry = options::table()
            .iter()
            .find(|e| e.name == base && e.kind != options::Kind::Hook)?;
        if entry.array {
            // An array as a whole stands for nothing.
            let all = index
                .map(|_| options::global(state, entry))
                .unwrap_or_default();
            return Some(
                all.into_iter()
                    .find(|(i, _)| *i == index)
                    .map(|(_, v)| v)
                    .unwrap_or_default(),
            );
        }
        let value = match entry.scope {
            options::Scope::Server => options::of_server(state, name),
            options::Scope::Session => options::of_session(state, self.session(), name),
            options::Scope::Window if entry.pane && self.pane().is_some() => {
                options::of_pane(state, self.pane(), name)
            }
            options::Scope::Window => options::of_window(state, self.window(), name),
        };
        Some(plain(entry, value))
    }

    fn environment(&self, name: &str) -> Option<String> {
        let own = self.session().and_then(|s| s.environment.get(name));
        let var = own.or_else(|| self.state.environment.get(name))?;
        var.value.clone().filter(|_| !var.hidden)
    }
}
