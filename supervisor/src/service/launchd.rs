//! The service as an agent of launchd: a file in `~/Library/LaunchAgents`, which every login loads.
//!
//! The domain of a user who is logged in to the desktop is `gui/UID`; without one, as over ssh, it
//! is `user/UID`. No macOS machine tests this: the tests have a `launchctl` of their own.

use crate::handover::dirs::Place;
use crate::start::{START, launchd, user_name};
use nix::unistd::geteuid;
use psup_proto::service::{Action, Report};
use psup_proto::{Code, Failure};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Calendars of launchd have no tests here, so nobody is told that they work.
fn no_timer() -> Failure {
    Failure::new(
        Code::Unsupported,
        "psup makes no timer for checkpoints with launchd",
    )
    .hint(
        "`psup checkpoint --into DIR --keep 7` in an agent with a StartCalendarInterval makes them",
    )
}

pub(super) struct Launchd {
    place: Place,
    launchctl: PathBuf,
    uid: u32,
    label: String,
    path: PathBuf,
    text: String,
}

impl Launchd {
    pub(super) fn of_this_user(place: &Place) -> Result<Self, Failure> {
        let home = std::env::home_dir().ok_or_else(|| {
            let user = user_name(geteuid());
            Failure::new(Code::System, format!("{user} has no home directory"))
                .hint("set `HOME` to where `Library/LaunchAgents` is")
        })?;
        let uid = geteuid().as_raw();
        Ok(Self::of(
            place,
            &home,
            uid,
            "launchctl".into(),
            &super::program()?,
        ))
    }

    fn of(place: &Place, home: &Path, uid: u32, launchctl: PathBuf, program: &Path) -> Self {
        let label = launchd::label(place);
        let mut arguments = vec![
            program.display().to_string(),
            START.into(),
            "launchd".into(),
            place.profile.clone(),
        ];
        arguments.extend(place.dir.as_ref().map(|dir| dir.display().to_string()));
        Self {
            place: place.clone(),
            launchctl,
            uid,
            path: home
                .join("Library/LaunchAgents")
                .join(format!("{label}.plist")),
            text: launchd::plist(&label, &arguments),
            label,
        }
    }

    pub(super) fn perform(&self, action: &Action) -> Result<Report, Failure> {
        let mut done = Vec::new();
        let domain = self.domain()?;
        let service = format!("{domain}/{}", self.label);
        match action {
            Action::Install(Some(_)) => return Err(no_timer()),
            Action::Install(None) => {
                if super::read(&self.path)?.as_deref() != Some(&self.text) {
                    super::write(&self.path, &self.text)?;
                    done.push(format!("installed {}", self.path.display()));
                }
                self.control(&["enable", &service])?;
                self.load(&domain, &service, &mut done)?;
            }
            Action::Uninstall => {
                let loaded = self.is_loaded(&service);
                if !super::remove(&self.path)? && !loaded {
                    return Err(super::not_installed(&self.place));
                }
                if loaded {
                    self.control(&["bootout", &service])?;
                }
                done.push(format!("removed {}", self.path.display()));
            }
            Action::Start => {
                self.needs_installed()?;
                self.load(&domain, &service, &mut done)?;
            }
            Action::Stop => {
                self.needs_installed()?;
                if self.is_loaded(&service) {
                    self.control(&["bootout", &service])?;
                }
                done.push(format!("{} is stopped", self.label));
            }
            Action::Restart => {
                self.needs_installed()?;
                if self.is_loaded(&service) {
                    // The agent's text may be a new one.
                    self.control(&["bootout", &service])?;
                }
                self.load(&domain, &service, &mut done)?;
            }
            Action::Status => {}
        }
        self.report(&service, done)
    }

    /// Starting a supervisor where one runs leaves that one as it is.
    fn load(&self, domain: &str, service: &str, done: &mut Vec<String>) -> Result<(), Failure> {
        if self.is_loaded(service) {
            self.control(&["kickstart", service])?;
        } else {
            self.control(&["bootstrap", domain, &self.path.to_string_lossy()])?;
        }
        done.push(format!("{} is loaded in {domain}", self.label));
        Ok(())
    }

    fn needs_installed(&self) -> Result<(), Failure> {
        match super::read(&self.path)? {
            Some(_) => Ok(()),
            None => Err(super::not_installed(&self.place)),
        }
    }

    fn report(&self, service: &str, done: Vec<String>) -> Result<Report, Failure> {
        let printed = self.control(&["print", service]).ok();
        let value = |key: &str| {
            let mut lines = printed.as_deref().unwrap_or_default().lines();
            lines.find_map(|line| line.trim().strip_prefix(key)?.strip_prefix(" = "))
        };
        let installed = super::read(&self.path)?;
        Ok(Report {
            manager: "launchd".into(),
            unit: self.label.clone(),
            path: self.path.display().to_string(),
            installed: installed.is_some(),
            enabled: installed.is_some() && !self.is_disabled(service),
            active: printed.is_some(),
            state: value("state").unwrap_or("not loaded").into(),
            last_exit: value("last exit code").map(str::to_owned),
            restarts: value("runs").and_then(|runs| runs.parse().ok()),
            drift: installed.and_then(|text| super::drift(&text, &self.text)),
            pid: super::guardian(&self.place),
            done,
            ..Report::default()
        })
    }

    fn domain(&self) -> Result<String, Failure> {
        let domains = ["gui", "user"].map(|kind| format!("{kind}/{}", self.uid));
        let mut refusal = None;
        for domain in domains {
            match self.control(&["print", &domain]) {
                Ok(_) => return Ok(domain),
                Err(failure) => refusal = Some(failure),
            }
        }
        let why = refusal.map_or_else(String::new, |failure| failure.message);
        Err(Failure::new(
            Code::Unsupported,
            format!("launchd has no domain for us: {why}"),
        )
        .hint("log in once, at the desktop or over ssh, and try again"))
    }

    fn is_loaded(&self, service: &str) -> bool {
        self.control(&["print", service]).is_ok()
    }

    /// `"psup.default" => disabled`, or `=> true` from an older one.
    fn is_disabled(&self, service: &str) -> bool {
        let domain = service.rsplit_once('/').map_or("", |(domain, _)| domain);
        let list = self
            .control(&["print-disabled", domain])
            .unwrap_or_default();
        list.lines()
            .filter(|line| line.contains(&format!("\"{}\"", self.label)))
            .any(|line| line.ends_with("=> disabled") || line.ends_with("=> true"))
    }

    fn control(&self, arguments: &[&str]) -> Result<String, Failure> {
        let verb = arguments.first().copied().unwrap_or_default();
        let told = |what: &str| {
            Failure::new(Code::System, format!("launchctl {verb}: {what}"))
                .hint("`psup service status` shows what launchd knows about it")
        };
        let output = Command::new(&self.launchctl)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .map_err(|e| told(&e.to_string()))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(told(String::from_utf8_lossy(&output.stderr).trim()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    /// A launchctl that keeps what is loaded in files, and a list of what it was asked. It has the
    /// domains that are named.
    const STUB: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$*" >> "$here/asked"
label=${2##*/}
case "$1 $2" in
  "print gui/501" | "print user/501") grep -qx "$2" "$here/domains" || { echo "Could not find domain" >&2; exit 113; } ;;
  print\ *) [ -e "$here/loaded.$label" ] || { echo "Could not find service" >&2; exit 113; }
    printf '\tstate = running\n\truns = 3\n\tlast exit code = 0\n' ;;
  bootstrap\ *) [ -e "$3" ] && ! [ -e "$here/loaded.$(basename "$3" .plist)" ] || { echo "Bootstrap failed: 5: Input/output error" >&2; exit 5; }
    touch "$here/loaded.$(basename "$3" .plist)" ;;
  bootout\ *) rm "$here/loaded.$label" ;;
  enable\ * | kickstart\ * | print-disabled\ *) ;;
  *) echo "Unrecognized subcommand: $1" >&2; exit 64 ;;
esac
"#;

    fn agent(dir: &Path, domains: &str) -> Launchd {
        let launchctl = dir.join("launchctl");
        std::fs::write(&launchctl, STUB).unwrap();
        std::fs::set_permissions(&launchctl, std::fs::Permissions::from_mode(0o700)).unwrap();
        std::fs::write(dir.join("domains"), domains).unwrap();
        let place = Place {
            profile: "ci".into(),
            dir: Some(dir.join("a&b")),
        };
        Launchd::of(&place, dir, 501, launchctl, Path::new("/opt/psup"))
    }

    fn asked(dir: &Path) -> String {
        std::fs::read_to_string(dir.join("asked")).unwrap()
    }

    #[test]
    fn an_agent_lives_from_install_to_uninstall_and_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let agent = agent(dir.path(), "gui/501\nuser/501\n");
        let report = agent.perform(&Action::Install(None)).unwrap();
        assert!(
            report.installed && report.enabled && report.active,
            "{report:?}"
        );
        assert_eq!(
            (
                report.state.as_str(),
                report.last_exit.as_deref(),
                report.restarts
            ),
            ("running", Some("0"), Some(3))
        );
        let text = std::fs::read_to_string(&report.path).unwrap();
        assert!(
            text.contains("<string>__start</string><string>launchd</string>"),
            "{text}"
        );
        assert!(text.contains("a&amp;b"), "{text}");
        for action in [Action::Stop, Action::Start, Action::Start, Action::Restart] {
            agent.perform(&action).unwrap();
        }
        let report = agent.perform(&Action::Uninstall).unwrap();
        assert!(!report.installed && !report.active, "{report:?}");
        assert!(!Path::new(&report.path).exists());
        let asked = asked(dir.path());
        assert!(asked.contains("bootstrap gui/501 "), "{asked}");
        assert!(!asked.contains("user/501"), "{asked}");
    }

    #[test]
    fn without_a_desktop_every_verb_speaks_of_the_users_domain() {
        let dir = tempfile::tempdir().unwrap();
        let agent = agent(dir.path(), "user/501\n");
        for action in [
            Action::Install(None),
            Action::Restart,
            Action::Status,
            Action::Uninstall,
        ] {
            agent.perform(&action).unwrap();
        }
        let asked = asked(dir.path());
        let gui: Vec<&str> = asked.lines().filter(|l| l.contains("gui/501")).collect();
        assert!(gui.iter().all(|line| *line == "print gui/501"), "{gui:?}");
        assert!(asked.contains("bootout user/501/"), "{asked}");
    }

    #[test]
    fn what_launchd_refuses_is_told_with_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let failure = agent(dir.path(), "").perform(&Action::Status).unwrap_err();
        assert!(
            failure.message.contains("Could not find domain"),
            "{failure}"
        );
        assert!(failure.hint.is_some());
        let agent = agent(dir.path(), "user/501\n");
        let failure = agent.perform(&Action::Start).unwrap_err();
        assert_eq!(failure.message, "the service is not installed");
    }

    #[test]
    fn an_agent_of_an_older_psup_is_told_and_rewritten() {
        let dir = tempfile::tempdir().unwrap();
        let agent = agent(dir.path(), "gui/501\n");
        let report = agent.perform(&Action::Install(None)).unwrap();
        std::fs::write(&report.path, report.path.replace('\n', "")).unwrap();
        assert!(agent.perform(&Action::Status).unwrap().drift.is_some());
        assert_eq!(agent.perform(&Action::Install(None)).unwrap().drift, None);
    }
}
