//! Lingering: the user's manager starts at boot and stays after the last logout. Switched on by an
//! install where that is allowed, and off again by the uninstall of the last unit, but only if an
//! install of ours had switched it on. A marker beside the units remembers that.

use crate::start::systemd::finish;
use psup_proto::Failure;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(8);

pub(super) struct Linger {
    pub user: String,
    /// Where the units are.
    pub units: PathBuf,
}

impl Linger {
    pub(super) fn is_on(&self) -> bool {
        Path::new("/var/lib/systemd/linger")
            .join(&self.user)
            .exists()
    }

    /// A sentence about what was done; the reason where it could not be.
    pub(super) fn switch_on(&self) -> Result<Option<String>, String> {
        if self.is_on() {
            return Ok(None);
        }
        self.ask("enable-linger")?;
        super::write(&self.marker(), "").map_err(|failure| failure.message)?;
        Ok(Some(format!(
            "{} lingers now: the service starts at boot and stays after a logout",
            self.user
        )))
    }

    /// A sentence about what was done, if it was for us to do.
    pub(super) fn switch_off(&self) -> Result<Option<String>, Failure> {
        if self.is_needed() || !super::remove(&self.marker())? {
            return Ok(None);
        }
        self.ask("disable-linger")
            .map_err(|why| Failure::new(psup_proto::Code::System, why))?;
        Ok(Some(format!("{} does not linger any more", self.user)))
    }

    /// Another unit of ours is installed.
    fn is_needed(&self) -> bool {
        let entries = std::fs::read_dir(&self.units).into_iter().flatten();
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("psup-") && name.ends_with(".service")
        })
    }

    fn ask(&self, verb: &str) -> Result<(), String> {
        let mut command = Command::new("loginctl");
        command.args(["--no-ask-password", verb, &self.user]);
        finish(command, PATIENCE).map(drop)
    }

    /// Not the name of a unit, so systemd passes it over.
    fn marker(&self) -> PathBuf {
        self.units.join("psup.linger")
    }
}
