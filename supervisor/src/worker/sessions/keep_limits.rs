//! Limits of what is kept of ended sessions: how many, for how long, and what they take on disk.
//!
//! ```text
//! a life ends ─┐
//! limits change├─ notify ─ watch: measure what is new ─ forget what is beyond ─ sleep until the
//! the first look┘                                                               next is too old
//! ```
//! The oldest end goes first. What runs on, will be started again, or is not on the disk yet stays,
//! whatever the limits say. Nothing wakes up while nothing can become too old.

use super::decisions;
use super::forget::Forgotten;
use super::kept::beyond;
use super::registry::EndedLife;
use crate::fs::disk_usage;
use crate::log::{Level, log, now_ms};
use crate::worker::context::SharedWorker;
use psup_proto::event::EventKind;
use psup_proto::name::Name;
use std::time::Duration;

/// Between looks while sessions end; so long the limits may be passed.
const PAUSE: Duration = Duration::from_secs(1);
/// So many are forgotten before others have their turn.
const PORTION: usize = 32;

/// The log thread may still write to the journal of a life that has ended just now.
const SETTLED: Duration = Duration::from_secs(2);

/// Keeps the limits for as long as the worker lives.
pub async fn watch(worker: SharedWorker) {
    loop {
        if worker.adopted.get() {
            enforce(&worker).await;
        }
        let expiry = expiry(&worker);
        tokio::select! {
            // Many may end at once: one look is for all of them.
            () = worker.kept.news.notified() => tokio::time::sleep(PAUSE).await,
            () = worker.adoption.notified(), if !worker.adopted.get() => {}
            () = tokio::time::sleep(expiry.unwrap_or_default()), if expiry.is_some() => {}
        }
    }
}

/// Those whose records are on the disk.
fn ended_lives(worker: &SharedWorker) -> Vec<EndedLife> {
    let mut lives = worker.registry.ended_lives();
    lives.retain(|life| !worker.unsaved.has(&life.key));
    lives
}

/// How long until the oldest is too old.
fn expiry(worker: &SharedWorker) -> Option<Duration> {
    let age = worker.kept.limits.get().age?;
    let oldest = ended_lives(worker).first()?.at_ms;
    let due = u128::from(oldest) + age.as_millis() + 1_000;
    let left = due.saturating_sub(u128::from(now_ms()));
    // One that cannot be forgotten now is tried again, not at once.
    Some(Duration::from_millis(
        left.clamp(1_000, u64::MAX.into()) as u64
    ))
}

async fn enforce(worker: &SharedWorker) {
    let lives = ended_lives(worker);
    measure(worker, &lives).await;
    let beyond = beyond(
        &lives,
        &worker.kept.sizes.borrow(),
        worker.kept.limits.get(),
        now_ms(),
    );
    if !beyond.is_empty() {
        forget(worker, beyond).await.remove_soon();
    }
}

/// Looks up what those take that were not looked at yet.
async fn measure(worker: &SharedWorker, lives: &[EndedLife]) {
    let settled = now_ms().saturating_sub(SETTLED.as_millis() as u64);
    let new: Vec<(String, std::path::PathBuf)> = {
        let mut sizes = worker.kept.sizes.borrow_mut();
        if sizes.len() > lives.len() {
            let known: std::collections::HashSet<&str> =
                lives.iter().map(|life| life.key.as_str()).collect();
            sizes.retain(|key, _| known.contains(key.as_str()));
        }
        let unknown = lives
            .iter()
            .filter(|life| life.at_ms > settled || !sizes.contains_key(&life.key));
        unknown
            .map(|life| (life.key.clone(), worker.session_dir(&life.key)))
            .collect()
    };
    let look = move || {
        let sizes = new
            .into_iter()
            .map(|(key, dir)| (key, disk_usage::of(&dir)));
        sizes.collect::<Vec<_>>()
    };
    if let Ok(found) = tokio::task::spawn_blocking(look).await {
        worker.kept.sizes.borrow_mut().extend(found);
    }
}

/// Forgets these, a portion at a time; what cannot be removed is kept a while longer.
pub async fn forget(worker: &SharedWorker, lives: Vec<EndedLife>) -> Forgotten {
    let mut forgotten = Forgotten::default();
    for (number, life) in lives.into_iter().enumerate() {
        if number % PORTION == 0 {
            tokio::task::yield_now().await;
        }
        match decisions::forget_life(worker, &life) {
            Ok(one) => {
                forgotten.add(one);
                worker.kept.sizes.borrow_mut().remove(&life.key);
                worker.events.tell(&life.id, 0, EventKind::Forgotten);
            }
            Err(error) => log(
                Level::Warn,
                "an ended session cannot be forgotten",
                &[("session", &life.id), ("error", &error)],
            ),
        }
    }
    forgotten
}

/// The ended lives that a name, a pattern or an age selects.
pub fn select(
    worker: &SharedWorker,
    is_named: impl Fn(&Name) -> bool,
    older: Option<Duration>,
) -> Vec<EndedLife> {
    let before = older.map_or(u128::MAX, |age| {
        u128::from(now_ms()).saturating_sub(age.as_millis())
    });
    let mut lives = ended_lives(worker);
    lives.retain(|life| is_named(&life.id.name) && u128::from(life.at_ms) <= before);
    lives
}
