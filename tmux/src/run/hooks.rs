//! Hooks: what is set for something that happens, run where it happened.

use crate::addressing::Place;
use crate::options;
use crate::run::Run;
use std::rc::Rc;

impl Run<'_> {
    /// Runs `after-…` of a command.
    pub(crate) fn hook_after(&mut self, command: &str, place: Option<Place>) {
        self.hook(&format!("after-{command}"), place, vec![]);
    }

    /// Runs what is set for a hook, at a place.
    pub(crate) fn hook(&mut self, hook: &str, place: Option<Place>, extra: Vec<(String, String)>) {
        let scripts = self.scripts(hook, place);
        if scripts.is_empty() {
            return;
        }
        let mut told = vec![("hook".to_owned(), hook.to_owned())];
        let state = &self.state;
        if let Some(place) = place {
            told.push(("hook_session".to_owned(), format!("${}", place.session)));
            told.push((
                "hook_session_name".to_owned(),
                state
                    .session(place.session)
                    .map(|s| s.name.clone())
                    .unwrap_or_default(),
            ));
            if let Some(window) = place.window {
                told.push(("hook_window".to_owned(), format!("@{window}")));
                let name = state
                    .windows
                    .get(&window)
                    .map(|w| self.window_name(w))
                    .unwrap_or_default();
                told.push(("hook_window_name".to_owned(), name));
            }
            if let Some(pane) = place.pane {
                told.push(("hook_pane".to_owned(), format!("%{pane}")));
            }
        }
        told.extend(extra);
        let before = (
            std::mem::replace(&mut self.current, place),
            std::mem::replace(&mut self.extra, Rc::new(told)),
        );
        self.depth += 1;
        for script in scripts {
            if let Ok(calls) = self.calls_of(&script) {
                let code = self.code;
                // What a hook does wrong is not its cause's failure.
                let _ = self.execute(&calls);
                self.code = code;
            }
        }
        self.depth -= 1;
        (self.current, self.extra) = before;
    }

    fn scripts(&self, hook: &str, place: Option<Place>) -> Vec<String> {
        let state = &self.state;
        let place = place.or_else(|| self.here());
        if hook.starts_with('@') {
            // A user's own, which only runs when it is told to.
            let session = place.and_then(|p| state.session(p.session));
            let own = session.and_then(|s| s.options.get(hook));
            return own
                .or_else(|| state.global.get(hook))
                .cloned()
                .into_iter()
                .collect();
        }
        let pane = place
            .and_then(|p| state.panes.get(&p.pane?))
            .map(|p| &p.options);
        let window = place
            .and_then(|p| state.windows.get(&p.window?))
            .map(|w| &w.options);
        let session = place
            .and_then(|p| state.session(p.session))
            .map(|s| &s.options);
        // Hooks are seldom set and asked for by every command; the table of options need not be
        // read for those that are not.
        let everywhere = [
            Some(&state.global),
            Some(&state.global_window),
            pane,
            window,
            session,
        ];
        if everywhere
            .into_iter()
            .flatten()
            .all(|o| options::values(o, hook).is_empty())
        {
            return vec![];
        }
        let Ok(entry) = options::find(hook) else {
            return vec![];
        };
        let own = match entry.scope {
            options::Scope::Window => [pane, window],
            options::Scope::Session | options::Scope::Server => [session, None],
        };
        let mut found: Vec<_> = own
            .into_iter()
            .flatten()
            .map(|o| options::values(o, hook))
            .find(|v| !v.is_empty())
            .unwrap_or_default();
        if found.is_empty() {
            found = options::global(state, entry);
        }
        found.into_iter().map(|(_, script)| script).collect()
    }
}
