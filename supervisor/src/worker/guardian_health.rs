//! Whether the guardian still listens. One that is dead hangs up; one that is stopped or hangs does
//! not, and nobody would start the next worker should this one die.
//!
//! It is looked at when somebody connects, so an idle supervisor sleeps on: it is told something
//! that needs no answer, and at a later look that must have left the queue. A guardian that is
//! stopped is told to go on, one that hangs is killed, which loses nothing: this worker takes its
//! place.

use crate::guardian::Control;
use crate::log::{Level, log};
use crate::platform::process::{self, Stat};
use std::cell::Cell;
use std::time::{Duration, Instant};

/// Builds for tests of faults have less time than people.
const HASTE: u64 = if cfg!(feature = "fault-injection") {
    20
} else {
    1
};
/// From one question to the next.
const EVERY: Duration = Duration::from_millis(10_000 / HASTE);
/// A guardian does nothing that takes so long.
const PATIENCE: Duration = Duration::from_millis(2_000 / HASTE);
/// And none hangs so long that goes on again.
const HOPELESS: Duration = Duration::from_millis(10_000 / HASTE);

/// What was asked and seen last.
#[derive(Default)]
pub struct GuardianHealth {
    asked: Cell<Option<Instant>>,
    heard: Cell<bool>,
    /// The first look that found it deaf.
    deaf: Cell<Option<Instant>>,
}

impl GuardianHealth {
    pub fn look(&self, control: &Control, guardian: i32) {
        let now = Instant::now();
        let waited = self.asked.get();
        let waited = waited.map(|at| now.saturating_duration_since(at));
        match waited {
            Some(waited) if waited < PATIENCE => {}
            Some(_) if !self.heard.get() && !control.has_been_heard() => {
                let since = self.deaf.get().unwrap_or(now);
                self.deaf.set(Some(since));
                heal(guardian, now.saturating_duration_since(since));
            }
            Some(waited) if waited < EVERY => {
                self.heard.set(true);
                self.deaf.set(None);
            }
            Some(_) | None => {
                // If it cannot be told, it is dead (and hangs up) or its queue is full (and the
                // next look sees that).
                let _ = control.call();
                self.asked.set(Some(now));
                self.heard.set(false);
            }
        }
    }
}

fn heal(guardian: i32, deaf: Duration) {
    let parent = std::os::unix::process::parent_id().cast_signed();
    let Some(stat) = Stat::of(guardian).filter(|_| parent == guardian) else {
        return;
    };
    match stat.state {
        b'T' => {
            log(
                Level::Warn,
                "the guardian was stopped; it is told to go on",
                &[("guardian", &guardian)],
            );
            // It may have ended at this moment.
            let _ = process::signal(None, guardian, libc::SIGCONT);
        }
        // Somebody looks at it with a debugger.
        b't' => {}
        _ if deaf >= HOPELESS => {
            log(
                Level::Error,
                "the guardian does not listen and is ended",
                &[("guardian", &guardian)],
            );
            end(guardian);
        }
        _ => {}
    }
}

/// Ends whatever took the guardian's place. Our parent, or nobody: a pid that is another's by now
/// is not touched.
pub(super) fn end(guardian: i32) {
    if std::os::unix::process::parent_id().cast_signed() == guardian {
        // It may end by itself at this moment.
        let _ = process::signal(None, guardian, libc::SIGKILL);
    }
}
