//! What happens to sessions, as `psup events` tells it.

use crate::Offset;
use crate::exit::Exit;
use crate::hook::DeliveryState;
use crate::name::SessionId;
use serde::{Deserialize, Serialize};

/// One thing that happened. `seq` grows by one and survives restarts of the supervisor's processes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    pub seq: u64,
    pub at_ms: u64,
    pub id: SessionId,
    /// The journal's end then.
    pub offset: Offset,
    pub what: EventKind,
    /// The supervisor that told it; `None` in events of an older build.
    #[serde(default)]
    pub by: Option<Teller>,
}

/// Which supervisor tells an event, and on the way of which request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Teller {
    /// Another one for each supervisor that found none to take over from.
    pub restart_nonce: u128,
    pub guardian_epoch: u64,
    pub worker_epoch: u64,
    /// The id that the client made for its request, where it made one.
    pub request: Option<u128>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventKind {
    Started {
        pid: i32,
    },
    /// The ready condition of the spawn held.
    Ready,
    /// Quiet after output.
    OutputIdle,
    Bell,
    Title {
        title: String,
    },
    Resized {
        cols: u16,
        rows: u16,
    },
    Attached,
    Detached,
    Exited {
        exit: Exit,
    },
    /// The restart policy began a new life.
    Restarted {
        pid: i32,
        restarts: u32,
    },
    Lost {
        reason: String,
    },
    /// Bytes that are not in the journal, and why.
    Gap {
        from: Offset,
        to: Offset,
        reason: String,
    },
    Renamed {
        to: SessionId,
    },
    Forgotten,
    Cwd {
        path: String,
    },
    Notification {
        text: String,
    },
    Progress {
        percent: Option<u8>,
    },
    Clipboard {
        text: String,
    },
    /// A viewer types: what programs send waits.
    KeyboardTaken {
        viewer: u64,
    },
    KeyboardFree {
        viewer: u64,
        /// How many bytes it typed.
        typed: u64,
    },
    /// `psup ask` waits for a person.
    PersonAsked {
        why: String,
    },
    PersonAnswered {
        viewer: u64,
    },
    /// The state directory, or the session's part of it, had gone; it was made again from what was
    /// in memory.
    StateLost,
    /// What a hook waits for in a session has come: `match`, `blocked` or `idle`.
    HookDue {
        hook: u32,
        on: String,
        /// What matched, or what the program waits for.
        text: String,
    },
    /// A hook's command has run for the event of this number.
    HookRan {
        hook: u32,
        event: u64,
        tries: u32,
        state: DeliveryState,
        reason: String,
    },
    /// The restart limit was met: the session is not started again.
    CrashLooping {
        restarts: u32,
    },
    /// The process that the session belongs to has gone: the session is stopped.
    OwnerGone {
        pid: i32,
    },
}

impl EventKind {
    /// Its word on the command line and in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Started { .. } => "started",
            Self::Ready => "ready",
            Self::OutputIdle => "output-idle",
            Self::Bell => "bell",
            Self::Title { .. } => "title",
            Self::Resized { .. } => "resized",
            Self::Attached => "attached",
            Self::Detached => "detached",
            Self::Exited { .. } => "exited",
            Self::Restarted { .. } => "restarted",
            Self::Lost { .. } => "lost",
            Self::CrashLooping { .. } => "crash-looping",
            Self::OwnerGone { .. } => "owner-gone",
            Self::Gap { .. } => "gap",
            Self::Renamed { .. } => "renamed",
            Self::Forgotten => "forgotten",
            Self::Cwd { .. } => "cwd",
            Self::Notification { .. } => "notification",
            Self::Progress { .. } => "progress",
            Self::Clipboard { .. } => "clipboard",
            Self::KeyboardTaken { .. } => "keyboard-taken",
            Self::KeyboardFree { .. } => "keyboard-free",
            Self::PersonAsked { .. } => "person-asked",
            Self::PersonAnswered { .. } => "person-answered",
            Self::StateLost => "state-lost",
            Self::HookDue { .. } => "hook-due",
            Self::HookRan { state, .. } => match state {
                DeliveryState::Delivered => "hook-delivered",
                DeliveryState::Retrying => "hook-retrying",
                DeliveryState::Failed => "hook-failed",
            },
        }
    }
}
