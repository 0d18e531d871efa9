//! The next life of a session that ended by itself, which its restart policy asks for.
//!
//! Where it cannot be begun (the program is away, no descriptor is free) it is tried again, after ever longer pauses, until
//! it works or somebody ends that: a policy holds for ever, not for one try.

use super::begin;
use super::house::Shared;
use super::policy;
use super::registry::Life;
use crate::log::{Level, log, now_ms};
use psup_proto::Spec;
use psup_proto::name::Name;
use std::rc::Rc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// The life that the restart policy will begin.
pub struct Next {
    pub at_ms: u64,
    task: JoinHandle<()>,
}

impl Life {
    /// Begins the next life after a pause. Where that fails (the program is away, no descriptor is free) it is tried again,
    /// after ever longer pauses, until it works or somebody ends that.
    pub fn plan(&mut self, house: &Shared, ended_ms: u64) {
        let lived = ended_ms.saturating_sub(self.record.started_ms);
        let restarts = if u128::from(lived) >= policy::HEALTHY.as_millis() {
            0
        } else {
            self.record.restarts
        };
        let pause = policy::pause(restarts);
        let next = Planned {
            house: house.clone(),
            name: self.id.borrow().name.clone(),
            key: self.key.clone(),
            spec: self.spec.clone(),
            restarts: restarts + 1,
        };
        self.next = Some(Next {
            at_ms: now_ms() + pause.as_millis() as u64,
            task: tokio::task::spawn_local(next.begin(pause)),
        });
    }

    pub(super) fn cancel_next(&mut self) -> bool {
        self.next.take().is_some_and(|next| {
            let pending = !next.task.is_finished();
            next.task.abort();
            pending
        })
    }
}

/// A life that the restart policy is to begin.
struct Planned {
    house: Shared,
    name: Name,
    /// Of the life before it.
    key: String,
    spec: Rc<Spec>,
    restarts: u32,
}

impl Planned {
    async fn begin(self, mut pause: Duration) {
        let mut failed = 0;
        loop {
            tokio::time::sleep(pause).await;
            let begun = begin::begin(&self.house, &self.name, &self.spec, begin::fresh_id(), self.restarts);
            let Err(failure) = begun.await else { return };
            failed += 1;
            pause = policy::pause(self.restarts - 1 + failed);
            let (next, tries) = (format_args!("{} ms", pause.as_millis()), failed);
            log(
                Level::Error,
                "cannot begin the next life; it is tried again",
                &[("session", &self.name), ("error", &failure), ("tries", &tries), ("in", &next)],
            );
            self.house.registry.postpone(&self.key, pause);
        }
    }
}
