//! What a question is told of a life: a copy, so that nothing of the registry is held while the
//! answer is made.

use super::records::Record;
use crate::worker::driver::mailbox::DriverHandle;
use psup_proto::Spec;
use psup_proto::name::SessionId;
use std::rc::Rc;

/// What a caller gets to know of a life, to work with it outside the registry.
#[derive(Clone)]
pub struct SessionRef<H = DriverHandle> {
    pub id: SessionId,
    pub key: String,
    pub spec: Rc<Spec>,
    pub record: Record,
    pub handle: H,
    pub next_start_ms: Option<u64>,
    /// It is lost, and these processes of it run on.
    pub orphans: Option<Vec<i32>>,
    /// No later life of this name exists.
    pub newest: bool,
}

impl<H> SessionRef<H> {
    pub fn is_live(&self) -> bool {
        self.record.exit.is_none()
    }

    /// Whether its restart limit was met, and nobody has asked it to stop since.
    pub fn is_given_up(&self) -> bool {
        self.record.given_up && !self.record.stopped
    }

    /// Whether anybody of it runs, with or without a terminal.
    pub fn has_processes(&self) -> bool {
        self.is_live() || self.orphans.is_some()
    }
}
