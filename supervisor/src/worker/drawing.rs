//! Output on its way to the core, each portion under the guard of the ring's header: should drawing it kill this worker,
//! the next one knows where that was.

use super::driver::Driver;
use crate::log::{Level, log};
use crate::platform::hang;
use crate::session::{Event, Reader};
use psup_proto::Offset;
use std::time::Instant;

/// Journal bytes fed to a reader that is behind, before others get their turn.
const FEED: usize = 64 << 10;
/// The same where a worker broke down once, so that a second break-down tells where exactly.
const PIECE: usize = 1 << 10;

impl Driver {
    /// What the terminal gave since `from`.
    pub(super) fn told_output(&mut self, from: Offset) {
        let bytes = self.journal.since(from);
        if !bytes.is_empty() {
            hang::turned();
            self.journal.draws(from, bytes.len());
            self.session.handle(Instant::now(), Event::Output(&bytes));
            self.journal.drawn();
        }
    }

    /// Journal bytes that a reader asked for.
    pub(super) fn feed(&mut self, reader: Reader, from: Offset) {
        let most = match self.journal.suspect() {
            Some((first, last)) if (first..last).contains(&from) => PIECE.min((last - from) as usize),
            Some((first, _)) if from < first => FEED.min((first - from) as usize),
            Some(_) | None => FEED,
        };
        let mut bytes = Vec::new();
        match self.journal.read(from, most, &mut bytes) {
            Ok(chunk) => {
                self.journal.draws(chunk.from, bytes.len());
                self.tell(Event::Past {
                    reader,
                    from: chunk.from,
                    bytes: &bytes,
                });
                self.journal.drawn();
            }
            Err(error) => {
                log(Level::Error, "cannot read a journal", &[("session", &self.key), ("error", &error)]);
                // What cannot be read is passed over, so that the question is answered from what can.
                let end = self.journal.end();
                self.tell(Event::Past {
                    reader,
                    from: end,
                    bytes: &[],
                });
            }
        }
    }
}
