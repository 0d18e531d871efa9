//! The service as a unit of systemd: of the user's manager, or of the system's for root.
//!
//! Enabling is a link that is made here: `systemctl enable` refuses a name under which a transient
//! unit runs, and that is how a supervisor usually runs when its service is installed.

use super::checkpoint_timer::CheckpointTimer;
use super::linger::Linger;
use super::unit_text::UnitText;
use crate::handover::dirs::Place;
use crate::start::{Rung, systemd, user_name};
use nix::unistd::{Uid, geteuid};
use psup_proto::service::{Action, Checkpoints, Report};
use psup_proto::{Code, Failure};
use std::collections::HashMap;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A stop of the unit takes the grace of its sessions.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Systemd {
    place: Place,
    rung: Rung,
    manager: &'static str,
    unit: String,
    path: PathBuf,
    /// What a boot follows.
    link: PathBuf,
    text: String,
    linger: Option<Linger>,
    timer: CheckpointTimer,
}

/// Where the links of the units that are started at boot lie.
pub fn wants_dir(uid: Uid) -> PathBuf {
    units_dir(uid).join(format!("{}.wants", target(uid)))
}

/// Whether a timer makes checkpoints of the supervisor of `place`.
pub fn has_checkpoint_timer(place: &Place) -> bool {
    CheckpointTimer::of(&units_dir(geteuid()), &systemd::unit(place)).is_installed()
}

/// The user's manager has the home of the user's entry, whatever HOME its caller has.
fn units_dir(uid: Uid) -> PathBuf {
    if uid.is_root() {
        return "/etc/systemd/system".into();
    }
    let home = psup_accounts::by_uid(uid.as_raw()).map(|user| user.home);
    home.or_else(std::env::home_dir)
        .unwrap_or_default()
        .join(".config/systemd/user")
}

fn target(uid: Uid) -> &'static str {
    if uid.is_root() {
        "multi-user.target"
    } else {
        "default.target"
    }
}

impl Systemd {
    pub(super) fn of_this_user(place: &Place) -> Result<Self, Failure> {
        let uid = geteuid();
        let rung = if uid.is_root() {
            Rung::SystemdSystem
        } else {
            Rung::SystemdUser
        };
        let manager = reach(place, rung, &user_name(uid))?;
        let unit = systemd::unit(place);
        let text = UnitText {
            program: &super::program()?,
            home: &std::env::home_dir().unwrap_or_default(),
            place,
            rung,
            unit: &unit,
            target: target(uid),
        }
        .text();
        Ok(Self {
            place: place.clone(),
            rung,
            manager,
            path: units_dir(uid).join(&unit),
            link: wants_dir(uid).join(&unit),
            timer: CheckpointTimer::of(&units_dir(uid), &unit),
            unit,
            text,
            linger: (!uid.is_root()).then(|| Linger {
                user: user_name(uid),
                units: units_dir(uid),
            }),
        })
    }

    pub(super) fn perform(&self, action: &Action) -> Result<Report, Failure> {
        let (mut done, mut warnings) = (Vec::new(), Vec::new());
        match action {
            Action::Install(checkpoints) => {
                self.install(&mut done, &mut warnings)?;
                self.set_timer(checkpoints.as_ref(), &mut done)?;
            }
            Action::Uninstall => self.uninstall(&mut done)?,
            Action::Start => self.start(&mut done)?,
            Action::Stop => {
                self.needs_installed()?;
                self.control(&["stop", &self.unit])?;
                done.push(format!("{} is stopped", self.unit));
            }
            Action::Restart => self.restart(&mut done)?,
            Action::Status => {}
        }
        let mut report = self.report()?;
        // Last, for the manager itself may end by it.
        if let (Action::Uninstall, Some(linger)) = (action, &self.linger) {
            done.extend(linger.switch_off()?);
            report.lingers = Some(linger.is_on());
        }
        Ok(Report {
            done,
            warnings,
            ..report
        })
    }

    fn install(&self, done: &mut Vec<String>, warnings: &mut Vec<String>) -> Result<(), Failure> {
        if super::read(&self.path)?.as_deref() != Some(&self.text) {
            super::write(&self.path, &self.text)?;
            done.push(format!("installed {}", self.path.display()));
        }
        self.enable()?;
        self.control(&["daemon-reload"])?;
        if let Some(linger) = &self.linger {
            match linger.switch_on() {
                Ok(sentence) => done.extend(sentence),
                Err(why) => warnings.push(format!(
                    "{user} does not linger, and may not switch it on ({why}): the service starts at \
                     the first login and ends with the last logout; as root: `loginctl enable-linger \
                     {user}`",
                    user = linger.user
                )),
            }
        }
        match (super::guardian(&self.place), super::outside(&self.place, &self.unit)) {
            (_, Some(outside)) => warnings.push(format!(
                "{outside}: its sessions go on, and the service takes over at the next boot; to end \
                 them and have it take over now: `{psup} shutdown --force && {psup} service start`",
                psup = super::psup(&self.place)
            )),
            (Some(pid), None) => done.push(format!(
                "the supervisor with pid {pid} runs in {} already, and goes on",
                self.unit
            )),
            (None, None) => self.start(done)?,
        }
        Ok(())
    }

    fn set_timer(
        &self,
        checkpoints: Option<&Checkpoints>,
        done: &mut Vec<String>,
    ) -> Result<(), Failure> {
        let timer = &self.timer;
        match checkpoints {
            None => return Ok(()),
            Some(Checkpoints::Never) => return self.remove_timer(done),
            Some(Checkpoints::Every {
                how_often,
                keep,
                dir,
            }) => {
                let program = super::program()?;
                timer.write(&self.place, &program, how_often, *keep, dir)?;
            }
        }
        self.control(&["daemon-reload"])?;
        // A timer that waits for another time is set to the new one.
        self.control(&["restart", timer.name()])?;
        done.push(format!("installed {}", timer.path().display()));
        Ok(())
    }

    fn remove_timer(&self, done: &mut Vec<String>) -> Result<(), Failure> {
        if !self.timer.remove()? {
            return Ok(());
        }
        self.control(&["stop", self.timer.name()])?;
        self.control(&["daemon-reload"])?;
        // Only a failed one is known still.
        let _ = self.control(&["reset-failed", self.timer.service()]);
        done.push(format!("removed {}", self.timer.path().display()));
        Ok(())
    }

    /// Ends the unit as well: the caller has made sure that nobody misses its sessions.
    fn uninstall(&self, done: &mut Vec<String>) -> Result<(), Failure> {
        self.remove_timer(done)?;
        let was_linked = super::remove(&self.link)?;
        if !super::remove(&self.path)? && !was_linked {
            return Err(super::not_installed(&self.place));
        }
        if super::outside(&self.place, &self.unit).is_none() {
            self.control(&["stop", &self.unit])?;
        }
        // It is gone when no target wants anything.
        if let Some(dir) = self.link.parent() {
            let _ = std::fs::remove_dir(dir);
        }
        self.control(&["daemon-reload"])?;
        // Only a failed one is known still.
        let _ = self.control(&["reset-failed", &self.unit]);
        done.push(format!("removed {}", self.path.display()));
        Ok(())
    }

    fn start(&self, done: &mut Vec<String>) -> Result<(), Failure> {
        self.needs_installed()?;
        if let Some(outside) = super::outside(&self.place, &self.unit) {
            let psup = super::psup(&self.place);
            return Err(Failure::new(Code::StillRunning, outside).hint(format!(
                "leave it, and the service takes over at the next boot; or end its sessions: \
                 `{psup} shutdown --force && {psup} service start`"
            )));
        }
        self.drop_transient()?;
        self.control(&["start", &self.unit])?;
        done.push(format!("{} is started", self.unit));
        Ok(())
    }

    /// An ended transient unit stays loaded, and hides the installed one, for as long as a target
    /// wants it: for a moment none does.
    fn drop_transient(&self) -> Result<(), Failure> {
        let shown = self.control(&["show", "-p", "FragmentPath", &self.unit])?;
        if !self.is_enabled() || shown.trim() == format!("FragmentPath={}", self.path.display()) {
            return Ok(());
        }
        super::remove(&self.link)?;
        let reloaded = self.control(&["daemon-reload"]);
        self.enable()?;
        reloaded?;
        self.control(&["daemon-reload"]).map(drop)
    }

    /// Runs the unit's start again; the supervisor that is there stays, with its sessions.
    fn restart(&self, done: &mut Vec<String>) -> Result<(), Failure> {
        if super::guardian(&self.place).is_none()
            || super::outside(&self.place, &self.unit).is_some()
        {
            return self.start(done);
        }
        self.needs_installed()?;
        self.control(&["daemon-reload"])?;
        self.control(&["restart", &self.unit])?;
        done.push(format!(
            "{} is restarted, and its sessions go on",
            self.unit
        ));
        Ok(())
    }

    fn needs_installed(&self) -> Result<(), Failure> {
        match super::read(&self.path)? {
            Some(_) => Ok(()),
            None => Err(super::not_installed(&self.place)),
        }
    }

    fn enable(&self) -> Result<(), Failure> {
        let refused = |e| Failure::system(format_args!("cannot link {}", self.link.display()), e);
        if self.is_enabled() {
            return Ok(());
        }
        super::remove(&self.link)?;
        if let Some(dir) = self.link.parent() {
            std::fs::create_dir_all(dir).map_err(refused)?;
        }
        symlink(&self.path, &self.link).map_err(refused)
    }

    fn is_enabled(&self) -> bool {
        std::fs::read_link(&self.link).is_ok_and(|to| to == self.path)
    }

    fn report(&self) -> Result<Report, Failure> {
        const ASKED: &str = "ActiveState,SubState,ActiveEnterTimestamp,Result,NRestarts";
        let shown = self.control(&["show", "--timestamp=unix", "-p", ASKED, &self.unit])?;
        let shown: HashMap<&str, &str> = shown.lines().filter_map(|l| l.split_once('=')).collect();
        let value = |key: &str| shown.get(key).copied().filter(|value| !value.is_empty());
        let installed = super::read(&self.path)?;
        let outside = super::outside(&self.place, &self.unit);
        let active = value("ActiveState") == Some("active");
        Ok(Report {
            manager: self.rung.word().into(),
            unit: self.unit.clone(),
            path: self.path.display().to_string(),
            installed: installed.is_some(),
            enabled: installed.is_some() && self.is_enabled(),
            active,
            state: format!(
                "{} ({})",
                value("ActiveState").unwrap_or("unknown"),
                value("SubState").unwrap_or("unknown")
            ),
            pid: super::guardian(&self.place).filter(|_| active && outside.is_none()),
            since_ms: value("ActiveEnterTimestamp")
                .and_then(|at| at.strip_prefix('@')?.parse::<u64>().ok())
                .map(|seconds| seconds * 1000),
            last_exit: value("Result").map(str::to_owned),
            restarts: value("NRestarts").and_then(|count| count.parse().ok()),
            lingers: self.linger.as_ref().map(Linger::is_on),
            drift: installed.and_then(|text| super::drift(&text, &self.text)),
            outside,
            checkpoints: self.timer.about(),
            done: Vec::new(),
            warnings: Vec::new(),
        })
    }

    fn control(&self, arguments: &[&str]) -> Result<String, Failure> {
        let command = systemd::control(self.manager, arguments);
        systemd::finish(command, PATIENCE).map_err(|why| {
            Failure::new(Code::System, why).hint(format!(
                "`journalctl {} -n 20 -u {}` shows what the manager says",
                self.manager, self.unit
            ))
        })
    }
}

/// The argument that names the manager; where none can be reached, what to do instead.
fn reach(place: &Place, rung: Rung, user: &str) -> Result<&'static str, Failure> {
    let psup = super::psup(place);
    if !Path::new("/run/systemd/system").exists() {
        return Err(Failure::new(
            Code::Unsupported,
            "systemd does not run this machine, so there is no service to install",
        )
        .hint(format!(
            "have `{psup} status --start` run at boot by what does, as {user}"
        )));
    }
    systemd::manager(rung).map_err(|failure| {
        let message = format!("{user} has no systemd manager: {}", failure.message);
        Failure::new(Code::Unsupported, message).hint(format!(
            "log in as {user} and not with su or sudo, or have root run `loginctl enable-linger \
             {user}`, which starts one; then try again"
        ))
    })
}
