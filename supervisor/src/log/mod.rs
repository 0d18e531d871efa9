//! The supervisor's own log: one JSON object a line in `<state>/supervisor.log`, written by
//! guardian and worker alike; where systemd keeps the supervisor, its journal gets each line, too.
//!
//! The file is opened for each line, because lines are rare and a file that was rotated or removed
//! is then simply made again. It holds at most two times [`LIMIT`]. A log that cannot be written
//! costs the line, never the supervisor.
//!
//! Every line says which supervisor wrote it (restart nonce, epochs); one about a session has its
//! id, and one that is written on the way of a request has the id of that.

mod journald;
pub mod reader;
mod request;

pub use request::{current as current_request, with as with_request};

use crate::handover::fd_table::Facts;
use serde_json::{Map, Value};
use std::fmt::Display;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

/// A longer log becomes `supervisor.log.1`: enough for thousands of restarts, little enough to
/// forget about.
const LIMIT: u64 = 1 << 20;

static FILE: OnceLock<(PathBuf, &'static str)> = OnceLock::new();
static SUPERVISOR: RwLock<Option<Supervisor>> = RwLock::new(None);

/// Which supervisor writes.
#[derive(Clone, Copy)]
struct Supervisor {
    restart_nonce: u128,
    guardian_epoch: u64,
    worker_epoch: u64,
    /// systemd keeps it, and its journal is where its log is looked for.
    in_unit: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Info,
    Warn,
    Error,
}

/// Says where this process logs and who it is: `guardian` or `worker`.
pub fn begin(facts: &Facts, who: &'static str) {
    // A second call changes nothing: a process has one role for life.
    let _ = FILE.set((path(&facts.state), who));
    identify(facts);
}

/// Says which supervisor this process belongs to, once that is known.
pub fn identify(facts: &Facts) {
    let supervisor = (facts.nonce != 0).then(|| Supervisor {
        restart_nonce: facts.nonce,
        guardian_epoch: facts.guardian_epoch,
        worker_epoch: facts.worker_epoch,
        in_unit: facts.rung.starts_with("systemd"),
    });
    *SUPERVISOR.write().unwrap_or_else(PoisonError::into_inner) = supervisor;
}

pub fn path(state: &Path) -> PathBuf {
    state.join("supervisor.log")
}

/// Where the lines before those of [`path`] are.
pub fn older(path: &Path) -> PathBuf {
    path.with_extension("log.1")
}

/// Writes one line: what happened, and the few numbers that explain it.
pub fn log(level: Level, what: &str, fields: &[(&str, &dyn Display)]) {
    let Some((path, who)) = FILE.get() else {
        return;
    };
    let supervisor = *SUPERVISOR.read().unwrap_or_else(PoisonError::into_inner);
    let line = line(level, who, what, fields, supervisor);
    if supervisor.is_some_and(|supervisor| supervisor.in_unit) {
        journald::send(level, &line);
    }
    let mut text = Value::Object(line).to_string();
    text.push('\n');
    // The reason is in the module's paragraph: a lost line is not worth an error.
    let _ = append(path, &text);
}

fn line(
    level: Level,
    who: &str,
    what: &str,
    fields: &[(&str, &dyn Display)],
    supervisor: Option<Supervisor>,
) -> Map<String, Value> {
    let mut line = Map::new();
    line.insert("at".into(), now_ms().into());
    line.insert("level".into(), level.word().into());
    line.insert("who".into(), who.into());
    line.insert("pid".into(), std::process::id().into());
    if let Some(supervisor) = supervisor {
        let nonce = format!("{:032x}", supervisor.restart_nonce);
        line.insert("restart_nonce".into(), nonce.into());
        line.insert("guardian_epoch".into(), supervisor.guardian_epoch.into());
        line.insert("worker_epoch".into(), supervisor.worker_epoch.into());
    }
    if let Some(request) = request::current() {
        line.insert("request".into(), format!("{request:032x}").into());
    }
    line.insert("what".into(), what.into());
    for (name, value) in fields {
        line.insert((*name).into(), value.to_string().into());
    }
    line
}

/// The last lines of the log, for the process that has to explain why there is no supervisor.
pub fn tail(state: &Path, lines: usize) -> String {
    let text = fs::read(path(state)).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// Milliseconds since 1970.
pub fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_millis() as u64)
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

fn append(path: &Path, line: &str) -> io::Result<()> {
    let open = || {
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600).open(path)
    };
    let mut file = open()?;
    if file.metadata()?.len() > LIMIT {
        fs::rename(path, older(path))?;
        file = open()?;
    }
    // One write, so that lines of two processes never mix.
    file.write_all(line.as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_full_log_is_turned_over_once() {
        let dir = tempfile::tempdir().unwrap();
        let file = path(dir.path());
        fs::write(&file, vec![b'x'; LIMIT as usize + 1]).unwrap();
        append(&file, "{}\n").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "{}\n");
        assert_eq!(fs::metadata(older(&file)).unwrap().len(), LIMIT + 1);
    }

    #[test]
    fn a_line_says_which_supervisor_and_which_request_it_is_of() {
        let supervisor = Supervisor {
            restart_nonce: 0xab,
            guardian_epoch: 1,
            worker_epoch: 2,
            in_unit: false,
        };
        let fields: [(&str, &dyn Display); 1] = [("session", &"web#3")];
        let write = || line(Level::Warn, "worker", "it rains", &fields, Some(supervisor));
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let told = runtime
            .unwrap()
            .block_on(with_request(Some(7), async { write() }));
        assert_eq!(told["restart_nonce"], format!("{:032x}", 0xab));
        assert_eq!(
            (&told["guardian_epoch"], &told["worker_epoch"]),
            (&1.into(), &2.into())
        );
        assert_eq!(
            (&told["session"], &told["request"]),
            (&"web#3".into(), &format!("{:032x}", 7).into())
        );
        assert!(write().get("request").is_none());
    }
}
