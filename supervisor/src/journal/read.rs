//! Reading the journal back: from the ring while it is there, else from the log, telling what is
//! missing.

use super::ring::Ring;
use super::segments;
use super::session_events::SessionEvents;
use psup_proto::Offset;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// One stretch of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Where the bytes begin: what was asked for, or the end of the gap.
    pub from: Offset,
    /// What to ask for next.
    pub next: Offset,
    pub gap: Option<Gap>,
}

/// Bytes that cannot be read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    pub from: Offset,
    pub to: Offset,
    pub reason: String,
}

/// Where a journal's bytes may be found.
pub(super) struct Sources<'a> {
    pub ring: Option<&'a Ring>,
    /// The session's directory, if it has a log.
    pub log: Option<&'a Path>,
    pub notes: &'a SessionEvents,
    /// The log is good up to here.
    pub logged: Offset,
    pub end: Offset,
}

impl Sources<'_> {
    /// Appends at most `most` bytes from `from` on to `out`.
    pub(super) fn read(&self, from: Offset, most: usize, out: &mut Vec<u8>) -> io::Result<Chunk> {
        if from >= self.end || most == 0 {
            return Ok(Chunk {
                from,
                next: from,
                gap: None,
            });
        }
        if self.in_ring(from) {
            return Ok(self.read_ring(from, most, out));
        }
        if let Some(dir) = self.log
            // Right after a rotation the ring may reach further back than the log.
            && let Some(begin) = read_log(dir, from, self.logged.min(self.ring.map_or(self.logged, Ring::start)), most, out)?
        {
            return Ok(self.chunk(from, begin.at, begin.at + begin.length));
        }
        let begin = self.ring.map_or(self.end, Ring::start).max(from);
        let read = self.read_ring(begin, most, out);
        Ok(self.chunk(from, begin, read.next))
    }

    /// The first byte that can be read.
    pub(super) fn start(&self) -> io::Result<Offset> {
        let in_ring = self.ring.map_or(self.end, Ring::start);
        let oldest = match self.log {
            // Nothing is older than the first byte.
            Some(_) if in_ring == 0 => None,
            Some(dir) => segments::segments(dir)?.first().map(|s| s.first),
            None => None,
        };
        Ok(oldest.map_or(in_ring, |oldest| oldest.min(in_ring)))
    }

    fn in_ring(&self, from: Offset) -> bool {
        self.ring
            .is_some_and(|ring| ring.start() <= from && from < ring.end())
    }

    fn read_ring(&self, from: Offset, most: usize, out: &mut Vec<u8>) -> Chunk {
        let next = self.end.min(from + most as u64);
        let bytes = self
            .ring
            .and_then(|ring| ring.bytes(from, next))
            .unwrap_or_default();
        out.extend_from_slice(bytes);
        Chunk {
            from,
            next,
            gap: None,
        }
    }

    fn chunk(&self, asked: Offset, from: Offset, next: Offset) -> Chunk {
        let gap = (from > asked).then(|| Gap {
            from: asked,
            to: from,
            reason: self.reason(asked, from),
        });
        Chunk { from, next, gap }
    }

    fn reason(&self, from: Offset, to: Offset) -> String {
        let told = self.notes.gap_in(from, to);
        told.unwrap_or_else(|| match self.log {
            Some(_) => "not kept in the log".into(),
            None => "older than the ring keeps, and there is no log".into(),
        })
    }
}

struct Located {
    at: Offset,
    length: u64,
}

/// Reads from the first segment that has something at or after `from`; nothing at or after `until`
/// counts.
fn read_log(
    dir: &Path,
    from: Offset,
    until: Offset,
    most: usize,
    out: &mut Vec<u8>,
) -> io::Result<Option<Located>> {
    // The log thread may drop a segment between the list and the read; then the list is made again.
    // It drops them much slower than that, so a few tries are plenty.
    for _ in 0..4 {
        let segments = match segments::segments(dir) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let bound = |i: usize| {
            segments
                .get(i + 1)
                .map_or(until, |next| next.first.min(until))
        };
        let has = |i: usize| (segments[i].first + segments[i].length).min(bound(i)) > from;
        let Some(i) = (0..segments.len()).find(|i| has(*i)) else {
            return Ok(None);
        };
        let segment = segments[i];
        let at = from.max(segment.first);
        let end = (segment.first + segment.length)
            .min(bound(i))
            .min(at + most as u64);
        if at >= end {
            return Ok(None);
        }
        match File::open(segments::path(dir, segment.first)) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            file => {
                let old = out.len();
                out.resize(old + (end - at) as usize, 0);
                let read = file?.read_exact_at(&mut out[old..], at - segment.first);
                read.inspect_err(|_| out.truncate(old))?;
            }
        }
        return Ok(Some(Located {
            at,
            length: end - at,
        }));
    }
    Ok(None)
}
