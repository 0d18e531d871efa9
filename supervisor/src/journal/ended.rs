//! The journal of a life that has ended: what its log has, or what its ring still has.

use super::read::{Chunk, Sources};
use super::ring::{CAPACITY, Keeps, Ring};
use super::session_events::{Note, SessionEvents};
use super::{Header, Rings, checkpoints, segments};
use psup_proto::{Offset, Size};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// The journal of a life that has ended: what the log has, or without one, what its ring still has.
pub struct EndedJournal {
    pub(super) dir: PathBuf,
    notes: SessionEvents,
    ring: Option<Ring>,
    ring_file: Option<PathBuf>,
    end: Offset,
}

impl EndedJournal {
    /// Opens what is left of a life. If its ring's file is still there (all processes were killed,
    /// the machine was not), what the log lacks is brought over first and the file removed.
    pub fn open(
        session_dir: &Path,
        rings: &Rings,
        key: &str,
        log_limit: Option<u64>,
    ) -> io::Result<Self> {
        let path = rings.path(key);
        let file = path
            .as_ref()
            .and_then(|path| OpenOptions::new().read(true).write(true).open(path).ok());
        // A file that is no ring is nothing we could read.
        let ring =
            file.and_then(|file| Ring::adopt(OwnedFd::from(file), Keeps::under(log_limit)).ok());
        if let (Some(ring), Some(limit), Some(path)) = (&ring, log_limit, &path) {
            bring_over(ring, session_dir, limit, path)?;
        }
        let notes = SessionEvents::of(session_dir);
        let in_log = segments::segments(session_dir).unwrap_or_default();
        let log_end = in_log.last().map_or(0, |s| s.first + s.length);
        let noted_end = notes
            .all()
            .iter()
            .map(|note| note.offset)
            .max()
            .unwrap_or(0);
        Ok(Self {
            dir: session_dir.to_owned(),
            notes,
            end: ring.as_ref().map_or(log_end.max(noted_end), Ring::end),
            ring,
            ring_file: path,
        })
    }

    /// Removes the ring's file, which a life without a log keeps.
    pub fn forget_ring(&self) {
        if let Some(file) = &self.ring_file {
            // Gone already is gone.
            let _ = fs::remove_file(file);
        }
    }

    /// The header, if the ring is still there: it may know how the child ended.
    pub fn header(&self) -> Option<&Header> {
        self.ring.as_ref().map(Ring::header)
    }

    pub fn end(&self) -> Offset {
        self.end
    }

    pub fn start(&self) -> Offset {
        self.sources().start().unwrap_or(self.end)
    }

    /// As a live journal does.
    pub fn read(&self, from: Offset, most: usize, out: &mut Vec<u8>) -> io::Result<Chunk> {
        self.sources().read(from, most, out)
    }

    pub fn notes(&self) -> Vec<Note> {
        self.notes.all()
    }

    pub fn notes_before(&self, end: Offset) -> Vec<u8> {
        self.notes.before(end)
    }

    pub fn sizes(&self) -> Vec<(Offset, Size)> {
        self.notes.sizes()
    }

    pub fn checkpoint_before(&self, offset: Offset) -> Option<(Offset, Vec<u8>)> {
        checkpoints::before(&self.dir, offset)
    }

    /// A screen is kept where the journal cannot draw it again, because its first bytes are gone.
    pub fn put_checkpoint(&self, offset: Offset, state: &[u8]) -> io::Result<()> {
        if self.start() == 0 {
            return Ok(());
        }
        checkpoints::put(&self.dir, offset, state)
    }

    fn sources(&self) -> Sources<'_> {
        Sources {
            ring: self.ring.as_ref(),
            log: Some(&self.dir),
            notes: &self.notes,
            logged: self.ring.as_ref().map_or(self.end, Ring::logged),
            end: self.end,
        }
    }
}

/// Writes to the log what only the ring has. Where the disk does not take all of it the file stays,
/// for another try.
fn bring_over(ring: &Ring, dir: &Path, limit: u64, path: &Path) -> io::Result<()> {
    let mut log = segments::Segments::open(dir, limit)?;
    while !ring.unlogged(CAPACITY).is_empty() {
        let at = ring.logged();
        match log.write(at, ring.unlogged(CAPACITY)) {
            Ok(n) => ring.set_logged(at + n as u64),
            Err(_) => return Ok(()),
        }
    }
    for file in log.take_unsynced() {
        File::open(file)?.sync_data()?;
    }
    fs::remove_file(path)
}
