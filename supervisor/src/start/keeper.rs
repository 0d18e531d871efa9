//! The process that a service manager starts in the unit, watches, and starts again.
//!
//! It starts the guardian, which leaves it, and then waits for the end of the supervisor, which it
//! learns from the lifetime lock. It knows nothing, so that it may be killed: the next one finds
//! the supervisor alive, and waits as well. When guardian and worker are killed at once it ends,
//! the manager starts the unit again, and gives it what it had kept for them: terminals, rings,
//! pidfds. The new guardian goes on with these.

use super::rung::Rung;
use super::{daemonise, ladder};
use crate::guardian::fd_store::{Manager, held_name};
use crate::handover::dirs::{Dirs, Place};
use crate::platform::cgroup::{move_to_leaf, unit_restart};
use crate::platform::{descriptors, lock};
use psup_proto::Failure;
use std::ffi::OsString;
use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Where a manager puts what it has kept.
const FIRST: RawFd = 3;
/// Limits of sessions, while the unit has no main process.
const LIMITS: &str = "limits";
/// A unit that cannot start is started again for ever, but not in a circle without a pause.
const PAUSE: Duration = Duration::from_secs(1);

/// The role inside a service manager's unit: `RUNG PROFILE [DIR]`. A manager that does not listen
/// to its services counts the unit as started when this exits.
pub fn serve(arguments: &[OsString]) -> ExitCode {
    let held = kept_descriptors();
    let place = place(arguments.get(1..).unwrap_or_default());
    let rung = arguments
        .first()
        .and_then(|word| Rung::parse(word.to_str()?))
        .unwrap_or(Rung::DoubleFork);
    if matches!(rung, Rung::SystemdUser | Rung::SystemdSystem) {
        // A unit that is not delegated to us stays as it is, and so do its sessions: without
        // cgroups of their own.
        let _ = move_to_leaf();
        if let Ok(dirs) = Dirs::of(&place)
            && let Err(error) = unit_restart::put_back(&dirs.run.join(LIMITS))
        {
            say(&Failure::system(
                "cannot apply the limits of sessions again",
                error,
            ));
        }
    }
    let notify = std::env::var_os("NOTIFY_SOCKET").map(PathBuf::from);
    let started = Dirs::of(&place).and_then(|dirs| {
        let mut facts = ladder::facts(&place, &dirs, rung, &[]);
        facts.notify.clone_from(&notify);
        daemonise::start(&facts, None, &held)?;
        // A terminal is closed when its last holder closes it, and this process stays.
        drop(held);
        Ok(dirs)
    });
    match (started, notify) {
        (Ok(_), None) => ExitCode::SUCCESS,
        (Ok(dirs), Some(notify)) => stay(&dirs, &notify),
        (Err(failure), notify) => {
            say(&failure);
            if notify.is_some() {
                std::thread::sleep(PAUSE);
            }
            ExitCode::FAILURE
        }
    }
}

/// `PROFILE [DIR]`.
fn place(arguments: &[OsString]) -> Place {
    Place {
        profile: arguments
            .first()
            .map_or_else(String::new, |p| p.to_string_lossy().into_owned()),
        dir: arguments.get(1).map(PathBuf::from),
    }
}

/// The unit's main process has ended, and the manager is about to start the next one.
pub fn unit_ended(arguments: &[OsString]) -> io::Result<()> {
    let dirs = Dirs::of(&place(arguments)).map_err(io::Error::other)?;
    unit_restart::take_down(&dirs.run.join(LIMITS))
}

/// Tells the manager that the unit has started, and returns when the supervisor has ended.
fn stay(dirs: &Dirs, notify: &Path) -> ExitCode {
    let ended = Manager::at(notify)
        .and_then(|manager| Ok(manager.say("READY=1\n", None)?))
        .and_then(|()| lock::wait_until_free(&dirs.state.join(lock::ALIVE)));
    match ended {
        // Not as if it had ended in order: then the manager would run what stops the unit.
        Ok(()) => ExitCode::FAILURE,
        Err(error) => {
            say(&Failure::system("cannot wait for the supervisor", error));
            std::thread::sleep(PAUSE);
            ExitCode::FAILURE
        }
    }
}

/// What the manager had kept of the supervisor before this one, by the names it was held under.
fn kept_descriptors() -> Vec<(String, OwnedFd)> {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    if variable("LISTEN_PID").parse() != Ok(std::process::id()) {
        return Vec::new();
    }
    let count: RawFd = variable("LISTEN_FDS").parse().unwrap_or(0);
    let names = variable("LISTEN_FDNAMES");
    (FIRST..FIRST + count.max(0))
        .zip(names.split(':'))
        .filter_map(|(number, name)| {
            descriptors::set_inherited(number, false).ok()?;
            // SAFETY: the manager says that these are open and ours, and this is the first to look.
            Some((held_name(name), unsafe { OwnedFd::from_raw_fd(number) }))
        })
        .collect()
}

/// A unit's stderr is its journal: the one place where this is looked for.
#[allow(clippy::print_stderr)]
fn say(failure: &Failure) {
    eprintln!("error: {failure}");
}
