//! Reaching the supervisor: connect, and if nobody listens, climb the ladder.

use super::ladder;
use super::unreachable::unreachable;
use crate::handover::dirs::{Dirs, Place};
use crate::handover::names::{self, SOCKET};
use crate::platform::process::{self, Stat};
use crate::platform::{lock, long_path};
#[cfg(target_os = "linux")]
use nix::sys::socket::{getsockopt, sockopt};
use psup_proto::{Code, Failure};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// Connects to the supervisor of `place`. If there is none and `start` says so, one is started, and
/// is ready when this returns.
///
/// Most often one listens, and then its directories need no look: the process that listens as this
/// user is what was looked for.
pub fn connect(place: &Place, start: bool) -> Result<UnixStream, Failure> {
    let likely = Dirs::likely(place);
    let mut denied = Vec::new();
    for run in &likely {
        match attempt(run) {
            Ok(Some(stream)) if is_ours(&stream) => return Ok(stream),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                denied.push((run, error));
            }
            // Other errors are told once the directories have been looked at.
            Ok(_) | Err(_) => {}
        }
    }
    // What may run is neither looked for nor started where nobody may connect. A directory of
    // somebody else's on the way to one of the places is no sandbox.
    if let Some((run, error)) = denied.first()
        && (error.raw_os_error() == Some(libc::EPERM) || denied.len() == likely.len())
    {
        return Err(refused(run, error));
    }
    if !start {
        return find(place);
    }
    let dirs = dirs(place)?;
    if let Some(stream) = try_connect(&dirs.run)? {
        return Ok(stream);
    }
    ladder::start_supervisor(place, &dirs)
}

/// A supervisor that runs; no directory is made.
fn find(place: &Place) -> Result<UnixStream, Failure> {
    for run in Dirs::likely(place) {
        // The first tries are over: what forbids it is told.
        if let Some(stream) = try_connect(&run)?.filter(is_ours) {
            return Ok(stream);
        }
    }
    let state = Dirs::expected(place)?.state;
    if !lock::is_taken(&state.join(lock::ALIVE)).unwrap_or_default() {
        return Err(Failure::no_supervisor());
    }
    // One lives, and its socket, or the directory of that, may have vanished this moment.
    ladder::find_alive(&dirs(place)?)?.ok_or_else(Failure::no_supervisor)
}

/// The directories, made where they are missing.
fn dirs(place: &Place) -> Result<Dirs, Failure> {
    Dirs::of(place).map_err(|failure| match failure.code {
        Code::System => Failure {
            code: Code::Unreachable,
            ..failure
        },
        _ => failure,
    })
}

/// The socket of the supervisor of `place`, if there is one.
pub fn address(place: &Place) -> Option<PathBuf> {
    let path = Dirs::of(place).ok()?.run.join(SOCKET);
    path.exists().then_some(path)
}

/// Tells a guardian of ours that is stopped to go on. While it is, nobody starts a worker in the
/// place of one that has died, and connections wait in the listener's queue. Whatever else is wrong
/// there is not for a client to mend.
pub fn resume_guardian(stream: &UnixStream) {
    // The one that listens has its pid in the socket.
    let Some(pid) = process::behind(stream.as_fd()).filter(|_| is_ours(stream)) else {
        return;
    };
    match Stat::of(pid).filter(is_guardian) {
        Some(_) => wake(pid, is_guardian),
        // A worker that was stopped before it could take the dead guardian's place.
        None => Stat::all()
            .iter()
            .filter(|stat| is_orphaned_worker(stat))
            .for_each(|stat| wake(stat.pid, is_orphaned_worker)),
    }
}

/// Sends SIGCONT to a stopped process that is what it is taken for.
fn wake(pid: i32, is_meant: impl Fn(&Stat) -> bool) {
    // What is looked at from here on is what is signalled, whatever happens to the pid.
    let pidfd = process::open_pidfd(pid).ok();
    if Stat::of(pid).is_some_and(|stat| stat.state == b'T' && is_meant(&stat)) {
        // It may have ended at this moment.
        let _ = process::signal(pidfd.as_ref().map(AsFd::as_fd), pid, libc::SIGCONT);
    }
}

fn is_guardian(stat: &Stat) -> bool {
    stat.name.as_bytes() == names::GUARDIAN.to_bytes()
}

/// A stopped worker of this user that no guardian looks after. Of whichever supervisor it is, it is
/// better awake.
fn is_orphaned_worker(stat: &Stat) -> bool {
    let is_worker = || {
        process::arguments(stat.pid)
            .get(1)
            .is_some_and(|word| word == names::WORKER.to_bytes())
    };
    let is_ours = || process::owner(stat.pid) == Some(nix::unistd::geteuid().as_raw());
    stat.state == b'T'
        && stat.name == "psup"
        && Stat::of(stat.parent).is_none_or(|parent| !is_guardian(&parent))
        && is_worker()
        && is_ours()
}

/// Connects to the socket in `run`; `None` if nobody listens there.
pub fn try_connect(run: &Path) -> Result<Option<UnixStream>, Failure> {
    attempt(run).map_err(|error| refused(run, &error))
}

fn attempt(run: &Path) -> io::Result<Option<UnixStream>> {
    match long_path::within(run, SOCKET, |path| UnixStream::connect(path)) {
        Ok(stream) => Ok(Some(stream)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn refused(run: &Path, error: &io::Error) -> Failure {
    let path = run.join(SOCKET);
    let path = path.display();
    let sandbox = match error.raw_os_error() {
        Some(libc::EPERM) => "a sandbox forbids this",
        Some(libc::EACCES) => "a sandbox, or the mode of a directory, forbids this",
        _ => return unreachable(format!("cannot connect to {path}: {error}")),
    };
    unreachable(format!("{sandbox}: connect to {path}: {error}")).hint(
        "`psup help gate` tells how a sandbox is let through; `psup doctor --only sandbox` tells \
         what forbids it",
    )
}

/// Whether the other side listens as this user. Invariant 10 has two sides.
fn is_ours(stream: &UnixStream) -> bool {
    let ours = nix::unistd::geteuid();
    #[cfg(target_os = "linux")]
    let theirs = getsockopt(stream, sockopt::PeerCredentials).map(|peer| peer.uid());
    #[cfg(not(target_os = "linux"))]
    let theirs = nix::unistd::getpeereid(stream).map(|(uid, _)| uid.as_raw());
    theirs == Ok(ours.as_raw())
}
