//! Checkpoints: one tar with copies of sessions.
//!
//! ```text
//! checkpoint.json                    what it is, of which supervisor, when
//! sessions/web#3/copy.json           the state, and the offsets between which it is a copy
//! sessions/web#3/spec.json           spec, record and events, as they lie in the state directory
//! sessions/web#3/life.json
//! sessions/web#3/events.jsonl
//! sessions/web#3/screen.<offset>     only where the journal has lost its first bytes
//! sessions/web#3/out.<offset>.times  when the bytes of the next member came: `offset milliseconds`
//! sessions/web#3/out.<offset>.log    bytes of the journal from this offset on
//! manifest.json                      all of that once more, with the SHA-256 of each member
//! sha256                             the SHA-256 of everything before this member
//! ```
//! It is written and read in one pass, so it may come from a pipe and go to one. A journal is
//! copied while its program writes: up to the offset at which it ended when its turn came.

pub(crate) mod file;
pub(crate) mod journal;
pub(crate) mod members;
pub(crate) mod reader;
pub(crate) mod rotation;
pub(crate) mod upload;
pub(crate) mod writer;

use psup_proto::checkpoint::{CheckpointHead, SessionCopy};
use psup_proto::info::State;
use psup_proto::name::{Name, SessionId, Target};
use psup_proto::{Failure, Offset, Response};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Of the format.
const VERSION: u32 = 1;
const FORMAT: &str = "psup checkpoint";
const HEAD: &str = "checkpoint.json";
const MANIFEST: &str = "manifest.json";
const DIGEST: &str = "sha256";
const COPY: &str = "copy.json";

/// Bytes of a journal in one member: few members, and little to hold.
const STRETCH: usize = 4 << 20;

/// `checkpoint.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Head {
    format: String,
    version: u32,
    pub psup: String,
    pub profile: String,
    pub made_ms: u64,
    /// Which boot of the machine it was.
    pub boot_id: String,
    pub restart_nonce: String,
    pub guardian_epoch: u64,
    pub worker_epoch: u64,
    /// Whether everything that was kept is in it.
    pub whole: bool,
}

/// `manifest.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    #[serde(flatten)]
    pub head: Head,
    pub sessions: Vec<SessionEntry>,
    /// The last life of every name that was ever given.
    pub last: BTreeMap<Name, u32>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SessionEntry {
    pub id: String,
    pub state: State,
    pub from: Offset,
    pub offset: Offset,
    /// Bytes between both that are in no member.
    pub gaps: Vec<GapEntry>,
    pub members: Vec<MemberEntry>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct GapEntry {
    pub from: Offset,
    pub to: Offset,
    pub reason: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct MemberEntry {
    pub name: String,
    pub bytes: u64,
    pub sha256: String,
}

/// `copy.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct CopyEntry {
    id: SessionId,
    state: State,
    copied_ms: u64,
    from: Offset,
    offset: Offset,
}

impl Head {
    fn new(head: &CheckpointHead, made_ms: u64, whole: bool) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            psup: head.version.clone(),
            profile: head.profile.clone(),
            made_ms,
            boot_id: head.boot_id.clone(),
            restart_nonce: format!("{:032x}", head.restart_nonce),
            guardian_epoch: head.guardian_epoch,
            worker_epoch: head.worker_epoch,
            whole,
        }
    }
}

impl CopyEntry {
    fn of(copy: &SessionCopy) -> Self {
        Self {
            id: copy.id.clone(),
            state: copy.state,
            copied_ms: copy.at_ms,
            from: copy.from,
            offset: copy.end,
        }
    }
}

/// The life, whatever comes after it.
fn exactly(id: &SessionId) -> Target {
    Target {
        name: id.name.clone(),
        life: Some(id.life),
    }
}

/// Whether a life is among those that were named; all are where none was.
pub(crate) fn is_meant(targets: &[Target], id: &SessionId) -> bool {
    let is = |target: &Target| {
        target.name == id.name && target.life.is_none_or(|number| number == id.life)
    };
    targets.is_empty() || targets.iter().any(is)
}

/// `1.2 GiB`.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        1_048_576..1_073_741_824 => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
        _ => format!("{:.1} GiB", bytes as f64 / 1_073_741_824.0),
    }
}

pub(crate) fn sessions(count: usize) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} session{end}")
}

fn unexpected<T>(response: &Response) -> Result<T, Failure> {
    Err(psup_link::unexpected(response))
}
