//! What a journal can tell of when its output came.

use super::session_events::{JournalEvent, Note};
use super::{EndedJournal, Journal, segments, times};
use psup_proto::times::{ExecStart, OffsetAt, SizeChange, Timeline};
use psup_proto::{Moment, Offset, limits};
use std::path::Path;

impl Journal {
    pub fn timeline(&self, since: Offset) -> Timeline {
        timeline(&self.moments(since), self.notes(), since)
    }

    pub fn offset_at(&self, at_ms: u64) -> OffsetAt {
        let moments = self.moments_from(at_ms);
        offset_at(&moments, at_ms, self.start(), self.end())
    }

    fn moments(&self, since: Offset) -> Vec<Moment> {
        let dir = self.feed.as_ref().map(|_| self.dir.as_path());
        // In this order: one that goes to the disk meanwhile is there twice, not missing.
        let waiting = self.clock.all();
        on_disk(dir, |_, next| next.is_none_or(|next| next > since), waiting)
    }

    fn moments_from(&self, at_ms: u64) -> Vec<Moment> {
        let dir = self.feed.as_ref().map(|_| self.dir.as_path());
        let waiting = self.clock.all();
        from_time(dir, at_ms, waiting)
    }
}

impl EndedJournal {
    pub fn timeline(&self, since: Offset) -> Timeline {
        let wanted = |_, next: Option<Offset>| next.is_none_or(|next| next > since);
        let moments = on_disk(Some(&self.dir), wanted, Vec::new());
        timeline(&moments, self.notes(), since)
    }

    pub fn offset_at(&self, at_ms: u64) -> OffsetAt {
        let moments = from_time(Some(&self.dir), at_ms, Vec::new());
        offset_at(&moments, at_ms, self.start(), self.end())
    }
}

/// The moments of the segments that are wanted, which is asked with where each and the next begins,
/// and those that wait, in order.
fn on_disk(
    dir: Option<&Path>,
    wanted: impl Fn(Offset, Option<Offset>) -> bool,
    waiting: Vec<Moment>,
) -> Vec<Moment> {
    let mut all = Vec::new();
    if let Some(dir) = dir {
        let segments = segments::segments(dir).unwrap_or_default();
        for (at, segment) in segments.iter().enumerate() {
            if wanted(segment.first, segments.get(at + 1).map(|next| next.first)) {
                all.extend(times::read(dir, segment.first));
            }
        }
    }
    let last = all.last().map(|moment| moment.offset);
    let newer = |moment: &Moment| last.is_none_or(|last| moment.offset > last);
    all.extend(waiting.into_iter().filter(newer));
    // A clock that was set back does not turn time back.
    let mut latest = 0;
    for moment in &mut all {
        latest = moment.at_ms.max(latest);
        moment.at_ms = latest;
    }
    all
}

/// The moments of the last segment that had begun at a time, and of those after it.
fn from_time(dir: Option<&Path>, at_ms: u64, waiting: Vec<Moment>) -> Vec<Moment> {
    let segments = dir.and_then(|dir| segments::segments(dir).ok());
    let segments = segments.unwrap_or_default();
    let had_begun = |first: Offset| {
        dir.and_then(|dir| times::begin(dir, first))
            .is_some_and(|began| began + times::APART <= at_ms)
    };
    let last = segments.iter().rfind(|segment| had_begun(segment.first));
    let from = last.map_or(0, |segment| segment.first);
    on_disk(dir, |first, _| first >= from, waiting)
}

fn offset_at(moments: &[Moment], at_ms: u64, start: Offset, end: Offset) -> OffsetAt {
    // What lies behind a moment may have come that much later.
    let after = moments.partition_point(|moment| moment.at_ms + times::APART <= at_ms);
    if after > 0 {
        let offset = moments.get(after).map_or(end, |moment| moment.offset);
        return OffsetAt {
            offset: offset.max(start),
            cut_off: false,
        };
    }
    // Without an earlier moment all that is kept may have come after that time, and more.
    let known_from = moments.first().map_or(end, |moment| moment.offset);
    OffsetAt {
        offset: start,
        cut_off: known_from > 0,
    }
}

/// As much as one answer holds.
fn timeline(moments: &[Moment], notes: Vec<Note>, since: Offset) -> Timeline {
    // The last one before it tells when the first byte came.
    let from = moments.partition_point(|moment| moment.offset <= since);
    let wanted = &moments[from.saturating_sub(1)..];
    let (told, more) = wanted.split_at(wanted.len().min(limits::MOMENTS));
    let mut timeline = Timeline {
        moments: told.to_vec(),
        next: more.first().map(|moment| moment.offset),
        ..Timeline::default()
    };
    for note in notes {
        let moment = Moment {
            offset: note.offset,
            at_ms: note.at_ms,
        };
        match note.event {
            JournalEvent::Started { size, .. } | JournalEvent::Resized { size } => {
                timeline.sizes.push(SizeChange { moment, size });
            }
            JournalEvent::Exec { command } => timeline.execs.push(ExecStart { moment, command }),
            JournalEvent::Exited { .. } | JournalEvent::Gap { .. } => {}
        }
    }
    timeline
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments() -> Vec<Moment> {
        let moment = |(offset, at_ms)| Moment { offset, at_ms };
        [(10, 1_000), (20, 2_000), (30, 3_000)].map(moment).to_vec()
    }

    #[test]
    fn a_time_is_the_first_byte_that_may_have_come_then_or_later() {
        for (at_ms, offset) in [(0, 0), (1_049, 0), (1_050, 20), (3_049, 30), (3_050, 99)] {
            assert_eq!(
                offset_at(&moments(), at_ms, 0, 99).offset,
                offset,
                "{at_ms}"
            );
        }
        assert!(offset_at(&moments(), 1_000, 5, 99).cut_off);
        assert!(!offset_at(&moments(), 1_050, 5, 99).cut_off);
        // The first byte is the first of all.
        let whole = [Moment {
            offset: 0,
            at_ms: 5,
        }];
        assert!(!offset_at(&whole, 0, 0, 99).cut_off);
        // Nothing is known.
        assert!(offset_at(&[], 7, 0, 99).cut_off && !offset_at(&[], 7, 0, 0).cut_off);
    }

    #[test]
    fn a_timeline_begins_with_the_moment_before() {
        let from = |since| timeline(&moments(), Vec::new(), since).moments[0].offset;
        assert_eq!((from(0), from(20), from(25), from(99)), (10, 20, 20, 30));
    }
}
