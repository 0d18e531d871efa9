//! What was looked at, as a value: every check judges this and nothing else, so that a test breaks
//! one thing by changing one field. `None` is what this system does not tell.

use psup_proto::Failure;
use psup_proto::hook::HookInfo;
use psup_proto::info::Info;
use psup_proto::service::Report;
use psup_proto::status::{Status, Survival};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) uid: u32,
    pub(super) user: String,
    /// `psup` as one would type it for this place.
    pub(super) psup: String,
    /// `--dir` was given: the home directory does not matter.
    pub(super) has_dir: bool,
    /// systemd runs this machine.
    pub(super) systemd: bool,
    pub(super) status: Result<Status, Failure>,
    pub(super) sessions: Vec<Info>,
    pub(super) hooks: Vec<HookInfo>,
    pub(super) checkpoint: Checkpoint,
    /// Lives that the state directory calls running; looked up only where no supervisor answers.
    pub(super) left_running: Vec<String>,
    pub(super) run: Dir,
    pub(super) state: Dir,
    /// The places where a socket may be.
    pub(super) sockets: Vec<(PathBuf, Socket)>,
    /// A supervisor holds the lifetime lock of the state directory.
    pub(super) is_alive: bool,
    /// What empties old files out of the directory above the run directory.
    pub(super) cleaner: Option<String>,
    /// The caller's home, and the one of the user's entry.
    pub(super) homes: (PathBuf, PathBuf),
    /// Where this caller would keep the state.
    pub(super) own_state: PathBuf,
    pub(super) state_disk: Option<Disk>,
    pub(super) ring_disk: Option<Disk>,
    pub(super) journals: Option<Journals>,
    pub(super) clock: Clock,
    pub(super) caller: Caller,
    pub(super) guardian_program: Option<String>,
    pub(super) open_files: Option<Usage>,
    pub(super) processes: Vec<(String, Usage)>,
    pub(super) terminals: Option<Usage>,
    pub(super) memory: Option<Memory>,
    pub(super) core: Core,
    pub(super) service: Option<Result<Report, Failure>>,
}

/// The last checkpoint of everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Checkpoint {
    /// When it was made, and the file.
    pub(super) last: Option<(u64, PathBuf)>,
    /// A timer makes them.
    pub(super) has_timer: bool,
}

/// A directory of psup's.
#[derive(Clone, Debug)]
pub(super) struct Dir {
    pub(super) path: PathBuf,
    pub(super) kind: DirKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DirKind {
    Absent,
    /// Something else has its name.
    Other,
    Directory {
        uid: u32,
        mode: u32,
        /// The system's reason why nothing can be written there.
        refusal: Option<String>,
    },
}

/// What a connect to a socket came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Socket {
    Absent,
    Listening,
    /// There is a socket, and nobody listens.
    Stale,
    /// The system does not let us: its reason.
    Forbidden(String),
    Trouble(String),
}

#[derive(Clone, Debug)]
pub(super) struct Disk {
    pub(super) path: PathBuf,
    pub(super) kind: &'static str,
    pub(super) free: u64,
    pub(super) total: u64,
    /// Free and all inodes, where the file system counts them.
    pub(super) inodes: Option<(u64, u64)>,
}

/// What is kept of sessions on disk.
#[derive(Clone, Debug, Default)]
pub(super) struct Journals {
    pub(super) sessions: usize,
    pub(super) bytes: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Clock {
    pub(super) now_ms: u64,
    /// The latest moment that is written down, and where.
    pub(super) latest: Option<(u64, String)>,
    /// A process, when it was started by the clock, and when by the kernel's count since boot.
    pub(super) started: Option<(String, u64, u64)>,
    /// A program that says whether the clock is kept right.
    pub(super) has_timedatectl: bool,
}

/// The process that asks.
#[derive(Clone, Debug, Default)]
pub(super) struct Caller {
    /// The unit it is part of, and the unit's `KillMode`.
    pub(super) unit: Option<(String, String)>,
    pub(super) guardian_cgroup: String,
    /// Caller and guardian see the same processes.
    pub(super) same_namespace: Option<bool>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Usage {
    pub(super) used: u64,
    pub(super) limit: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Memory {
    pub(super) available: u64,
    pub(super) total: u64,
    /// What the cgroups above the supervisor leave.
    pub(super) cgroup: Option<(String, Usage)>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Core {
    pub(super) pattern: Option<String>,
    /// The program that takes cores, and whether it is there.
    pub(super) handler: Option<(PathBuf, bool)>,
}

impl Seen {
    pub(super) fn supervisor(&self) -> Option<&Status> {
        self.status.as_ref().ok()
    }

    /// A line of the survival block.
    pub(super) fn survival(&self, kill: &str) -> Option<&Survival> {
        self.supervisor()?.kills().find(|entry| entry.kill == kill)
    }
}

impl Usage {
    pub(super) fn left(self) -> u64 {
        self.limit.saturating_sub(self.used)
    }

    /// More than nine tenths are used.
    pub(super) fn is_tight(self) -> bool {
        self.used.saturating_mul(10) > self.limit.saturating_mul(9)
    }
}

/// `1.5 GiB`.
pub(super) fn bytes(count: u64) -> String {
    let (mut count, mut unit) = (count as f64, "bytes");
    for larger in ["KiB", "MiB", "GiB", "TiB"] {
        if count < 1024.0 {
            break;
        }
        (count, unit) = (count / 1024.0, larger);
    }
    let digits = usize::from(unit != "bytes");
    format!("{count:.digits$} {unit}")
}

/// `2 h`, in the largest unit that is not nothing.
pub(super) fn span(duration: Duration) -> String {
    match duration.as_secs() {
        s @ 0..120 => format!("{s} s"),
        s @ 120..7_200 => format!("{} min", s / 60),
        s @ 7_200..172_800 => format!("{} h", s / 3_600),
        s => format!("{} days", s / 86_400),
    }
}
