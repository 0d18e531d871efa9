//! The next life of a session that ended by itself, which its restart policy asks for.
//!
//! Where it cannot be begun (the program is away, no descriptor is free) it is tried again, after
//! ever longer pauses, until it works or somebody ends that: a policy holds for ever, not for one
//! try.

use super::registry::SessionEntry;
use super::restart_policy;
use super::start;
use crate::log::{Level, log, now_ms};
use crate::worker::context::SharedWorker;
use psup_proto::Spec;
use psup_proto::name::Name;
use std::rc::Rc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// The life that the restart policy will begin.
pub struct PlannedStart {
    pub at_ms: u64,
    task: JoinHandle<()>,
}

impl SessionEntry {
    /// Begins the next life after a pause. Where that fails (the program is away, no descriptor is
    /// free) it is tried again, after ever longer pauses, until it works or somebody ends that.
    pub fn plan(&mut self, worker: &SharedWorker, ended_ms: u64) {
        let lived = ended_ms.saturating_sub(self.record.started_ms);
        let restarts = if u128::from(lived) >= restart_policy::HEALTHY.as_millis() {
            0
        } else {
            self.record.restarts
        };
        let pause = restart_policy::pause(restarts);
        let next = StartOrder {
            worker: worker.clone(),
            name: self.id.borrow().name.clone(),
            key: self.key.clone(),
            spec: self.spec.clone(),
            restarts: restarts + 1,
        };
        self.next = Some(PlannedStart {
            at_ms: now_ms() + pause.as_millis() as u64,
            task: tokio::task::spawn_local(next.begin(pause)),
        });
    }

    pub(crate) fn cancel_next(&mut self) -> bool {
        self.next.take().is_some_and(|next| {
            let pending = !next.task.is_finished();
            next.task.abort();
            pending
        })
    }
}

/// A life that the restart policy is to begin.
struct StartOrder {
    worker: SharedWorker,
    name: Name,
    /// Of the life before it.
    key: String,
    spec: Rc<Spec>,
    restarts: u32,
}

impl StartOrder {
    async fn begin(self, mut pause: Duration) {
        let mut failed = 0;
        loop {
            // Else the next worker, which does not know that the last life has ended, would begin
            // another one.
            self.worker.unsaved.saved(&self.key).await;
            tokio::time::sleep(pause).await;
            let begun = start::start_session(
                &self.worker,
                &self.name,
                &self.spec,
                start::fresh_id(),
                self.restarts,
            );
            let Err(failure) = begun.await else { return };
            failed += 1;
            pause = restart_policy::pause(self.restarts - 1 + failed);
            let (next, tries) = (format_args!("{} ms", pause.as_millis()), failed);
            log(
                Level::Error,
                "cannot begin the next life; it is tried again",
                &[
                    ("session", &self.name),
                    ("error", &failure),
                    ("tries", &tries),
                    ("in", &next),
                ],
            );
            self.worker.registry.postpone(&self.key, pause);
        }
    }
}
