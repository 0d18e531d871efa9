//! The journal of a life that is restored from a checkpoint: written piece by piece, before anybody
//! knows of the life.
//!
//! Each piece goes to its absolute offset, so that one which is sent again changes nothing.

use super::segments::Segments;
use super::session_events::SessionEvents;
use super::{JournalEvent, checkpoints, segments};
use psup_proto::{Moment, Offset};
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// What was noted, and where the journal ended: what is missing at its end is missed then.
pub fn write_notes(dir: &Path, lines: &[u8], end: Offset) -> io::Result<()> {
    segments::make_dir(dir)?;
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600);
    file.open(dir.join("events.jsonl"))?.write_all(lines)?;
    let notes = SessionEvents::of(dir);
    let has_exit = |event: &JournalEvent| matches!(event, JournalEvent::Exited { .. });
    if !notes.all().iter().any(|note| has_exit(&note.event)) {
        notes.add(end, JournalEvent::Exited { raw: None })?;
    }
    Ok(())
}

pub fn write_screen(dir: &Path, offset: Offset, state: &[u8]) -> io::Result<()> {
    checkpoints::put(dir, offset, state)
}

/// A piece of output, and when it came; the first moment may be of what stands before it.
pub fn write_output(dir: &Path, at: Offset, bytes: &[u8], moments: &[Moment]) -> io::Result<()> {
    let mut log = Segments::open(dir, u64::MAX)?;
    let mut written = 0;
    while written < bytes.len() {
        let from = at + written as Offset;
        let count = log.write(from, &bytes[written..])?;
        let to = from + count as Offset;
        // What came before this stretch tells at most when that was.
        let begin = moments.partition_point(|moment| moment.offset < from);
        let end = moments.partition_point(|moment| moment.offset < to);
        log.add_times(from, &moments[begin.saturating_sub(1)..end]);
        written += count;
    }
    Ok(())
}
