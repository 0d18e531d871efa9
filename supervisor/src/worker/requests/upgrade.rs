//! Becoming another build: the program is asked whether it fits, then the guardian becomes it.
//!
//! The client's connection ends with this worker. The client asks again by the same id, and
//! whichever worker is there then tells how it went: that of the new build once it has lived long
//! enough to stay, or that of the old one.

use crate::guardian::{PROOF, Upgrade};
use crate::handover::names::{GUARDIAN_VERSION, PROBE};
use crate::log::{Level, log};
use crate::platform::{process, program};
use crate::worker::connection::{Connection, Served};
use crate::worker::context::{SharedWorker, Upgrading};
use crate::worker::driver::async_fd::register_readable;
use crate::worker::room::ClientLeft;
use psup_proto::hello::{BUILD, VERSIONS};
use psup_proto::{Code, Failure, Response};
use serde::Deserialize;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::ops::RangeInclusive;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::sync::oneshot;

/// A program that says what it is takes milliseconds.
const PROBE_TIME: Duration = Duration::from_secs(3);
/// More than a probe says.
const PROBE_SAYS: usize = 4096;
/// A new guardian asks this worker to finish at once. One that has not by then never will.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a program says of itself when it is asked.
#[derive(Deserialize)]
struct Probe {
    psup: String,
    protocol: [u16; 2],
    guardian: u16,
}

pub(super) async fn upgrade(connection: &mut Connection, id: u128, binary: &[u8]) -> Served {
    let worker = connection.worker.clone();
    if let Some(done) = worker
        .facts
        .upgrade
        .clone()
        .filter(|upgrade| upgrade.id == id)
    {
        let answer = connection.while_there(how_it_went(&worker, done)).await?;
        return connection.answer(answer).await;
    }
    let failure = become_program(connection, id, binary, &VERSIONS).await?;
    connection.answer(Err(failure)).await
}

/// Asked for by a build of no common version, which becomes this one's successor: whether that one
/// fits is for the asker to know, and only the guardian has to understand it. Returns why not.
pub(crate) async fn upgrade_across(
    connection: &mut Connection,
    id: u128,
    binary: &[u8],
) -> Result<Failure, ClientLeft> {
    become_program(connection, id, binary, &(0..=u16::MAX)).await
}

/// Returns if that did not work out: else this worker ends while it waits here.
async fn become_program(
    connection: &mut Connection,
    id: u128,
    binary: &[u8],
    wanted: &RangeInclusive<u16>,
) -> Result<Failure, ClientLeft> {
    let worker = connection.worker.clone();
    let path = Path::new(OsStr::from_bytes(binary));
    let program = match connection.while_there(judged(path, wanted)).await? {
        Ok(program) => program,
        Err(failure) => return Ok(failure),
    };
    let refused = match hand_over(&worker, id, &program) {
        Ok(refused) => refused,
        Err(failure) => return Ok(failure),
    };
    Ok(match connection.while_there(refused).await? {
        Ok(errno) => cannot(path, &io::Error::from_raw_os_error(errno)),
        Err(_) => Failure::new(Code::Internal, "the upgrade was abandoned"),
    })
}

/// A build that dies young is taken back, so until it is older nobody is told that it stays.
async fn how_it_went(worker: &SharedWorker, upgrade: Upgrade) -> Result<Response, Failure> {
    if let Some(error) = upgrade.error {
        let message = format!("the new build was taken back: {error}");
        return Err(Failure::new(Code::CannotStart, message).hint(format!(
            "psup {BUILD} is still serving; `psup logs` tells more"
        )));
    }
    tokio::time::sleep_until((worker.began + PROOF).into()).await;
    Ok(Response::Upgraded {
        from: upgrade.from,
        to: BUILD.to_owned(),
    })
}

/// Gives the program to the guardian. What comes back tells if the guardian cannot become it.
fn hand_over(
    worker: &SharedWorker,
    id: u128,
    program: &OwnedFd,
) -> Result<oneshot::Receiver<i32>, Failure> {
    if worker.upgrading.borrow().is_some() || worker.closing.get() {
        return Err(Failure::new(
            Code::Retry,
            "the supervisor is being replaced already",
        ));
    }
    let (refuse, refused) = oneshot::channel();
    *worker.upgrading.borrow_mut() = Some(Upgrading { id, refuse });
    if let Err(error) = worker.control.upgrade(program.as_fd(), id) {
        worker.upgrading.borrow_mut().take();
        return Err(Failure::system("the guardian cannot be told", error));
    }
    tokio::task::spawn_local(end_impostor(worker.clone(), id));
    Ok(refused)
}

/// A program that took the guardian's place and does nothing is ended; its end makes this worker
/// the guardian.
async fn end_impostor(worker: SharedWorker, id: u128) {
    tokio::time::sleep(PATIENCE).await;
    if worker
        .upgrading
        .borrow()
        .as_ref()
        .is_some_and(|upgrading| upgrading.id == id)
    {
        log(
            Level::Error,
            "the new guardian does nothing and is ended",
            &[],
        );
        worker.end_guardian();
    }
}

/// The program, held open, if it is a psup that can take over from this one.
async fn judged(path: &Path, wanted: &RangeInclusive<u16>) -> Result<OwnedFd, Failure> {
    let program = program::open(path).map_err(|e| cannot(path, &e))?;
    // Before anything of it runs: anyone who may write it would have all that is ours.
    trusted(path, &program)?;
    let program: OwnedFd = program.into();
    let mut asked = Command::new(program::path_of(&program, path));
    asked
        .arg(PROBE)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .stdout(Stdio::piped());
    let mut child = asked.spawn().map_err(|e| cannot(path, &e))?;
    // The process that reaps children here reaps this one too; until then its pid is its own.
    let pid = child.id().cast_signed();
    let pidfd = process::open_pidfd(pid).ok();
    let stdout = child.stdout.take().map(OwnedFd::from);
    let said = match stdout {
        Some(stdout) => tokio::time::timeout(PROBE_TIME, all_of(stdout)).await,
        None => Ok(Ok(Vec::new())),
    };
    // One that has ended needs no end.
    let _ = process::signal(pidfd.as_ref().map(AsFd::as_fd), pid, libc::SIGKILL);
    let said = said.ok().and_then(Result::ok).unwrap_or_default();
    let probe = serde_json::from_slice::<Probe>(&said).map_err(|_| {
        let message = format!(
            "{} is no psup: it does not answer to {PROBE}",
            path.display()
        );
        Failure::new(Code::CannotStart, message).hint("nothing was changed")
    })?;
    fits(path, &probe, wanted).map(|()| program)
}

/// Whether nobody but this user, or root, decides what is in the program, and it runs as this user.
fn trusted(path: &Path, program: &File) -> Result<(), Failure> {
    let file = program.metadata().map_err(|e| cannot(path, &e))?;
    let us = nix::unistd::geteuid().as_raw();
    let why = match (file.uid(), file.mode()) {
        (owner, _) if owner != us && owner != 0 => {
            format!("it belongs to user {owner}, and this supervisor to user {us}")
        }
        (_, mode) if mode & 0o6000 != 0 => {
            "it is setuid or setgid: it would run as somebody else".into()
        }
        (_, mode) if mode & 0o002 != 0 => "everybody may write to it".into(),
        _ => return Ok(()),
    };
    let message = format!("cannot become {}: {why}", path.display());
    Err(Failure::new(Code::CannotStart, message).hint(
        "nothing was changed; copy the program to a file of your own: `install -m 755 FILE NEW`",
    ))
}

fn fits(path: &Path, probe: &Probe, wanted: &RangeInclusive<u16>) -> Result<(), Failure> {
    let overlap = probe.protocol[0] <= *wanted.end() && probe.protocol[1] >= *wanted.start();
    if overlap && probe.guardian == GUARDIAN_VERSION {
        return Ok(());
    }
    let message = format!(
        "{} (psup {}) speaks protocol {}-{} and guardian {}, this supervisor {}-{} and {GUARDIAN_VERSION}",
        path.display(),
        probe.psup,
        probe.protocol[0],
        probe.protocol[1],
        probe.guardian,
        VERSIONS.start(),
        VERSIONS.end()
    );
    Err(Failure::new(Code::VersionMismatch, message)
        .hint("nothing was changed; `psup shutdown --force` ends the sessions and this supervisor"))
}

async fn all_of(pipe: OwnedFd) -> io::Result<Vec<u8>> {
    let pipe = register_readable(pipe)?;
    let mut said = Vec::new();
    while said.len() < PROBE_SAYS {
        drop(pipe.readable().await?);
        // A pipe that is readable has something to give or is at its end: this does not block.
        let mut buffer = [0; 512];
        match std::fs::File::from(pipe.get_ref().try_clone()?).read(&mut buffer)? {
            0 => break,
            count => said.extend_from_slice(&buffer[..count]),
        }
    }
    Ok(said)
}

fn cannot(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        Code::CannotStart,
        format!("cannot become {}: {error}", path.display()),
    )
    .hint("nothing was changed")
}
