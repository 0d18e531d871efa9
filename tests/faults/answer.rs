//! A command of psup and its answer, which has to come in time whatever has happened.

use psup_harness::TestEnv;
use serde_json::Value;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Longer than any fault of a history lasts, and than the slowest answer after it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(crate) struct Answer {
    line: String,
    pub code: i32,
    pub out: Vec<u8>,
    pub err: String,
}

/// A command under way.
pub(crate) struct Asked {
    line: String,
    child: Child,
    read: mpsc::Receiver<(Vec<u8>, String)>,
}

/// Begins `psup` with these words. `files` is what the supervisor may have open, should this command start it.
pub(crate) fn ask(env: &TestEnv, words: &[&str], files: Option<u64>) -> Asked {
    let mut command = env.psup("");
    command.args(words);
    if let Some(most) = files {
        let limit = move || {
            Ok(nix::sys::resource::setrlimit(
                nix::sys::resource::Resource::RLIMIT_NOFILE,
                most,
                most,
            )?)
        };
        // SAFETY: one system call on numbers.
        unsafe { command.pre_exec(limit) };
    }
    Asked::begin(command, words.join(" "))
}

impl Asked {
    fn begin(mut command: Command, line: String) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (tell, read) = mpsc::channel();
        std::thread::spawn(move || {
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let talk = std::thread::spawn(move || {
                drop(stderr.read_to_end(&mut err));
                String::from_utf8_lossy(&err).into_owned()
            });
            drop(stdout.read_to_end(&mut out));
            tell.send((out, talk.join().unwrap_or_default()))
        });
        Self { line, child, read }
    }

    pub(crate) fn answer(mut self) -> Result<Answer, String> {
        let Ok((out, err)) = self.read.recv_timeout(PATIENCE) else {
            drop(self.child.kill());
            drop(self.child.wait());
            return Err(format!("no answer within {PATIENCE:?}: psup {}", self.line));
        };
        let status = self.child.wait().map_err(|e| e.to_string())?;
        Ok(Answer {
            line: self.line,
            code: status.code().unwrap_or(-1),
            out,
            err,
        })
    }
}

impl Answer {
    pub(crate) fn is(&self, code: i32) -> Result<&Self, String> {
        if self.code == code {
            return Ok(self);
        }
        Err(self.wrong(&format!("exit code {code} was expected")))
    }

    pub(crate) fn wrong(&self, why: &str) -> String {
        let out = String::from_utf8_lossy(&self.out[..self.out.len().min(500)]).into_owned();
        format!(
            "{why}: psup {}: code {}, stdout {out:?}, stderr {}",
            self.line, self.code, self.err
        )
    }

    pub(crate) fn json(&self) -> Result<Value, String> {
        serde_json::from_slice(&self.out).map_err(|e| self.wrong(&e.to_string()))
    }

    /// The word of the error.
    pub(crate) fn word(&self) -> String {
        let error: Value = serde_json::from_str(self.err.trim()).unwrap_or_default();
        error["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}
