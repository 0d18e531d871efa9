//! Sessions that nobody looks at any more, and clients whose session is gone.

use crate::addressing::best;
use crate::backend::native;
use crate::options;
use crate::run::Run;
use crate::state::Session;

impl Run<'_> {
    /// What `detach-on-destroy`, `destroy-unattached` and `exit-unattached` say, at a command's
    /// end.
    pub(crate) fn settle(&mut self) {
        self.move_clients();
        let kept = self.attached;
        let clients: Vec<u32> = self
            .state
            .clients
            .iter()
            .map(|c| c.session)
            .chain(kept)
            .collect();
        let doomed = |s: &&Session| {
            !clients.contains(&s.id)
                && !native::is_native(s.id)
                && options::of_session(&self.state, Some(s), "destroy-unattached") == "on"
        };
        let doomed: Vec<u32> = self
            .state
            .sessions
            .values()
            .filter(doomed)
            .map(|s| s.id)
            .collect();
        for session in doomed {
            self.end_session(session);
        }
        if clients.is_empty() && options::of_server(&self.state, "exit-unattached") == "on" {
            self.state.end();
            self.killed = true;
        }
    }

    /// A client whose session has ended goes to another one, or ends.
    fn move_clients(&mut self) {
        let state = &self.state;
        let lost: Vec<(String, u32)> = state
            .clients
            .iter()
            .filter(|c| state.session(c.session).is_none())
            .map(|c| (c.name.clone(), c.session))
            .collect();
        for (name, gone) in lost {
            let next = match self.before.session(gone) {
                Some(session) => self.after(session),
                None => None,
            };
            match (next, self.state.clients.iter_mut().find(|c| c.name == name)) {
                (Some(next), Some(client)) => client.session = next,
                _ => self.state.clients.retain(|c| c.name != name),
            }
        }
    }

    fn after(&self, gone: &Session) -> Option<u32> {
        let state = &self.state;
        let attached = |s: &&Session| state.clients.iter().any(|c| c.session == s.id);
        let found = match options::of_session(state, Some(gone), "detach-on-destroy").as_str() {
            "off" => best(state.sessions.values()),
            "no-detached" => best(state.sessions.values().filter(|s| !attached(s))),
            _ => None,
        };
        found.map(|s| s.id)
    }
}
