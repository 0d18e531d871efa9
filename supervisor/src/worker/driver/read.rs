//! Output on its way from the terminal to the core, in turns with the other sessions, and each
//! portion under the guard of the ring's header: should drawing it kill this worker, the next one
//! knows where that was.

use super::{Driver, Progress};
use crate::guardian::SharedFd;
use crate::journal::ReadOutcome;
use crate::log::{Level, log};
use crate::platform::watchdog;
use psup_proto::Offset;
use psup_proto::event::EventKind;
use psup_session::{BATCH, Event, Reader};
use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};
use tokio::io::Interest;

/// Output is given to the core in portions of this size at most, so that sessions take turns: a
/// question to one waits for turns of all the others that have output.
const TURN: Offset = 16 << 10;
/// Who gives as much at a time takes turns with others who do.
const FLOOD: Offset = 2 << 10;
/// Until a full memory file system is asked again.
const NO_MEMORY: Duration = Duration::from_millis(200);
/// Journal bytes fed to a reader that is behind, before others get their turn: of a flood all that
/// its screen lets gather, and a turn's worth that came since.
const FEED: usize = (BATCH + TURN) as usize;
/// The same where a worker broke down once, so that a second break-down tells where exactly.
const PIECE: usize = 1 << 10;

impl Driver {
    /// Reads and draws. Anyone who finds the floor taken has it until the others, who ask and
    /// answer, have had their turn.
    pub(crate) async fn turn(&mut self) {
        let worker = self.worker.clone();
        let (mut permit, mut waited) = (None, false);
        if self.state.floods || !self.state.hungry.is_empty() {
            permit = worker.flood_permit.try_acquire().ok();
            waited = permit.is_none();
        }
        if waited {
            // It is never closed.
            permit = worker.flood_permit.acquire().await.ok();
        }
        let was_hungry = self
            .state
            .hungry
            .pop_front()
            .map(|(reader, from)| self.feed(reader, from))
            .is_some();
        // Output goes on meanwhile.
        let held = !self.state.draining && self.state.followers.hold(self.journal.end()).is_some();
        let read = if self.state.blocked || held {
            Progress::Done
        } else {
            self.read()
        };
        // With nothing left to read, the others get their turn while this one sleeps.
        if was_hungry || waited || read == Progress::Yield {
            tokio::task::yield_now().await;
        }
        drop(permit);
    }

    /// The log goes on in a new directory. The terminal is not read until it has what the ring has.
    pub(crate) fn begin_log_again(&mut self) {
        let size = self.session.facts().size;
        let pid = self.pid().unwrap_or(0);
        self.state.blocked |= self.journal.begin_log_again(pid, size);
        self.announce(EventKind::StateLost);
    }

    /// Takes what the terminal has, up to a turn's worth.
    fn read(&mut self) -> Progress {
        let from = self.journal.end();
        let mut outcome = Ok(ReadOutcome::Bytes(0));
        while self.journal.end() < from + TURN {
            let Some(master) = &self.master else {
                return Progress::Done;
            };
            let (journal, draining) = (&mut self.journal, self.state.draining);
            let mut fill = |fd: &SharedFd| match journal.fill(fd.as_fd())? {
                ReadOutcome::WouldBlock if !draining => Err(io::ErrorKind::WouldBlock.into()),
                other => Ok(other),
            };
            outcome = if draining {
                fill(master.get_ref())
            } else {
                master.try_io(Interest::READABLE, fill)
            };
            match outcome {
                Ok(ReadOutcome::Bytes(_)) => {}
                Ok(
                    ReadOutcome::WouldBlock
                    | ReadOutcome::Closed
                    | ReadOutcome::Full
                    | ReadOutcome::NoMemory,
                )
                | Err(_) => break,
            }
        }
        self.told_output(from);
        self.state.floods = self.journal.end() - from >= FLOOD;
        match outcome {
            Ok(ReadOutcome::Bytes(_)) => return Progress::Yield,
            Ok(ReadOutcome::Closed) => self.terminal_closed(),
            // Only a drained terminal says so here.
            Ok(ReadOutcome::WouldBlock) => self.close(),
            Ok(ReadOutcome::Full) => self.state.blocked = true,
            Ok(ReadOutcome::NoMemory) => {
                self.state.blocked = true;
                self.state.retry = Some(Instant::now() + NO_MEMORY);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => {
                log(
                    Level::Error,
                    "cannot read a terminal",
                    &[("session", &self.handle.id()), ("error", &error)],
                );
                self.close();
            }
        }
        Progress::Done
    }

    /// What the terminal gave since `from`.
    fn told_output(&mut self, from: Offset) {
        let count = self.journal.end() - from;
        if count > 0 {
            self.journal.stamp(from);
            let sum = &self.worker.output_bytes;
            sum.set(sum.get() + count);
        }
        let bytes = self.journal.since(from);
        if !bytes.is_empty() {
            watchdog::feed();
            self.journal.draws(from, bytes.len());
            self.session.handle(Instant::now(), Event::Output(&bytes));
            self.journal.drawn();
        }
    }

    /// Journal bytes that a reader asked for.
    fn feed(&mut self, reader: Reader, from: Offset) {
        let most = match self.journal.suspect() {
            Some((first, last)) if (first..last).contains(&from) => {
                PIECE.min((last - from) as usize)
            }
            Some((first, _)) if from < first => FEED.min((first - from) as usize),
            Some(_) | None => FEED,
        };
        let now = Instant::now();
        let view = self.journal.view(from);
        if !view.is_empty() {
            watchdog::feed();
            let bytes = &view[..most.min(view.len())];
            self.journal.draws(from, bytes.len());
            self.session.handle(
                now,
                Event::Past {
                    reader,
                    from,
                    bytes,
                },
            );
            return self.journal.drawn();
        }
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
                log(
                    Level::Error,
                    "cannot read a journal",
                    &[("session", &self.handle.id()), ("error", &error)],
                );
                // What cannot be read is passed over, so that the question is answered from what
                // can.
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
