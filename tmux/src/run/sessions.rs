//! Sessions as a whole: one that ends, and those of a group, whose windows are one set.

use crate::run::Run;
use std::collections::BTreeMap;

impl Run<'_> {
    /// Ends a session with those of its windows that no other one shows.
    pub(crate) fn end_session(&mut self, id: u32) {
        let Some(session) = self.state.session(id).cloned() else {
            return;
        };
        let extra = vec![
            ("hook_session".to_owned(), format!("${id}")),
            ("hook_session_name".to_owned(), session.name.clone()),
        ];
        for (index, window) in &session.windows {
            let elsewhere = self.state.links(*window).iter().any(|(s, _)| *s != id);
            if elsewhere {
                if let Some(session) = self.state.session_mut(id) {
                    session.windows.remove(index);
                }
            } else {
                self.state.unlink(id, *index);
            }
        }
        self.state.sessions.remove(&session.name);
        self.hook("session-closed", None, extra);
    }

    /// Windows of a group's sessions are one set.
    pub(crate) fn share(&mut self, session: u32) {
        let Some(from) = self.state.session(session) else {
            return;
        };
        let Some(group) = from.group.clone() else {
            return;
        };
        let windows: BTreeMap<i32, u32> = from.windows.clone();
        for other in self
            .state
            .sessions
            .values_mut()
            .filter(|s| s.group.as_ref() == Some(&group) && s.id != session)
        {
            other.windows.clone_from(&windows);
            other.last.retain(|i| windows.contains_key(i));
            if !windows.contains_key(&other.current) {
                other.current = windows.keys().next().copied().unwrap_or(0);
            }
        }
    }
}
