//! The session that the caller is to look at once all commands have run.

use crate::backend::native;
use crate::platform;
use crate::run::{Call, CommandResult, Run, error};
use crate::state::{Client, Pane};

impl Run<'_> {
    /// Whether this is a terminal that a session could be shown on, in tmux's words where it is
    /// not.
    pub(crate) fn check_terminal(&self) -> CommandResult {
        let Ok(terminal) = nix::unistd::ttyname(std::io::stdin()) else {
            return error("open terminal failed: not a terminal");
        };
        let inside = std::env::var("TMUX").is_ok_and(|t| !t.is_empty());
        let own = |pane: &Pane| terminal.as_os_str() == pane.tty.as_str();
        if inside && self.state.panes.values().any(own) {
            return error("sessions should be nested with care, unset $TMUX to force");
        }
        Ok(())
    }

    /// Refuses to show a session of `psup spawn` in its own terminal, without end; there is no
    /// `$TMUX` by which one could tell.
    fn check_own_session(&self, session: u32) -> CommandResult {
        let terminal = nix::unistd::ttyname(std::io::stdin()).unwrap_or_default();
        let own =
            |pane: &Pane| native::is_native(pane.id) && terminal.as_os_str() == pane.tty.as_str();
        let session = self.state.session(session);
        let windows = session
            .into_iter()
            .flat_map(|session| session.windows.values());
        let mut panes = windows
            .filter_map(|window| self.state.windows.get(window))
            .flat_map(|window| &window.panes);
        if panes.any(|pane| self.state.panes.get(pane).is_some_and(own)) {
            return error("a session cannot be attached in its own terminal");
        }
        Ok(())
    }

    pub(crate) fn attach_to(
        &mut self,
        session: u32,
        others_leave: bool,
        call: &Call,
    ) -> CommandResult {
        if self.alone {
            return Ok(());
        }
        self.check_terminal()?;
        self.check_own_session(session)?;
        if others_leave {
            self.state
                .clients
                .retain(|client| client.session != session);
        }
        self.renew_environment(session, call);
        self.become_client(session);
        self.read_only = call.name() == "attach-session" && call.has('r');
        Ok(())
    }

    /// This process is a client of the session from now on: what stands behind it on the line is
    /// for that one.
    pub(crate) fn become_client(&mut self, session: u32) {
        self.attached = Some(session);
        if self.alone {
            return;
        }
        let name = self.caller.client_name();
        let (sx, sy) = platform::terminal_size()
            .filter(|_| !self.caller.control)
            .unwrap_or((0, 0));
        let client = Client {
            tty: if self.caller.control {
                String::new()
            } else {
                name.clone()
            },
            sx,
            sy,
            control: self.caller.control,
            utf8: self.caller.utf8 || self.caller.control,
            term: std::env::var("TERM").unwrap_or_default(),
            flags: vec!["focused".to_owned()],
            ..Client::new(&name, session)
        };
        self.state.clients.retain(|client| client.name != name);
        self.state.clients.push(client);
        self.own_client = Some(name);
    }

    /// A session that is attached to has its newest client's display, agent and the like.
    pub(crate) fn renew_environment(&mut self, session: u32, call: &Call) {
        let fresh = self.updated_environment();
        if let Some(session) = self.state.session_mut(session).filter(|_| !call.has('E')) {
            session.environment.extend(fresh);
        }
    }
}
