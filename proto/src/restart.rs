//! When a session that ends again and again is in a crash loop: the one rule for everybody who
//! tells of it.

use crate::info::{Info, State};
use crate::units;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// Short lives in a row that make a crash loop.
pub const CRASH_LOOP: u32 = 5;

/// A life of this length has come up: the next short one is the first in a row again.
pub const HEALTHY: Duration = Duration::from_secs(10);

/// The restart policy begins at most so many lives within this time. One more end, and it gives the
/// session up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestartLimit {
    pub most: u32,
    pub within: Duration,
}

impl Info {
    /// Whether it was given up, or is being started again after short lives.
    pub fn is_crash_looping(&self, now_ms: u64) -> bool {
        let lived = Duration::from_millis(now_ms.saturating_sub(self.started_ms));
        let is_young = self.state == State::Running && lived < HEALTHY;
        let is_looping = self.restarts >= CRASH_LOOP && (self.next_start_ms.is_some() || is_young);
        self.state == State::CrashLooping || is_looping
    }
}

/// `5/10m`.
impl fmt::Display for RestartLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.most, units::show_duration(self.within))
    }
}
