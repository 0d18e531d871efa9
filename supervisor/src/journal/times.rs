//! When output came: the clock of a journal, and its index on disk.
//!
//! ```text
//!   driver ──stamp──▶ clock (a few moments in memory) ──log thread──▶ out.<offset>.times, one beside
//!                                                                     each segment, gone with it
//! ```
//! A moment says when the byte at an offset was read. One is taken where [`APART`] has gone by
//! since the last, so a flood costs twenty a second and a quiet session none; what lies between two
//! came within [`APART`] after the first. The file holds them as varints, each as what it is more
//! than the one before: two or three bytes. It is a hint: one that is lost, or torn by a crash,
//! makes times less exact, and nothing else.

use psup_proto::{Moment, Offset};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Between two moments, in milliseconds.
pub(super) const APART: u64 = 50;
/// Moments that wait for the log thread, or that a journal without a log has. Where there are more,
/// every second one of the older half goes.
const WAITING: usize = 4096;
/// No moment takes more in the file: two numbers of 64 bits, seven to a byte.
const LONGEST: usize = 20;

/// The moments that are not on disk.
#[derive(Default)]
pub(crate) struct Clock(Mutex<Vec<Moment>>);

impl Clock {
    /// The byte at this offset has just been read. `last` is the caller's, so that it costs no lock
    /// where it is too early for another.
    pub(super) fn stamp(&self, last: &mut Option<u64>, moment: Moment) {
        // A clock that was set back counts as well.
        if last.is_some_and(|last| moment.at_ms.abs_diff(last) < APART) {
            return;
        }
        *last = Some(moment.at_ms);
        let mut waiting = self.waiting();
        if waiting.len() >= WAITING {
            thin(&mut waiting);
        }
        waiting.push(moment);
    }

    /// Those before this offset.
    pub(super) fn before(&self, to: Offset) -> Vec<Moment> {
        let waiting = self.waiting();
        let before = waiting.partition_point(|moment| moment.offset < to);
        waiting[..before].to_vec()
    }

    /// Those before this offset are on the disk, and need not wait any more.
    pub(super) fn forget_before(&self, to: Offset) {
        let mut waiting = self.waiting();
        let before = waiting.partition_point(|moment| moment.offset < to);
        waiting.drain(..before);
    }

    pub(super) fn all(&self) -> Vec<Moment> {
        self.waiting().clone()
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Moment>> {
        // Nothing panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops every second moment of the older half.
fn thin(moments: &mut Vec<Moment>) {
    let half = moments.len() / 2;
    let mut at = 0;
    moments.retain(|_| {
        at += 1;
        at > half || at % 2 == 1
    });
}

/// The index beside one segment, as the log thread writes it.
pub(super) struct TimesFile {
    first: Offset,
    file: File,
    last: Option<Moment>,
}

impl TimesFile {
    /// Opens or makes it. What a crash has torn is cut off.
    pub(super) fn open(dir: &Path, first: Offset) -> io::Result<Self> {
        let path = path(dir, first);
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)?;
        let (mut last, mut length) = (None, 0);
        if file.metadata()?.len() > 0 {
            let bytes = fs::read(&path)?;
            let mut decoder = Decoder::new(first, &bytes);
            last = decoder.by_ref().last();
            length = decoder.at;
            if length < bytes.len() {
                file.set_len(length as u64)?;
            }
        }
        debug_assert!(last.is_some() || length == 0);
        file.flush()?;
        Ok(Self { first, file, last })
    }

    pub(super) fn is_of(&self, first: Offset) -> bool {
        self.first == first
    }

    /// Adds moments of this segment. `carried` is when the byte before it was read: without a
    /// moment of its own its first byte came no earlier.
    pub(super) fn add(&mut self, carried: Option<u64>, moments: &[Moment]) -> io::Result<()> {
        let begin = carried.filter(|_| {
            self.last.is_none() && moments.first().is_none_or(|m| m.offset > self.first)
        });
        let begin = begin.map(|at_ms| Moment {
            offset: self.first,
            at_ms,
        });
        let mut bytes = Vec::with_capacity(moments.len() * 4);
        let mut last = self.last;
        for moment in begin.iter().chain(moments) {
            let before = last.unwrap_or(Moment {
                offset: self.first,
                at_ms: 0,
            });
            // One that went to the disk before a worker was killed, and again after.
            let Some(further) = moment.offset.checked_sub(before.offset) else {
                continue;
            };
            put(&mut bytes, further);
            put(
                &mut bytes,
                zigzag(moment.at_ms.wrapping_sub(before.at_ms) as i64),
            );
            last = Some(*moment);
        }
        self.file.write_all(&bytes)?;
        self.last = last;
        Ok(())
    }
}

/// The moments of a segment; none where there is no index.
pub(super) fn read(dir: &Path, first: Offset) -> Vec<Moment> {
    let bytes = fs::read(path(dir, first)).unwrap_or_default();
    Decoder::new(first, &bytes).collect()
}

/// When the first byte of a segment was read.
pub(super) fn begin(dir: &Path, first: Offset) -> Option<u64> {
    use std::io::Read;
    let mut bytes = [0; LONGEST];
    let mut file = File::open(path(dir, first)).ok()?;
    let length = file.read(&mut bytes).ok()?;
    Decoder::new(first, &bytes[..length])
        .next()
        .map(|moment| moment.at_ms)
}

pub(super) fn remove(dir: &Path, first: Offset) {
    // One that was never made is gone as well.
    let _ = fs::remove_file(path(dir, first));
}

fn path(dir: &Path, first: Offset) -> PathBuf {
    dir.join(format!("out.{first:020}.times"))
}

struct Decoder<'a> {
    last: Moment,
    bytes: &'a [u8],
    /// Behind the last whole moment.
    at: usize,
}

impl<'a> Decoder<'a> {
    fn new(first: Offset, bytes: &'a [u8]) -> Self {
        let last = Moment {
            offset: first,
            at_ms: 0,
        };
        Self { last, bytes, at: 0 }
    }
}

impl Iterator for Decoder<'_> {
    type Item = Moment;

    fn next(&mut self) -> Option<Moment> {
        let mut at = self.at;
        let further = get(self.bytes, &mut at)?;
        let later = unzigzag(get(self.bytes, &mut at)?);
        self.at = at;
        self.last = Moment {
            offset: self.last.offset.checked_add(further)?,
            at_ms: self.last.at_ms.wrapping_add(later as u64),
        };
        Some(self.last)
    }
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn get(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn moment(offset: Offset, at_ms: u64) -> Moment {
        Moment { offset, at_ms }
    }

    #[test]
    fn a_moment_is_taken_where_the_last_is_long_enough_ago() {
        let (clock, mut last) = (Clock::default(), None);
        for (offset, at_ms) in [(0, 1_000), (5, 1_049), (9, 1_050), (9, 400), (20, 401)] {
            clock.stamp(&mut last, moment(offset, at_ms));
        }
        let all = [moment(0, 1_000), moment(9, 1_050), moment(9, 400)];
        assert_eq!(clock.all(), all);
        assert_eq!(clock.before(9), all[..1]);
        clock.forget_before(9);
        assert_eq!(clock.all(), all[1..]);
    }

    #[test]
    fn moments_that_nobody_takes_are_thinned_out_and_never_too_many() {
        let (clock, mut last) = (Clock::default(), None);
        for n in 0..3 * WAITING as u64 {
            clock.stamp(&mut last, moment(n, n * APART));
        }
        let all = clock.all();
        assert!(all.len() <= WAITING, "{}", all.len());
        assert_eq!(all.first(), Some(&moment(0, 0)));
        assert!(all.is_sorted_by_key(|moment| moment.offset));
    }

    #[test]
    fn moments_come_back_from_the_disk_and_a_torn_end_is_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let all = [
            moment(100, 1_795_193_521_123),
            moment(130, 1_795_193_521_173),
            moment(130, 1_795_193_000_000),
            moment(9_000_000_000, 1_795_193_600_000),
        ];
        let mut file = TimesFile::open(dir.path(), 100).unwrap();
        file.add(None, &all[..3]).unwrap();
        file.add(None, &all[3..]).unwrap();
        assert_eq!(read(dir.path(), 100), all);
        assert_eq!(begin(dir.path(), 100), Some(all[0].at_ms));
        let path = path(dir.path(), 100);
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            let kept = read(dir.path(), 100);
            assert_eq!(kept, all[..kept.len()]);
            let mut file = TimesFile::open(dir.path(), 100).unwrap();
            file.add(Some(7), &all[3..]).unwrap();
            let again = read(dir.path(), 100);
            assert_eq!(again.last(), all.last(), "cut at {length}");
            assert!(again.len() > kept.len());
        }
    }

    #[test]
    fn a_segment_that_begins_between_two_moments_has_the_one_before() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = TimesFile::open(dir.path(), 50).unwrap();
        file.add(Some(1_000), &[moment(70, 1_050)]).unwrap();
        assert_eq!(read(dir.path(), 50), [moment(50, 1_000), moment(70, 1_050)]);
        let mut file = TimesFile::open(dir.path(), 80).unwrap();
        file.add(Some(1_050), &[moment(80, 1_100)]).unwrap();
        assert_eq!(read(dir.path(), 80), [moment(80, 1_100)]);
    }
}
