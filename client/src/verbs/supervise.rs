//! `psup supervise`.

use super::{OnTarget, Run};
use crate::context::{Context, Done};
use nix::errno::Errno;
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use psup_proto::{Code, Failure, Request};
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// What ends or pokes a program; it is passed on to the command.
const PASSED_ON: [Signal; 7] = [
    Signal::SIGHUP,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGTERM,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGWINCH,
];

/// Run as the first process of a container, with a supervisor beside a command
///
/// Starts the supervisor, runs COMMAND, passes signals on to it, and exits when it
/// exits, after stopping the sessions. Without a command it runs until SIGTERM or
/// SIGINT. As process 1 it adopts and reaps processes that have lost their parents.
///
/// Example:
///   psup supervise -- node server.js
///   psup supervise
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Supervise {
    /// The program and its arguments
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl Run for Supervise {
    const ON_TARGET: OnTarget = OnTarget::Whole;

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let mut signals: SigSet = PASSED_ON.into_iter().collect();
        signals.add(Signal::SIGCHLD);
        // Nothing that comes from here on is missed, and nothing ends this process.
        signals
            .thread_block()
            .map_err(|e| Failure::system("cannot block signals", e))?;
        let (connector, place) = cx.way();
        drop(connector.connect(&place, true)?);
        let command = self
            .command
            .split_first()
            .map(|(program, arguments)| start(program, arguments))
            .transpose()?;
        let code = attend(&signals, command)?;
        // Where no supervisor is left there is nothing to stop.
        let _ = cx.ask(&Request::Shutdown { force: true });
        Ok(Done { code })
    }
}

fn start(program: &OsString, arguments: &[OsString]) -> Result<Pid, Failure> {
    let mut command = Command::new(program);
    command.args(arguments);
    // SAFETY: between fork and exec it makes one system call, which is async-signal-safe.
    unsafe {
        command.pre_exec(|| Ok(SigSet::empty().thread_set_mask()?));
    }
    let child = command.spawn().map_err(|e| {
        let what = format!("cannot start {}: {e}", program.display());
        Failure::new(Code::CannotStart, what)
    })?;
    Ok(Pid::from_raw(child.id().cast_signed()))
}

/// Until the command has ended; without one, until a signal asks for the end.
fn attend(signals: &SigSet, command: Option<Pid>) -> Result<u8, Failure> {
    loop {
        let signal = match signals.wait() {
            Ok(signal) => signal,
            Err(Errno::EINTR) => continue,
            Err(error) => return Err(Failure::system("cannot wait for signals", error)),
        };
        match (signal, command) {
            (Signal::SIGCHLD, _) => {
                if let Some(code) = reap(command) {
                    return Ok(code);
                }
            }
            (Signal::SIGTERM | Signal::SIGINT, None) => return Ok(0),
            (_, None) => {}
            // One that has ended this moment is reaped next.
            (signal, Some(command)) => drop(kill(command, signal)),
        }
    }
}

/// Reaps every process that has ended; returns the code of the command, if it was among them.
fn reap(command: Option<Pid>) -> Option<u8> {
    let mut ended = None;
    loop {
        match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(pid, code)) if Some(pid) == command => ended = Some(code as u8),
            Ok(WaitStatus::Signaled(pid, signal, _)) if Some(pid) == command => {
                ended = Some(128 + signal as u8);
            }
            Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => return ended,
            Ok(_) | Err(_) => {}
        }
    }
}
