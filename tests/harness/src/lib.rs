//! What every test stands on: a directory of its own, a supervisor in it, and a deadline for
//! everything that happens there.
//!
//! [`TestEnv`] is `PSUP_DIR`, `HOME` and the working directory of every command that a test runs.
//! When the test is over, `psup shutdown --force` ends the supervisor, and every process that still
//! holds something of the directory is killed. A test that panics prints the supervisor's log.

// A harness panics: that is how a test fails.
#![allow(
    clippy::unwrap_used,
    clippy::new_without_default,
    clippy::must_use_candidate
)]
#![allow(clippy::return_self_not_must_use)]

mod dice;
mod outcome;
mod processes;
#[cfg(target_os = "linux")]
pub mod sandbox;
mod small_disk;

pub use dice::Dice;
pub use outcome::{Outcome, Running, Stream};
pub use processes::{is_alive, kill};
pub use small_disk::SmallDisk;

use processes::{files, holders};
use serde_json::Value;
use std::io::{Seek, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longer than any test takes on two busy cores; it is met only by what hangs.
const TEST_TIME: Duration = Duration::from_secs(120);

pub struct TestEnv {
    dir: TempDir,
    deadline: Instant,
}

impl TestEnv {
    pub fn new() -> Self {
        Self::with_time(TEST_TIME)
    }

    pub fn with_time(time: Duration) -> Self {
        let this = Self {
            // Short: the path of a socket has to fit in 107 bytes unless a test wants otherwise.
            dir: tempfile::Builder::new().prefix("psup-").tempdir().unwrap(),
            deadline: Instant::now() + time,
        };
        std::fs::create_dir(this.path("home")).unwrap();
        this
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), content).unwrap();
        self.path(name)
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_default()
    }

    /// Any program, with nothing but this directory in its environment.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.path("home"))
            .env("SHELL", "/bin/sh")
            .env("LANG", "C.UTF-8")
            .env("PSUP_DIR", self.path("psup"))
            .env("PSUP_RUNG", "double-fork")
            .current_dir(self.dir.path());
        command
    }

    /// `psup` with its arguments as one would type them.
    pub fn psup(&self, line: &str) -> Command {
        let mut command = self.command(psup());
        command.args(words(line));
        command
    }

    /// Runs a command to its end, within the deadline.
    #[track_caller]
    pub fn run(&self, command: Command) -> Outcome {
        self.start(command).end()
    }

    /// Runs a command with these bytes on its stdin.
    #[track_caller]
    pub fn fed(&self, mut command: Command, input: &[u8]) -> Outcome {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(input).unwrap();
        file.rewind().unwrap();
        command.stdin(file);
        Running::begin(command, self.deadline).end()
    }

    pub fn start(&self, mut command: Command) -> Running {
        command.stdin(Stdio::null());
        Running::begin(command, self.deadline)
    }

    /// A psup that goes on until it is dropped; its stdout is read by lines.
    pub fn stream(&self, line: &str) -> Stream {
        self.follow(self.psup(line))
    }

    /// Any command that goes on until it is dropped; its stdout is read by lines.
    pub fn follow(&self, mut command: Command) -> Stream {
        command.stdin(Stdio::null());
        Stream::begin(command, self.deadline)
    }

    /// stdout of a psup that succeeds, without the last newline.
    #[track_caller]
    pub fn ok(&self, line: &str) -> String {
        self.run(self.psup(line))
            .ended(0)
            .text()
            .trim_end_matches('\n')
            .to_owned()
    }

    /// stderr of a psup that ends with this code and says nothing on stdout.
    #[track_caller]
    pub fn no(&self, code: i32, line: &str) -> String {
        let told = self.run(self.psup(line)).ended(code);
        assert_eq!(
            told.text(),
            "",
            "stdout carries data and nothing else: {told}"
        );
        told.err
    }

    /// The one object that `psup --json …` prints.
    #[track_caller]
    pub fn json(&self, line: &str) -> Value {
        let mut all = self.jsons(line);
        assert_eq!(all.len(), 1, "psup {line} printed {all:?}");
        all.remove(0)
    }

    #[track_caller]
    pub fn jsons(&self, line: &str) -> Vec<Value> {
        self.run(self.psup(&format!("--json {line}")))
            .ended(0)
            .jsons()
    }

    /// The word of the error that `psup --json …` tells, and the exit code that goes with it.
    #[track_caller]
    pub fn refused(&self, code: i32, line: &str) -> String {
        let told = self.run(self.psup(&format!("--json {line}"))).ended(code);
        let error: Value =
            serde_json::from_str(told.err.trim()).unwrap_or_else(|e| panic!("{e}: {told}"));
        assert!(error["error"]["message"].is_string(), "{told}");
        error["error"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("{told}"))
            .to_owned()
    }

    #[track_caller]
    pub fn info(&self, name: &str) -> Value {
        self.json(&format!("info {name}"))
    }

    /// A process of the supervisor: `guardian_pid`, `worker_pid`.
    #[track_caller]
    pub fn pid_of(&self, who: &str) -> i32 {
        i32::try_from(self.json("status")[who].as_i64().unwrap()).unwrap()
    }

    /// Kills one half of the supervisor, `guardian_pid` or `worker_pid`, and asks until another has
    /// taken its place.
    #[track_caller]
    pub fn kill_half(&self, who: &str) {
        let pid = self.pid_of(who);
        kill(pid);
        self.until_replaced(who, pid);
    }

    /// A process that is killed may answer once more, and the other half needs a moment to notice.
    #[track_caller]
    pub fn until_replaced(&self, who: &str, pid: i32) {
        while self.pid_of(who) == pid {
            assert!(
                !self.left().is_zero(),
                "nobody takes the place of {who} {pid}"
            );
        }
    }

    /// Both halves of the supervisor at once, so that neither can bring the other back.
    #[track_caller]
    pub fn kill_supervisor(&self) {
        let pids = [self.pid_of("guardian_pid"), self.pid_of("worker_pid")];
        for pid in pids {
            nix::sys::signal::kill(
                nix::unistd::Pid::from_raw(pid),
                nix::sys::signal::Signal::SIGSTOP,
            )
            .unwrap();
        }
        pids.into_iter().for_each(kill);
        while pids.into_iter().any(is_alive) {
            assert!(!self.left().is_zero(), "the supervisor cannot be killed");
            std::thread::yield_now();
        }
    }

    /// The supervisor's socket, wherever it lies.
    #[track_caller]
    pub fn socket(&self) -> PathBuf {
        files(self.dir.path())
            .into_iter()
            .find(|path| std::fs::symlink_metadata(path).is_ok_and(|m| m.file_type().is_socket()))
            .expect("no supervisor listens in this directory")
    }

    /// All files in the directory.
    pub fn files(&self) -> Vec<PathBuf> {
        files(self.dir.path())
    }

    /// How long the test may still take.
    pub fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

impl Drop for TestEnv {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.print_logs();
        }
        self.deadline = Instant::now() + Duration::from_secs(20);
        drop(self.start(self.psup("shutdown --force")).outcome());
        // Killed in rounds: while one half of the supervisor lives it starts the other again.
        for _ in 0..100 {
            let left = holders(self.dir.path());
            if left.is_empty() {
                return;
            }
            left.into_iter().for_each(kill);
        }
    }
}

impl TestEnv {
    fn print_logs(&self) {
        for path in files(self.dir.path())
            .iter()
            .filter(|p| p.extension().is_some_and(|e| e == "log"))
            .take(8)
        {
            let log = std::fs::read(path).unwrap_or_default();
            let tail = &log[log.len().saturating_sub(4096)..];
            let tail = String::from_utf8_lossy(tail);
            drop(writeln!(
                std::io::stderr(),
                "--- the end of {}\n{tail}",
                path.display()
            ));
        }
    }
}

/// The `psup` that cargo has built beside the tests.
pub fn psup() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    // target/debug/deps/contract-0123 → target/debug/psup
    test.ancestors().nth(2).unwrap().join("psup")
}

/// Says that a test did not run, where even a captured run shows it.
pub fn skipped(why: &str) {
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    drop(writeln!(std::io::stderr(), "skipped {name}: {why}"));
}

/// Words as a shell would split them: at blanks, quotes of both kinds keep, nothing is expanded.
pub fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some(q), c) if q == c => quote = None,
            (None, ' ') => words.extend(word.take()),
            (None | Some(_), c) => word.get_or_insert_default().push(c),
        }
    }
    assert!(quote.is_none(), "an open quote in {line}");
    words.extend(word);
    words
}
