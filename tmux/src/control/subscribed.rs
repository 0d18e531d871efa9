//! Subscriptions: formats whose values a client is told when they change, looked at once a second
//! while there are any, as tmux does.

use super::Control;
use crate::addressing;
use crate::addressing::Place;
use crate::output::print;
use crate::state::State;
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(1);

impl Control<'_, '_> {
    /// When to look, if there is something to look at.
    pub(super) fn look_again(&mut self) -> Option<Instant> {
        if self.own().is_none_or(|own| own.subscriptions.is_empty()) {
            self.told.clear();
            self.due = None;
        } else {
            self.due.get_or_insert_with(|| Instant::now() + EVERY);
        }
        self.due
    }

    pub(super) fn subscribed(&mut self) {
        self.due = None;
        let mut run = self.run();
        if run.open(false).is_err() || !run.exists {
            return;
        }
        let Some(own) = run.state.clients.iter().find(|c| c.name == self.client) else {
            return;
        };
        let mut present = std::collections::BTreeMap::new();
        for (name, (what, format)) in &own.subscriptions {
            for place in places(&run.state, own.session, what) {
                present.insert(head(name, what, place), run.expand(format, Some(place)));
            }
        }
        for (head, value) in &present {
            if self.told.get(head) != Some(value) {
                print(&format!("%subscription-changed {head} : {value}\n"));
            }
        }
        self.told = present;
    }
}

/// What a subscription is of: the session, one or all of its windows, one or all of its panes.
fn places(state: &State, session: u32, what: &str) -> Vec<Place> {
    let Some(session) = state.session(session) else {
        return vec![];
    };
    let windows = session.windows.iter().map(|(index, window)| Place {
        session: session.id,
        index: Some(*index),
        window: Some(*window),
        pane: state.windows.get(window).map(|w| w.active),
    });
    let panes = |place: Place| {
        let window = place.window.and_then(|id| state.windows.get(&id));
        let panes = window.map(|w| w.panes.clone()).unwrap_or_default();
        panes.into_iter().map(move |pane| Place {
            pane: Some(pane),
            ..place
        })
    };
    let is = |sign: char, id: Option<u32>| {
        what.strip_prefix(sign)
            .is_some_and(|wanted| wanted.parse() == Ok(id.unwrap_or(u32::MAX)))
    };
    match what {
        "%*" => windows.flat_map(panes).collect(),
        "@*" => windows.collect(),
        _ if what.starts_with('%') => windows
            .flat_map(panes)
            .filter(|place| is('%', place.pane))
            .collect(),
        _ if what.starts_with('@') => windows.filter(|place| is('@', place.window)).collect(),
        _ => vec![addressing::of_session(state, session)],
    }
}

fn head(name: &str, what: &str, place: Place) -> String {
    let (window, pane) = (what.starts_with(['@', '%']), what.starts_with('%'));
    let shown = |shows: bool, sign: &str, id: Option<String>| {
        id.filter(|_| shows)
            .map_or_else(|| "-".to_owned(), |id| format!("{sign}{id}"))
    };
    format!(
        "{name} ${} {} {} {}",
        place.session,
        shown(window, "@", place.window.map(|id| id.to_string())),
        shown(window, "", place.index.map(|index| index.to_string())),
        shown(pane, "%", place.pane.map(|id| id.to_string())),
    )
}
