//! `psup service`: has the service manager of this machine start the supervisor at boot, and again
//! when it ends.
//!
//! ```text
//! perform ─┬─ systemd  a user's unit, or the system's for root; unit_text, linger, checkpoint_timer
//!          └─ launchd  an agent
//! ```
//! A file on disk is all that is installed. The unit has the name that the ladder gives to its
//! transient one, so whichever started the supervisor, it is in the cgroup of that unit. Nothing
//! here ends a session: a supervisor that runs outside of the unit is told, and stays.

mod checkpoint_timer;
mod launchd;
mod linger;
mod systemd;
mod unit_text;

pub use systemd::{has_checkpoint_timer, wants_dir};

use crate::guardian::{Facts, GUARDIAN};
use crate::handover::dirs::{Dirs, Place};
use crate::platform::ancestry;
use crate::platform::process::{self, Stat};
use crate::start;
use psup_proto::service::{Action, Report};
use psup_proto::{Code, Failure};
use std::fs;
use std::io::ErrorKind;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

/// Does it, and tells how things are then.
pub fn perform(place: &Place, action: &Action) -> Result<Report, Failure> {
    // The unit is started elsewhere.
    let dir = place.dir.as_deref().map(std::path::absolute).transpose();
    let place = Place {
        profile: place.profile.clone(),
        dir: dir.map_err(|e| Failure::system("cannot tell the directory", e))?,
    };
    // A profile or a directory that cannot be is found before a unit names it; a question makes
    // none.
    match action {
        Action::Status => Dirs::expected(&place)?,
        _ => Dirs::of(&place)?,
    };
    if cfg!(target_os = "macos") {
        launchd::Launchd::of_this_user(&place)?.perform(action)
    } else {
        systemd::Systemd::of_this_user(&place)?.perform(action)
    }
}

/// A sentence about the supervisor of `place`, if one runs that is not part of `unit`.
pub fn outside(place: &Place, unit: &str) -> Option<String> {
    let pid = guardian(place)?;
    let cgroups = ancestry::cgroups(pid).unwrap_or_default();
    (!is_within(&cgroups, unit)).then(|| {
        format!(
            "a supervisor runs outside of the unit {unit} (pid {pid}, in {})",
            cgroups.join(" ")
        )
    })
}

/// The pid of the guardian that listens for `place`.
fn guardian(place: &Place) -> Option<i32> {
    Dirs::likely(place).into_iter().find_map(|run| {
        let stream = start::try_connect(&run).ok()??;
        // A socket that the service manager keeps has the pid of a guardian that was killed.
        process::behind(stream.as_fd()).filter(|pid| is_guardian(*pid))
    })
}

fn is_guardian(pid: i32) -> bool {
    Stat::of(pid)
        .is_some_and(|stat| !stat.is_zombie() && stat.name.as_bytes() == GUARDIAN.to_bytes())
}

fn is_within(cgroups: &[String], unit: &str) -> bool {
    let mut parts = cgroups.iter().flat_map(|path| path.split('/'));
    parts.any(|part| part == unit)
}

/// `psup` as one would type it for this place.
fn psup(place: &Place) -> String {
    start::psup_words(&Facts {
        profile: place.profile.clone(),
        dir: place.dir.clone(),
        ..Facts::default()
    })
}

/// This program, by the path that an upgrade keeps.
fn program() -> Result<PathBuf, Failure> {
    let program = std::env::current_exe()
        .map_err(|e| Failure::system("cannot tell which program this is", e))?;
    // The kernel says so of a file that was replaced.
    Ok(
        match program.to_str().and_then(|p| p.strip_suffix(" (deleted)")) {
            Some(path) => path.into(),
            None => program,
        },
    )
}

fn not_installed(place: &Place) -> Failure {
    Failure::new(Code::No, "the service is not installed")
        .hint(format!("`{} service install` installs it", psup(place)))
}

/// The text at `path`; none where there is no file.
fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::system(path.display(), error)),
    }
}

/// Writes a whole file or none.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let refused = |e| Failure::system(format_args!("cannot write {}", path.display()), e);
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir).map_err(refused)?;
    }
    let new = path.with_extension("new");
    fs::write(&new, text)
        .and_then(|()| fs::rename(&new, path))
        .map_err(refused)
}

/// Whether there was something to remove.
fn remove(path: &Path) -> Result<bool, Failure> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Failure::system(
            format_args!("cannot remove {}", path.display()),
            error,
        )),
    }
}

/// The lines of ours that are not in the installed text, and the other way round.
fn drift(installed: &str, ours: &str) -> Option<String> {
    let missing = |of: &str, from: &str| {
        of.lines()
            .find(|line| !line.is_empty() && !from.lines().any(|other| other == *line))
            .map(str::to_owned)
    };
    if installed == ours {
        return None;
    }
    Some(match (missing(ours, installed), missing(installed, ours)) {
        (Some(line), _) => format!("the installed text lacks the line {line:?}"),
        (None, Some(line)) => format!("the installed text has the line {line:?} in addition"),
        (None, None) => "the installed text has other empty or repeated lines".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guardian_is_within_a_unit_by_a_whole_part_of_its_cgroup() {
        let within = |path: &str| is_within(&[path.into()], "psup-a.service");
        assert!(within("/user.slice/app.slice/psup-a.service/psup"));
        assert!(!within("/user.slice/app.slice/psup-a.service.d"));
        assert!(!within("/"));
    }

    #[test]
    fn drift_names_a_line() {
        assert_eq!(drift("a\nb\n", "a\nb\n"), None);
        let told = |installed, ours| drift(installed, ours).unwrap_or_default();
        assert_eq!(
            told("a\n", "a\nb\n"),
            "the installed text lacks the line \"b\""
        );
        assert!(told("a\nb\nc\n", "a\nb\n").contains("\"c\" in addition"));
        assert!(told("a\n\n", "a\n").contains("empty"));
    }
}
