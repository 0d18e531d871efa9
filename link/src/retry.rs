//! Asking again. What may be asked again is in a request's [policy](psup_proto::Policy).
//!
//! A supervisor that is killed or upgraded comes back within milliseconds, so a lost connection is
//! no reason to bother the caller. Requests that carry an id are recognised by the supervisor and
//! done once.

use psup_proto::Failure;
use std::thread;
use std::time::{Duration, Instant};

/// Pauses of 1, 2, 4 … 1024 ms: two seconds in all, twenty times what a supervisor of a thousand
/// sessions needs to come back.
const TRIES: u32 = 11;

/// Tries to get one answer, each a little later than the one before.
///
/// Supervisors that hang up before they say hello are soon given up. One that said hello was there
/// and was killed or upgraded: that may happen any number of times, and costs no more than the time
/// the answer may take anyway.
pub struct Patience {
    tried: u32,
    until: Option<Instant>,
}

/// How a try ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    /// Somebody was there, and has gone.
    Greeted,
    /// Nobody was, or it asked for another try.
    InVain,
}

impl Patience {
    /// For an answer that may take so long.
    pub fn new(limit: Option<Duration>) -> Self {
        Self {
            tried: 0,
            until: limit.and_then(|limit| Instant::now().checked_add(limit)),
        }
    }

    /// Waits a little before the next try, or gives up with `why`.
    pub fn pause(&mut self, last: Try, why: Failure) -> Result<(), Failure> {
        if last == Try::Greeted {
            self.tried = 0;
        }
        if self.tried == TRIES || self.until.is_some_and(|until| Instant::now() >= until) {
            return Err(why);
        }
        thread::sleep(Duration::from_millis(1 << self.tried));
        self.tried += 1;
        Ok(())
    }
}

/// What is left of a timeout.
pub fn time_left(timeout: Option<Duration>, elapsed: Duration) -> Option<Duration> {
    timeout.map(|timeout| timeout.saturating_sub(elapsed))
}
