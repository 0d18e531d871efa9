//! What a life leaves in the state directory besides its journal: what it was started from, and how
//! it stands.
//!
//! ```text
//! <state>/lives.json                 the last life of every name, so that an id never comes back, ...
//! <state>/lives.new                  ... and the ids that were given since that was written, a line each
//! <state>/sessions/<key>/spec.json   what it was started from
//! <state>/sessions/<key>/life.json   who it is and how it stands; replaced as a whole
//! ```

use crate::fs::read_small;
use crate::log::{Level, log};
use psup_proto::name::{Name, SessionId, Target};
use psup_proto::{Exit, Spec};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

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
    /// Earlier lives that the restart policy began anew, in a row.
    pub restarts: u32,
    /// Somebody asked it to stop.
    pub stopped: bool,
    pub exit: Option<Exit>,
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

pub fn write_record(dir: &Path, record: &Record) -> io::Result<()> {
    replace(&dir.join("life.json"), record)
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

/// The last life of every name: an id is written down before anything is started under it, whatever
/// becomes of its directory.
pub struct LastIds {
    dir: PathBuf,
    last: BTreeMap<Name, u32>,
    /// `lives.new`, once an id was given.
    given: Option<fs::File>,
}

/// Ids in `lives.new` that a worker finds there before it writes all down anew.
const GIVEN: usize = 1000;

impl LastIds {
    pub fn open(state: &Path) -> Self {
        let mut lives = Self {
            dir: state.to_owned(),
            last: read(&state.join("lives.json")).unwrap_or_default(),
            given: None,
        };
        let given = read_small::read(&state.join("lives.new"), usize::MAX).unwrap_or_default();
        let lines = given.split(|byte| *byte == b'\n');
        // A line that was cut off by a full disk or a kill gave no id to anybody.
        let ids = lines.filter_map(|line| std::str::from_utf8(line).ok()?.parse::<Target>().ok());
        let mut count = 0;
        for (name, life) in ids.filter_map(|id| Some((id.name, id.life?))) {
            lives.note(&SessionId { name, life });
            count += 1;
        }
        if count > GIVEN
            && let Err(error) = lives.save()
        {
            log(
                Level::Warn,
                "cannot write down which ids were given",
                &[("error", &error)],
            );
        }
        lives
    }

    /// A life that is on disk was given, whatever the file says.
    pub fn note(&mut self, id: &SessionId) {
        let last = self.last.entry(id.name.clone()).or_default();
        *last = (*last).max(id.life);
    }

    /// The id of the next life.
    pub fn next(&mut self, name: &Name) -> SessionId {
        let life = self.last.get(name).copied().unwrap_or(0) + 1;
        self.last.insert(name.clone(), life);
        let id = SessionId {
            name: name.clone(),
            life,
        };
        if let Err(error) = self.write_down(&id) {
            // The directory of the life tells it too, as long as that is there.
            log(
                Level::Warn,
                "cannot write down that an id is given",
                &[("id", &id), ("error", &error)],
            );
        }
        id
    }

    /// Writes all down. A life that is kept tells its number itself, so this comes before one goes
    /// or changes its name.
    pub fn save(&mut self) -> io::Result<()> {
        replace(&self.dir.join("lives.json"), &self.last)?;
        self.given = None;
        match fs::remove_file(self.dir.join("lives.new")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn write_down(&mut self, id: &SessionId) -> io::Result<()> {
        if self.given.is_none() {
            let mut options = fs::OpenOptions::new();
            let file = options
                .append(true)
                .create(true)
                .mode(0o600)
                .open(self.dir.join("lives.new"))?;
            self.given = Some(file);
        }
        // The first end of a line closes one that was cut off.
        let line = format!("\n{id}\n");
        self.given.as_ref().map_or(Ok(()), |mut file| {
            io::Write::write_all(&mut file, line.as_bytes())
        })
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&read_small::read(path, usize::MAX).ok()?).ok()
}

/// Whole or not at all, whatever dies.
fn replace<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    let temporary = path.with_extension("tmp");
    create(&temporary, value)?;
    fs::rename(&temporary, path)
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
