//! Where things are: what a command means that names a place or a client, or none.

use crate::addressing::{Finder, Place, Sort};
use crate::run::{CommandError, Run};
use crate::state::Client;
use crate::state::Window;
use crate::variables::View;
use crate::variables::names;
use crate::{addressing, format};

impl<'a> Run<'a> {
    /// Where a command without a target works.
    pub(crate) fn here(&self) -> Option<Place> {
        let valid = |place: &Place| {
            self.state.session(place.session).is_some()
                && place
                    .pane
                    .is_some_and(|pane| self.state.panes.contains_key(&pane))
        };
        if let Some(place) = self.current.filter(valid) {
            return Some(place);
        }
        let inside =
            self.caller.pane.filter(|_| !self.alone).and_then(|pane| {
                addressing::of_window(&self.state, self.state.window_of(pane)?.id)
            });
        let session = match inside {
            Some(place) => self.state.session(place.session),
            None => addressing::best(self.state.sessions.values()),
        };
        session.map(|session| addressing::of_session(&self.state, session))
    }

    pub(crate) fn find(&self, target: Option<&str>, sort: Sort) -> Result<Place, CommandError> {
        let current = self
            .here()
            .ok_or_else(|| CommandError::Error("no current target".to_owned()))?;
        let finder = Finder {
            state: &self.state,
            current,
            mouse: self.mouse,
            window_name: &|window| self.window_name(window),
        };
        finder
            .find(target.unwrap_or_default(), sort)
            .map_err(CommandError::Error)
    }

    /// The target, or what there is of it.
    pub(crate) fn find_or_partial(&self, target: &str) -> Option<Place> {
        let finder = Finder {
            state: &self.state,
            current: self.here()?,
            mouse: self.mouse,
            window_name: &|window| self.window_name(window),
        };
        finder
            .find(target, Sort::Pane)
            .ok()
            .or_else(|| finder.partial(target))
    }

    pub(crate) fn view(&self, place: Option<Place>) -> View<'_, 'a> {
        let view = View {
            state: &self.state,
            live: &self.live,
            backend: &self.backend,
            command: self.command,
            place: None,
            client: None,
            extra: self.extra.clone(),
        };
        view.at(place)
    }

    pub(crate) fn window_name(&self, window: &Window) -> String {
        names::window_name(&self.state, &self.live, window)
    }

    pub(crate) fn expand(&self, text: &str, place: Option<Place>) -> String {
        format::expand(text, &self.view(place))
    }

    /// A client by its name or its terminal; the caller's own or the best one where none is named.
    pub(crate) fn client(&self, name: Option<&str>) -> Result<usize, CommandError> {
        let clients = &self.state.clients;
        let own = self
            .own_client
            .as_deref()
            .filter(|own| clients.iter().any(|c| c.name == *own));
        let Some(name) = name.or(own) else {
            let here = self.here().map(|place| place.session);
            let is_here = |client: &Client| here.is_some_and(|session| client.session == session);
            // One that looks at this session goes before all others, then the one used last.
            let best = (0..clients.len())
                .max_by_key(|at| (is_here(&clients[*at]), clients[*at].activity_ms));
            return best.ok_or_else(|| CommandError::Error("no current client".to_owned()));
        };
        let bare = name.strip_suffix(':').unwrap_or(name);
        let found = clients.iter().position(|c| {
            c.name == bare || c.tty == bare || c.tty.strip_prefix("/dev/") == Some(bare)
        });
        found.ok_or_else(|| CommandError::Error(format!("can't find client: {bare}")))
    }
}
