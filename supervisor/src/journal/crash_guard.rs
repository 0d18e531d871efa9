//! The guard against output that kills the process that draws it.
//!
//! A stretch of the journal is noted before it is drawn and taken back after. A worker that breaks
//! down leaves the note: the stretch is suspect, and is drawn in small pieces from then on. A
//! second break-down pins one of them: screens pass it over for ever, while the journal keeps it.
//! Kills from outside say nothing against the output and do not count.

use super::header::{Header, SKIPS};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Release};

/// `[from, to)` of the journal.
pub type Stretch = (u64, u64);

impl Header {
    /// Before a stretch is drawn.
    pub fn draws(&self, from: u64, to: u64) {
        // The end last: without it there is no stretch.
        self.drawing[0].store(from, Release);
        self.drawing[1].store(to, Release);
    }

    /// After it was drawn.
    pub fn drawn(&self) {
        let to = self.drawing[1].swap(0, Release);
        if to >= self.suspect[1].load(Acquire) {
            // It did no harm this time.
            self.suspect[1].store(0, Release);
        }
    }

    /// A new worker judges what the last one left; `crashed` if that one broke down by itself.
    pub fn judge(&self, crashed: bool) {
        if let (Some((from, to)), true) = (stretch(&self.drawing), crashed) {
            match self.suspect() {
                Some((first, last)) if from < last && first < to => {
                    self.suspect[1].store(0, Release);
                    self.skip(from.max(first), to.min(last));
                }
                Some(_) | None => {
                    self.suspect[0].store(from, Release);
                    self.suspect[1].store(to, Release);
                }
            }
        }
        self.drawing[1].store(0, Release);
    }

    /// Where a worker broke down once.
    pub fn suspect(&self) -> Option<Stretch> {
        stretch(&self.suspect)
    }

    /// What no screen draws, in the order of the journal.
    pub fn skipped(&self) -> Vec<Stretch> {
        let mut all: Vec<Stretch> = self.skipped.iter().filter_map(stretch).collect();
        all.sort_unstable();
        all
    }

    fn skip(&self, from: u64, to: u64) {
        let free = self.skipped.iter().position(|slot| stretch(slot).is_none());
        // The last place takes everything from there on.
        let (at, to) = free
            .filter(|at| *at < SKIPS - 1)
            .map_or((SKIPS - 1, u64::MAX), |at| (at, to));
        self.skipped[at][0].store(from, Release);
        self.skipped[at][1].store(to, Release);
    }
}

fn stretch(pair: &[AtomicU64; 2]) -> Option<Stretch> {
    let (from, to) = (pair[0].load(Acquire), pair[1].load(Acquire));
    (from < to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Box<Header> {
        // SAFETY: every field is an atomic number, for which zeros are valid.
        unsafe { Box::new(std::mem::zeroed()) }
    }

    #[test]
    fn one_break_down_makes_a_suspect_a_second_in_it_pins_it() {
        let header = header();
        header.draws(100, 900);
        header.judge(true);
        assert_eq!(
            (header.suspect(), header.skipped()),
            (Some((100, 900)), vec![])
        );
        header.draws(0, 200);
        header.drawn();
        header.draws(200, 300);
        header.judge(true);
        assert_eq!(
            (header.suspect(), header.skipped()),
            (None, vec![(200, 300)])
        );
    }

    #[test]
    fn a_kill_from_outside_accuses_nothing() {
        let header = header();
        header.draws(100, 900);
        header.judge(false);
        header.draws(0, 100);
        header.drawn();
        header.judge(true);
        assert_eq!((header.suspect(), header.skipped()), (None, vec![]));
    }

    #[test]
    fn a_stretch_drawn_without_harm_is_cleared() {
        let header = header();
        header.draws(100, 900);
        header.judge(true);
        header.draws(800, 1000);
        header.drawn();
        assert_eq!(header.suspect(), None);
    }

    #[test]
    fn output_that_kills_again_and_again_is_not_drawn_at_all_in_the_end() {
        let header = header();
        for n in 0..20 {
            for _ in 0..2 {
                header.draws(n * 10, n * 10 + 5);
                header.judge(true);
            }
        }
        let skipped = header.skipped();
        assert_eq!(skipped.len(), SKIPS);
        assert_eq!(skipped.last().map(|s| s.1), Some(u64::MAX));
    }
}
