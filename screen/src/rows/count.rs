//! Counting before anything is given: how many rows there are, and the newest of them that fit.

use super::walk::{Pen, Sink};
use std::collections::VecDeque;

/// What is wanted of the rows that are counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limits {
    /// Blank rows at the end do not count.
    pub(super) trims: bool,
    /// No more than so many rows, and no more characters in them, the ends of rows counted.
    pub(super) rows: Option<u64>,
    pub(super) budget: Option<u64>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Count {
    limits: Limits,
    /// All rows, and those up to the last that is not blank.
    all: u64,
    used: u64,
    /// Characters of the row, and blanks that may be its end.
    chars: u64,
    blanks: u64,
    /// What the newest rows cost that fit in the budget, up to the last that counts.
    fitting: VecDeque<u64>,
    cost: u64,
}

impl Count {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            all: 0,
            used: 0,
            chars: 0,
            blanks: 0,
            fitting: VecDeque::new(),
            cost: 0,
        }
    }

    pub(super) fn all(&self) -> u64 {
        self.all
    }

    /// Rows up to the last one that counts.
    pub(super) fn used(&self) -> u64 {
        if self.limits.trims {
            self.used
        } else {
            self.all
        }
    }

    /// How many of those are the newest that fit.
    pub(super) fn fitting(&self) -> u64 {
        let wanted = self.used().min(self.limits.rows.unwrap_or(u64::MAX));
        match self.limits.budget {
            Some(_) => wanted.min(self.fitting.len() as u64),
            None => wanted,
        }
    }

    fn pay(&mut self, cost: u64, budget: u64) {
        self.fitting.push_back(cost);
        self.cost += cost;
        while self.cost > budget {
            self.cost -= self.fitting.pop_front().unwrap_or(self.cost);
        }
    }
}

impl Sink for Count {
    fn text(&mut self, text: &str, _: &Pen) {
        let kept = text.trim_end_matches(' ');
        if !kept.is_empty() {
            self.chars += std::mem::take(&mut self.blanks) + kept.chars().count() as u64;
        }
        self.blanks += (text.len() - kept.len()) as u64;
    }

    fn end(&mut self, _: Option<u16>) {
        self.all += 1;
        if self.chars > 0 || !self.limits.trims {
            if let Some(budget) = self.limits.budget {
                // The blank rows before it count now.
                for _ in self.used + 1..self.all {
                    self.pay(1, budget);
                }
                self.pay(self.chars + 1, budget);
            }
            self.used = self.all;
        }
        (self.chars, self.blanks) = (0, 0);
    }

    fn is_full(&self) -> bool {
        false
    }
}
