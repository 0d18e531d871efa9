//! What is different from the state that was last told of.

use super::Control;
use crate::layout;
use crate::output::print;
use crate::state::{Flow, State, Window};

impl Control<'_, '_> {
    /// What is different from the state that was last told of.
    pub fn notice(&self, new: &State) {
        let old = &self.state;
        let own = new
            .clients
            .iter()
            .find(|c| c.name == self.client)
            .map(|c| c.session);
        let was = old
            .clients
            .iter()
            .find(|c| c.name == self.client)
            .map(|c| c.session);
        let mut out = String::new();
        let mut say = |line: String| {
            out.push_str(&line);
            out.push('\n');
        };
        let ids = |state: &State| state.sessions.values().map(|s| s.id).collect::<Vec<_>>();
        let (mut before, mut after) = (ids(old), ids(new));
        before.sort_unstable();
        after.sort_unstable();
        if own.is_none() {
            // Without a session it is told of nothing but that it went.
            if before != after {
                print("%sessions-changed\n");
            }
            return;
        }
        if let (Some(now), true) = (own, was.is_some() && own != was)
            && let Some(session) = new.session(now)
        {
            say(format!("%session-changed ${} {}", session.id, session.name));
        }
        for session in new.sessions.values() {
            let Some(past) = old.session(session.id) else {
                continue;
            };
            if past.name != session.name {
                say(format!("%session-renamed ${} {}", session.id, session.name));
            }
            if past.current_window() != session.current_window() {
                say(format!(
                    "%session-window-changed ${} @{}",
                    session.id,
                    session.current_window()
                ));
            }
        }
        let linked = |state: &State, window: u32| {
            own.is_some_and(|s| {
                state
                    .session(s)
                    .is_some_and(|s| s.windows.values().any(|w| *w == window))
            })
        };
        for window in new.windows.values() {
            let Some(past) = old.windows.get(&window.id) else {
                say(format!(
                    "%{}window-add @{}",
                    if linked(new, window.id) {
                        ""
                    } else {
                        "unlinked-"
                    },
                    window.id
                ));
                continue;
            };
            let word = if linked(new, window.id) {
                ""
            } else {
                "unlinked-"
            };
            if past.name != window.name {
                say(format!(
                    "%{word}window-renamed @{} {}",
                    window.id, window.name
                ));
            }
            if !linked(new, window.id) {
                continue;
            }
            let chosen = (past.active != window.active)
                .then(|| format!("%window-pane-changed @{} %{}", window.id, window.active));
            let laid_out = (past.layout != window.layout).then(|| layout_change(new, own, window));
            // A pane that has gone changes the layout before another one is chosen.
            let fewer = window.panes.len() < past.panes.len();
            let both = if fewer {
                [laid_out, chosen]
            } else {
                [chosen, laid_out]
            };
            both.into_iter().flatten().for_each(&mut say);
        }
        if before.len() > after.len() {
            say("%sessions-changed".to_owned());
        }
        for window in old
            .windows
            .keys()
            .filter(|id| !new.windows.contains_key(id))
        {
            say(format!("%unlinked-window-close @{window}"));
        }
        for pane in new.panes.values() {
            if old
                .panes
                .get(&pane.id)
                .is_some_and(|past| past.mode != pane.mode)
            {
                say(format!("%pane-mode-changed %{}", pane.id));
            }
        }
        let flows = |state: &State| {
            state
                .clients
                .iter()
                .find(|c| c.name == self.client)
                .map(|c| c.flows.clone())
        };
        let (held, holds) = (
            flows(old).unwrap_or_default(),
            flows(new).unwrap_or_default(),
        );
        for pane in holds
            .keys()
            .filter(|pane| holds[*pane] == Flow::Paused && !held.contains_key(*pane))
        {
            say(format!("%pause %{pane}"));
        }
        for pane in held
            .keys()
            .filter(|pane| held[*pane] == Flow::Paused && !holds.contains_key(*pane))
        {
            say(format!("%continue %{pane}"));
        }
        for client in old.clients.iter().filter(|c| c.name != self.client) {
            match new.clients.iter().find(|c| c.name == client.name) {
                None => say(format!("%client-detached {}", client.name)),
                Some(now) if now.session != client.session => {
                    if let Some(session) = new.session(now.session) {
                        say(format!(
                            "%client-session-changed {} ${} {}",
                            now.name, session.id, session.name
                        ));
                    }
                }
                Some(_) => {}
            }
        }
        if before != after && before.len() <= after.len() {
            say("%sessions-changed".to_owned());
        }
        if !out.is_empty() {
            print(&out);
        }
    }
}

fn layout_change(state: &State, own: Option<u32>, window: &Window) -> String {
    let whole = layout::dump(window.zoomed.as_ref().unwrap_or(&window.layout));
    let visible = layout::dump(&window.layout);
    let current = own
        .and_then(|s| state.session(s))
        .is_some_and(|s| s.current_window() == window.id);
    let flags = format!(
        "{}{}",
        if current { "*" } else { "" },
        if window.zoomed.is_some() { "Z" } else { "" }
    );
    format!("%layout-change @{} {whole} {visible} {flags}", window.id)
}
