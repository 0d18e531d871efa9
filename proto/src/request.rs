//! What a client asks. One open question per connection; the next may follow when it has been
//! answered.

use crate::Offset;
use crate::attach::{AskPerson, Attach};
use crate::capture::Capture;
use crate::checkpoint::{CheckpointRequest, Restore};
use crate::condition::Wait;
use crate::exec::{Exec, Run};
use crate::hook::HookRequest;
use crate::input::Send;
use crate::keep::{ForgetEnded, SetKeep};
use crate::name::{Name, Target};
use crate::size::Size;
use crate::spec::Spec;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Variants are only ever added at the end: their place is their number on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Answered by [`Spawned`](crate::Response::Spawned).
    Spawn(Box<Spawn>),
    /// Answered by [`Info`](crate::Response::Info).
    Info(Target),
    /// Answered by [`Sessions`](crate::Response::Sessions).
    List(Filter),
    /// Answered by [`Stopped`](crate::Response::Stopped) once all are gone.
    Stop(Stop),
    /// Answered by [`Done`](crate::Response::Done).
    Signal { target: Target, signal: i32 },
    /// Begins a new life of the same spec, stopping the present one. Answered by `Spawned`.
    Restart { target: Target, id: u128 },
    /// Answered by `Done`.
    Forget(Target),
    /// Answered by `Done`.
    Rename { target: Target, name: Name },
    /// Answered by `Done`.
    Resize { target: Target, size: Size },
    /// Answered by [`Sent`](crate::Response::Sent).
    Send { target: Target, send: Send },
    /// Answered by [`Waited`](crate::Response::Waited).
    Wait { target: Target, wait: Wait },
    /// Answered by [`Captured`](crate::Response::Captured), then a stream.
    Capture { target: Target, capture: Capture },
    /// Answered by [`Reading`](crate::Response::Reading), `Gap`s and a stream.
    Read { target: Target, read: Read },
    /// Answered by [`Happened`](crate::Response::Happened)s; without `follow` they end with `Done`.
    Events {
        targets: Vec<Target>,
        since: Option<u64>,
        follow: bool,
    },
    /// Answered by [`Status`](crate::Response::Status).
    Status,
    /// Answered by a stream: the supervisor's own log.
    Logs { follow: bool },
    /// Stops every session, then the supervisor. Refused while sessions run unless forced. Answered
    /// by `Stopped`.
    Shutdown { force: bool },
    /// The supervisor becomes this program, an absolute path. The connection breaks meanwhile;
    /// asked again with the same id the supervisor tells how it went. Answered by
    /// [`Upgraded`](crate::Response::Upgraded).
    Upgrade { id: u128, binary: Vec<u8> },
    /// Answered by [`Executed`](crate::Response::Executed), then a stream with `Gap`s: what the
    /// command printed.
    Exec { target: Target, exec: Exec },
    /// Keeps a document under a key, if it still has this version; 0 is one that is not there.
    /// `None` drops it. The supervisor does not look inside: what is in it is a matter of those who
    /// share the key. Answered by [`Document`](crate::Response::Document): the new one, or the one
    /// that was there instead (its version tells).
    PutDocument {
        key: Name,
        version: u64,
        value: Option<Vec<u8>>,
    },
    /// The document of a key; with `beyond` once its version is a later one. Answered by
    /// `Document`.
    GetDocument { key: Name, beyond: Option<u64> },
    /// As `List`, for anyone who wants to know no more than what the supervisor knows by itself: no
    /// process is looked at, so the foreground, the present directory and what is waited for are
    /// left out. Answered by `Sessions`.
    ListBrief(Filter),
    /// As `Exec`, with the output as it comes: answered by [`Began`](crate::Response::Began), a
    /// stream with `Gap`s, each piece followed by `Reading` with the place in the journal where the
    /// next begins, `Doing` where time was over, `Executed`, `End`.
    Run { target: Target, run: Run },
    /// The first of several sessions for which this holds. Answered by
    /// [`WaitedFirst`](crate::Response::WaitedFirst).
    WaitFirst { which: Selector, wait: Wait },
    /// Whether a child is there. Answered by `Done`, or refused with `not-running`. No process is
    /// looked at.
    Alive(Target),
    /// What the screen is, without its rows. Answered by
    /// [`ScreenFacts`](crate::Response::ScreenFacts).
    ScreenFacts(Target),
    /// Answered by [`Attached`](crate::Response::Attached), a stream with the screen, then the
    /// output with a [`Shared`](crate::Response::Shared) wherever that changes.
    Attach(Attach),
    /// Answered by [`PersonAnswered`](crate::Response::PersonAnswered).
    AskPerson(AskPerson),
    /// As `Resize`, by a viewer: the size is given back when the viewer leaves. Answered by `Done`.
    ViewerResize {
        target: Target,
        viewer: u64,
        size: Size,
    },
    /// Answered by [`Hooks`](crate::Response::Hooks).
    Hook(HookRequest),
    /// When the output from an offset on came. Answered by
    /// [`Timeline`](crate::Response::Timeline).
    Timeline { target: Target, since: Offset },
    /// Where the output stood at a time (milliseconds since 1970). Answered by
    /// [`OffsetAt`](crate::Response::OffsetAt).
    OffsetAt { target: Target, at_ms: u64 },
    /// As `Capture`, as data: the format says what is to be made of it. Answered by
    /// [`RowsHead`](crate::Response::RowsHead), [`Rows`](crate::Response::Rows) after `Rows`,
    /// [`End`](crate::Response::End).
    CaptureRows { target: Target, capture: Capture },
    /// Answered by [`Forgotten`](crate::Response::Forgotten).
    ForgetEnded(ForgetEnded),
    /// Changes the limits of what is kept. Answered by `Done`.
    SetKeep(SetKeep),
    /// A step of a checkpoint; each says what answers it.
    Checkpoint(CheckpointRequest),
    /// A step of a restoration; each says what answers it.
    Restore(Restore),
    /// Answered by [`Metrics`](crate::Response::Metrics).
    Metrics,
}

impl Request {
    /// The id that its client made for it, where it has one.
    pub fn id(&self) -> Option<u128> {
        match self {
            Self::Spawn(spawn) => Some(spawn.id),
            Self::Restart { id, .. }
            | Self::Upgrade { id, .. }
            | Self::Restore(
                Restore::Begin { id }
                | Restore::Session { id, .. }
                | Restore::Output { id, .. }
                | Restore::Finish { id, .. }
                | Restore::Abort { id },
            ) => Some(*id),
            Self::Send { send, .. } => Some(send.id),
            Self::Hook(HookRequest::Add(added)) => Some(added.id),
            Self::Info(_)
            | Self::List(_)
            | Self::Stop(_)
            | Self::Signal { .. }
            | Self::Forget(_)
            | Self::Rename { .. }
            | Self::Resize { .. }
            | Self::Wait { .. }
            | Self::Capture { .. }
            | Self::Read { .. }
            | Self::Events { .. }
            | Self::Status
            | Self::Logs { .. }
            | Self::Shutdown { .. }
            | Self::Exec { .. }
            | Self::PutDocument { .. }
            | Self::GetDocument { .. }
            | Self::ListBrief(_)
            | Self::Run { .. }
            | Self::WaitFirst { .. }
            | Self::Alive(_)
            | Self::ScreenFacts(_)
            | Self::Attach(_)
            | Self::AskPerson(_)
            | Self::ViewerResize { .. }
            | Self::Hook(_)
            | Self::Timeline { .. }
            | Self::OffsetAt { .. }
            | Self::CaptureRows { .. }
            | Self::ForgetEnded(_)
            | Self::SetKeep(_)
            | Self::Checkpoint(_)
            | Self::Metrics => None,
        }
    }
}

/// Start a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spawn {
    /// Made by the client: the same id gets the same session, so that a retry starts nothing twice.
    pub id: u128,
    pub name: Name,
    pub spec: Spec,
    pub how: IfExists,
    /// Answer when this holds.
    pub ready: Option<Wait>,
}

/// What to do when the name is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IfExists {
    /// Refuse.
    New,
    /// Running from the same spec is success.
    Ensure,
    /// As `Ensure`, but a session of a different spec is stopped and started again.
    Replace,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Also what has ended or was lost.
    pub all: bool,
    pub glob: Option<String>,
    pub labels: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    pub which: Selector,
    /// The polite signal.
    pub signal: Option<i32>,
    pub grace: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Selector {
    Named(Vec<Target>),
    All,
    /// Every live session whose name matches.
    Glob(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// `None`: from the first byte that is kept.
    pub since: Option<Offset>,
    /// Go on until the session has ended.
    pub follow: bool,
    /// Clean lines instead of bytes.
    pub text: bool,
    /// Stop following after this time.
    pub timeout: Option<Duration>,
}

impl Read {
    /// The bytes from an offset on, until the session has ended.
    pub fn follow(since: Offset) -> Self {
        Self {
            since: Some(since),
            follow: true,
            text: false,
            timeout: None,
        }
    }
}
