//! Sees that the state directory has gone, and makes it again from all that is known here.

use crate::log::{Level, log, now_ms};
use crate::platform::lock::{self, Patience};
use crate::platform::watchdog;
use crate::worker::context::SharedWorker;
use crate::worker::driver::mailbox::Message;
use crate::worker::sessions::save;
use std::time::Duration;

/// Records that are written before others get their turn.
const BATCH: usize = 16;

/// Between tries to make it again.
const RETRY: Duration = Duration::from_secs(1);

/// Looks after it whenever something went from it.
pub(crate) async fn watch(worker: SharedWorker) {
    let Some(watch) = &worker.state_dir.watch else {
        return;
    };
    while let Ok(mut ready) = watch.readable().await {
        watch.get_ref().drain();
        ready.clear_ready();
        look(&worker);
    }
}

/// Looks whether it is still the one that was there, and makes it again if not.
pub(crate) fn look(worker: &SharedWorker) {
    let (here, state) = (&worker.state_dir, &worker.facts.state);
    if here.working.get() {
        return;
    }
    if here.sessions.get().is_none() {
        // It may be there by now.
        let _ = here.find(state);
    }
    if !here.is_same(state) || !worker.events.is_in_place() {
        here.working.set(true);
        here.lost_ms.set(now_ms());
        tokio::task::spawn_local(make_again(worker.clone()));
    }
}

async fn make_again(worker: SharedWorker) {
    let here = &worker.state_dir;
    while let Err(error) = here.find(&worker.facts.state) {
        *here.trouble.borrow_mut() = Some(error.to_string());
        here.news.notify_waiters();
        tokio::time::sleep(RETRY).await;
    }
    *here.trouble.borrow_mut() = None;
    log(
        Level::Error,
        "the state directory was gone; it is made again",
        &[],
    );
    keep_lock(&worker);
    worker.events.write_again();
    worker.hooks.write_again();
    let ids = worker.ids.borrow_mut().write_again();
    for done in [ids, worker.documents.write_again()] {
        if let Err(error) = done {
            log(
                Level::Error,
                "cannot write to the state directory",
                &[("error", &error)],
            );
        }
    }
    let mut told = false;
    for (count, key) in worker.registry.all_keys().into_iter().enumerate() {
        if save::write_record(&worker, &key).is_err() {
            save::save_later(&worker, &key);
        }
        if worker.registry.is_live(&key) {
            worker.registry.post(&key, Message::StateLost);
        } else if !told {
            // Nobody waits for those that have ended.
            told = true;
            finish(&worker);
        }
        if count % BATCH == BATCH - 1 {
            watchdog::feed();
            tokio::task::yield_now().await;
        }
    }
    finish(&worker);
    // It may have gone again meanwhile.
    look(&worker);
}

fn finish(worker: &SharedWorker) {
    worker.state_dir.working.set(false);
    worker.state_dir.news.notify_waiters();
}

/// Anyone who looks for a living supervisor finds this one, though the file that the guardian has
/// locked is gone.
fn keep_lock(worker: &SharedWorker) {
    let taken = lock::take(&worker.facts.state.join(lock::ALIVE), Patience::Ask);
    match taken {
        Ok(Some(file)) => *worker.state_dir.lock.borrow_mut() = Some(file),
        Ok(None) => log(
            Level::Error,
            "another supervisor has locked the state directory",
            &[],
        ),
        Err(error) => log(
            Level::Warn,
            "cannot lock the state directory again",
            &[("error", &error)],
        ),
    }
}
