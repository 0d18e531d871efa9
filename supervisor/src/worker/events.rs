//! What happens to sessions, numbered, kept for a while, and told to whoever follows.
//!
//! The file is written before anybody is told, so a number is never given twice, whichever process dies.

use crate::log::{Level, log, now_ms};
use psup_proto::event::{Happened, What};
use psup_proto::name::SessionId;
use psup_proto::{Offset, limits};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use tokio::sync::Notify;

/// The file is begun anew at this size; the one before it is kept.
const FILE: u64 = 4 << 20;

pub struct Events {
    inner: RefCell<Inner>,
    news: Notify,
}

struct Inner {
    path: PathBuf,
    file: Option<File>,
    size: u64,
    last: u64,
    kept: VecDeque<Happened>,
}

impl Events {
    /// Goes on where the last worker ended.
    pub fn open(state: &Path) -> Self {
        let path = state.join("events.jsonl");
        let mut kept = VecDeque::new();
        for file in [older(&path), path.clone()] {
            let text = fs::read_to_string(file).unwrap_or_default();
            // A torn last line, left by a crash, is passed over.
            kept.extend(text.lines().filter_map(|line| serde_json::from_str::<Happened>(line).ok()));
        }
        let last = kept.back().map_or(0, |h: &Happened| h.seq);
        kept.drain(..kept.len().saturating_sub(limits::EVENTS));
        let size = fs::metadata(&path).map_or(0, |m| m.len());
        let file = append(&path);
        Self {
            inner: RefCell::new(Inner {
                path,
                file,
                size,
                last,
                kept,
            }),
            news: Notify::new(),
        }
    }

    pub fn tell(&self, id: &SessionId, offset: Offset, what: What) {
        self.inner.borrow_mut().add(id, offset, what);
        self.news.notify_waiters();
    }

    /// The number of the newest event.
    pub fn last(&self) -> u64 {
        self.inner.borrow().last
    }

    /// The kept events after `seq`, oldest first.
    pub fn after(&self, seq: u64) -> Vec<Happened> {
        let inner = self.inner.borrow();
        inner.kept.iter().skip_while(|h| h.seq <= seq).cloned().collect()
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
    fn add(&mut self, id: &SessionId, offset: Offset, what: What) {
        self.last += 1;
        let happened = Happened {
            seq: self.last,
            at_ms: now_ms(),
            id: id.clone(),
            offset,
            what,
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
        self.kept.push_back(happened);
        if self.kept.len() > limits::EVENTS {
            self.kept.pop_front();
        }
    }
}

fn append(path: &Path) -> Option<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path).ok()
}

fn older(path: &Path) -> PathBuf {
    path.with_extension("1.jsonl")
}
