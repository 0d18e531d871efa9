//! A house of one's own for a test: a directory, a supervisor in it, and a deadline for everything that happens there.
//!
//! The house is `PSUP_DIR`, `HOME` and the working directory of every command run in it. When the test is over
//! `psup shutdown --force` empties it, and whoever still holds something of it after that is killed. A test that
//! panics prints what the supervisor has to say.

use serde_json::Value;
use std::fmt;
use std::io::{BufRead, BufReader, Seek, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longer than any test takes on two busy cores; it is met only by what hangs.
const TEST_TIME: Duration = Duration::from_secs(120);

pub struct House {
    dir: TempDir,
    deadline: Instant,
}

/// A command that has not ended yet.
pub struct Running {
    line: String,
    pid: u32,
    end: Receiver<std::io::Result<Output>>,
    deadline: Instant,
}

/// A command whose lines are read as they come.
pub struct Stream {
    child: Child,
    lines: Receiver<String>,
    deadline: Instant,
}

/// What a command told: on stdout, on stderr, by its exit code.
pub struct Told {
    line: String,
    pub code: Option<i32>,
    pub bytes: Vec<u8>,
    pub err: String,
}

impl House {
    pub fn new() -> Self {
        Self::with_time(TEST_TIME)
    }

    pub fn with_time(time: Duration) -> Self {
        let house = Self {
            // Short: the path of a socket has to fit in 107 bytes unless a test wants otherwise.
            dir: tempfile::Builder::new().prefix("psup-").tempdir().unwrap(),
            deadline: Instant::now() + time,
        };
        std::fs::create_dir(house.path("home")).unwrap();
        house
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

    /// Any program, with nothing in its environment but what belongs to the house.
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
        let mut command = self.command(env!("CARGO_BIN_EXE_psup"));
        command.args(words(line));
        command
    }

    /// Runs a command to its end, within the deadline.
    #[track_caller]
    pub fn run(&self, command: Command) -> Told {
        self.start(command).end()
    }

    /// Runs a command with these bytes on its stdin.
    #[track_caller]
    pub fn fed(&self, mut command: Command, input: &[u8]) -> Told {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(input).unwrap();
        file.rewind().unwrap();
        command.stdin(file);
        self.launch(command).end()
    }

    pub fn start(&self, mut command: Command) -> Running {
        command.stdin(Stdio::null());
        self.launch(command)
    }

    /// A psup that goes on until it is dropped; its stdout is read by lines.
    pub fn stream(&self, line: &str) -> Stream {
        self.follow(self.psup(line))
    }

    /// Any command that goes on until it is dropped; its stdout is read by lines.
    pub fn follow(&self, mut command: Command) -> Stream {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let (tell, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Stream {
            child,
            lines,
            deadline: self.deadline,
        }
    }

    /// stdout of a psup that succeeds, without the last newline.
    #[track_caller]
    pub fn ok(&self, line: &str) -> String {
        self.run(self.psup(line)).ended(0).text().trim_end_matches('\n').to_owned()
    }

    /// stderr of a psup that ends with this code and says nothing on stdout.
    #[track_caller]
    pub fn no(&self, code: i32, line: &str) -> String {
        let told = self.run(self.psup(line)).ended(code);
        assert_eq!(told.text(), "", "stdout carries data and nothing else: {told}");
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
        self.run(self.psup(&format!("--json {line}"))).ended(0).jsons()
    }

    /// The word of the error that `psup --json …` tells, and the exit code that goes with it.
    #[track_caller]
    pub fn refused(&self, code: i32, line: &str) -> String {
        let told = self.run(self.psup(&format!("--json {line}"))).ended(code);
        let error: Value = serde_json::from_str(told.err.trim()).unwrap_or_else(|e| panic!("{e}: {told}"));
        assert!(error["error"]["message"].is_string(), "{told}");
        error["error"]["code"].as_str().unwrap_or_else(|| panic!("{told}")).to_owned()
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

    /// The supervisor's socket, wherever in the house it lies.
    #[track_caller]
    pub fn socket(&self) -> PathBuf {
        files(self.dir.path())
            .into_iter()
            .find(|path| std::fs::symlink_metadata(path).is_ok_and(|m| m.file_type().is_socket()))
            .expect("a supervisor listens in the house")
    }

    /// How long the test may still take.
    pub fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    fn launch(&self, mut command: Command) -> Running {
        let line = format!("{command:?}");
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("{line}: {e}"));
        let pid = child.id();
        let (tell, end) = mpsc::channel();
        // Ends when the command has ended *and* nobody holds its pipes any more: a session that kept one is found out.
        std::thread::spawn(move || tell.send(child.wait_with_output()));
        Running {
            line,
            pid,
            end,
            deadline: self.deadline,
        }
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.print_logs();
        }
        self.deadline = Instant::now() + Duration::from_secs(20);
        drop(self.start(self.psup("shutdown --force")).outcome());
        // Killed in rounds: while one half of the supervisor lives it makes the other anew.
        for _ in 0..100 {
            let left = inmates(self.dir.path());
            if left.is_empty() {
                return;
            }
            left.into_iter().for_each(kill);
        }
    }
}

impl House {
    fn print_logs(&self) {
        for path in files(self.dir.path())
            .iter()
            .filter(|p| p.extension().is_some_and(|e| e == "log"))
            .take(8)
        {
            let log = std::fs::read(path).unwrap_or_default();
            let tail = &log[log.len().saturating_sub(4096)..];
            let tail = String::from_utf8_lossy(tail);
            drop(writeln!(std::io::stderr(), "--- the end of {}\n{tail}", path.display()));
        }
    }
}

impl Running {
    #[track_caller]
    pub fn end(self) -> Told {
        self.outcome()
            .unwrap_or_else(|line| panic!("still running at the test's deadline: {line}"))
    }

    fn outcome(self) -> Result<Told, String> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let Ok(Ok(output)) = self.end.recv_timeout(left) else {
            kill(self.pid.cast_signed());
            return Err(self.line);
        };
        Ok(Told {
            line: self.line,
            code: output.status.code(),
            bytes: output.stdout,
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}

impl Stream {
    pub fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    /// The next line.
    #[track_caller]
    pub fn line(&self) -> String {
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.lines.recv_timeout(left).expect("a line before the stream or the test is over")
    }

    /// The first line that holds `part`.
    #[track_caller]
    pub fn until(&self, part: &str) -> String {
        loop {
            let line = self.line();
            if line.contains(part) {
                return line;
            }
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Told {
    #[track_caller]
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or_else(|e| panic!("{e}: {self}"))
    }

    #[track_caller]
    pub fn jsons(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {self}"));
        self.text().lines().map(parse).collect()
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let out = String::from_utf8_lossy(&self.bytes);
        write!(f, "{}\ncode {:?}\nstdout {out}\nstderr {}", self.line, self.code, self.err)
    }
}

/// Says that a test did not run, where even a captured run shows it.
pub fn skipped(why: &str) {
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    drop(writeln!(std::io::stderr(), "skipped {name}: {why}"));
}

/// Kills a process at once. A pid that is gone already is no mistake.
pub fn kill(pid: i32) {
    let pid = nix::unistd::Pid::from_raw(pid);
    let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
}

/// Words as a shell would split them: at blanks, quotes of both kinds keep, nothing is expanded.
fn words(line: &str) -> Vec<String> {
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

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

/// Processes that hold a file of the house open, work in it, or carry it in their environment.
fn inmates(dir: &Path) -> Vec<i32> {
    let within = |link: &Path| std::fs::read_link(link).is_ok_and(|target| target.starts_with(dir));
    let needle = dir.as_os_str().as_encoded_bytes();
    let lives_here = |proc: &Path| {
        let environ = std::fs::read(proc.join("environ")).unwrap_or_default();
        let fds = std::fs::read_dir(proc.join("fd")).into_iter().flatten().flatten();
        environ.windows(needle.len()).any(|w| w == needle) || within(&proc.join("cwd")) || fds.into_iter().any(|fd| within(&fd.path()))
    };
    let pid = |path: &Path| path.file_name()?.to_str()?.parse().ok();
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|e| e.path());
    entries
        .filter_map(|path| Some((pid(&path)?, path)))
        .filter(|(pid, path)| *pid != std::process::id().cast_signed() && lives_here(path))
        .map(|(pid, _)| pid)
        .collect()
}
