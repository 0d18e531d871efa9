//! How fast a watch may find something: a program that writes a matching line a thousand times a
//! second must not make a thousand processes a second.

use std::time::{Duration, Instant};

/// So many at once, ...
const BURST: f64 = 100.0;
/// ... and then so many a second.
const RATE: f64 = 10.0;

pub(crate) struct Pace {
    tokens: f64,
    at: Instant,
}

impl Pace {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            tokens: BURST,
            at: now,
        }
    }

    /// Takes a turn; how long to pause before it.
    pub(crate) fn pause(&mut self, now: Instant) -> Duration {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + passed * RATE).min(BURST) - 1.0;
        self.at = now;
        if self.tokens >= 0.0 {
            Duration::ZERO
        } else {
            Duration::from_secs_f64(-self.tokens / RATE)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_free_and_what_follows_is_spaced() {
        let mut now = Instant::now();
        let mut pace = Pace::new(now);
        assert!((0..100).all(|_| pace.pause(now).is_zero()));
        for _ in 0..5 {
            let pause = pace.pause(now);
            assert!((99..=101).contains(&pause.as_millis()), "{pause:?}");
            now += pause;
        }
        now += Duration::from_secs(20);
        assert!(pace.pause(now).is_zero());
    }
}
