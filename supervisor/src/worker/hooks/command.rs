//! One run of a hook's command: in a session of its own, with the delivery on its stdin, ended when
//! its time is over.
//!
//! The worker forks for it and goes on at once; the reaping of children tells it of the end. The
//! command belongs to no psup session: it has its caller's environment without the mark by which a
//! session's processes are found, and it starts in the supervisor's own cgroup.

use super::entry::StoredHook;
use crate::platform::{descriptors, process, signal_names};
use crate::pty::{self, Detached};
use crate::worker::context::SharedWorker;
use crate::worker::driver::async_fd::register_readable;
use psup_proto::{Exit, Outcome};
use std::io::{self, Seek, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;
use tokio::io::unix::AsyncFd;
use tokio::sync::oneshot;

/// What is kept of what a command prints: enough for the sentence in which it says what is wrong.
const SAID: usize = 2 << 10;
/// Between the polite signal and the firm one.
const GRACE: Duration = Duration::from_secs(2);

/// Runs it once. An error is the reason why it did not return 0.
pub(crate) async fn run(
    worker: &SharedWorker,
    hook: &StoredHook,
    message: &[u8],
) -> Result<(), String> {
    let cannot = |error: io::Error| format!("cannot start: {error}");
    let (ended, output) = start(worker, hook, message).map_err(cannot)?;
    let mut said = Vec::new();
    let raw = {
        let mut ended = std::pin::pin!(until_ended(ended, hook.hook.timeout));
        tokio::select! {
            raw = &mut ended => raw,
            // Everything that has the other end has closed it; the command may run on.
            () = listen(&output, &mut said) => ended.await,
        }
    };
    while take(&output, &mut said).unwrap_or(0) > 0 {}
    judge(raw, hook.hook.timeout, &said)
}

/// How a command ended.
#[derive(Clone, Copy)]
enum End {
    Raw(i32),
    /// It was ended, for its time was over.
    TimedOut,
}

fn judge(end: End, timeout: Duration, said: &[u8]) -> Result<(), String> {
    let why = match end {
        End::TimedOut => format!(
            "it ran longer than {}",
            psup_proto::units::show_duration(timeout)
        ),
        End::Raw(raw) => match Exit::from_raw(raw, 0).outcome {
            Outcome::Code(0) => return Ok(()),
            Outcome::Code(code) => format!("exit code {code}"),
            Outcome::Signal { number, .. } => {
                format!("ended by {}", signal_names::name_of(number))
            }
            Outcome::Unknown { reason } | Outcome::Lost { reason } => reason,
        },
    };
    Err(match last_line(said) {
        Some(line) => format!("{why}: {line}"),
        None => why,
    })
}

/// The last line that it printed, made harmless.
fn last_line(said: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(said);
    let line = text.lines().rev().find(|line| !line.trim().is_empty())?;
    let line: String = line.trim().chars().filter(|c| !c.is_control()).collect();
    Some(line.chars().take(200).collect())
}

struct Running {
    pid: i32,
    ended: oneshot::Receiver<i32>,
}

fn start(
    worker: &SharedWorker,
    hook: &StoredHook,
    message: &[u8],
) -> io::Result<(Running, AsyncFd<OwnedFd>)> {
    let mut stdin = descriptors::nameless()?;
    stdin.write_all(message)?;
    stdin.rewind()?;
    let (read, write) = nix::unistd::pipe()?;
    let read = descriptors::above(read.as_fd(), 3)?;
    nix::fcntl::fcntl(
        &read,
        nix::fcntl::FcntlArg::F_SETFL(nix::fcntl::OFlag::O_NONBLOCK),
    )?;
    let facts = &worker.facts;
    let mut env = hook.env.clone();
    env.retain(|(name, _)| name != pty::MARK.as_bytes() && name != b"PSUP_SESSION");
    let mut set = |name: &[u8], value: Vec<u8>| {
        env.retain(|(other, _)| other != name);
        env.push((name.to_vec(), value));
    };
    // A `psup` in it asks this supervisor.
    set(b"PSUP_PROFILE", facts.profile.clone().into_bytes());
    if let Some(dir) = &facts.dir {
        set(
            b"PSUP_DIR",
            dir.clone().into_os_string().into_encoded_bytes(),
        );
    }
    set(b"PSUP_HOOK", hook.number.to_string().into_bytes());
    let detached = Detached {
        command: &hook.hook.command,
        cwd: &hook.cwd,
        env: &env,
        stdin: stdin.as_fd(),
        output: write.as_fd(),
        umask: hook.umask,
        open_files: (facts.open_files > 0).then_some(facts.open_files),
    };
    let pid = pty::start_detached(&detached)?;
    let (tell, ended) = oneshot::channel();
    // Nobody has reaped it yet: that is done by this thread.
    worker.hooks.commands.borrow_mut().insert(pid, tell);
    Ok((Running { pid, ended }, register_readable(read)?))
}

async fn until_ended(mut running: Running, timeout: Duration) -> End {
    let pid = running.pid;
    if let Ok(raw) = tokio::time::timeout(timeout, &mut running.ended).await {
        return raw.map_or(End::TimedOut, End::Raw);
    }
    // Its whole group; one that has just ended needs no signal.
    let _ = process::signal_group(pid, libc::SIGTERM);
    if tokio::time::timeout(GRACE, &mut running.ended)
        .await
        .is_err()
    {
        let _ = process::signal_group(pid, libc::SIGKILL);
        // It may be in a sleep that no signal ends; then it is not waited for.
        let _ = tokio::time::timeout(GRACE, &mut running.ended).await;
    }
    End::TimedOut
}

/// Reads what it prints, until nobody can print any more.
async fn listen(output: &AsyncFd<OwnedFd>, said: &mut Vec<u8>) {
    while let Ok(mut ready) = output.readable().await {
        match take(output, said) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => ready.clear_ready(),
            Err(_) => return,
        }
    }
}

fn take(output: &AsyncFd<OwnedFd>, said: &mut Vec<u8>) -> io::Result<usize> {
    let mut piece = [0; 4 << 10];
    let count = nix::unistd::read(output.get_ref(), &mut piece)?;
    said.extend_from_slice(&piece[..count]);
    let surplus = said.len().saturating_sub(SAID);
    said.drain(..surplus);
    Ok(count)
}
