//! Input on its way to the terminal. What is known of each send lies in the ring's header before
//! its first byte is written and after its last, so that no later worker writes it again.

use super::Driver;
use crate::journal::Slot;
use crate::log::{Level, log};
use psup_session::Event;
use std::io;
use tokio::io::Interest;

/// The send whose bytes are being written.
#[derive(Clone, Copy)]
pub(crate) struct PendingWrite {
    id: u128,
    slot: Slot,
}

impl Driver {
    /// True when something was written, so that the core may have more to say.
    pub(crate) fn write(&mut self) -> bool {
        if self.master.is_none() || self.session.input().is_empty() {
            return false;
        }
        let fresh = self.note_send();
        let Some(master) = &self.master else {
            return false;
        };
        let input = self.session.input();
        let written = master.try_io(Interest::WRITABLE, |fd| {
            nix::unistd::write(fd, input).map_err(io::Error::from)
        });
        match written {
            Ok(count) => {
                self.tell(Event::Written(count));
                self.note_done();
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                ) =>
            {
                if let (true, Some(typing)) = (fresh, self.typing.take()) {
                    self.journal.input_not_begun(typing.slot);
                }
                return false;
            }
            // Nobody has the terminal open: there it waits for anyone who opens it.
            Err(error) if error.raw_os_error() == Some(libc::EIO) => {
                if let (true, Some(typing)) = (fresh, self.typing.take()) {
                    self.journal.input_not_begun(typing.slot);
                }
                self.terminal_closed();
                return false;
            }
            Err(error) => {
                log(
                    Level::Warn,
                    "cannot write to a terminal",
                    &[("session", &self.handle.id()), ("error", &error)],
                );
                self.close();
            }
        }
        true
    }

    /// Before the first byte of a send; true if this was it.
    fn note_send(&mut self) -> bool {
        match self.session.send_under_way() {
            Some((id, offset)) if self.typing.is_none_or(|typing| typing.id != id) => {
                self.typing = self
                    .journal
                    .input_begins(id, offset)
                    .map(|slot| PendingWrite { id, slot });
                true
            }
            Some(_) | None => false,
        }
    }

    /// After the last byte of a send.
    fn note_done(&mut self) {
        let Some(typing) = self.typing else { return };
        if self
            .session
            .send_under_way()
            .is_none_or(|(id, _)| id != typing.id)
        {
            self.journal.input_done(typing.slot);
            self.typing = None;
        }
    }
}
