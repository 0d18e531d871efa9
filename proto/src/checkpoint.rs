//! Copies of sessions: what a checkpoint is made of, and how one is restored.
//!
//! The bytes of a journal and their times are asked for as by any reader, by `Read` and
//! `Timeline`; a copy tells up to which offset. The files of a session travel as they lie in the
//! state directory: a client passes them on and does not look inside.

use crate::info::State;
use crate::name::{Name, SessionId, Target};
use crate::{Moment, Offset};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Of a checkpoint that is being made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckpointRequest {
    /// Answered by [`CheckpointHead`](crate::Response::CheckpointHead).
    Begin,
    /// Answered by [`SessionCopy`](crate::Response::SessionCopy).
    Session(Target),
    /// It is complete, and where it lies. Answered by `Done`.
    Made(CheckpointMade),
}

/// Which supervisor it is of, and what there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointHead {
    pub version: String,
    pub profile: String,
    /// Which boot of the machine this is.
    pub boot_id: String,
    /// Another one for each supervisor that found none to take over from.
    pub restart_nonce: u128,
    /// Times the guardian was replaced, by a worker or by a newer build.
    pub guardian_epoch: u64,
    /// Workers that this supervisor has had.
    pub worker_epoch: u64,
    /// Every life that is kept, those of a name in their order.
    pub lives: Vec<SessionId>,
    /// The last life of every name that was ever given.
    pub last: BTreeMap<Name, u32>,
}

/// One life at an offset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionCopy {
    pub id: SessionId,
    pub state: State,
    /// When the copy was made (milliseconds since 1970).
    pub at_ms: u64,
    /// The first byte that was kept.
    pub from: Offset,
    /// The journal's end: what came later is not in the copy.
    pub end: Offset,
    /// `spec.json`, `life.json` and `events.jsonl`.
    pub spec: Vec<u8>,
    pub life: Vec<u8>,
    pub events: Vec<u8>,
    /// What the screen was at an offset, in the form that only the supervisor reads.
    pub screen: Option<(Offset, Vec<u8>)>,
}

/// A checkpoint of everything that was kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointMade {
    pub at_ms: u64,
    /// An absolute path, or `-`.
    pub file: Vec<u8>,
    pub sessions: u32,
    pub bytes: u64,
}

/// One step of a restoration. All have the id that the client made for it, and can be repeated.
/// Until it is finished nobody sees anything of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Restore {
    /// Answered by `Done`.
    Begin { id: u128 },
    /// One life. Answered by `Done`, or refused where the name exists.
    Session {
        id: u128,
        number: u32,
        copy: Box<SessionCopy>,
    },
    /// A piece of its journal, and when it came. Answered by `Done`.
    Output {
        id: u128,
        number: u32,
        at: Offset,
        bytes: Vec<u8>,
        moments: Vec<Moment>,
    },
    /// All was sent: from now on these are ended sessions, or none is. Answered by
    /// [`Restored`](crate::Response::Restored).
    Finish {
        id: u128,
        /// Lives that were given where the checkpoint was made: they are not given again here.
        last: BTreeMap<Name, u32>,
    },
    /// It is given up. Answered by `Done`.
    Abort { id: u128 },
}

/// A life that was restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoredSession {
    /// What it was called in the checkpoint.
    pub was: SessionId,
    /// What it is called here: another life where that number had been given already.
    pub id: SessionId,
}
