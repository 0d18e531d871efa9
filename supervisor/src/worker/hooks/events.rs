//! Looks through what happens to sessions for that which hooks wait for.

use super::deliver::{add_due, deliver, until_adopted};
use super::entry::{Detail, Due, Entry};
use crate::worker::context::SharedWorker;
use psup_proto::event::{EventKind, Happened};
use psup_proto::hook::HookEvent;
use psup_proto::restart::CRASH_LOOP;
use std::time::Duration;

/// How far the events were looked through is written down after so many.
const SEEN_EVERY: u64 = 256;

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

/// Looks through the events that have come since the last look. Not before every life is known:
/// until then nobody can say what was forgotten.
pub(crate) fn catch_up(worker: &SharedWorker) {
    let hooks = &worker.hooks;
    if !worker.adopted.get() {
        return;
    }
    if !hooks.has_hooks() {
        hooks.seen.set(worker.events.last());
        return;
    }
    for happened in worker.events.after(hooks.seen.get()) {
        hooks.seen.set(happened.seq);
        look_at(worker, &happened);
    }
    let seen = hooks.seen.get();
    if seen >= hooks.seen_in_file.get() + SEEN_EVERY {
        hooks.seen_in_file.set(seen);
        hooks.change(Entry::Seen { event: seen });
    }
}

fn look_at(worker: &SharedWorker, happened: &Happened) {
    let name = &happened.id.name;
    match &happened.what {
        EventKind::Exited { exit } => {
            let detail = Detail {
                exit: Some(exit.clone()),
                ..Detail::default()
            };
            for_each(worker, happened, &HookEvent::Exit, &detail);
        }
        EventKind::Lost { reason } => {
            let detail = Detail {
                reason: Some(reason.clone()),
                ..Detail::default()
            };
            for_each(worker, happened, &HookEvent::Lost, &detail);
        }
        // Of a session with a restart limit the end of all restarts is told instead.
        EventKind::Restarted { restarts, .. }
            if *restarts != CRASH_LOOP || has_restart_limit(worker, happened) => {}
        EventKind::Restarted { restarts, .. } | EventKind::CrashLooping { restarts } => {
            let detail = Detail {
                restarts: Some(*restarts),
                ..Detail::default()
            };
            for_each(worker, happened, &HookEvent::CrashLoop, &detail);
        }
        EventKind::Renamed { to } => worker.hooks.change(Entry::Renamed {
            from: name.clone(),
            to: to.name.clone(),
            event: happened.seq,
        }),
        EventKind::Forgotten if worker.registry.known(&name.clone().into()).is_none() => {
            let gone = worker
                .hooks
                .infos(|hook| hook.name.as_ref() == Some(name) && hook.seen < happened.seq);
            for info in gone {
                worker.hooks.change(Entry::Retired { hook: info.number });
                worker.hooks.remove_if_over(info.number);
            }
        }
        _ => {}
    }
}

fn has_restart_limit(worker: &SharedWorker, happened: &Happened) -> bool {
    let known = worker.registry.known(&happened.id.clone().into());
    known.is_some_and(|known| known.spec.restart_limit.is_some())
}

/// Every hook that waits for this event gets a delivery.
fn for_each(worker: &SharedWorker, happened: &Happened, on: &HookEvent, detail: &Detail) {
    let hooks: Vec<u32> = {
        let book = worker.hooks.book.borrow();
        let waiting = book.hooks().filter(|hook| {
            hook.hook.on == *on && hook.applies_to(&happened.id.name) && hook.seen < happened.seq
        });
        waiting.map(|hook| hook.number).collect()
    };
    if hooks.is_empty() {
        return;
    }
    let known = worker.registry.known(&happened.id.clone().into());
    let stopped = known.as_ref().is_some_and(|known| known.record.stopped);
    for hook in hooks {
        let due = Due {
            hook,
            event: happened.seq,
            at_ms: happened.at_ms,
            id: happened.id.clone(),
            key: known
                .as_ref()
                .map(|known| known.key.clone())
                .unwrap_or_default(),
            offset: happened.offset,
            detail: Detail {
                stopped,
                ..detail.clone()
            },
            tries: 0,
        };
        add_due(worker, due, None);
    }
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
