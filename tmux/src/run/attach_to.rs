//! The session that the caller is to look at once all commands have run.

use crate::run::{Call, CommandResult, Run, error};

impl Run<'_> {
    /// Whether this is a terminal that a session could be shown on, in tmux's words where it is
    /// not.
    pub fn check_terminal(&self) -> CommandResult {
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

    pub fn attach_to(&mut self, session: u32, others_leave: bool, call: &Call) -> CommandResult {
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
        self.attached = Some(session);
        self.read_only = call.name() == "attach-session" && call.has('r');
        Ok(())
    }

    /// A session that is attached to has its newest client's display, agent and the like.
    pub fn renew_environment(&mut self, session: u32, call: &Call) {
        let fresh = self.updated_environment();
        if let Some(session) = self.state.session_mut(session).filter(|_| !call.has('E')) {
            session.environment.extend(fresh);
        }
    }
}
