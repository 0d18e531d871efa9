//! What a life leaves in the state directory besides its journal: what it was started from, and how
//! it stands.
//!
//! ```text
//! <state>/sessions/<key>/spec.json   what it was started from
//! <state>/sessions/<key>/life.json   who it is and how it stands; replaced as a whole
//! ```

use crate::fs::read_small;
use crate::log::{Level, log};
use crate::platform::process;
use psup_proto::name::SessionId;
use psup_proto::resources::UnmetLimit;
use psup_proto::{Exit, Spec};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::borrow::Cow;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// What the directory of a forgotten life is called until it is removed.
pub(super) const GONE: &str = "gone";

/// How a life stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub id: SessionId,
    /// The request that began it.
    pub request: u128,
    pub started_ms: u64,
    pub boot_id: String,
    /// What the marks of its shell carry; empty where it is a part of the key.
    #[serde(default)]
    pub nonce: String,
    pub pid: i32,
    /// When that was started, in clock ticks since boot; written once the life is lost. 0 if
    /// unknown.
    #[serde(default)]
    pub started_ticks: u64,
    /// It is lost, and processes of it ran on when somebody looked last.
    #[serde(default)]
    pub orphaned: bool,
    /// Where its shell fetches the commands of an exec; lives of earlier versions have them in
    /// their directory.
    #[serde(default)]
    pub command_file: Option<PathBuf>,
    /// Earlier lives that the restart policy restarted, in a row.
    pub restarts: u32,
    /// Somebody asked it to stop.
    pub stopped: bool,
    pub exit: Option<Exit>,
    /// Limits that were asked for and do not hold.
    #[serde(default)]
    pub unmet: Vec<UnmetLimit>,
    /// When it was restored from a checkpoint (milliseconds since 1970).
    #[serde(default)]
    pub restored_ms: Option<u64>,
    /// When the restart policy began this life and those before it, as far back as its limit looks.
    #[serde(default)]
    pub restarted_ms: Vec<u64>,
    /// The restart limit was met: no life follows.
    #[serde(default)]
    pub given_up: bool,
}

/// A life found on disk.
pub struct StoredSession {
    pub key: String,
    pub record: Record,
    pub spec: Spec,
}

pub fn make_dir(dir: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
}

/// Both files of a life that is about to begin. Nothing is replaced, and a torn one means that
/// nothing was started.
pub fn write_new(dir: &Path, spec: &Spec, record: &Record) -> io::Result<()> {
    create(&dir.join("spec.json"), spec)?;
    create(&dir.join("life.json"), record)
}

/// How a life stands; and from what it was started, should that be gone.
pub fn write_record(dir: &Path, spec: &Spec, record: &Record) -> io::Result<()> {
    let spec_file = dir.join("spec.json");
    if !spec_file.exists() {
        make_dir(dir)?;
        replace(&spec_file, spec)?;
    }
    replace(&dir.join("life.json"), record)
}

/// What a ring keeps of a life should the state directory go. Without the environment, which is
/// most of a record: the system still knows it of a running program.
#[derive(Serialize, Deserialize)]
struct Copy<'a> {
    record: Cow<'a, Record>,
    spec: Cow<'a, Spec>,
}

pub fn copy_of(spec: &Spec, record: &Record) -> io::Result<Vec<u8>> {
    let spec = Spec {
        env: Vec::new(),
        ..spec.clone()
    };
    let copy = Copy {
        record: Cow::Borrowed(record),
        spec: Cow::Owned(spec),
    };
    Ok(serde_json::to_vec(&copy)?)
}

/// A life by the copy in its ring, and the environment its program was started with.
pub fn from_copy(key: &str, copy: &[u8], pid: i32) -> Option<StoredSession> {
    let copy: Copy<'_> = serde_json::from_slice(copy).ok()?;
    let mut spec = copy.spec.into_owned();
    spec.env = process::environment(pid);
    let record = copy.record.into_owned();
    Some(StoredSession {
        key: key.to_owned(),
        record,
        spec,
    })
}

/// A life by its key; `None` if it cannot be read.
pub fn find(state: &Path, key: &str) -> Option<StoredSession> {
    let dir = state.join("sessions").join(key);
    Some(StoredSession {
        key: key.to_owned(),
        record: read(&dir.join("life.json"))?,
        spec: read(&dir.join("spec.json"))?,
    })
}

/// Every life that is `wanted` and can be read; directories in which a begin was cut short are
/// removed.
pub fn scan(state: &Path, wanted: impl Fn(&str) -> bool) -> Vec<StoredSession> {
    let Ok(entries) = fs::read_dir(state.join("sessions")) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let dir = entry.path();
        let key = entry.file_name().to_string_lossy().into_owned();
        if is_gone(&dir) {
            // Its worker was killed in the middle of that.
            let _ = fs::remove_dir_all(dir);
            continue;
        }
        if !wanted(&key) {
            continue;
        }
        match find(state, &key) {
            Some(life) => found.push(life),
            // A record that cannot be read is no reason to throw a journal away.
            None if was_begun(&dir) => {
                log(
                    Level::Error,
                    "a session's record cannot be read",
                    &[("dir", &dir.display())],
                );
            }
            // Nothing was ever started from it.
            None => drop(fs::remove_dir_all(dir)),
        }
    }
    found.sort_by(|a: &StoredSession, b: &StoredSession| a.record.id.cmp(&b.record.id));
    found
}

/// Whether this is what an earlier worker had no time to remove.
fn is_gone(dir: &Path) -> bool {
    dir.extension() == Some(OsStr::new(GONE))
}

/// Whether something ran here: there is a record, or a note of its start, or output.
fn was_begun(dir: &Path) -> bool {
    let names = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    names
        .into_iter()
        .any(|name| name == "life.json" || name == "events.jsonl" || name.starts_with("out."))
}

pub(in crate::worker) fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&read_small::read(path, usize::MAX).ok()?).ok()
}

/// Whole or not at all, whatever dies.
pub(in crate::worker) fn replace<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    let temporary = path.with_extension("tmp");
    create(&temporary, value)
        .and_then(|()| fs::rename(&temporary, path))
        // What a full disk took of it is of no use to anybody.
        .inspect_err(|_| drop(fs::remove_file(&temporary)))
}

fn create<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    io::Write::write_all(&mut file, &serde_json::to_vec(value)?)
}
