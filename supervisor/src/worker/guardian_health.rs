//! Whether the guardian still listens. One that is dead hangs up; one that is stopped or hangs does
//! not, and nobody would start the next worker should this one die.
//!
//! It is looked at when somebody connects, so an idle supervisor sleeps on: it is told something
//! that needs no answer, and at a later look that must have left the queue. A guardian that is
//! stopped is told to go on, one that hangs is killed, which loses nothing: this worker takes its
//! place.

use super::context::Worker;
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

pub(super) fn look(worker: &Worker) {
    let watching = &worker.guardian_health;
    let now = Instant::now();
    let waited = watching
        .asked
        .get()
        .map(|at| now.saturating_duration_since(at));
    match waited {
        Some(waited) if waited < PATIENCE => {}
        Some(_) if !watching.heard.get() && !worker.control.has_been_heard() => {
            let since = watching.deaf.get().unwrap_or(now);
            watching.deaf.set(Some(since));
            heal(worker, now.saturating_duration_since(since));
        }
        Some(waited) if waited < EVERY => {
            watching.heard.set(true);
            watching.deaf.set(None);
        }
        Some(_) | None => {
            // If it cannot be told, it is dead (and hangs up) or its queue is full (and the next
            // look sees that).
            let _ = worker.control.call();
            watching.asked.set(Some(now));
            watching.heard.set(false);
        }
    }
}

fn heal(worker: &Worker, deaf: Duration) {
    let guardian = worker.facts.guardian_pid;
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
            worker.end_guardian();
        }
        _ => {}
    }
}
