//! What happens to sessions, numbered, kept for a while, and told to its followers.
//!
//! The file is written before anybody is told, so a number is never given twice, whichever process
//! dies.

use super::state_dir;
use crate::guardian::Facts;
use crate::log::{Level, current_request, log, now_ms};
use psup_proto::event::{EventKind, Happened, Teller};
use psup_proto::name::SessionId;
use psup_proto::{Offset, limits};
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use tokio::sync::Notify;

/// The file is started over at this size; the one before it is kept.
const FILE: u64 = 4 << 20;
/// Where the last line of a file is found, however long: a title has at most a few thousand bytes.
const TAIL: u64 = 64 << 10;

pub struct Events {
    inner: RefCell<Inner>,
    news: Notify,
}

struct Inner {
    path: PathBuf,
    file: Option<File>,
    size: u64,
    last: u64,
    /// What was told since this worker began.
    told: VecDeque<Happened>,
    /// What was told before it, once somebody asks: thousands of lines are no reason to keep others
    /// waiting at the start.
    before: Option<Vec<Happened>>,
    /// Events since this worker began, by their word.
    counts: BTreeMap<&'static str, u64>,
    teller: Teller,
}

impl Events {
    /// Goes on where the last worker ended.
    pub fn open(facts: &Facts) -> Self {
        let path = facts.state.join("events.jsonl");
        let last = last_of(&path)
            .or_else(|| last_of(&older(&path)))
            .unwrap_or(0);
        let size = fs::metadata(&path).map_or(0, |m| m.len());
        let file = append(&path);
        Self {
            inner: RefCell::new(Inner {
                path,
                file,
                size,
                last,
                told: VecDeque::new(),
                before: None,
                counts: BTreeMap::new(),
                teller: Teller {
                    restart_nonce: facts.nonce,
                    guardian_epoch: facts.guardian_epoch,
                    worker_epoch: facts.worker_epoch,
                    request: None,
                },
            }),
            news: Notify::new(),
        }
    }

    /// Returns the event's number.
    pub fn tell(&self, id: &SessionId, offset: Offset, what: EventKind) -> u64 {
        let mut inner = self.inner.borrow_mut();
        inner.add(id, offset, what);
        let number = inner.last;
        drop(inner);
        self.news.notify_waiters();
        number
    }

    /// How many were told since this worker began, by their word.
    pub fn counts(&self) -> Vec<(String, u64)> {
        let inner = self.inner.borrow();
        let counts = inner.counts.iter();
        counts
            .map(|(word, count)| ((*word).to_owned(), *count))
            .collect()
    }

    /// Whether the file that is written to is the one that is found; so if there never was one.
    pub fn is_in_place(&self) -> bool {
        let inner = self.inner.borrow();
        let number = |found: io::Result<fs::Metadata>| found.map(|meta| state_dir::number(&meta));
        inner.file.as_ref().is_none_or(|file| {
            number(fs::metadata(&inner.path)).ok() == number(file.metadata()).ok()
        })
    }

    /// The file is gone with its directory: what is remembered is written again.
    pub fn write_again(&self) {
        self.inner.borrow_mut().write_again();
    }

    /// The number of the newest event.
    pub fn last(&self) -> u64 {
        self.inner.borrow().last
    }

    /// The kept events after `seq`, oldest first.
    pub fn after(&self, seq: u64) -> Vec<Happened> {
        let mut inner = self.inner.borrow_mut();
        let from = inner.told.front().map_or(inner.last + 1, |first| first.seq);
        let mut after = Vec::new();
        // The numbers in between are all told.
        if seq + 1 < from {
            after.extend(inner.before(from).iter().filter(|h| h.seq > seq).cloned());
        }
        after.extend(inner.told.iter().filter(|h| h.seq > seq).cloned());
        after.drain(..after.len().saturating_sub(limits::EVENTS));
        after
    }

    /// Waits until there is an event after `seq`.
    pub async fn news(&self, seq: u64) {
        let mut news = std::pin::pin!(self.news.notified());
        // Enlisted before the look, so that nothing slips in between.
        news.as_mut().enable();
        if self.last() <= seq {
            news.await;
        }
    }
}

impl Inner {
    fn add(&mut self, id: &SessionId, offset: Offset, what: EventKind) {
        self.last += 1;
        *self.counts.entry(what.word()).or_default() += 1;
        let happened = Happened {
            seq: self.last,
            at_ms: now_ms(),
            id: id.clone(),
            offset,
            what,
            by: Some(Teller {
                request: current_request(),
                ..self.teller
            }),
        };
        if self.size > FILE {
            // Without a second file the first only grows a little longer.
            let _ = fs::rename(&self.path, older(&self.path));
            self.file = append(&self.path);
            self.size = 0;
        }
        if let (Some(file), Ok(mut line)) = (&mut self.file, serde_json::to_vec(&happened)) {
            line.push(b'\n');
            self.size += line.len() as u64;
            if let Err(error) = file.write_all(&line) {
                log(Level::Warn, "cannot write an event", &[("error", &error)]);
            }
        }
        self.told.push_back(happened);
        if self.told.len() > limits::EVENTS {
            self.told.pop_front();
            self.before = Some(Vec::new());
        }
    }

    fn write_again(&mut self) {
        let mut all = Vec::new();
        for happened in self.before.iter().flatten().chain(&self.told) {
            let before = all.len();
            match serde_json::to_writer(&mut all, happened) {
                Ok(()) => all.push(b'\n'),
                Err(_) => all.truncate(before),
            }
        }
        self.file = append(&self.path);
        self.size = all.len() as u64;
        if let Some(Err(error)) = self.file.as_mut().map(|file| file.write_all(&all)) {
            log(
                Level::Warn,
                "cannot write the events again",
                &[("error", &error)],
            );
        }
    }

    /// What earlier workers told: all before `first`, the first that is remembered here.
    fn before(&mut self, first: u64) -> &[Happened] {
        let path = &self.path;
        self.before.get_or_insert_with(|| {
            let mut all: Vec<Happened> = [older(path), path.clone()]
                .iter()
                .flat_map(|file| read(file))
                .collect();
            all.retain(|happened| happened.seq < first);
            all.drain(..all.len().saturating_sub(limits::EVENTS));
            all
        })
    }
}

/// Every line that can be read. A torn one, left by a crash, is passed over.
fn read(path: &Path) -> Vec<Happened> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

/// The number of the last event in a file.
fn last_of(path: &Path) -> Option<u64> {
    let file = File::open(path).ok()?;
    let length = file.metadata().ok()?.len();
    let from = length.saturating_sub(TAIL);
    let mut tail = vec![0; (length - from) as usize];
    file.read_exact_at(&mut tail, from).ok()?;
    let mut lines = tail.rsplit(|byte| *byte == b'\n');
    let last = lines.find_map(|line| serde_json::from_slice::<Happened>(line).ok());
    // A line may be longer than expected all the same.
    last.or_else(|| read(path).pop())
        .map(|happened| happened.seq)
}

fn append(path: &Path) -> Option<File> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .ok()
}

fn older(path: &Path) -> PathBuf {
    path.with_extension("1.jsonl")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn told(events: &Events, seq: u64) -> Vec<u64> {
        events
            .after(seq)
            .iter()
            .map(|happened| happened.seq)
            .collect()
    }

    #[test]
    fn the_next_worker_goes_on_with_the_numbers_and_knows_what_was_told() {
        let dir = tempfile::tempdir().unwrap();
        let id = SessionId {
            name: "a".parse().unwrap(),
            life: 1,
        };
        for worker in 0..3 {
            let events = Events::open(&Facts {
                state: dir.path().into(),
                ..Facts::default()
            });
            assert_eq!(events.last(), worker * 2);
            events.tell(&id, 0, EventKind::Bell);
            events.tell(
                &id,
                0,
                EventKind::Title {
                    title: "t".repeat(100_000),
                },
            );
            assert_eq!(told(&events, worker * 2), [worker * 2 + 1, worker * 2 + 2]);
            assert_eq!(told(&events, 0), (1..=worker * 2 + 2).collect::<Vec<_>>());
            // A crash in the middle of a line.
            fs::OpenOptions::new()
                .append(true)
                .open(dir.path().join("events.jsonl"))
                .unwrap()
                .write_all(b"{\"seq\":9\n")
                .unwrap();
        }
    }
}
