//! The session that the caller is to look at once all commands have run.

use crate::platform;
use crate::run::{Call, CommandResult, Run, error};
use crate::state::Client;

impl Run<'_> {
    /// Whether this is a terminal that a session could be shown on, in tmux's words where it is
    /// not.
    pub(crate) fn check_terminal(&self) -> CommandResult {
        let Ok(terminal) = nix::unistd::ttyname(std::io::stdin()) else {
            return error("open terminal failed: not a terminal");
        };
        let inside = std::env::var("TMUX").is_ok_and(|t| !t.is_empty());
        if inside
            && self
                .state
                .panes
                .values()
                .any(|pane| terminal.as_os_str() == pane.tty.as_str())
        {
            return error("sessions should be nested with care, unset $TMUX to force");
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
