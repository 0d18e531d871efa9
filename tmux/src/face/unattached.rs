//! Sessions that nobody looks at any more, and clients whose session is gone.

use super::Face;
use crate::options;
use crate::target::best;
use crate::world::Session;

impl Face<'_> {
    /// What `detach-on-destroy`, `destroy-unattached` and `exit-unattached` say, at a command's end.
    pub fn settle(&mut self) {
        self.move_clients();
        let kept = self.attached;
        let clients: Vec<u32> = self.world.clients.iter().map(|c| c.session).chain(kept).collect();
        let doomed = |s: &&Session| !clients.contains(&s.id) && options::of_session(&self.world, Some(s), "destroy-unattached") == "on";
        let doomed: Vec<u32> = self.world.sessions.values().filter(doomed).map(|s| s.id).collect();
        for session in doomed {
            crate::cmd::end_session(self, session);
        }
        if clients.is_empty() && options::of_server(&self.world, "exit-unattached") == "on" {
            self.world.end();
            self.killed = true;
        }
    }

    /// A client whose session has ended goes to another one, or ends.
    fn move_clients(&mut self) {
        let world = &self.world;
        let lost: Vec<(String, u32)> = world
            .clients
            .iter()
            .filter(|c| world.session(c.session).is_none())
            .map(|c| (c.name.clone(), c.session))
            .collect();
        for (name, gone) in lost {
            let next = match self.before.session(gone) {
                Some(session) => self.after(session),
                None => None,
            };
            match (next, self.world.clients.iter_mut().find(|c| c.name == name)) {
                (Some(next), Some(client)) => client.session = next,
                _ => self.world.clients.retain(|c| c.name != name),
            }
        }
    }

    fn after(&self, gone: &Session) -> Option<u32> {
        let world = &self.world;
        let attached = |s: &&Session| world.clients.iter().any(|c| c.session == s.id);
        let found = match options::of_session(world, Some(gone), "detach-on-destroy").as_str() {
            "off" => best(world.sessions.values()),
            "no-detached" => best(world.sessions.values().filter(|s| !attached(s))),
            _ => None,
        };
        found.map(|s| s.id)
    }
}
