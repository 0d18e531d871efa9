//! What a wait finds in output, line by line, and in the lines on the screen.

use super::condition::ConditionKind;
use super::{Line, Match, ParkedWait, Pattern};
use crate::pattern::SearchResult;
use psup_proto::Offset;
use std::time::{Duration, Instant};

/// A line of this length costs next to nothing to look at.
const LONG: usize = 4 << 10;

/// A match at the end of a line that has not ended is answered after this quiet: more of it would
/// have come by then.
const TENTATIVE: Duration = Duration::from_millis(10);

impl ParkedWait {
    /// Journal bytes, the first at `from`. Those it has seen, and those after a gap it was not fed,
    /// are told by `from`.
    pub(crate) fn feed(&mut self, from: Offset, bytes: &[u8], now: Instant) {
        let Some(mut lines) = self.lines.take() else {
            return;
        };
        let at = lines.at();
        if from > at {
            let begin = self.gap.map_or(at, |(begin, _)| begin);
            self.gap = Some((begin, from));
            lines.skip_to(from);
        }
        let bytes = bytes
            .get(at.saturating_sub(from) as usize..)
            .unwrap_or_default();
        if !bytes.is_empty() && !lines.feed(bytes, |line| self.line_ended(line)) {
            self.line_goes_on(lines.open_line(), now);
        }
        self.lines = Some(lines);
    }

    /// The open line is looked at as it grows. A long one is not looked at for each byte of it, or
    /// a line of dots would cost the square of its length: when it has grown by an eighth, or after
    /// a pause.
    fn line_goes_on(&mut self, line: &Line, now: Instant) {
        let (begin, length) = (line.offset_after(0), line.text().len());
        let (looked_at, looked) = self.looked;
        if length > LONG && begin == looked_at && length > looked && length < looked + looked / 8 {
            let pause = TENTATIVE * (1 + (length / LONG) as u32);
            self.tentative = self.tentative.or_else(|| now.checked_add(pause));
            return;
        }
        self.looked = (begin, length);
        self.tentative = if self.line_open(line) {
            now.checked_add(TENTATIVE)
        } else {
            None
        };
    }

    fn line_ended(&mut self, line: &Line) -> bool {
        let decided = self.look_at_line(line);
        self.echo.ended(line);
        decided
    }

    fn look_at_line(&mut self, line: &Line) -> bool {
        let text = self.echo.cover(line);
        let mut found: Vec<(usize, Option<usize>, Match)> = Vec::new();
        for (i, watched) in self.conditions.iter().enumerate() {
            if let (ConditionKind::Text(pattern), None) = (&watched.what, &watched.held)
                && let Some((hit, end)) = pattern.find(&text)
            {
                found.push((end, Some(i), hit));
            }
        }
        if let Some((hit, end)) = self.fail.as_ref().and_then(|fail| fail.find(&text)) {
            found.push((end, None, hit));
        }
        self.note(found, line)
    }

    /// True when a match of the open line is tentative.
    fn line_open(&mut self, line: &Line) -> bool {
        let text = self.echo.cover(line);
        let mut found = Vec::new();
        let mut tentative = false;
        let mut look = |pattern: &Pattern, i: Option<usize>| match pattern.look(&text) {
            SearchResult::Nothing => {}
            SearchResult::Tentative => tentative = true,
            SearchResult::Whole(hit, end) => found.push((end, i, hit)),
        };
        for (i, watched) in self.conditions.iter().enumerate() {
            if let (ConditionKind::Text(pattern), None) = (&watched.what, &watched.held) {
                look(pattern, Some(i));
            }
        }
        if let Some(fail) = &self.fail {
            look(fail, None);
        }
        self.note(found, line);
        tentative
    }

    pub(crate) fn take_open_line(&mut self) {
        if let Some(lines) = self.lines.take() {
            self.look_at_line(lines.open_line());
            self.lines = Some(lines);
        }
    }

    /// Takes what was found in one line, earliest first; true once the wait is decided.
    fn note(&mut self, mut found: Vec<(usize, Option<usize>, Match)>, line: &Line) -> bool {
        found.sort_by_key(|(end, condition, _)| (*end, condition.is_none()));
        for (end, condition, hit) in found {
            if self.failed.is_some() || self.is_met() {
                break;
            }
            let hit = Match {
                line: String::from_utf8_lossy(line.text()).into_owned(),
                ..hit
            };
            self.answered_at = self.answered_at.max(line.offset_after(end));
            match condition {
                Some(i) => {
                    let order = self.held_count();
                    self.conditions[i].hold(order, i as u32, Some(hit));
                }
                None => self.failed = Some(hit),
            }
        }
        self.failed.is_some() || self.is_met()
    }

    pub(crate) fn match_all(&mut self, screen: &[String]) {
        let covered = self.on_screen.cover_screen(screen);
        let find = |pattern: &Pattern| {
            let hit =
                |(line, shown): (&Vec<u8>, &String)| Some((pattern.find(line)?.0, shown.clone()));
            let (hit, line) = covered.iter().zip(screen).find_map(hit)?;
            Some(Match { line, ..hit })
        };
        for i in 0..self.conditions.len() {
            let order = self.held_count();
            let watched = &mut self.conditions[i];
            if let (ConditionKind::Text(pattern), None) = (&watched.what, &watched.held)
                && let Some(hit) = find(pattern)
            {
                watched.hold(order, i as u32, Some(hit));
            }
        }
        if !self.is_met()
            && let Some(fail) = &self.fail
        {
            self.failed = find(fail);
        }
    }
}
