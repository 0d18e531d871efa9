//! The log thread: one for all journals, between the rings and the disk.
//!
//! It sleeps until a ring has news, waits [`LINGER`] so that one write carries many small ones, and
//! writes at once where [`URGENT`] bytes have gathered. A disk that refuses never blocks a child:
//! the ring keeps what it can while the write is tried again, then the oldest is given up, and the
//! gap is told. Giving data to the disk itself (`fdatasync`) may take seconds and is done by a
//! second thread, so that one slow disk flush does not hold up all rings.

use super::task::{self, Flush, LogTask, NextTurn, URGENT};
use crate::journal::read::Gap;
use crate::journal::ring::Ring;
use crate::journal::times::Clock;
use psup_proto::Offset;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::*};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// First unlogged byte to the write that carries it.
pub(crate) const LINGER: Duration = Duration::from_millis(10);

/// What the threads have to tell, with the key of the journal. Told from either thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogNews {
    /// The disk refuses; nothing is lost yet.
    Failing {
        key: String,
        from: Offset,
        reason: String,
    },
    /// These bytes are in no log, and will not be.
    Gap { key: String, gap: Gap },
    /// A ring that was full has room again.
    Room { key: String },
    /// Everything is in the log and on the disk, and the ring's file is gone.
    Sealed { key: String },
}

pub(crate) type Notify = Arc<dyn Fn(LogNews) + Send + Sync>;

/// The threads. Dropping it writes what can be written and ends them; a ring keeps the rest for
/// the process that adopts it.
pub struct Writer {
    line: LogQueue,
    threads: Vec<JoinHandle<()>>,
}

/// How journals reach the log thread.
#[derive(Clone)]
pub(crate) struct LogQueue(Arc<(Mutex<Inbox>, Condvar)>);

/// Bounded by the number of journals: each puts a job in only when its flag says that none is
/// there.
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
    /// The log's directory was made again.
    BeginAgain(Arc<Feed>),
    /// The child has ended.
    Seal(Arc<Feed>, Option<PathBuf>),
    /// The journal's owner is gone.
    Close(Arc<Feed>),
    /// What is not written never will be; told when nothing more is written either.
    Forget(Arc<Feed>, Done),
}

type Done = Box<dyn FnOnce() + Send>;

/// One journal as the log thread sees it.
pub(crate) struct Feed {
    /// Unlike the key, never used twice.
    id: u64,
    pub key: String,
    pub ring: Arc<Ring>,
    pub clock: Arc<Clock>,
    pub dir: PathBuf,
    pub limit: u64,
    /// A `News` is on its way or being dealt with.
    pub news: AtomicBool,
    /// `Urgent` is sent when the journal's end is here.
    pub urgent_at: AtomicU64,
    /// The reader met a full ring and waits for `Room`.
    pub waiting: AtomicBool,
}

impl Writer {
    pub fn start(tell: impl Fn(LogNews) + Send + Sync + 'static) -> io::Result<Self> {
        let line = LogQueue(Arc::default());
        let tell: Notify = Arc::new(tell);
        let (to_sync, flushes) = mpsc::channel();
        let thread = LogThread {
            line: line.clone(),
            tell: tell.clone(),
            to_sync,
            desks: HashMap::new(),
            agenda: BTreeSet::new(),
        };
        let logger = thread::Builder::new()
            .name("log".into())
            .spawn(move || thread.run())?;
        let syncer = thread::Builder::new()
            .name("log-sync".into())
            .spawn(move || task::sync(&flushes, &tell))?;
        Ok(Self {
            line,
            threads: vec![logger, syncer],
        })
    }

    pub(crate) fn line(&self) -> LogQueue {
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
    pub(crate) fn new(
        key: &str,
        ring: Arc<Ring>,
        clock: Arc<Clock>,
        dir: PathBuf,
        limit: u64,
    ) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let urgent_at = AtomicU64::new(ring.logged() + URGENT);
        Self {
            id: NEXT.fetch_add(1, Relaxed),
            key: key.to_owned(),
            ring,
            clock,
            dir,
            limit,
            news: AtomicBool::new(false),
            urgent_at,
            waiting: AtomicBool::new(false),
        }
    }
}

/// Called by the reading thread.
impl LogQueue {
    /// After bytes were added.
    pub(crate) fn grown(&self, feed: &Arc<Feed>) {
        if !feed.news.swap(true, AcqRel) {
            self.send(Job::News(feed.clone()));
        }
        if feed.ring.end() >= feed.urgent_at.load(Relaxed) {
            feed.urgent_at.store(u64::MAX, Relaxed);
            self.send(Job::Urgent(feed.clone()));
        }
    }

    /// After the ring was found full: `Room` will be told.
    pub(crate) fn full(&self, feed: &Arc<Feed>) {
        feed.waiting.store(true, Release);
        self.send(Job::Urgent(feed.clone()));
    }

    /// Until `Room` is told nobody may read into the ring or give its memory back.
    pub(crate) fn begin_again(&self, feed: &Arc<Feed>) {
        feed.waiting.store(true, Release);
        self.send(Job::BeginAgain(feed.clone()));
    }

    pub(crate) fn seal(&self, feed: &Arc<Feed>, ring_file: Option<PathBuf>) {
        self.send(Job::Seal(feed.clone(), ring_file));
    }

    pub(crate) fn close(&self, feed: &Arc<Feed>) {
        self.send(Job::Close(feed.clone()));
    }

    pub(crate) fn forget(&self, feed: &Arc<Feed>, done: Done) {
        self.send(Job::Forget(feed.clone(), done));
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
    line: LogQueue,
    tell: Notify,
    to_sync: Sender<Flush>,
    desks: HashMap<u64, LogTask>,
    /// When to look at which journal next. Empty: sleep until there is news.
    agenda: BTreeSet<(Instant, u64)>,
}

impl LogThread {
    fn run(mut self) {
        loop {
            let (jobs, closing) = self.next_jobs();
            let now = Instant::now();
            for job in jobs {
                self.take(job, now);
            }
            // Each once: a flood wants its next turn at once, and must not keep the others from
            // theirs.
            let due: Vec<(Instant, u64)> = self
                .agenda
                .iter()
                .take_while(|(due, _)| *due <= now)
                .copied()
                .collect();
            for entry in due {
                self.agenda.remove(&entry);
                self.turn(entry.1, now);
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
            let due = self
                .agenda
                .first()
                .map(|(due, _)| due.saturating_duration_since(Instant::now()));
            if !inbox.jobs.is_empty() || inbox.closing || due == Some(Duration::ZERO) {
                return (std::mem::take(&mut inbox.jobs), inbox.closing);
            }
            let bell = &self.line.0.1;
            inbox = match due {
                Some(due) => {
                    bell.wait_timeout(inbox, due)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
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
            Job::BeginAgain(feed) => {
                self.schedule(&feed, now).begin_again();
            }
            Job::Seal(feed, ring_file) => {
                self.schedule(&feed, now).seal(ring_file);
            }
            Job::Close(feed) => {
                self.schedule(&feed, now).close();
            }
            Job::Forget(feed, done) => {
                let desk = self.desks.remove(&feed.id);
                if let Some(due) = desk.and_then(|desk| desk.due) {
                    self.agenda.remove(&(due, feed.id));
                }
                // A write that came after the directory had gone has made it again.
                let _ = fs::remove_dir_all(&feed.dir);
                done();
            }
        }
    }

    /// Looks at a journal at this time at the latest.
    fn schedule(&mut self, feed: &Arc<Feed>, at: Instant) -> &mut LogTask {
        let desk = self
            .desks
            .entry(feed.id)
            .or_insert_with(|| LogTask::new(feed.clone()));
        let due = desk.due.map_or(at, |due| due.min(at));
        if let Some(old) = desk.due.replace(due) {
            self.agenda.remove(&(old, feed.id));
        }
        self.agenda.insert((due, feed.id));
        desk
    }

    fn turn(&mut self, id: u64, now: Instant) {
        let Some(desk) = self.desks.get_mut(&id) else {
            return;
        };
        desk.due = None;
        match desk.turn(now, &self.tell, &self.to_sync) {
            NextTurn::At(at) => {
                let feed = desk.feed.clone();
                self.schedule(&feed, at);
            }
            NextTurn::Sleep => {}
            NextTurn::Done => {
                self.desks.remove(&id);
            }
        }
    }

    /// Everything that can be written is; the rings keep the rest for the process that adopts them.
    fn finish(mut self) {
        for desk in self.desks.values_mut() {
            desk.finish(&self.tell, &self.to_sync);
        }
    }
}
