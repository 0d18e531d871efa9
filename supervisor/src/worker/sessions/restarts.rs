//! The next life of a session that ended by itself, which its restart policy asks for.
//!
//! Where it cannot be begun (the program is away, no descriptor is free) it is tried again, after
//! ever longer pauses, until it works or somebody ends that: a policy holds for ever, not for one
//! try. A restart limit ends that (`registry`), and so does the end of the session's owner.

use super::decisions;
use super::owner_process;
use super::registry::PlannedStart;
use super::restart_policy;
use super::start;
use crate::log::{Level, log, now_ms};
use crate::worker::context::SharedWorker;

/// Begins what is planned, each in its own time, for as long as the worker lives.
pub async fn begin_planned(worker: SharedWorker) {
    loop {
        for start in worker.planned.next().await {
            let key = start.key.clone();
            let task = tokio::task::spawn_local(begin(worker.clone(), start));
            worker.planned.wait(key, task.abort_handle());
        }
    }
}

async fn begin(worker: SharedWorker, planned: PlannedStart) {
    let mut pause = planned.pause;
    let mut failed = 0;
    loop {
        // Else the next worker, which does not know that the last life has ended, would begin
        // another one.
        worker.unsaved.saved(&planned.key).await;
        tokio::time::sleep(pause).await;
        let id = start::fresh_id();
        let name = &planned.name;
        if planned
            .spec
            .owner
            .is_some_and(|owner| !owner_process::is_there(&owner))
        {
            decisions::cancel_next(&worker, &planned.key);
            return;
        }
        let restarts = planned.restarts.clone();
        let begun = start::start_session(&worker, name, &planned.spec, id, restarts);
        let Err(failure) = begun.await else { return };
        failed += 1;
        pause = restart_policy::pause(planned.restarts.in_a_row - 1 + failed);
        let (next, tries) = (format_args!("{} ms", pause.as_millis()), failed);
        log(
            Level::Error,
            "cannot begin the next life; it is tried again",
            &[
                ("session", name),
                ("error", &failure),
                ("tries", &tries),
                ("in", &next),
            ],
        );
        let at_ms = now_ms() + pause.as_millis() as u64;
        worker.registry.postpone(&planned.key, at_ms);
    }
}
