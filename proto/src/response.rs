//! What the supervisor answers. A stream is `Bytes` frames up to an empty one, then
//! [`Response::End`].

use crate::Offset;
use crate::attach::{Attached, Shared};
use crate::capture::{Captured, ScreenFacts};
use crate::checkpoint::{CheckpointHead, RestoredSession, SessionCopy};
use crate::condition::Waited;
use crate::error::Failure;
use crate::event::Happened;
use crate::exec::{Began, Doing, Executed};
use crate::exit::Exit;
use crate::hook::HookInfo;
use crate::info::{Info, State};
use crate::input::Sent;
use crate::keep::Forgotten;
use crate::metrics::Metrics;
use crate::name::SessionId;
use crate::resources::UnmetLimit;
use crate::rows::{Rows, RowsHead};
use crate::status::Status;
use crate::times::{OffsetAt, Timeline};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Variants are only ever added at the end: their place is their number on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Response {
    Done,
    Failed(Failure),
    Spawned(Spawned),
    Info(Box<Info>),
    Sessions(Vec<Info>),
    Stopped(Vec<Stopped>),
    Sent(Sent),
    Waited(Waited),
    /// The capture's bytes follow as a stream.
    Captured(Box<Captured>),
    /// A stream of the journal follows, its first byte at `from`.
    Reading {
        from: Offset,
    },
    /// The bytes `[from, to)` are not kept any more, or never were; the stream goes on at `to`.
    Gap {
        from: Offset,
        to: Offset,
        reason: String,
    },
    /// The stream is over; its next byte would be at `next`.
    End {
        next: Offset,
        why: End,
    },
    Happened(Happened),
    Status(Box<Status>),
    /// One build has taken the place of another.
    Upgraded {
        from: String,
        to: String,
    },
    /// What the command printed follows as a stream.
    Executed(Executed),
    /// A document and its version; `None` where there is none. Versions of one key only grow.
    Document {
        version: u64,
        value: Option<Vec<u8>>,
    },
    /// A command has begun; what it prints follows as a stream.
    Began(Began),
    /// A command has not ended in its time.
    Doing(Doing),
    /// Which session it was. That none of them can answer any more is told of the last.
    WaitedFirst {
        id: SessionId,
        waited: Waited,
    },
    ScreenFacts(Box<ScreenFacts>),
    /// The screen follows as a stream that has no [`End`](Response::End), then the output.
    Attached(Box<Attached>),
    /// From here in the stream on.
    Shared(Shared),
    PersonAnswered {
        viewer: u64,
        /// The journal's end then.
        offset: Offset,
    },
    Hooks(Vec<HookInfo>),
    Timeline(Box<Timeline>),
    OffsetAt(OffsetAt),
    /// The rows of a capture follow.
    RowsHead(Box<RowsHead>),
    Rows(Rows),
    /// The lives that are gone.
    Forgotten(Forgotten),
    CheckpointHead(Box<CheckpointHead>),
    SessionCopy(Box<SessionCopy>),
    Restored(Vec<RestoredSession>),
    Metrics(Box<Metrics>),
}

/// Why a stream is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// It was all there is.
    Whole,
    /// The session has ended, nothing will follow.
    SessionEnded,
    TimedOut,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spawned {
    pub id: SessionId,
    pub pid: i32,
    pub done: Started,
    /// The journal's end when the answer was given.
    pub offset: Offset,
    /// How the ready condition ended.
    pub ready: Option<Waited>,
    pub state: State,
    /// Limits that were asked for and do not hold.
    #[serde(default)]
    pub unmet: Vec<UnmetLimit>,
}

/// What `ensure` did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Started {
    Started,
    /// It had ended and was started again.
    Restarted,
    /// It runs from the same spec.
    Unchanged,
    /// It ran from another spec and was started again.
    Replaced,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    pub id: SessionId,
    /// `None`: there was nothing left to stop.
    pub exit: Option<Exit>,
    /// The grace had passed and the firm signal was needed.
    pub firm: bool,
}
