//! From the start of a target's command to its greeting, or to why there is none.

use super::Target;
use crate::Wire;
use psup_proto::greeting::Greeting;
use psup_proto::{Code, Failure};
use std::ffi::OsString;
use std::io::{ErrorKind, Read};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a target may take until it greets: ssh logs in to a far host, and a supervisor starts
/// there, within it.
const GREETING_TIME: Duration = Duration::from_secs(20);
/// A greeting is at most this long, with what a login prints before it: an environment is in it.
const GREETING: usize = 4 << 20;
/// This much of what the command says on stderr is told.
const REASON: usize = 4 << 10;
/// How long a command that greets no more may take to end.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum NoGreeting {
    /// The way there is broken, so it may be tried again.
    Broken(Failure),
    /// Somebody has said no.
    Refused(Failure),
}

/// A command that has greeted: what follows on `wire` are frames.
pub(super) struct Greeted {
    pub wire: Wire,
    pub command: Child,
    pub greeting: Greeting,
}

/// Starts the command that runs `psup` there with these words.
pub(super) fn start(target: &Target, words: &[OsString]) -> Result<Greeted, NoGreeting> {
    let argv = target.command(words);
    let cannot = |error| {
        let why = format!("cannot start {}: {error}", argv[0].display());
        NoGreeting::Refused(unreachable(target, &why))
    };
    let mut command = Command::new(&argv[0])
        .args(&argv[1..])
        // What names a supervisor here names none there, nor another target.
        .env_remove("PSUP_ON")
        .env_remove("PSUP_DIR")
        .env_remove("PSUP_PROFILE")
        .env_remove("PSUP_VIA")
        // Pipes, for a sandbox may forbid pairs of sockets.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(cannot)?;
    let said = command.stderr.take().map(collect);
    let mut wire = ends_of(&mut command).map_err(cannot)?;
    match read_greeting(&mut wire, Instant::now() + GREETING_TIME) {
        Ok(greeting) => Ok(Greeted {
            wire,
            command,
            greeting,
        }),
        Err(reason) => {
            drop(wire);
            let status = end(&mut command);
            let said = said.as_ref().map(last_words).unwrap_or_default();
            Err(why(target, &said, reason, status))
        }
    }
}

/// The command's stdin and stdout.
fn ends_of(command: &mut Child) -> std::io::Result<Wire> {
    let ends = command.stdout.take().zip(command.stdin.take());
    let (output, input) = ends.ok_or(ErrorKind::BrokenPipe)?;
    Wire::pair(output.into(), input.into())
}

/// Reads stderr to its end, so that the command never waits for a reader; the beginning can be
/// asked for.
fn collect(mut stderr: ChildStderr) -> Receiver<Vec<u8>> {
    let (tell, told) = channel();
    thread::spawn(move || {
        let mut buffer = [0; REASON];
        while let Ok(count @ 1..) = stderr.read(&mut buffer) {
            // Once there is a connection nobody asks any more.
            let _ = tell.send(buffer[..count].to_vec());
        }
    });
    told
}

/// Until stderr is closed, or for a while: a connection to share that ssh leaves behind holds it.
fn last_words(said: &Receiver<Vec<u8>>) -> String {
    let until = Instant::now() + LAST_WORDS;
    let mut all = Vec::new();
    while let Ok(more) = said.recv_timeout(until.saturating_duration_since(Instant::now())) {
        all.extend(more);
    }
    let tail = &all[all.len().saturating_sub(REASON)..];
    String::from_utf8_lossy(tail).into_owned()
}

/// How the command ended by itself, or that it did not.
fn end(command: &mut Child) -> Option<ExitStatus> {
    let until = Instant::now() + LAST_WORDS;
    while Instant::now() < until {
        match command.try_wait() {
            Ok(None) => thread::sleep(Duration::from_millis(10)),
            Ok(status) => return status,
            Err(_) => break,
        }
    }
    let _ = command.kill();
    let _ = command.wait();
    None
}

fn why(target: &Target, said: &str, reason: &str, status: Option<ExitStatus>) -> NoGreeting {
    let name = &target.name;
    let install = format!("`psup --on {name} install` puts this psup there");
    let code = status.and_then(|status| status.code());
    if code == Some(127) || said.contains("executable file not found") {
        let failure = Failure::new(Code::Unreachable, format!("there is no psup on {name}"));
        return NoGreeting::Refused(failure.hint(install));
    }
    if code == Some(2) && said.contains("stdio") {
        let what = format!("the psup on {name} is older than this one, and does not know `stdio`");
        return NoGreeting::Refused(Failure::new(Code::VersionMismatch, what).hint(install));
    }
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    NoGreeting::Broken(unreachable(target, last.unwrap_or(reason)))
}

fn unreachable(target: &Target, why: &str) -> Failure {
    let what = format!("cannot reach {}: {}", target.name, why.trim());
    Failure::new(Code::Unreachable, what).hint(
        "`psup targets` lists the targets of the targets file, `psup help targets` tells more",
    )
}

/// What stands before the greeting is passed over: some logins print something.
fn read_greeting(wire: &mut Wire, until: Instant) -> Result<Greeting, &'static str> {
    const LATE: &str = "it did not answer in time";
    const GONE: &str = "the command ended before it said anything";
    let mut line = Vec::new();
    let mut passed = 0;
    let mut buffer = vec![0; 4 << 10];
    while passed < GREETING {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() || wire.set_read_timeout(Some(left)).is_err() {
            return Err(LATE);
        }
        let came = match wire.read(&mut buffer) {
            Ok(0) => return Err(GONE),
            Ok(count) => &buffer[..count],
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(LATE),
            Err(_) => return Err(GONE),
        };
        let end = came.iter().position(|byte| *byte == b'\n');
        let (taken, rest) = came.split_at(end.map_or(came.len(), |at| at + 1));
        // What follows the line are frames, for somebody else to read.
        wire.give_back(rest);
        passed += taken.len();
        line.extend(taken);
        if end.is_some() {
            if let Ok(greeting) = serde_json::from_slice(&line) {
                return wire
                    .set_read_timeout(None)
                    .map(|()| greeting)
                    .map_err(|_| GONE);
            }
            line.clear();
        }
    }
    Err("it prints something else than `psup stdio` does")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs::File;
    use std::io::Write;

    #[test]
    fn what_a_login_prints_before_the_greeting_is_passed_over() {
        let until = Instant::now() + GREETING_TIME;
        let (input, far) = nix::unistd::pipe().unwrap();
        let (_unread, output) = nix::unistd::pipe().unwrap();
        let mut near = Wire::pair(input, output).unwrap();
        let mut far = File::from(far);
        far.write_all(b"Welcome!\n{\"psup-stdio\":\"1\",\"new\":2}\nframes")
            .unwrap();
        assert_eq!(read_greeting(&mut near, until).unwrap().build, "1");
        let mut rest = [0; 6];
        near.read_exact(&mut rest).unwrap();
        assert_eq!(&rest, b"frames");
        drop(far);
        assert!(read_greeting(&mut near, until).is_err());
    }
}
