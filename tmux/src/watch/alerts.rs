//! Alerts: what a window says unseen is flagged where it is linked, and told to hooks.

use crate::addressing::Place;
use crate::commands;
use crate::options;
use crate::run::Run;
use crate::state::State;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Alert {
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

/// Whether there is a link to the window that has no flag of this sort yet, though it is not looked at; or that a hook is told of in any case.
pub fn is_news(state: &State, window: u32, alert: Alert) -> bool {
    let found = state.windows.get(&window);
    if alert == Alert::Activity && options::of_window(state, found, "monitor-activity") != "on" {
        return false;
    }
    state.links(window).iter().any(|(id, index)| {
        let attached = state.clients.iter().any(|c| c.session == *id);
        state.session(*id).is_some_and(|session| {
            let flagged = session.alerts.get(index).is_some_and(|flags| flags.contains(alert.sign()));
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

pub fn raise(run: &mut Run, pane: u32, alert: Alert) {
    let Some(window) = run.state.window_of(pane).map(|w| w.id) else {
        return;
    };
    let found = run.state.windows.get(&window);
    if alert == Alert::Bell && options::of_window(&run.state, found, "monitor-bell") != "on" {
        return;
    }
    for (id, index) in run.state.links(window) {
        let attached = run.state.clients.iter().any(|c| c.session == id);
        let Some(session) = run.state.session_mut(id) else { continue };
        let is_current = session.current == index;
        let flags = session.alerts.entry(index).or_default();
        if alert != Alert::Bell && flags.contains(alert.sign()) {
            continue;
        }
        let unseen = !is_current || !attached;
        if unseen && !flags.contains(alert.sign()) {
            flags.push(alert.sign());
        }
        if applies(&run.state, id, is_current, alert) {
            let place = Place {
                session: id,
                index: Some(index),
                window: Some(window),
                pane: Some(pane),
            };
            commands::run_hook(run, &format!("alert-{}", alert.word()), Some(place), vec![]);
        }
    }
}
