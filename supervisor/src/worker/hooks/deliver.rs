//! Deliveries: a command runs until it has returned 0, or too often.

use super::entry::{Cursor, Due, Entry, StoredHook};
use super::{command, message};
use crate::log::now_ms;
use crate::worker::context::SharedWorker;
use psup_proto::event::EventKind;
use psup_proto::hook::{Delivery, DeliveryState};
use psup_proto::limits;
use std::time::Duration;

/// The pause after the first failure; it doubles with each.
const FIRST: Duration = Duration::from_secs(1);
const MOST: Duration = Duration::from_secs(300);

/// What is read of the session is read once every session is known.
pub(super) async fn until_adopted(worker: &SharedWorker) {
    while !worker.adopted.get() {
        worker.adoption.notified().await;
    }
}

/// Runs the command for one event until it is delivered or given up, or until the hook is gone.
pub(super) async fn deliver(worker: SharedWorker, hook: u32, event: u64) {
    until_adopted(&worker).await;
    while let Some((hook, mut due)) = look_up(&worker, hook, event) {
        let Ok(permit) = worker.hooks.permits.acquire().await else {
            return;
        };
        let message = message::message(&worker, &hook, &due).await;
        let outcome = command::run(&worker, &hook, &message).await;
        drop(permit);
        due.tries += 1;
        let (state, reason) = match outcome {
            Ok(()) => (DeliveryState::Delivered, String::new()),
            Err(reason) if due.tries >= hook.hook.tries => (DeliveryState::Failed, reason),
            Err(reason) => (DeliveryState::Retrying, reason),
        };
        ran(&worker, &due, state, reason);
        match state {
            DeliveryState::Delivered | DeliveryState::Failed => return,
            DeliveryState::Retrying => tokio::time::sleep(pause(due.tries)).await,
        }
    }
}

fn look_up(worker: &SharedWorker, hook: u32, event: u64) -> Option<(StoredHook, Due)> {
    let book = worker.hooks.book.borrow();
    let due = book.due(hook, event)?.clone();
    Some((book.hook(hook)?.clone(), due))
}

/// How long to pause after this many failures.
fn pause(tries: u32) -> Duration {
    FIRST
        .saturating_mul(1 << tries.saturating_sub(1).min(20))
        .min(MOST)
}

/// Writes down that a delivery is due, and begins it.
pub(super) fn add_due(worker: &SharedWorker, due: Due, cursor: Option<Cursor>) {
    let (hook, event) = (due.hook, due.event);
    let oldest = {
        let book = worker.hooks.book.borrow();
        let full = book.due_count() >= limits::DELIVERIES;
        let oldest = full.then(|| book.all_due().min_by_key(|due| due.event));
        oldest.flatten().cloned()
    };
    if let Some(oldest) = oldest {
        let reason = format!("more than {} deliveries are due", limits::DELIVERIES);
        ran(worker, &oldest, DeliveryState::Failed, reason);
    }
    worker.hooks.change(Entry::Due { due, cursor });
    tokio::task::spawn_local(deliver(worker.clone(), hook, event));
}

/// A command has run: first that is written down, then it is told.
fn ran(worker: &SharedWorker, due: &Due, state: DeliveryState, reason: String) {
    let delivery = Delivery {
        event: due.event,
        id: due.id.clone(),
        state,
        tries: due.tries,
        reason: reason.clone(),
        at_ms: now_ms(),
    };
    worker.hooks.change(Entry::Ran {
        hook: due.hook,
        delivery,
    });
    let what = EventKind::HookRan {
        hook: due.hook,
        event: due.event,
        tries: due.tries,
        state,
        reason,
    };
    worker.events.tell(&due.id, due.offset, what);
    worker.hooks.remove_if_over(due.hook);
    worker.hooks.news.notify_waiters();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let pauses: Vec<u64> = (1..=11).map(|n| pause(n).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    }
}
