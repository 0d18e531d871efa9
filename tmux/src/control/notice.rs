//! What is different from the state that was last told of.

use super::Control;
use crate::layout;
use crate::output::print;
use crate::state::{Client, Flow, State, Window};

/// What is told, line by line.
struct Notices<'s> {
    old: &'s State,
    new: &'s State,
    /// This client, and the session that it looks at now.
    client: &'s str,
    own: Option<u32>,
    lines: String,
}

impl Control<'_, '_> {
    /// Tells what is different from the state that was last told of.
    pub(super) fn notice(&self, new: &State) {
        let ids = |state: &State| {
            let mut ids: Vec<u32> = state.sessions.values().map(|s| s.id).collect();
            ids.sort_unstable();
            ids
        };
        let (before, after) = (ids(&self.state), ids(new));
        let own = client_of(new, &self.client).map(|c| c.session);
        if own.is_none() {
            // Without a session it is told of nothing but that it went.
            if before != after {
                print("%sessions-changed\n");
            }
            return;
        }
        let mut notices = Notices {
            old: &self.state,
            new,
            client: &self.client,
            own,
            lines: String::new(),
        };
        notices.sessions();
        notices.windows();
        if before.len() > after.len() {
            notices.say("%sessions-changed");
        }
        notices.closed_windows_and_modes();
        notices.flows();
        notices.clients();
        if before != after && before.len() <= after.len() {
            notices.say("%sessions-changed");
        }
        if !notices.lines.is_empty() {
            print(&notices.lines);
        }
    }
}

impl Notices<'_> {
    fn say(&mut self, line: &str) {
        self.lines.push_str(line);
        self.lines.push('\n');
    }

    fn sessions(&mut self) {
        let was = client_of(self.old, self.client).map(|c| c.session);
        if let (Some(now), true) = (self.own, was.is_some() && self.own != was)
            && let Some(session) = self.new.session(now)
        {
            self.say(&format!("%session-changed ${now} {}", session.name));
        }
        for session in self.new.sessions.values() {
            let (id, current) = (session.id, session.current_window());
            let Some(past) = self.old.session(id) else {
                continue;
            };
            if past.name != session.name {
                self.say(&format!("%session-renamed ${id} {}", session.name));
            }
            if past.current_window() != current {
                self.say(&format!("%session-window-changed ${id} @{current}"));
            }
        }
    }

    fn is_linked(&self, window: u32) -> bool {
        let session = self.own.and_then(|id| self.new.session(id));
        session.is_some_and(|session| session.windows.values().any(|id| *id == window))
    }

    fn windows(&mut self) {
        for window in self.new.windows.values() {
            let (id, linked) = (window.id, self.is_linked(window.id));
            let word = if linked { "" } else { "unlinked-" };
            let Some(past) = self.old.windows.get(&id) else {
                self.say(&format!("%{word}window-add @{id}"));
                continue;
            };
            if past.name != window.name {
                self.say(&format!("%{word}window-renamed @{id} {}", window.name));
            }
            if !linked {
                continue;
            }
            let chosen = (past.active != window.active)
                .then(|| format!("%window-pane-changed @{id} %{}", window.active));
            let laid_out =
                (past.layout != window.layout).then(|| layout_change(self.new, self.own, window));
            // A pane that has gone changes the layout before another one is chosen.
            let fewer = window.panes.len() < past.panes.len();
            let both = if fewer {
                [laid_out, chosen]
            } else {
                [chosen, laid_out]
            };
            both.iter().flatten().for_each(|line| self.say(line));
        }
    }

    fn closed_windows_and_modes(&mut self) {
        for window in self.old.windows.keys() {
            if !self.new.windows.contains_key(window) {
                self.say(&format!("%unlinked-window-close @{window}"));
            }
        }
        for pane in self.new.panes.values() {
            let past = self.old.panes.get(&pane.id);
            if past.is_some_and(|past| past.mode != pane.mode) {
                self.say(&format!("%pane-mode-changed %{}", pane.id));
            }
        }
    }

    /// Panes whose output is held back, and those whose output goes on.
    fn flows(&mut self) {
        let paused = |state: &State| {
            let flows = client_of(state, self.client).map(|c| c.flows.clone());
            flows.unwrap_or_default()
        };
        let (before, after) = (paused(self.old), paused(self.new));
        for (pane, flow) in &after {
            if *flow == Flow::Paused && !before.contains_key(pane) {
                self.say(&format!("%pause %{pane}"));
            }
        }
        for (pane, flow) in &before {
            if *flow == Flow::Paused && !after.contains_key(pane) {
                self.say(&format!("%continue %{pane}"));
            }
        }
    }

    fn clients(&mut self) {
        let (old, own) = (self.old, self.client);
        for client in old.clients.iter().filter(|c| c.name != own) {
            let name = &client.name;
            match client_of(self.new, name) {
                None => self.say(&format!("%client-detached {name}")),
                Some(now) if now.session != client.session => {
                    if let Some(session) = self.new.session(now.session) {
                        let (id, session) = (session.id, &session.name);
                        self.say(&format!("%client-session-changed {name} ${id} {session}"));
                    }
                }
                Some(_) => {}
            }
        }
    }
}

fn client_of<'s>(state: &'s State, name: &str) -> Option<&'s Client> {
    state.clients.iter().find(|client| client.name == name)
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
