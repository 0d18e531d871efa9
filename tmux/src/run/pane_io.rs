//! The program in a pane: input to it, and bytes to its screen.

use crate::keys::Input;
use crate::output::reason;
use crate::platform;
use crate::run::{CommandError, CommandResult, Run, error};
use std::io::Read;

/// At most this much is taken from stdin: what a pane keeps of its history is less.
const INPUT: u64 = 16 << 20;

impl Run<'_> {
    /// What comes on stdin is shown in a pane that has no program.
    pub(crate) fn show_stdin(&mut self, id: u32) -> CommandResult {
        let mut bytes = Vec::new();
        // What could be read is shown.
        let _ = std::io::stdin().lock().take(INPUT).read_to_end(&mut bytes);
        self.show_bytes(id, &bytes)
    }

    /// Bytes to the screen: written to the pane's terminal, as its program would; done when the
    /// screen has them.
    pub(crate) fn show_bytes(&mut self, id: u32, bytes: &[u8]) -> CommandResult {
        let Some(pane) = self
            .state
            .panes
            .get(&id)
            .filter(|p| p.dead.is_none() && !bytes.is_empty())
        else {
            return Ok(());
        };
        let backend = &mut self.backend.borrow_mut();
        let before = backend.info(&pane.session).map_or(0, |info| info.offset);
        match platform::write_to(&pane.tty, bytes) {
            Ok(()) => Ok(backend.reaches(&pane.session, before, bytes.len() as u64)?),
            Err(failed) => error(format!("{}: {}", pane.tty, reason(&failed))),
        }
    }

    /// Input to the program in a pane, if it takes any.
    pub(crate) fn type_into(&mut self, id: u32, parts: Vec<Input>) -> CommandResult {
        let Some(pane) = self.state.panes.get(&id) else {
            return Ok(());
        };
        if pane.dead.is_some() || pane.input_off || pane.empty {
            return Ok(());
        }
        let session = pane.session.clone();
        // A child that has just ended takes no input, and tmux says nothing of it.
        match self.backend.borrow_mut().send(&session, joined(parts)) {
            Ok(()) => Ok(()),
            Err(failure)
                if matches!(
                    failure.code,
                    psup_proto::Code::NotRunning | psup_proto::Code::NoSuchSession
                ) =>
            {
                Ok(())
            }
            Err(failure) => Err(CommandError::Error(failure.message)),
        }
    }
}

/// Neighbouring texts in one.
fn joined(parts: Vec<Input>) -> Vec<Input> {
    let mut all: Vec<Input> = Vec::new();
    for part in parts {
        match (all.last_mut(), part) {
            (Some(Input::Text(text)), Input::Text(more)) => text.extend(more),
            (_, Input::Text(text)) if text.is_empty() => {}
            (_, part) => all.push(part),
        }
    }
    all
}
