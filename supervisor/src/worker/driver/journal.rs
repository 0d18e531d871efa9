//! A session's journal through its life: written while the child lives, only read after.

use crate::journal::{
    Chunk, Delivery, EndedJournal, Header, Journal, JournalEvent, ReadOutcome, Recorded, Slot,
    Stretch, Witness,
};
use crate::log::{Level, log, now_ms};
use crate::platform::reap;
use crate::worker::context::Worker;
use psup_proto::times::{OffsetAt, Timeline};
use psup_proto::{Offset, SessionId, Size};
use std::borrow::Cow;
use std::io;
use std::os::fd::BorrowedFd;
use tokio::sync::oneshot;

pub enum SessionJournal {
    Live(Journal),
    Ended(EndedJournal),
}

impl SessionJournal {
    pub fn end(&self) -> Offset {
        match self {
            Self::Live(journal) => journal.end(),
            Self::Ended(past) => past.end(),
        }
    }

    pub fn start(&self) -> Offset {
        match self {
            Self::Live(journal) => journal.start(),
            Self::Ended(past) => past.start(),
        }
    }

    pub fn read(&self, from: Offset, most: usize, out: &mut Vec<u8>) -> io::Result<Chunk> {
        match self {
            Self::Live(journal) => journal.read(from, most, out),
            Self::Ended(past) => past.read(from, most, out),
        }
    }

    pub fn view(&self, from: Offset) -> &[u8] {
        match self {
            Self::Live(journal) => journal.view(from),
            Self::Ended(_) => &[],
        }
    }

    pub fn since(&self, from: Offset) -> Cow<'_, [u8]> {
        match self {
            Self::Live(journal) => journal.since(from),
            Self::Ended(_) => Cow::Borrowed(&[]),
        }
    }

    pub fn fill(&mut self, master: BorrowedFd<'_>) -> io::Result<ReadOutcome> {
        match self {
            Self::Live(journal) => journal.fill(master),
            Self::Ended(_) => Ok(ReadOutcome::Closed),
        }
    }

    pub fn give_back(&mut self) {
        match self {
            Self::Live(journal) => journal.give_back(),
            Self::Ended(_) => {}
        }
    }

    pub fn note(&self, event: JournalEvent) {
        match self {
            Self::Live(journal) => {
                if let Err(error) = journal.note(event) {
                    log(
                        Level::Warn,
                        "cannot note what happened to a session",
                        &[("error", &error)],
                    );
                }
            }
            Self::Ended(_) => {}
        }
    }

    /// A command of `exec` runs, and what it prints begins here. Where it cannot be noted there is
    /// one mark less in a recording.
    pub fn note_exec(&self, from: Offset, command: &[u8]) {
        if let Self::Live(journal) = self {
            let _ = journal.note_at(from, JournalEvent::exec(command));
        }
    }

    /// What came since this offset has just been read.
    pub fn stamp(&mut self, from: Offset) {
        match self {
            Self::Live(journal) => journal.stamp(from, now_ms()),
            Self::Ended(_) => {}
        }
    }

    pub fn timeline(&self, since: Offset) -> Timeline {
        match self {
            Self::Live(journal) => journal.timeline(since),
            Self::Ended(past) => past.timeline(since),
        }
    }

    pub fn notes_before(&self, end: Offset) -> Vec<u8> {
        match self {
            Self::Live(journal) => journal.notes_before(end),
            Self::Ended(past) => past.notes_before(end),
        }
    }

    pub fn offset_at(&self, at_ms: u64) -> OffsetAt {
        match self {
            Self::Live(journal) => journal.offset_at(at_ms),
            Self::Ended(past) => past.offset_at(at_ms),
        }
    }

    /// False: nothing will be told of it.
    pub fn begin_log_again(&mut self, pid: i32, size: Size) -> bool {
        match self {
            Self::Live(journal) => journal.begin_log_again(pid, size),
            Self::Ended(_) => false,
        }
    }

    pub fn checkpoint_before(&self, offset: Offset) -> Option<(Offset, Vec<u8>)> {
        match self {
            Self::Live(journal) => journal.checkpoint_before(offset),
            Self::Ended(past) => past.checkpoint_before(offset),
        }
    }

    /// A checkpoint that cannot be kept costs time later, nothing else.
    pub fn put_checkpoint(&self, offset: Offset, bytes: &[u8]) {
        let done = match self {
            Self::Live(journal) => journal.put_checkpoint(offset, bytes),
            Self::Ended(past) => past.put_checkpoint(offset, bytes),
        };
        if let Err(error) = done {
            log(Level::Warn, "cannot keep a screen", &[("error", &error)]);
        }
    }

    pub fn pid(&self) -> Option<i32> {
        match self {
            Self::Live(journal) => Some(
                journal
                    .header()
                    .pid
                    .load(std::sync::atomic::Ordering::Acquire),
            )
            .filter(|pid| *pid > 0),
            Self::Ended(_) => None,
        }
    }

    fn header(&self) -> Option<&Header> {
        match self {
            Self::Live(journal) => Some(journal.header()),
            Self::Ended(past) => past.header(),
        }
    }

    /// Sends that an earlier worker wrote, or began to write.
    pub fn sent(&self) -> Vec<(u128, Option<Offset>)> {
        let known = |delivery| match delivery {
            Delivery::Done { offset } => Some(offset),
            Delivery::Maybe => None,
        };
        let all = self.header().map(Header::deliveries).unwrap_or_default();
        all.into_iter()
            .map(|(id, delivery)| (id, known(delivery)))
            .collect()
    }

    pub fn input_begins(&self, id: u128, offset: Offset) -> Option<Slot> {
        self.header().map(|header| header.input_begins(id, offset))
    }

    pub fn input_done(&self, slot: Slot) {
        self.header()
            .into_iter()
            .for_each(|header| header.input_done(slot));
    }

    pub fn input_not_begun(&self, slot: Slot) {
        self.header()
            .into_iter()
            .for_each(|header| header.input_not_begun(slot));
    }

    /// Judges what the last worker was drawing, and tells what no screen draws any more.
    pub fn judged(&self, crashed: bool) -> Vec<Stretch> {
        let Some(header) = self.header() else {
            return Vec::new();
        };
        header.judge(crashed);
        header.skipped()
    }

    pub fn suspect(&self) -> Option<Stretch> {
        self.header().and_then(Header::suspect)
    }

    pub fn draws(&self, from: Offset, count: usize) {
        self.header()
            .into_iter()
            .for_each(|header| header.draws(from, from + count as Offset));
    }

    pub fn drawn(&self) {
        self.header().into_iter().for_each(Header::drawn);
    }

    pub fn recorded(&self) -> Recorded {
        match self {
            Self::Live(journal) => journal.header().recorded(),
            Self::Ended(past) => past
                .header()
                .map_or(Recorded::No, crate::journal::Header::recorded),
        }
    }

    /// Stores what the kernel still knows of the end of a child that is not ours.
    pub fn record_stranger(&self, pidfd: BorrowedFd<'_>, at_ms: u64) {
        let (Self::Live(journal), Some(pid)) = (self, self.pid()) else {
            return;
        };
        match reap::exit_of_stranger(Some(pidfd), pid) {
            Some(raw) => journal.header().record_exit(raw, at_ms, Witness::Bystander),
            None => journal.header().record_gone(at_ms),
        }
    }

    pub fn seal(&self) {
        match self {
            Self::Live(journal) => journal.seal(),
            Self::Ended(_) => {}
        }
    }

    /// Everything is in the log: the ring's memory is given back. Whether the ring is needed no
    /// more.
    pub fn seal_done(&mut self, worker: &Worker, key: &str, id: &SessionId) -> bool {
        // A journal without a log is never sealed, so the limit that counts here is any.
        match EndedJournal::open(
            &worker.session_dir(key),
            &worker.rings,
            key,
            Some(psup_proto::limits::LOG),
        ) {
            Ok(past) => {
                *self = Self::Ended(past);
                true
            }
            Err(error) => {
                log(
                    Level::Warn,
                    "cannot open a finished journal",
                    &[("session", id), ("error", &error)],
                );
                false
            }
        }
    }

    /// Removes the ring's file and lets go of the session's directory, which is told.
    pub fn forget(&mut self, done: oneshot::Sender<()>) {
        match self {
            Self::Live(journal) => journal.forget(move || drop(done)),
            Self::Ended(past) => past.forget_ring(),
        }
    }
}
