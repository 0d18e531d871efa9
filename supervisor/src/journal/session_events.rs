//! What happened to a session besides its output, with offsets: one JSON object a line in
//! `events.jsonl`.
//!
//! Replaying output needs the resizes; readers need the reasons of gaps. A line is one `write` to a
//! file opened for appending, so two threads may add lines. A torn last line, left by a crash, is
//! passed over.

use super::segments;
use crate::fs::read_small;
use psup_proto::{Offset, Size};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file of this size is cut to what replay still needs. A person dragging a window makes a few
/// hundred lines.
const LIMIT: u64 = 256 << 10;

/// Something that happened, where the journal ended then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub offset: Offset,
    pub at_ms: u64,
    pub event: JournalEvent,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JournalEvent {
    Started {
        pid: i32,
        size: Size,
    },
    Resized {
        size: Size,
    },
    /// The raw status of `wait(2)`, if it is known.
    Exited {
        raw: Option<i32>,
    },
    /// Bytes that are in no log.
    Gap {
        from: Offset,
        to: Offset,
        reason: String,
    },
    /// A command of `exec` runs; what it prints begins here.
    Exec {
        command: String,
    },
}

impl JournalEvent {
    /// So much of a command is noted: what fits in a line.
    const COMMAND: usize = 200;

    pub fn exec(command: &[u8]) -> Self {
        let text = String::from_utf8_lossy(&command[..command.len().min(4 * Self::COMMAND)]);
        let command = text.chars().take(Self::COMMAND).collect();
        Self::Exec { command }
    }
}

pub(super) struct SessionEvents {
    path: PathBuf,
}

impl SessionEvents {
    pub(super) fn of(session_dir: &Path) -> Self {
        Self {
            path: session_dir.join("events.jsonl"),
        }
    }

    pub(super) fn add(&self, offset: Offset, event: JournalEvent) -> io::Result<()> {
        let note = Note {
            offset,
            at_ms: now_ms(),
            event,
        };
        let mut line = serde_json::to_vec(&note)?;
        line.push(b'\n');
        let mut file = self.open()?;
        let length = file.metadata()?.len();
        // A torn line of somebody killed is ended, so that ours stays whole.
        if length > 0 && !self.ends_with_newline(length) {
            line.insert(0, b'\n');
        }
        file.write_all(&line)?;
        if length > LIMIT { self.cut() } else { Ok(()) }
    }

    /// Everything noted, oldest first.
    pub(super) fn all(&self) -> Vec<Note> {
        // No file, no notes. The size is bounded by `add`; another's larger file is not ours to
        // read whole.
        let text = read_small::read(&self.path, 4 * LIMIT as usize).unwrap_or_default();
        text.split(|b| *b == b'\n')
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect()
    }

    /// The lines of everything noted up to an offset.
    pub(super) fn before(&self, end: Offset) -> Vec<u8> {
        let mut text = Vec::new();
        for note in self.all().iter().filter(|note| note.offset <= end) {
            // A note was read from such a line.
            let _ = serde_json::to_writer(&mut text, note);
            text.push(b'\n');
        }
        text
    }

    /// The sizes the terminal had, each from an offset on.
    pub(super) fn sizes(&self) -> Vec<(Offset, Size)> {
        let size = |note: Note| match note.event {
            JournalEvent::Started { size, .. } | JournalEvent::Resized { size } => {
                Some((note.offset, size))
            }
            JournalEvent::Exited { .. } | JournalEvent::Gap { .. } | JournalEvent::Exec { .. } => {
                None
            }
        };
        self.all().into_iter().filter_map(size).collect()
    }

    /// The reason of a noted gap that overlaps this stretch.
    pub(super) fn gap_in(&self, from: Offset, to: Offset) -> Option<String> {
        self.all()
            .into_iter()
            .rev()
            .find_map(|note| match note.event {
                JournalEvent::Gap {
                    from: a,
                    to: b,
                    reason,
                } => (a < to && from < b).then_some(reason),
                JournalEvent::Started { .. }
                | JournalEvent::Resized { .. }
                | JournalEvent::Exited { .. }
                | JournalEvent::Exec { .. } => None,
            })
    }

    /// Keeps starts and exits, and the newer half of the rest.
    fn cut(&self) -> io::Result<()> {
        let all = self.all();
        let newer = all.len() / 2;
        let mut text = Vec::new();
        for (i, note) in all.iter().enumerate() {
            let keep = match note.event {
                JournalEvent::Started { .. } | JournalEvent::Exited { .. } => true,
                JournalEvent::Resized { .. }
                | JournalEvent::Gap { .. }
                | JournalEvent::Exec { .. } => i >= newer,
            };
            if keep {
                serde_json::to_writer(&mut text, note)?;
                text.push(b'\n');
            }
        }
        let new = self.path.with_extension("jsonl.new");
        fs::write(&new, text)?;
        fs::rename(new, &self.path)
    }

    fn open(&self) -> io::Result<File> {
        let open = || {
            OpenOptions::new()
                .append(true)
                .create(true)
                .mode(0o600)
                .open(&self.path)
        };
        open().or_else(|error| match (error.kind(), self.path.parent()) {
            (io::ErrorKind::NotFound, Some(dir)) => {
                segments::make_dir(dir)?;
                open()
            }
            _ => Err(error),
        })
    }

    fn ends_with_newline(&self, length: u64) -> bool {
        use std::os::unix::fs::FileExt;
        let mut last = [0];
        let read =
            File::open(&self.path).and_then(|file| file.read_exact_at(&mut last, length - 1));
        read.is_err() || last == *b"\n"
    }
}

fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |d| d.as_millis() as u64)
}
