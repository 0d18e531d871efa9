//! Alerts: a window that says something unseen is flagged where it is linked, and hooks are told.

use crate::addressing::Place;
use crate::options;
use crate::run::Run;
use crate::state::{Session, State};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alert {
    Activity,
    Bell,
    Silence,
}

impl Alert {
    fn sign(self) -> char {
        match self {
            Self::Activity => '#',
            Self::Bell => '!',
            Self::Silence => '~',
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Activity => "activity",
            Self::Bell => "bell",
            Self::Silence => "silence",
        }
    }
}

/// Whether there is a link to the window that has no flag of this sort yet, though it is not looked
/// at; or that a hook is told of in any case.
pub(crate) fn is_news(state: &State, window: u32, alert: Alert) -> bool {
    let found = state.windows.get(&window);
    if alert == Alert::Activity && options::of_window(state, found, "monitor-activity") != "on" {
        return false;
    }
    state.links(window).iter().any(|(id, index)| {
        let attached = state.clients.iter().any(|c| c.session == *id);
        state.session(*id).is_some_and(|session| {
            let flagged = session
                .alerts
                .get(index)
                .is_some_and(|flags| flags.contains(alert.sign()));
            !flagged && (session.current != *index || !attached || applies(state, *id, true, alert))
        })
    })
}

fn applies(state: &State, session: u32, is_current: bool, alert: Alert) -> bool {
    let option = format!("{}-action", alert.word());
    match options::of_session(state, state.session(session), &option).as_str() {
        "any" => true,
        "current" => is_current,
        "other" => !is_current,
        _ => false,
    }
}

impl Run<'_> {
    pub(crate) fn raise_alert(&mut self, pane: u32, alert: Alert) {
        let Some(window) = self.state.window_of(pane).map(|w| w.id) else {
            return;
        };
        let found = self.state.windows.get(&window);
        if alert == Alert::Bell && options::of_window(&self.state, found, "monitor-bell") != "on" {
            return;
        }
        for (id, index) in self.state.links(window) {
            let attached = self.state.clients.iter().any(|c| c.session == id);
            let Some(session) = self.state.session_mut(id) else {
                continue;
            };
            let is_current = session.current == index;
            let flags = session.alerts.entry(index).or_default();
            if alert != Alert::Bell && flags.contains(alert.sign()) {
                continue;
            }
            let unseen = !is_current || !attached;
            if unseen && !flags.contains(alert.sign()) {
                flags.push(alert.sign());
            }
            if applies(&self.state, id, is_current, alert) {
                let place = Place {
                    session: id,
                    index: Some(index),
                    window: Some(window),
                    pane: Some(pane),
                };
                self.hook(&format!("alert-{}", alert.word()), Some(place), vec![]);
            }
        }
    }

    /// To be chosen is activity of a window.
    pub(crate) fn window_chosen(&mut self, session: u32) {
        let window = self.state.session(session).map(Session::current_window);
        let pane = window
            .and_then(|id| self.state.windows.get(&id))
            .map(|w| w.active);
        if let (Some(window), Some(pane)) = (window, pane)
            && is_news(&self.state, window, Alert::Activity)
        {
            self.raise_alert(pane, Alert::Activity);
        }
    }
}
