//! The ladder: under the starters' lock, from the rung that survives most down to the one that
//! always holds.
//!
//! Starters take turns by `<run>/lock`, so 40 of them make one supervisor. Whether one is alive is
//! told by its lifetime lock, never by its socket: a socket nobody listens on is replaced by the
//! next guardian, a live supervisor's is waited for.

use super::connect::try_connect;
use super::daemonise::{self, PATIENCE};
use super::rung::Rung;
use super::unreachable::unreachable;
use super::{cgroup, launchd, systemd};
use crate::handover::dirs::{Dirs, Place};
use crate::handover::fd_table::Facts;
use crate::log;
use crate::platform::lock::{self, Patience};
use crate::platform::watch::{For, Watch};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use psup_proto::Failure;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Instant;

/// Starts a supervisor for `place`, unless somebody else just did, and connects to it.
pub(super) fn start_supervisor(place: &Place, dirs: &Dirs) -> Result<UnixStream, Failure> {
    let rungs = Rung::to_try()?;
    // Each holder is bounded by its own patience, so waiting here is too.
    let _turn = lock::take(&dirs.run.join(lock::START), Patience::Wait)
        .map_err(|e| Failure::system("cannot lock the run directory", e))?;
    if let Some(stream) = try_connect(&dirs.run)? {
        return Ok(stream);
    }
    if let Some(stream) = find_alive(dirs)? {
        return Ok(stream);
    }
    let mut refused = Vec::new();
    for rung in rungs {
        let facts = facts(place, dirs, rung, &refused);
        match start(rung, &facts).and_then(|()| wait_for_socket(dirs)) {
            Ok(Some(stream)) => return Ok(stream),
            Ok(None) => refused.push(format!("{}: the supervisor ended again", rung.word())),
            Err(failure) => refused.push(format!("{}: {}", rung.word(), failure.message)),
        }
    }
    let tail = log::tail(&dirs.state, 3);
    let failure = unreachable(format!(
        "no supervisor could be started ({})",
        refused.join("; ")
    ));
    Err(if tail.is_empty() {
        failure
    } else {
        failure.hint(format!("its log ends with:\n{tail}"))
    })
}

/// Connects to a supervisor that is alive, though its socket is not there at the moment; `None` if
/// none is.
pub(super) fn find_alive(dirs: &Dirs) -> Result<Option<UnixStream>, Failure> {
    if is_alive(dirs)? {
        wait_for_socket(dirs)
    } else {
        Ok(None)
    }
}

fn start(rung: Rung, facts: &Facts) -> Result<(), Failure> {
    match rung {
        Rung::SystemdUser | Rung::SystemdSystem => systemd::start(rung, facts),
        Rung::Launchd => launchd::start(facts),
        Rung::Cgroup => daemonise::start(facts, Some(&cgroup::sibling(facts)?), &[]),
        Rung::DoubleFork => daemonise::start(facts, None, &[]),
    }
}

pub(super) fn facts(place: &Place, dirs: &Dirs, rung: Rung, refused: &[String]) -> Facts {
    let unit = match rung {
        Rung::SystemdUser | Rung::SystemdSystem => Some(systemd::unit(place)),
        Rung::Launchd => Some(launchd::label(place)),
        Rung::Cgroup | Rung::DoubleFork => None,
    };
    Facts {
        profile: place.profile.clone(),
        // The supervisor's directory is `/`.
        dir: place
            .dir
            .as_ref()
            .and_then(|dir| std::path::absolute(dir).ok()),
        run: dirs.run.clone(),
        state: dirs.state.clone(),
        rung: rung.word().into(),
        refused: refused.to_vec(),
        unit,
        ..Facts::default()
    }
}

fn is_alive(dirs: &Dirs) -> Result<bool, Failure> {
    lock::is_taken(&dirs.state.join(lock::ALIVE))
        .map_err(|e| Failure::system("cannot look at the lifetime lock", e))
}

/// Waits until no process of the supervisor of `place` is left. Nothing writes to its directories
/// after that.
pub fn wait_for_end(place: &Place) -> Result<(), Failure> {
    let dirs = Dirs::of(place)?;
    let deadline = Instant::now() + PATIENCE;
    let Ok(watch) = watch_for_end(&dirs) else {
        // The state directory is gone, and the lock with it.
        return Ok(());
    };
    // Once the lock is let go of, another supervisor may have it at once: a service manager's.
    if !is_alive(&dirs)? || wait(&watch, deadline)? {
        return Ok(());
    }
    let alive = dirs.state.join(lock::ALIVE);
    Err(
        unreachable("the supervisor was told to end, but a process of it is left")
            .hint(format!("`fuser {}` shows it", alive.display())),
    )
}

fn watch_for_end(dirs: &Dirs) -> std::io::Result<Watch> {
    let watch = Watch::new()?;
    watch.look_at(&dirs.state.join(lock::ALIVE), For::Closing)?;
    Ok(watch)
}

/// Whether there was something to see before the deadline.
fn wait(watch: &Watch, deadline: Instant) -> Result<bool, Failure> {
    let left = deadline.saturating_duration_since(Instant::now());
    let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
    match poll(
        &mut [PollFd::new(watch.as_fd(), PollFlags::POLLIN)],
        timeout,
    ) {
        Ok(0) => Ok(false),
        Ok(_) | Err(nix::errno::Errno::EINTR) => {
            watch.drain();
            Ok(true)
        }
        Err(error) => Err(Failure::system("cannot wait for a supervisor", error)),
    }
}

/// A supervisor lives: its socket is there, or is about to be bound again, or the supervisor is
/// about to end (`None`).
fn wait_for_socket(dirs: &Dirs) -> Result<Option<UnixStream>, Failure> {
    let deadline = Instant::now() + PATIENCE;
    let watch = watch_for_end(dirs)
        .and_then(|watch| watch.look_at(&dirs.run, For::Arrival).map(|()| watch))
        .map_err(|e| Failure::system("cannot watch for the socket", e))?;
    loop {
        if let Some(stream) = try_connect(&dirs.run)? {
            return Ok(Some(stream));
        }
        if !is_alive(dirs)? {
            return Ok(None);
        }
        if !wait(&watch, deadline)? {
            break;
        }
    }
    Err(
        unreachable("a supervisor is alive but does not listen").hint(format!(
            "`fuser {}` shows its processes",
            dirs.state.join(lock::ALIVE).display()
        )),
    )
}
