//! The log thread: one for all journals, between the rings and the disk.
//!
//! It sleeps until a ring has news, waits [`LINGER`] so that one write carries many small ones, and writes at once where
//! [`URGENT`] bytes have gathered. A disk that refuses never blocks a child: the ring keeps what it can while the write is
//! tried again, then the oldest is given up, and the gap is told. Giving data to the disk itself (`fdatasync`) may take
//! seconds and is done by a second thread, so that one slow disk flush does not hold up all rings.

use super::log::Log;
use super::notes::{JournalEvent, Notes};
use super::read::Gap;
use super::ring::Ring;
use psup_proto::Offset;
use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::*};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// First unlogged byte to the write that carries it.
const LINGER: Duration = Duration::from_millis(10);
/// This much unlogged is written at once: a quarter of the ring.
pub const URGENT: u64 = 64 << 10;
/// One write.
const BATCH: u64 = 64 << 10;
/// One journal's turn, before the others have theirs.
const BATCHES: usize = 4;
/// Written data is given to the disk this long after the first of it, so a power cut costs no more than this.
const SYNC: Duration = Duration::from_secs(5);
/// Between tries on a disk that refuses.
const RETRY: Duration = Duration::from_secs(1);

/// What the threads have to tell, with the key of the journal. Told from either thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The disk refuses; nothing is lost yet.
    Failing { key: String, from: Offset, reason: String },
    /// These bytes are in no log, and will not be.
    Gap { key: String, gap: Gap },
    /// A ring that was full has room again.
    Room { key: String },
    /// Everything is in the log and on the disk, and the ring's file is gone.
    Sealed { key: String },
}

type Tell = Arc<dyn Fn(Told) + Send + Sync>;

/// The threads. Dropping it writes what there is to write, tells the rest as gaps, and ends them.
pub struct Writer {
    line: Line,
    threads: Vec<JoinHandle<()>>,
}

/// How journals reach the log thread.
#[derive(Clone)]
pub(super) struct Line(Arc<(Mutex<Inbox>, Condvar)>);

/// Bounded by the number of journals: each puts a job in only when its flag says that none is there.
#[derive(Default)]
struct Inbox {
    jobs: Vec<Job>,
    closing: bool,
}

enum Job {
    /// There are unlogged bytes; soon.
    News(Arc<Feed>),
    /// There are many; now.
    Urgent(Arc<Feed>),
    /// The child has ended.
    Seal(Arc<Feed>, Option<PathBuf>),
    /// The journal's owner is gone.
    Close(Arc<Feed>),
}

/// One journal as the log thread sees it.
pub(super) struct Feed {
    /// Unlike the key, never used twice.
    id: u64,
    pub key: String,
    pub ring: Arc<Ring>,
    pub dir: PathBuf,
    pub limit: u64,
    /// A `News` is on its way or being dealt with.
    news: AtomicBool,
    /// `Urgent` is sent when the journal's end is here.
    urgent_at: AtomicU64,
    /// The reader met a full ring and waits for `Room`.
    waiting: AtomicBool,
}

impl Writer {
    pub fn start(tell: impl Fn(Told) + Send + Sync + 'static) -> io::Result<Self> {
        let line = Line(Arc::default());
        let tell: Tell = Arc::new(tell);
        let (to_sync, flushes) = mpsc::channel();
        let thread = LogThread {
            line: line.clone(),
            tell: tell.clone(),
            to_sync,
            desks: HashMap::new(),
            agenda: BTreeSet::new(),
        };
        let logger = thread::Builder::new().name("log".into()).spawn(move || thread.run())?;
        let syncer = thread::Builder::new()
            .name("log-sync".into())
            .spawn(move || sync(&flushes, &tell))?;
        Ok(Self {
            line,
            threads: vec![logger, syncer],
        })
    }

    pub(super) fn line(&self) -> Line {
        self.line.clone()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.line.inbox().closing = true;
        self.line.0.1.notify_one();
        for thread in self.threads.drain(..) {
            // A thread that panicked has told so itself.
            let _ = thread.join();
        }
    }
}

impl Feed {
    pub(super) fn new(key: &str, ring: Arc<Ring>, dir: PathBuf, limit: u64) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let urgent_at = AtomicU64::new(ring.logged() + URGENT);
        Self {
            id: NEXT.fetch_add(1, Relaxed),
            key: key.to_owned(),
            ring,
            dir,
            limit,
            news: AtomicBool::new(false),
            urgent_at,
            waiting: AtomicBool::new(false),
        }
    }
}

/// Called by the reading thread.
impl Line {
    /// After bytes were added.
    pub(super) fn grown(&self, feed: &Arc<Feed>) {
        if !feed.news.swap(true, AcqRel) {
            self.send(Job::News(feed.clone()));
        }
        if feed.ring.end() >= feed.urgent_at.load(Relaxed) {
            feed.urgent_at.store(u64::MAX, Relaxed);
            self.send(Job::Urgent(feed.clone()));
        }
    }

    /// After the ring was found full: `Room` will be told.
    pub(super) fn full(&self, feed: &Arc<Feed>) {
        feed.waiting.store(true, Release);
        self.send(Job::Urgent(feed.clone()));
    }

    pub(super) fn seal(&self, feed: &Arc<Feed>, ring_file: Option<PathBuf>) {
        self.send(Job::Seal(feed.clone(), ring_file));
    }

    pub(super) fn close(&self, feed: &Arc<Feed>) {
        self.send(Job::Close(feed.clone()));
    }

    fn send(&self, job: Job) {
        self.inbox().jobs.push(job);
        self.0.1.notify_one();
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        // Nothing panics while it holds the lock, and a list of jobs is whole at any moment.
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct LogThread {
    line: Line,
    tell: Tell,
    to_sync: Sender<Flush>,
    desks: HashMap<u64, Desk>,
    /// When to look at which journal next. Empty: sleep until there is news.
    agenda: BTreeSet<(Instant, u64)>,
}

/// What the log thread knows of one journal.
struct Desk {
    feed: Arc<Feed>,
    log: Option<Log>,
    due: Option<Instant>,
    /// When written data has to go to the disk.
    sync_at: Option<Instant>,
    /// The syncing thread still has our last files.
    syncing: Arc<AtomicBool>,
    trouble: Option<Trouble>,
    sealing: Option<Seal>,
    closing: bool,
}

struct Trouble {
    reason: String,
    retry_at: Instant,
    /// Given up so far.
    gap_from: Option<Offset>,
}

struct Seal {
    ring_file: Option<PathBuf>,
}

impl LogThread {
    fn run(mut self) {
        loop {
            let (jobs, closing) = self.next_jobs();
            let now = Instant::now();
            for job in jobs {
                self.take(job, now);
            }
            while let Some((due, id)) = self.agenda.first().copied().filter(|(due, _)| *due <= now) {
                self.agenda.remove(&(due, id));
                self.turn(id, now);
            }
            if closing {
                return self.finish();
            }
        }
    }

    /// Sleeps until there are jobs or something is due.
    fn next_jobs(&self) -> (Vec<Job>, bool) {
        let mut inbox = self.line.inbox();
        loop {
            let due = self.agenda.first().map(|(due, _)| due.saturating_duration_since(Instant::now()));
            if !inbox.jobs.is_empty() || inbox.closing || due == Some(Duration::ZERO) {
                return (std::mem::take(&mut inbox.jobs), inbox.closing);
            }
            let bell = &self.line.0.1;
            inbox = match due {
                Some(due) => bell.wait_timeout(inbox, due).unwrap_or_else(PoisonError::into_inner).0,
                None => bell.wait(inbox).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    fn take(&mut self, job: Job, now: Instant) {
        match job {
            Job::News(feed) => {
                self.schedule(&feed, now + LINGER);
            }
            Job::Urgent(feed) => {
                self.schedule(&feed, now);
            }
            Job::Seal(feed, ring_file) => {
                self.schedule(&feed, now).sealing = Some(Seal { ring_file });
            }
            Job::Close(feed) => {
                self.schedule(&feed, now).closing = true;
            }
        }
    }

    /// Looks at a journal at this time at the latest.
    fn schedule(&mut self, feed: &Arc<Feed>, at: Instant) -> &mut Desk {
        let desk = self.desks.entry(feed.id).or_insert_with(|| Desk::new(feed.clone()));
        let due = desk.due.map_or(at, |due| due.min(at));
        if let Some(old) = desk.due.replace(due) {
            self.agenda.remove(&(old, feed.id));
        }
        self.agenda.insert((due, feed.id));
        desk
    }

    fn turn(&mut self, id: u64, now: Instant) {
        let Some(desk) = self.desks.get_mut(&id) else { return };
        desk.due = None;
        match desk.turn(now, &self.tell, &self.to_sync) {
            Next::At(at) => {
                let feed = desk.feed.clone();
                self.schedule(&feed, at);
            }
            Next::Sleep => {}
            Next::Done => {
                self.desks.remove(&id);
            }
        }
    }

    /// Everything that can be written is, everything else is a gap.
    fn finish(mut self) {
        for desk in self.desks.values_mut() {
            while desk.write(Instant::now(), &self.tell, true) == Wrote::More {}
            if let Some(trouble) = &mut desk.trouble {
                let (logged, end) = (desk.feed.ring.logged(), desk.feed.ring.end());
                trouble.gap_from.get_or_insert(logged);
                desk.feed.ring.set_logged(end);
                desk.tell_gap(&self.tell);
            }
            desk.sync(&self.to_sync, None);
        }
    }
}

#[derive(PartialEq, Eq)]
enum Next {
    At(Instant),
    Sleep,
    Done,
}

#[derive(PartialEq, Eq)]
enum Wrote {
    All,
    More,
    Refused,
}

impl Desk {
    fn new(feed: Arc<Feed>) -> Self {
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

    fn turn(&mut self, now: Instant, tell: &Tell, to_sync: &Sender<Flush>) -> Next {
        // What grows from here on sends news; what grew before is seen below.
        self.feed.news.swap(false, AcqRel);
        let wrote = self.write(now, tell, false);
        self.tell_room(tell);
        match wrote {
            Wrote::More => return Next::At(now),
            Wrote::Refused => {
                let retry_at = self.trouble.as_ref().map_or(now + RETRY, |t| t.retry_at);
                return Next::At(retry_at);
            }
            Wrote::All => {}
        }
        if let Some(seal) = self.sealing.take() {
            self.sync(to_sync, Some((self.feed.key.clone(), seal.ring_file)));
            return Next::Done;
        }
        if self.closing {
            self.sync(to_sync, None);
            return Next::Done;
        }
        let synced = self.log.as_ref().is_none_or(Log::is_synced);
        match self.sync_at {
            _ if synced => Next::Sleep,
            None => {
                self.sync_at = Some(now + SYNC);
                Next::At(now + SYNC)
            }
            Some(at) if at > now => Next::At(at),
            // The disk is slower than we write: the next round takes both.
            Some(_) if self.syncing.load(Acquire) => {
                self.sync_at = Some(now + SYNC);
                Next::At(now + SYNC)
            }
            Some(_) => {
                self.sync(to_sync, None);
                Next::Sleep
            }
        }
    }

    /// Writes a few batches.
    fn write(&mut self, now: Instant, tell: &Tell, last_try: bool) -> Wrote {
        let ring = self.feed.ring.clone();
        if !last_try && self.trouble.as_ref().is_some_and(|t| t.retry_at > now) {
            self.give_up_oldest();
            return Wrote::Refused;
        }
        for _ in 0..BATCHES {
            let at = ring.logged();
            let bytes = ring.unlogged(BATCH);
            if bytes.is_empty() {
                self.feed.urgent_at.store(at + URGENT, Relaxed);
                return Wrote::All;
            }
            match self.log().and_then(|log| log.write(at, bytes)) {
                Ok(n) => {
                    self.tell_gap(tell);
                    ring.set_logged(at + n as u64);
                }
                Err(error) => {
                    self.refused(now, &error, tell);
                    self.give_up_oldest();
                    return Wrote::Refused;
                }
            }
        }
        Wrote::More
    }

    fn log(&mut self) -> io::Result<&mut Log> {
        match self.log {
            Some(ref mut log) => Ok(log),
            None => Ok(self.log.insert(Log::open(&self.feed.dir, self.feed.limit)?)),
        }
    }

    fn refused(&mut self, now: Instant, error: &io::Error, tell: &Tell) {
        let reason = error.to_string();
        if self.trouble.is_none() {
            tell(Told::Failing {
                key: self.feed.key.clone(),
                from: self.feed.ring.logged(),
                reason: reason.clone(),
            });
        }
        let gap_from = self.trouble.take().and_then(|trouble| trouble.gap_from);
        self.trouble = Some(Trouble {
            reason,
            retry_at: now + RETRY,
            gap_from,
        });
    }

    /// While the disk refuses: half of the ring may wait for it, the child gets the other half.
    fn give_up_oldest(&mut self) {
        let ring = &self.feed.ring;
        let (logged, end) = (ring.logged(), ring.end());
        let keep_from = end.saturating_sub(super::ring::CAPACITY / 2);
        if let Some(trouble) = &mut self.trouble
            && keep_from > logged
        {
            trouble.gap_from.get_or_insert(logged);
            ring.set_logged(keep_from);
        }
        self.feed.urgent_at.store(end + URGENT, Relaxed);
    }

    /// The disk takes writes again, or it is too late: whatever was given up is a gap up to here.
    fn tell_gap(&mut self, tell: &Tell) {
        let Some(Trouble {
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
        let _ = Notes::of(&self.feed.dir).add(to, note);
        tell(Told::Gap {
            key: self.feed.key.clone(),
            gap: Gap { from, to, reason },
        });
    }

    /// Every turn makes room: by writing, or by giving up.
    fn tell_room(&self, tell: &Tell) {
        if self.feed.waiting.swap(false, AcqRel) {
            tell(Told::Room {
                key: self.feed.key.clone(),
            });
        }
    }

    /// Hands what was written to the syncing thread.
    fn sync(&mut self, to_sync: &Sender<Flush>, sealed: Option<(String, Option<PathBuf>)>) {
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
struct Flush {
    files: Vec<PathBuf>,
    done: Arc<AtomicBool>,
    sealed: Option<(String, Option<PathBuf>)>,
}

/// The syncing thread: `fdatasync`, then whatever had to wait for it.
fn sync(flushes: &Receiver<Flush>, tell: &Tell) {
    for flush in flushes {
        for file in &flush.files {
            // A segment that is gone was dropped for its age. A disk that cannot sync is told by its next write.
            let _ = File::open(file).and_then(|file| file.sync_data());
        }
        flush.done.store(false, Release);
        if let Some((key, ring_file)) = flush.sealed {
            if let Some(ring_file) = ring_file {
                // Nothing is lost if it stays: everything in it is in the log, and is found to be.
                let _ = fs::remove_file(ring_file);
            }
            tell(Told::Sealed { key });
        }
    }
}
