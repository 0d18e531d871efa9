//! One journal's place at the log thread: writing what is unlogged, trying again, giving up, giving
//! to the disk.
//!
//! A turn is short and never waits: it writes once, hands files to the syncing thread, and says
//! when it wants its next turn. A quiet journal wants none.

use super::queue::{Feed, LINGER, LogNews, Notify};
use crate::journal::read::Gap;
use crate::journal::ring::CAPACITY;
use crate::journal::segments::Segments;
use crate::journal::session_events::{JournalEvent, SessionEvents};
use psup_proto::Offset;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::*};
use std::sync::mpsc::{Receiver, Sender};
use std::time::{Duration, Instant};

/// This much unlogged is written at once: a quarter of the ring.
pub const URGENT: u64 = CAPACITY / 4;
/// One write, and one journal's turn before the others have theirs.
const BATCH: u64 = CAPACITY / 2;
/// Written data is given to the disk this long after the first of it, so a power cut costs no more
/// than this.
const SYNC: Duration = Duration::from_secs(5);
/// Between tries on a disk that refuses.
const RETRY: Duration = Duration::from_secs(1);

/// What the log thread knows of one journal.
pub(crate) struct LogTask {
    pub(crate) feed: Arc<Feed>,
    /// When its turn is on the agenda.
    pub(crate) due: Option<Instant>,
    log: Option<Segments>,
    /// When written data has to go to the disk.
    sync_at: Option<Instant>,
    /// The syncing thread still has our last files.
    syncing: Arc<AtomicBool>,
    trouble: Option<WriteFailure>,
    sealing: Option<RingFile>,
    closing: bool,
}

struct WriteFailure {
    reason: String,
    retry_at: Instant,
    /// Given up so far.
    gap_from: Option<Offset>,
}

/// Where the ring's file is, which goes when all is in the log.
type RingFile = Option<PathBuf>;

#[derive(PartialEq, Eq)]
pub(crate) enum NextTurn {
    At(Instant),
    Sleep,
    Done,
}

#[derive(PartialEq, Eq)]
enum Wrote {
    All,
    /// Little has come meanwhile: it can wait for more.
    Most,
    More,
    Refused,
}

impl LogTask {
    pub(crate) fn new(feed: Arc<Feed>) -> Self {
        Self {
            feed,
            log: None,
            due: None,
            sync_at: None,
            syncing: Arc::default(),
            trouble: None,
            sealing: None,
            closing: false,
        }
    }

    pub(crate) fn turn(
        &mut self,
        now: Instant,
        tell: &Notify,
        to_sync: &Sender<Flush>,
    ) -> NextTurn {
        // What grows from here on sends news; what grew before is seen below.
        self.feed.news.swap(false, AcqRel);
        let before = self.feed.ring.logged();
        let wrote = self.write(now, tell, false);
        self.tell_room(tell);
        match wrote {
            Wrote::More => return NextTurn::At(now),
            Wrote::Most if self.sealing.is_some() || self.closing => return NextTurn::At(now),
            Wrote::Refused => {
                let retry_at = self.trouble.as_ref().map_or(now + RETRY, |t| t.retry_at);
                return NextTurn::At(retry_at);
            }
            Wrote::Most | Wrote::All => {}
        }
        if let Some(ring_file) = self.sealing.take() {
            self.sync(to_sync, Some((self.feed.key.clone(), ring_file)));
            return NextTurn::Done;
        }
        if self.closing {
            self.sync(to_sync, None);
            return NextTurn::Done;
        }
        let next = self.sync_if_due(now, to_sync);
        if self.feed.ring.logged() == before {
            return next;
        }
        // Where there was something there is more, mostly: it is looked for, so that the reader of
        // a flood has nobody to wake.
        self.feed.news.store(true, Release);
        match next {
            NextTurn::At(at) => NextTurn::At(at.min(now + LINGER)),
            NextTurn::Sleep | NextTurn::Done => NextTurn::At(now + LINGER),
        }
    }

    fn sync_if_due(&mut self, now: Instant, to_sync: &Sender<Flush>) -> NextTurn {
        let synced = self.log.as_ref().is_none_or(Segments::is_synced);
        match self.sync_at {
            _ if synced => NextTurn::Sleep,
            None => {
                self.sync_at = Some(now + SYNC);
                NextTurn::At(now + SYNC)
            }
            Some(at) if at > now => NextTurn::At(at),
            // The disk is slower than we write: the next round takes both.
            Some(_) if self.syncing.load(Acquire) => {
                self.sync_at = Some(now + SYNC);
                NextTurn::At(now + SYNC)
            }
            Some(_) => {
                self.sync(to_sync, None);
                NextTurn::Sleep
            }
        }
    }

    /// All that the ring has is written to a new log. Its reader waits meanwhile.
    pub(crate) fn begin_again(&mut self) {
        self.log = None;
        let ring = &self.feed.ring;
        ring.set_logged(ring.start().min(ring.logged()));
    }

    /// The child has ended: the next turn that finds all written is the last.
    pub(crate) fn seal(&mut self, ring_file: RingFile) {
        self.sealing = Some(ring_file);
    }

    /// The journal's owner is gone.
    pub(crate) fn close(&mut self) {
        self.closing = true;
    }

    /// The thread ends: one last try.
    pub(crate) fn finish(&mut self, tell: &Notify, to_sync: &Sender<Flush>) {
        while matches!(
            self.write(Instant::now(), tell, true),
            Wrote::More | Wrote::Most
        ) {}
        self.tell_gap(tell);
        self.sync(to_sync, None);
    }

    /// Writes once.
    fn write(&mut self, now: Instant, tell: &Notify, last_try: bool) -> Wrote {
        let ring = self.feed.ring.clone();
        if !last_try && self.trouble.as_ref().is_some_and(|t| t.retry_at > now) {
            self.give_up_oldest();
            return Wrote::Refused;
        }
        let at = ring.logged();
        let bytes = ring.unlogged(BATCH);
        let written = if bytes.is_empty() {
            Ok(0)
        } else {
            self.write_with_times(at, bytes)
        };
        match written {
            Ok(n) => {
                let logged = at + n as Offset;
                if n > 0 {
                    self.tell_gap(tell);
                }
                ring.set_logged(logged);
                self.feed.urgent_at.store(logged + URGENT, Relaxed);
                match ring.end() - logged {
                    0 => Wrote::All,
                    left if left < URGENT => Wrote::Most,
                    _ => Wrote::More,
                }
            }
            Err(error) => {
                self.refused(now, &error, tell);
                self.give_up_oldest();
                Wrote::Refused
            }
        }
    }

    fn write_with_times(&mut self, at: Offset, bytes: &[u8]) -> io::Result<usize> {
        let clock = self.feed.clock.clone();
        let log = self.log()?;
        let written = log.write(at, bytes)?;
        let end = at + written as Offset;
        log.add_times(at, &clock.before(end));
        clock.forget_before(end);
        Ok(written)
    }

    fn log(&mut self) -> io::Result<&mut Segments> {
        match self.log {
            Some(ref mut log) => Ok(log),
            None => Ok(self
                .log
                .insert(Segments::open(&self.feed.dir, self.feed.limit)?)),
        }
    }

    fn refused(&mut self, now: Instant, error: &io::Error, tell: &Notify) {
        let reason = error.to_string();
        if self.trouble.is_none() {
            tell(LogNews::Failing {
                key: self.feed.key.clone(),
                from: self.feed.ring.logged(),
                reason: reason.clone(),
            });
        }
        let gap_from = self.trouble.take().and_then(|trouble| trouble.gap_from);
        self.trouble = Some(WriteFailure {
            reason,
            retry_at: now + RETRY,
            gap_from,
        });
    }

    /// While the disk refuses: half of the ring may wait for it, the child gets the other half.
    fn give_up_oldest(&mut self) {
        let ring = &self.feed.ring;
        let (logged, end) = (ring.logged(), ring.end());
        let keep_from = end.saturating_sub(ring.capacity() / 2);
        if let Some(trouble) = &mut self.trouble
            && keep_from > logged
        {
            trouble.gap_from.get_or_insert(logged);
            ring.set_logged(keep_from);
        }
        self.feed.urgent_at.store(end + URGENT, Relaxed);
    }

    /// The disk takes writes again, or it is too late: whatever was given up is a gap up to here.
    fn tell_gap(&mut self, tell: &Notify) {
        let Some(WriteFailure {
            reason,
            gap_from: Some(from),
            ..
        }) = self.trouble.take()
        else {
            return;
        };
        let to = self.feed.ring.logged();
        let note = JournalEvent::Gap {
            from,
            to,
            reason: reason.clone(),
        };
        // Without the note, readers still find the gap between two segments.
        let _ = SessionEvents::of(&self.feed.dir).add(to, note);
        tell(LogNews::Gap {
            key: self.feed.key.clone(),
            gap: Gap { from, to, reason },
        });
    }

    /// Every turn makes room: by writing, or by giving up.
    fn tell_room(&self, tell: &Notify) {
        if self.feed.waiting.swap(false, AcqRel) {
            tell(LogNews::Room {
                key: self.feed.key.clone(),
            });
        }
    }

    /// Hands what was written to the syncing thread.
    fn sync(&mut self, to_sync: &Sender<Flush>, sealed: Option<(String, RingFile)>) {
        let files = self.log.as_mut().map(|log| {
            log.close();
            log.take_unsynced()
        });
        self.sync_at = None;
        self.syncing.store(true, Release);
        let flush = Flush {
            files: files.unwrap_or_default(),
            done: self.syncing.clone(),
            sealed,
        };
        // The thread ends after this one.
        let _ = to_sync.send(flush);
    }
}

/// Files for the disk. At most one of a journal is on its way, and one more at its end.
pub(crate) struct Flush {
    files: Vec<PathBuf>,
    done: Arc<AtomicBool>,
    sealed: Option<(String, RingFile)>,
}

/// The syncing thread: `fdatasync`, then whatever had to wait for it.
pub(crate) fn sync(flushes: &Receiver<Flush>, tell: &Notify) {
    for flush in flushes {
        for file in &flush.files {
            // A segment that is gone was dropped for its age. A disk that cannot sync is told by
            // its next write.
            let _ = File::open(file).and_then(|file| file.sync_data());
        }
        flush.done.store(false, Release);
        if let Some((key, ring_file)) = flush.sealed {
            if let Some(ring_file) = ring_file {
                // Nothing is lost if it stays: everything in it is in the log, and is found to be.
                let _ = fs::remove_file(ring_file);
            }
            tell(LogNews::Sealed { key });
        }
    }
}
