//! The supervisor's own log: one JSON object a line in `<state>/supervisor.log`, written by
//! guardian and worker alike.
//!
//! The file is opened for each line, because lines are rare and a file that was rotated or removed
//! is then simply made again. It holds at most two times [`LIMIT`]. A log that cannot be written
//! costs the line, never the supervisor.

use serde_json::{Map, Value};
use std::fmt::Display;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

/// A longer log becomes `supervisor.log.1`: enough for thousands of restarts, little enough to
/// forget about.
const LIMIT: u64 = 1 << 20;

static FILE: OnceLock<(PathBuf, &'static str)> = OnceLock::new();

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Info,
    Warn,
    Error,
}

/// Says where this process logs and who it is: `guardian` or `worker`.
pub fn begin(state: &Path, who: &'static str) {
    // A second call changes nothing: a process has one role for life.
    let _ = FILE.set((path(state), who));
}

pub fn path(state: &Path) -> PathBuf {
    state.join("supervisor.log")
}

/// Writes one line: what happened, and the few numbers that explain it.
pub fn log(level: Level, what: &str, fields: &[(&str, &dyn Display)]) {
    let Some((path, who)) = FILE.get() else {
        return;
    };
    let mut line = Map::new();
    line.insert("at".into(), now_ms().into());
    line.insert("level".into(), level.word().into());
    line.insert("who".into(), (*who).into());
    line.insert("pid".into(), std::process::id().into());
    line.insert("what".into(), what.into());
    for (name, value) in fields {
        line.insert((*name).into(), value.to_string().into());
    }
    let mut text = Value::Object(line).to_string();
    text.push('\n');
    // The reason is in the module's paragraph: a lost line is not worth an error.
    let _ = append(path, &text);
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

fn append(path: &Path, line: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)?;
    if file.metadata()?.len() > LIMIT {
        fs::rename(path, path.with_extension("log.1"))?;
        file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)?;
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
        assert_eq!(
            fs::metadata(dir.path().join("supervisor.log.1"))
                .unwrap()
                .len(),
            LIMIT + 1
        );
    }
}
