//! Deliveries: a command runs until it has returned 0, or too often.

use super::entry::{Due, StoredHook};
use super::{catch_up, command, message, ran};
use crate::worker::context::SharedWorker;
use psup_proto::hook::DeliveryState;
use std::time::Duration;

/// The pause after the first failure; it doubles with each.
const FIRST: Duration = Duration::from_secs(1);
const MOST: Duration = Duration::from_secs(300);
/// A supervisor that ends waits so long for commands that have not run yet.
const FAREWELL: Duration = Duration::from_secs(2);

/// Takes up what the last worker had to deliver, and looks at every event from now on.
pub(crate) fn start(worker: &SharedWorker) {
    let due: Vec<(u32, u64)> = {
        let book = worker.hooks.book.borrow();
        book.all_due().map(|due| (due.hook, due.event)).collect()
    };
    for (hook, event) in due {
        tokio::task::spawn_local(deliver(worker.clone(), hook, event));
    }
    tokio::task::spawn_local(follow_events(worker.clone()));
}

async fn follow_events(worker: SharedWorker) {
    until_adopted(&worker).await;
    loop {
        catch_up(&worker);
        worker.events.news(worker.hooks.seen.get()).await;
    }
}

/// What is read of the session is read once every session is known.
async fn until_adopted(worker: &SharedWorker) {
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

/// Before the supervisor ends: each command that is due has run once, or the time is over. What is
/// left is delivered by the next supervisor.
pub(crate) async fn settle(worker: &SharedWorker) {
    catch_up(worker);
    let settled = async {
        loop {
            let mut news = std::pin::pin!(worker.hooks.news.notified());
            // Enlisted before the look, so that nothing slips in between.
            news.as_mut().enable();
            if worker
                .hooks
                .book
                .borrow()
                .all_due()
                .all(|due| due.tries > 0)
            {
                return;
            }
            news.await;
        }
    };
    // What is late is due, and stays so.
    let _ = tokio::time::timeout(FAREWELL, settled).await;
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
