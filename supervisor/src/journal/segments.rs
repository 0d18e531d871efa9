//! The log: the journal on disk, as raw bytes in segment files named by the offset of their first
//! byte.
//!
//! Every write goes to its absolute offset, so writing the same stretch again after a crash changes
//! nothing. A new segment begins when one is full, or after a gap; so a hole in the journal is a
//! hole between two files, and needs no record of its own to be found. The log thread owns a
//! `Segments`; readers look at the files (`read.rs`).

use super::times::{self, TimesFile};
use crate::platform::descriptors;
use psup_proto::{Moment, Offset};
use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A segment is an eighth of the limit, so that dropping the oldest costs little of what is kept.
/// Within these bounds: smaller ones are not worth a file, larger ones not worth waiting for.
const SEGMENT_LEAST: u64 = 8 << 10;
const SEGMENT_MOST: u64 = 8 << 20;

/// A process that may open fewer files than this has none to spare for logs.
const FEW_FILES: usize = 1024;

pub(super) struct Segments {
    dir: PathBuf,
    limit: u64,
    /// Oldest first; the last one is written to.
    kept: Vec<Segment>,
    open: Option<(Offset, File)>,
    /// Not where descriptors are few: a session is worth more than the time that an open takes.
    keeps_open: bool,
    /// The index of the segment that is written to, and when the byte before that was read.
    times: Option<TimesFile>,
    latest_ms: Option<u64>,
    /// First offsets of segments written to since they were last given to the disk.
    unsynced: BTreeSet<Offset>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub first: Offset,
    pub length: u64,
}

impl Segments {
    pub(super) fn open(dir: &Path, limit: u64) -> io::Result<Self> {
        make_dir(dir)?;
        Ok(Self {
            dir: dir.to_owned(),
            limit,
            kept: segments(dir)?,
            open: None,
            keeps_open: descriptors::limit() >= FEW_FILES,
            times: None,
            latest_ms: None,
            unsynced: BTreeSet::new(),
        })
    }

    /// Writes what fits in one segment and tells how much that was; never 0 for a non-empty
    /// stretch.
    pub(super) fn write(&mut self, at: Offset, bytes: &[u8]) -> io::Result<usize> {
        let index = self.segment_for(at);
        let first = self.kept[index].first;
        let most = bytes
            .len()
            .min((self.segment_size() - (at - first)) as usize);
        let written = self.file(first)?.write_at(&bytes[..most], at - first);
        let written = match written {
            Ok(0) => Err(io::ErrorKind::WriteZero.into()),
            other => other,
        }
        .inspect_err(|_| self.open = None)?;
        if !self.keeps_open {
            self.open = None;
        }
        let segment = &mut self.kept[index];
        segment.length = segment.length.max(at - first + written as u64);
        self.unsynced.insert(first);
        self.drop_oldest();
        Ok(written)
    }

    /// When bytes that were written came; `at` is where the last write began. An index that cannot
    /// be written tells less.
    pub(super) fn add_times(&mut self, at: Offset, moments: &[Moment]) {
        let after = self.kept.partition_point(|s| s.first <= at);
        let Some(first) = after.checked_sub(1).map(|index| self.kept[index].first) else {
            return;
        };
        let is_new = self.times.as_ref().is_none_or(|times| !times.is_of(first));
        if moments.is_empty() && !(is_new && at == first) {
            return;
        }
        // What was given up before the segment began only tells when that was.
        let inside = moments.partition_point(|moment| moment.offset < first);
        let (before, moments) = moments.split_at(inside);
        let carried = before.last().map_or(self.latest_ms, |m| Some(m.at_ms));
        let opened = match self.times.take().filter(|times| times.is_of(first)) {
            Some(times) => Ok(times),
            None => TimesFile::open(&self.dir, first),
        };
        self.times = opened
            .and_then(|mut times| {
                times.add(carried, moments)?;
                Ok(times)
            })
            .ok()
            .filter(|_| self.keeps_open);
        self.latest_ms = moments.last().map_or(carried, |m| Some(m.at_ms));
    }

    /// Files written to since this was last asked, to be given to the disk.
    pub(super) fn take_unsynced(&mut self) -> Vec<PathBuf> {
        let taken = std::mem::take(&mut self.unsynced);
        taken
            .into_iter()
            .map(|first| path(&self.dir, first))
            .collect()
    }

    pub(super) fn is_synced(&self) -> bool {
        self.unsynced.is_empty()
    }

    /// A quiet session's log holds no descriptor.
    pub(super) fn close(&mut self) {
        self.open = None;
        self.times = None;
    }

    fn segment_size(&self) -> u64 {
        (self.limit / 8).clamp(SEGMENT_LEAST, SEGMENT_MOST)
    }

    /// The segment this offset is written to: the one it continues or lies in, else a new one.
    fn segment_for(&mut self, at: Offset) -> usize {
        let size = self.segment_size();
        let after = self.kept.partition_point(|s| s.first <= at);
        let fits = |s: &Segment| at - s.first <= s.length && at - s.first < size;
        if after == 0 || !fits(&self.kept[after - 1]) {
            self.kept.insert(
                after,
                Segment {
                    first: at,
                    length: 0,
                },
            );
            return after;
        }
        after - 1
    }

    /// The open file of a segment. A state directory that somebody removed is made again.
    fn file(&mut self, first: Offset) -> io::Result<&File> {
        let file = match self.open.take() {
            Some((of, file)) if of == first => file,
            _ => open_for_writing(&self.dir, first)?,
        };
        Ok(&self.open.insert((first, file)).1)
    }

    /// Keeps the total under the limit. The segment being written always stays.
    fn drop_oldest(&mut self) {
        let mut total: u64 = self.kept.iter().map(|s| s.length).sum();
        while total > self.limit && self.kept.len() > 1 {
            let oldest = self.kept.remove(0);
            self.unsynced.remove(&oldest.first);
            total -= oldest.length;
            // One that is gone already is as good; one that stays is found again by the next start.
            let _ = fs::remove_file(path(&self.dir, oldest.first));
            times::remove(&self.dir, oldest.first);
        }
    }
}

/// The segments in a directory, oldest first.
pub(super) fn segments(dir: &Path) -> io::Result<Vec<Segment>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let first = name
            .to_str()
            .and_then(|n| n.strip_prefix("out.")?.strip_suffix(".log")?.parse().ok());
        let Some(first) = first else { continue };
        // A segment that is removed while we look is not there.
        if let Ok(meta) = entry.metadata() {
            found.push(Segment {
                first,
                length: meta.len(),
            });
        }
    }
    found.sort_by_key(|s| s.first);
    Ok(found)
}

pub(super) fn path(dir: &Path, first: Offset) -> PathBuf {
    dir.join(format!("out.{first:020}.log"))
}

pub(super) fn make_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

fn open_for_writing(dir: &Path, first: Offset) -> io::Result<File> {
    let open = || {
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path(dir, first))
    };
    open().or_else(|error| {
        if error.kind() != io::ErrorKind::NotFound {
            return Err(error);
        }
        make_dir(dir)?;
        open()
    })
}
