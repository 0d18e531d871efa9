//! The journal: every byte a child wrote, at an offset that only grows.
//!
//! ```text
//!   terminal ──read──▶ ring (shared memory) ──log thread──▶ segment files
//!                        │ view, read                         │ read, older offsets
//! ```
//! A [`Journal`] belongs to the session's driver. Reading from the terminal takes `&mut`, so no
//! view into the ring is alive while it changes. Formats are told in `docs/ring.md`.

mod checkpoints;
mod crash_guard;
mod ended;
mod fill_pattern;
pub mod header;
mod inputs;
pub mod log_thread;
mod map;
mod read;
pub mod record_copy;
pub mod restored;
mod ring;
mod rings;
mod segments;
mod session_events;
mod timeline;
mod times;

pub use crash_guard::Stretch;
pub use ended::EndedJournal;
pub use header::{Header, Recorded, Witness, hint_in, hint_of};
pub use inputs::{Delivery, Slot};
pub use log_thread::queue::{LogNews, Writer};
pub use map::HeaderPage;
pub use read::{Chunk, Gap};
pub use ring::{CAPACITY, ReadOutcome};
pub use rings::Rings;
pub use session_events::{JournalEvent, Note};

use log_thread::queue::{Feed, LogQueue};
use psup_proto::{Moment, Offset, Size};
use read::Sources;
use ring::{Keeps, Ring};
use session_events::SessionEvents;
use std::borrow::Cow;
use std::fs;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use times::Clock;

/// A living session's journal.
pub struct Journal {
    ring: Arc<Ring>,
    dir: PathBuf,
    notes: SessionEvents,
    ring_file: Option<PathBuf>,
    clock: Arc<Clock>,
    /// When the last moment was taken.
    stamped: Option<u64>,
    /// None without a log.
    feed: Option<(LogQueue, Arc<Feed>)>,
}

/// A ring's first page, for those who store how its child ended.
#[derive(Clone)]
pub struct HeaderRef(Arc<Ring>);

impl HeaderRef {
    /// The ring's file, header and all.
    pub fn ring_fd(&self) -> BorrowedFd<'_> {
        self.0.fd()
    }
}

impl std::ops::Deref for HeaderRef {
    type Target = Header;

    fn deref(&self) -> &Header {
        self.0.header()
    }
}

impl Journal {
    pub fn create(
        rings: &Rings,
        session_dir: &Path,
        key: &str,
        log_limit: Option<u64>,
        writer: &Writer,
    ) -> io::Result<Self> {
        segments::make_dir(session_dir)?;
        let ring = Ring::create(rings.create(key)?, Keeps::under(log_limit)).inspect_err(|_| {
            rings
                .path(key)
                .into_iter()
                .for_each(|path| drop(fs::remove_file(path)));
        })?;
        Ok(Self::of(ring, rings, session_dir, key, log_limit, writer))
    }

    /// Takes over a journal whose reader is gone, counting what that one had read but not counted.
    pub fn adopt(
        ring: Arc<OwnedFd>,
        rings: &Rings,
        session_dir: &Path,
        key: &str,
        log_limit: Option<u64>,
        writer: &Writer,
    ) -> io::Result<Self> {
        let journal = Self::of(
            Ring::adopt(ring, Keeps::under(log_limit))?,
            rings,
            session_dir,
            key,
            log_limit,
            writer,
        );
        // A hundred journals with nothing to write must not hold up the first answer.
        if let Some((line, feed)) = journal
            .feed
            .as_ref()
            .filter(|_| journal.ring.logged() < journal.ring.end())
        {
            line.grown(feed);
        }
        Ok(journal)
    }

    /// For the guardian to hold.
    pub fn ring_file(&self) -> Arc<OwnedFd> {
        self.ring.file()
    }

    pub fn header(&self) -> &Header {
        self.ring.header()
    }

    pub fn header_ref(&self) -> HeaderRef {
        HeaderRef(self.ring.clone())
    }

    /// The number of bytes the child has written, as far as they were read.
    pub fn end(&self) -> Offset {
        self.ring.end()
    }

    /// The first byte that can still be read.
    pub fn start(&self) -> Offset {
        self.sources().start().unwrap_or_else(|_| self.ring.start())
    }

    /// One read of the terminal. After [`ReadOutcome::Full`] do not poll the terminal until
    /// [`LogNews::Room`].
    pub fn fill(&mut self, master: BorrowedFd<'_>) -> io::Result<ReadOutcome> {
        let outcome = self.ring.read_from(master)?;
        if let Some((line, feed)) = &self.feed {
            match outcome {
                ReadOutcome::Bytes(_) => line.grown(feed),
                ReadOutcome::Full => line.full(feed),
                ReadOutcome::WouldBlock | ReadOutcome::Closed | ReadOutcome::NoMemory => {}
            }
        }
        Ok(outcome)
    }

    /// Appends at most `most` bytes from an offset on, passing over what cannot be read any more
    /// and telling so.
    pub fn read(&self, from: Offset, most: usize, out: &mut Vec<u8>) -> io::Result<Chunk> {
        self.sources().read(from, most, out)
    }

    /// Everything from an offset on, without a copy; empty when that is not in the ring (any more).
    pub fn view(&self, from: Offset) -> &[u8] {
        self.ring.bytes(from, self.ring.end()).unwrap_or_default()
    }

    /// Every byte from an offset on, which was read a moment ago.
    ///
    /// Where memory is short it may be in the log already and its memory given back. Anyone who
    /// counts on each byte is told of it all the same, or his clock would stay behind the journal's
    /// for ever.
    pub fn since(&self, from: Offset) -> Cow<'_, [u8]> {
        let view = self.view(from);
        let wanted = (self.end() - from) as usize;
        if view.len() == wanted {
            return view.into();
        }
        let mut bytes = Vec::with_capacity(wanted);
        while bytes.len() < wanted {
            let before = bytes.len();
            let at = from + before as Offset;
            match self.read(at, wanted - before, &mut bytes) {
                Ok(chunk) if chunk.from == at && chunk.next > at => {}
                // Given up by a full disk as well: a terminal draws nothing for these.
                Ok(_) | Err(_) => {
                    bytes.truncate(before);
                    bytes.resize(wanted, 0);
                }
            }
        }
        bytes.into()
    }

    /// The first byte [`view`](Self::view) can show.
    pub fn view_start(&self) -> Offset {
        self.ring.start()
    }

    /// Gives memory back. For a session that has been quiet for a while; what is read of it then
    /// comes from the log.
    pub fn give_back(&mut self) {
        self.ring.give_back();
    }

    /// Notes what happened, where the journal ends now. A full disk loses a note, nothing else.
    pub fn note(&self, event: JournalEvent) -> io::Result<()> {
        self.notes.add(self.end(), event)
    }

    /// As [`note`](Self::note), of a place before the end.
    pub fn note_at(&self, offset: Offset, event: JournalEvent) -> io::Result<()> {
        self.notes.add(offset, event)
    }

    /// What came since this offset has just been read.
    pub fn stamp(&mut self, offset: Offset, at_ms: u64) {
        self.clock
            .stamp(&mut self.stamped, Moment { offset, at_ms });
    }

    pub fn notes(&self) -> Vec<Note> {
        self.notes.all()
    }

    /// `events.jsonl` up to an offset.
    pub fn notes_before(&self, end: Offset) -> Vec<u8> {
        self.notes.before(end)
    }

    /// The sizes the terminal had, each from an offset on.
    pub fn sizes(&self) -> Vec<(Offset, Size)> {
        self.notes.sizes()
    }

    /// The session's directory was made again and is empty. What the ring still has is written
    /// there, and what it has not is a gap. Do not read the terminal and do not [give memory
    /// back](Self::give_back) until [`LogNews::Room`].
    ///
    /// False: there is no log, and nothing will be told.
    pub fn begin_log_again(&mut self, pid: i32, size: Size) -> bool {
        let from = self.ring.start();
        let started = JournalEvent::Started { pid, size };
        let gap = JournalEvent::Gap {
            from: 0,
            to: from,
            reason: "the state directory was lost".into(),
        };
        for event in std::iter::once(started).chain((from > 0).then_some(gap)) {
            // Without it a reader is told less.
            let _ = self.notes.add(from, event);
        }
        let Some((line, feed)) = &self.feed else {
            return false;
        };
        line.begin_again(feed);
        true
    }

    /// Stores what the screen is at an offset. Writes a file: not for every chunk of a flood.
    pub fn put_checkpoint(&self, offset: Offset, state: &[u8]) -> io::Result<()> {
        checkpoints::put(&self.dir, offset, state)
    }

    /// The newest checkpoint at or before an offset.
    pub fn checkpoint_before(&self, offset: Offset) -> Option<(Offset, Vec<u8>)> {
        checkpoints::before(&self.dir, offset)
    }

    /// The child has ended and its terminal is drained: everything goes to the log and the disk,
    /// then the ring's file goes and [`LogNews::Sealed`] comes. Until then, and after, the journal
    /// can be read. On a full disk that may take long. Without a log there is nothing to do, and
    /// nothing is told: the ring stays until [`forget_ring`](Self::forget_ring).
    pub fn seal(&self) {
        if let Some((line, feed)) = &self.feed {
            line.seal(feed, self.ring_file.clone());
        }
    }

    /// Removes the ring's file. The session directory is the caller's to remove.
    pub fn forget_ring(&self) {
        if let Some(file) = &self.ring_file {
            // Gone already is gone.
            let _ = fs::remove_file(file);
        }
    }

    /// Removes the ring's file, and tells once the log thread is done with the directory.
    pub fn forget(&mut self, done: impl FnOnce() + Send + 'static) {
        self.forget_ring();
        match self.feed.take() {
            Some((line, feed)) => line.forget(&feed, Box::new(done)),
            None => done(),
        }
    }

    fn of(
        ring: Ring,
        rings: &Rings,
        session_dir: &Path,
        key: &str,
        log_limit: Option<u64>,
        writer: &Writer,
    ) -> Self {
        let ring = Arc::new(ring);
        let clock = Arc::new(Clock::default());
        let feed = log_limit.map(|limit| {
            let dir = session_dir.to_owned();
            let feed = Feed::new(key, ring.clone(), clock.clone(), dir, limit);
            (writer.line(), Arc::new(feed))
        });
        Self {
            ring,
            dir: session_dir.to_owned(),
            notes: SessionEvents::of(session_dir),
            ring_file: rings.path(key),
            clock,
            stamped: None,
            feed,
        }
    }

    fn sources(&self) -> Sources<'_> {
        Sources {
            ring: Some(&self.ring),
            log: self.feed.is_some().then_some(self.dir.as_path()),
            notes: &self.notes,
            logged: self.ring.logged(),
            end: self.end(),
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if let Some((line, feed)) = &self.feed {
            line.close(feed);
        }
    }
}

#[cfg(test)]
mod tests;
