//! One life as the registry knows it: whether another one follows, and when.

use super::decision::{Decision, PlannedStart};
use crate::worker::sessions::records::Record;
use crate::worker::sessions::restart_policy;
use crate::worker::sessions::restart_policy::Restarts;
use crate::worker::sessions::session_ref::SessionRef;
use psup_proto::restart::HEALTHY;
use psup_proto::{Code, Failure, Spec};
use std::rc::Rc;

pub(super) struct Entry<H> {
    pub key: String,
    pub spec: Rc<Spec>,
    pub record: Record,
    pub handle: H,
    /// When the next life begins by itself.
    pub next_ms: Option<u64>,
    /// It is lost, and these processes of it run on.
    pub orphans: Option<Vec<i32>>,
}

impl<H: Clone> Entry<H> {
    pub(super) fn known(&self, newest: bool) -> SessionRef<H> {
        SessionRef {
            id: self.record.id.clone(),
            key: self.key.clone(),
            spec: self.spec.clone(),
            record: self.record.clone(),
            handle: self.handle.clone(),
            next_start_ms: self.next_ms,
            orphans: self.orphans.clone(),
            newest,
        }
    }

    /// Whether its end is one that the restart policy answers with another life.
    pub(super) fn wants_another(&self) -> bool {
        let wants = |exit| restart_policy::wants_another(self.spec.restart, exit);
        !self.record.stopped
            && !self.record.given_up
            && self.record.exit.as_ref().is_some_and(wants)
    }

    /// The next life begins after a pause, which grows while lives are short; none does once the
    /// restart limit is met.
    pub(super) fn plan(&mut self, ended_ms: u64, now_ms: u64) -> Decision {
        let mut at_ms = self.record.restarted_ms.clone();
        if let Some(limit) = self.spec.restart_limit {
            let since = now_ms.saturating_sub(limit.within.as_millis() as u64);
            at_ms.retain(|at| *at >= since);
            let restarts = at_ms.len() as u32;
            if restarts >= limit.most {
                self.record.given_up = true;
                return Decision::GiveUp {
                    key: self.key.clone(),
                    id: self.record.id.clone(),
                    restarts,
                };
            }
            at_ms.push(now_ms);
        }
        let lived = ended_ms.saturating_sub(self.record.started_ms);
        let restarts = if u128::from(lived) >= HEALTHY.as_millis() {
            0
        } else {
            self.record.restarts
        };
        let pause = restart_policy::pause(restarts);
        self.next_ms = Some(now_ms + pause.as_millis() as u64);
        Decision::Plan(PlannedStart {
            name: self.record.id.name.clone(),
            key: self.key.clone(),
            spec: self.spec.clone(),
            restarts: Restarts {
                in_a_row: restarts + 1,
                at_ms,
            },
            pause,
        })
    }

    pub(super) fn cancel_next(&mut self) -> Option<Decision> {
        let planned = self.next_ms.take();
        planned.map(|_| Decision::Cancel(self.key.clone()))
    }

    /// Why nothing is started beside what is left of it.
    pub(super) fn runs_on(&self) -> Option<Failure> {
        let pids: Vec<String> = self.orphans.as_ref()?.iter().map(i32::to_string).collect();
        let (id, pids) = (&self.record.id, pids.join(" "));
        let message = format!(
            "{id} lost its supervisor and its terminal, but processes of it still run: {pids}"
        );
        let failure = Failure::new(Code::NameTaken, message);
        Some(failure.hint(format!(
            "`psup stop {0}` ends them, `psup restart {0}` ends them and starts it again",
            id.name
        )))
    }
}
