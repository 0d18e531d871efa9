//! What follows from a change of the registry, as data.

use crate::worker::sessions::restart_policy::Restarts;
use psup_proto::Spec;
use psup_proto::name::{Name, SessionId};
use std::rc::Rc;
use std::time::Duration;

/// What a change of the map asks of its caller, in the order in which it is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// The record of the life with this key has changed: it is written down.
    Save(String),
    /// A next life begins by itself after a pause.
    Plan(PlannedStart),
    /// The restart limit is met, and no life follows the one with this key. The record says so.
    GiveUp {
        key: String,
        id: SessionId,
        restarts: u32,
    },
    /// The next life after the one with this key does not begin by itself.
    Cancel(String),
    /// The name has more ended lives than are kept: the files of this one go, and then it goes from
    /// the map. It stays if they cannot be removed.
    Forget(String),
}

/// A life that the restart policy begins.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedStart {
    pub name: Name,
    /// Of the life before it.
    pub key: String,
    pub spec: Rc<Spec>,
    /// What the policy has done, this life included.
    pub restarts: Restarts,
    pub pause: Duration,
}
