//! A private supervisor for one test, and the ways to hurt it.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use psup_supervisor::start::{Dirs, Place, connect};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// No answer takes this long on any machine.
const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) struct Supervisor {
    pub place: Place,
    pub dirs: Dirs,
    _dir: Option<tempfile::TempDir>,
}

impl Supervisor {
    /// Not started yet.
    pub(crate) fn absent() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().to_owned();
        Self::at(&path, Some(dir))
    }

    pub(crate) fn at(path: &Path, dir: Option<tempfile::TempDir>) -> Self {
        let place = Place {
            profile: "test".into(),
            dir: Some(path.to_owned()),
        };
        let dirs = Dirs::of(&place).unwrap();
        Self {
            place,
            dirs,
            _dir: dir,
        }
    }

    pub(crate) fn started() -> Self {
        let supervisor = Self::absent();
        connect(&supervisor.place, true).unwrap();
        supervisor
    }

    pub(crate) fn dir(&self) -> &Path {
        self.place.dir.as_deref().unwrap()
    }

    /// Sends one line and returns the answer; asks again if the worker went away before answering.
    pub(crate) fn ask(&self, line: &str) -> BTreeMap<String, String> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(answer) = self.ask_once(line) {
                return answer;
            }
            assert!(Instant::now() < deadline, "no answer to {line:?}");
        }
    }

    pub(crate) fn ask_once(&self, line: &str) -> Option<BTreeMap<String, String>> {
        self.begin(line).answer()
    }

    /// Sends one line without waiting for the answer.
    pub(crate) fn begin(&self, line: &str) -> Question {
        let mut stream = connect(&self.place, false).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        // The worker may be dying; then there is no answer either.
        let _ = writeln!(stream, "{line}");
        Question(stream)
    }

    pub(crate) fn number(&self, what: &str) -> i32 {
        self.ask("who")[what].parse().unwrap()
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(psup_supervisor::log::path(&self.dirs.state)).unwrap_or_default()
    }

    pub(crate) fn kill_worker(&self) {
        kill_and_wait(self.number("worker"));
    }

    /// Returns when another guardian answers.
    pub(crate) fn kill_guardian(&self) {
        let before = self.number("guardian");
        kill_and_wait(before);
        while self.number("guardian") == before {}
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        if let Ok(stream) = connect(&self.place, false) {
            drop(stream);
            let guardian = Process::open(self.number("guardian"));
            self.ask_once("bye");
            guardian.wait();
        }
    }
}

pub(crate) struct Question(UnixStream);

impl Question {
    pub(crate) fn answer(self) -> Option<BTreeMap<String, String>> {
        let mut line = String::new();
        BufReader::new(self.0).read_line(&mut line).ok()?;
        let pairs = line
            .split_whitespace()
            .map(|word| word.split_once('=').unwrap_or((word, "")));
        let answer: BTreeMap<String, String> = pairs.map(|(k, v)| (k.into(), v.into())).collect();
        (!answer.is_empty()).then_some(answer)
    }
}

/// A process that cannot be mistaken for a later one of the same pid.
pub(crate) struct Process(OwnedFd);

impl Process {
    pub(crate) fn open(pid: i32) -> Self {
        // SAFETY: pidfd_open makes a descriptor that nobody else owns.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
        assert!(fd >= 0, "no process {pid}");
        // SAFETY: just made.
        Self(unsafe { OwnedFd::from_raw_fd(fd as i32) })
    }

    pub(crate) fn signal(&self, signal: i32) {
        use std::os::fd::AsRawFd;
        // SAFETY: no memory is touched; a process that is gone already is fine.
        unsafe {
            libc::syscall(
                libc::SYS_pidfd_send_signal,
                self.0.as_raw_fd(),
                signal,
                0,
                0,
            )
        };
    }

    pub(crate) fn wait(&self) {
        assert!(is_readable(&self.0), "the process does not end");
    }
}

pub(crate) fn kill_and_wait(pid: i32) {
    let process = Process::open(pid);
    process.signal(libc::SIGKILL);
    process.wait();
}

pub(crate) fn is_readable(fd: &impl AsFd) -> bool {
    let timeout = PollTimeout::try_from(DEADLINE).unwrap();
    poll(&mut [PollFd::new(fd.as_fd(), PollFlags::POLLIN)], timeout).unwrap() > 0
}

/// The role of a client in a process of its own: start if need be, ask one line (`who`), print the
/// answer.
pub(crate) fn ask_and_print(dir: &OsStr, line: Option<&OsString>) -> ExitCode {
    let place = Place {
        profile: "test".into(),
        dir: Some(dir.into()),
    };
    match connect(&place, true) {
        Ok(mut stream) => {
            writeln!(
                stream,
                "{}",
                line.map_or("who".into(), |line| line.to_string_lossy())
            )
            .unwrap();
            let mut line = String::new();
            BufReader::new(stream).read_line(&mut line).unwrap();
            print!("{line}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("{failure}\n{}", failure.hint.clone().unwrap_or_default());
            ExitCode::FAILURE
        }
    }
}
