//! When the next worker starts, judged by how the last one died.
//!
//! A worker that served and was then killed from outside says nothing against the program: its
//! successor starts at once. Only one that died before it was ready, or broke down within a second
//! of it, counts. The first of those is followed at once too; from the second on the pause doubles,
//! and after five in a row workers start in safe mode, without screens.

use std::time::{Duration, Instant};

/// Deaths in a row after which screens are done without.
const SAFE_AFTER: u32 = 5;
/// A worker that dies this soon after being ready has not proven anything.
pub const PROOF: Duration = Duration::from_secs(1);
/// A safe worker that lived this long is followed by a normal one: what killed its predecessors may
/// be over.
pub const CALM: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub(super) struct Restart {
    /// Deaths in a row that count.
    pub deaths: u32,
    pub safe_mode: bool,
}

impl Restart {
    /// Judges a death: `raw` as `wait(2)` tells it, and when the worker had been ready. Returns the
    /// pause before the next one.
    pub(super) fn after(&mut self, raw: i32, ready_at: Option<Instant>, now: Instant) -> Duration {
        let lived = ready_at.map(|at| now.saturating_duration_since(at));
        let innocent = lived.is_some_and(|lived| lived >= PROOF || from_outside(raw));
        if innocent {
            self.deaths = 0;
            self.safe_mode &= lived.is_none_or(|lived| lived < CALM);
            return Duration::ZERO;
        }
        self.deaths += 1;
        self.safe_mode |= self.deaths >= SAFE_AFTER;
        let Some(doublings) = self.deaths.checked_sub(2) else {
            return Duration::ZERO;
        };
        (FIRST_PAUSE * (1 << doublings.min(8))).min(LONGEST_PAUSE)
    }
}

/// Whether this end, as `wait(2)` tells it, says nothing against the program: killed by somebody,
/// or done.
pub(super) fn from_outside(raw: i32) -> bool {
    raw == 0 || matches!(raw & 0x7f, libc::SIGKILL | libc::SIGTERM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kills_of_a_serving_worker_never_slow_its_successor() {
        let mut restart = Restart::default();
        let now = Instant::now();
        for _ in 0..1000 {
            assert_eq!(restart.after(libc::SIGKILL, Some(now), now), Duration::ZERO);
        }
        assert!(!restart.safe_mode);
    }

    #[test]
    fn five_deaths_in_a_row_bring_safe_mode_and_growing_pauses() {
        let mut restart = Restart::default();
        let now = Instant::now();
        let pauses: Vec<u128> = (0..12)
            .map(|_| restart.after(libc::SIGSEGV, None, now).as_millis())
            .collect();
        assert_eq!(
            pauses,
            [0, 10, 20, 40, 80, 160, 320, 640, 1280, 2000, 2000, 2000]
        );
        assert!(restart.safe_mode);
    }

    #[test]
    fn a_calm_minute_in_safe_mode_ends_it() {
        let mut restart = Restart {
            deaths: 5,
            safe_mode: true,
        };
        let now = Instant::now();
        restart.after(libc::SIGKILL, Some(now), now + Duration::from_secs(2));
        assert!(restart.safe_mode);
        restart.after(libc::SIGKILL, Some(now), now + Duration::from_secs(61));
        assert!(!restart.safe_mode);
    }
}
