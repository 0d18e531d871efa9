//! The timer that makes checkpoints, beside the unit: `psup service install --checkpoint daily`.
//!
//! ```text
//! psup-ci.service               the supervisor
//! psup-ci:checkpoint.timer      when; no profile has a colon in its name
//! psup-ci:checkpoint.service    `psup checkpoint --into DIR --keep 7`, once
//! ```

use super::unit_text::{path, word};
use crate::handover::dirs::Place;
use psup_proto::Failure;
use std::ffi::OsStr;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

const TARGET: &str = "timers.target";

pub(super) struct CheckpointTimer {
    units: PathBuf,
    timer: String,
    service: String,
}

impl CheckpointTimer {
    /// Beside the unit of a supervisor.
    pub(super) fn of(units: &Path, unit: &str) -> Self {
        let name = unit.strip_suffix(".service").unwrap_or(unit);
        Self {
            units: units.to_owned(),
            timer: format!("{name}:checkpoint.timer"),
            service: format!("{name}:checkpoint.service"),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.timer
    }

    pub(super) fn service(&self) -> &str {
        &self.service
    }

    pub(super) fn path(&self) -> PathBuf {
        self.units.join(&self.timer)
    }

    pub(super) fn is_installed(&self) -> bool {
        self.path().exists() && self.link().exists()
    }

    /// What a person wants to know of it.
    pub(super) fn about(&self) -> Option<String> {
        let timer = super::read(&self.path()).ok()??;
        let service = super::read(&self.units.join(&self.service)).ok()??;
        let value = |text: &str, key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key));
            line.unwrap_or_default().to_owned()
        };
        Some(format!(
            "{}, {} ({})",
            value(&timer, "OnCalendar="),
            value(&service, "# "),
            self.timer
        ))
    }

    pub(super) fn write(
        &self,
        place: &Place,
        program: &Path,
        how_often: &str,
        keep: u32,
        dir: &Path,
    ) -> Result<(), Failure> {
        let service = service_text(place, program, keep, dir);
        super::write(&self.units.join(&self.service), &service)?;
        super::write(&self.path(), &timer_text(place, how_often))?;
        let link = self.link();
        let refused = |e| Failure::system(format_args!("cannot link {}", link.display()), e);
        if let Some(dir) = link.parent() {
            std::fs::create_dir_all(dir).map_err(refused)?;
        }
        super::remove(&link)?;
        symlink(self.path(), &link).map_err(refused)
    }

    /// Whether there was something to remove.
    pub(super) fn remove(&self) -> Result<bool, Failure> {
        let link = self.link();
        let was_linked = super::remove(&link)?;
        if let Some(dir) = link.parent() {
            // It is gone when no other timer is there.
            let _ = std::fs::remove_dir(dir);
        }
        let had_service = super::remove(&self.units.join(&self.service))?;
        Ok(super::remove(&self.path())? || had_service || was_linked)
    }

    fn link(&self) -> PathBuf {
        self.units.join(format!("{TARGET}.wants")).join(&self.timer)
    }
}

fn service_text(place: &Place, program: &Path, keep: u32, dir: &Path) -> String {
    let keep = keep.to_string();
    let mut words: Vec<&OsStr> = vec!["--profile".as_ref(), place.profile.as_ref()];
    if let Some(dir) = &place.dir {
        words.extend([OsStr::new("--dir"), dir.as_os_str()]);
    }
    words.extend(["checkpoint", "--into"].map(OsStr::new));
    words.extend([dir.as_os_str(), "--keep".as_ref(), keep.as_ref()]);
    let words: Vec<String> = words.into_iter().map(word).collect();
    format!(
        "# {keep} are kept in {}\n\
         # Written by `psup service install`; `psup service uninstall` removes it.\n\
         [Unit]\n\
         Description=psup, a checkpoint of the profile {}\n\
         \n\
         [Service]\n\
         Type=oneshot\n\
         Nice=10\n\
         ExecStart={} {}\n",
        dir.display().to_string().replace('\n', " "),
        place.profile,
        path(program),
        words.join(" "),
    )
}

fn timer_text(place: &Place, how_often: &str) -> String {
    format!(
        "# Written by `psup service install`; `psup service uninstall` removes it.\n\
         [Unit]\n\
         Description=psup, checkpoints of the profile {}\n\
         \n\
         [Timer]\n\
         OnCalendar={how_often}\n\
         Persistent=true\n\
         RandomizedDelaySec=10min\n\
         \n\
         [Install]\n\
         WantedBy={TARGET}\n",
        place.profile,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_timer_is_written_told_and_removed_without_a_trace() {
        let units = tempfile::tempdir().unwrap();
        let place = Place {
            profile: "ci".into(),
            dir: Some("/a b".into()),
        };
        let timer = CheckpointTimer::of(units.path(), "psup-ci.service");
        assert!(!timer.is_installed() && !timer.remove().unwrap());
        let program = Path::new("/bin/psup");
        timer
            .write(&place, program, "daily", 7, Path::new("/to/here"))
            .unwrap();
        assert!(timer.is_installed());
        let text = std::fs::read_to_string(units.path().join(timer.service())).unwrap();
        let line = "ExecStart=\"/bin/psup\" \"--profile\" \"ci\" \"--dir\" \"/a b\" \"checkpoint\" \
                    \"--into\" \"/to/here\" \"--keep\" \"7\"";
        assert!(text.contains(line), "{text}");
        let about = timer.about().unwrap();
        assert_eq!(
            about,
            "daily, 7 are kept in /to/here (psup-ci:checkpoint.timer)"
        );
        assert!(timer.remove().unwrap());
        assert_eq!(std::fs::read_dir(units.path()).unwrap().count(), 0);
    }
}
