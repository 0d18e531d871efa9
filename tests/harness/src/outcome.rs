//! A command under way, and what it told when it had ended.

use super::processes::kill;
use serde_json::Value;
use std::fmt;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Instant;

/// A command that has not ended yet.
pub struct Running {
    line: String,
    pid: u32,
    end: Receiver<io::Result<Output>>,
    deadline: Instant,
}

/// A command whose lines are read as they come.
pub struct Stream {
    child: Child,
    lines: Receiver<String>,
    deadline: Instant,
}

/// What a command told: on stdout, on stderr, by its exit code.
pub struct Outcome {
    line: String,
    pub code: Option<i32>,
    pub bytes: Vec<u8>,
    pub err: String,
}

impl Running {
    pub fn begin(mut command: Command, deadline: Instant) -> Self {
        let line = format!("{command:?}");
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let child = child.unwrap_or_else(|e| panic!("{line}: {e}"));
        let pid = child.id();
        let (tell, end) = mpsc::channel();
        // Ends when the command has ended *and* nobody holds its pipes any more: a session that
        // kept one is found out.
        std::thread::spawn(move || tell.send(child.wait_with_output()));
        Self {
            line,
            pid,
            end,
            deadline,
        }
    }

    #[track_caller]
    pub fn end(self) -> Outcome {
        self.outcome()
            .unwrap_or_else(|line| panic!("still running at the test's deadline: {line}"))
    }

    /// What it told; at the deadline it is killed, and its line is the error.
    pub fn outcome(self) -> Result<Outcome, String> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let Ok(Ok(output)) = self.end.recv_timeout(left) else {
            kill(self.pid.cast_signed());
            return Err(self.line);
        };
        Ok(Outcome {
            line: self.line,
            code: output.status.code(),
            bytes: output.stdout,
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}

impl Stream {
    pub fn begin(mut command: Command, deadline: Instant) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let (tell, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            stdout
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| tell.send(line))
        });
        Self {
            child,
            lines,
            deadline,
        }
    }

    pub fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    /// The next line.
    #[track_caller]
    pub fn line(&self) -> String {
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.lines
            .recv_timeout(left)
            .expect("a line before the stream or the test is over")
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

impl Outcome {
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

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let out = String::from_utf8_lossy(&self.bytes);
        write!(
            f,
            "{}\ncode {:?}\nstdout {out}\nstderr {}",
            self.line, self.code, self.err
        )
    }
}
