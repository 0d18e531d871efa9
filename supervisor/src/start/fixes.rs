//! The commands that would make a kill survived: with this supervisor's directory and profile, a
//! path that works from everywhere, and only programs that exist on this machine.

use crate::handover::fd_table::Facts;
use nix::unistd::Uid;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

pub(super) struct Fixes {
    /// `psup` as one would type it from anywhere.
    psup: String,
    crontab: bool,
    systemd_run: bool,
    loginctl: bool,
    systemd: bool,
    user: String,
    is_root: bool,
}

impl Fixes {
    pub(super) fn of(facts: &Facts, uid: Uid) -> Self {
        let has = |program: &str| dirs().any(|dir| dir.join(program).is_file());
        Self {
            psup: psup_words(facts),
            crontab: has("crontab"),
            systemd_run: has("systemd-run") && Path::new("/run/systemd/system").exists(),
            loginctl: has("loginctl"),
            systemd: has("systemctl") && Path::new("/run/systemd/system").exists(),
            user: user_name(uid),
            is_root: uid.is_root(),
        }
    }

    /// Out of the process tree and the cgroup of the starter.
    pub(super) fn leave(&self) -> String {
        let psup = &self.psup;
        if self.systemd_run {
            let user = if self.is_root { "" } else { " --user" };
            format!("{psup} shutdown && systemd-run{user} {psup} status --start")
        } else {
            format!(
                "{psup} shutdown, then from a service or a login of its own: {psup} status --start"
            )
        }
    }

    pub(super) fn linger(&self) -> String {
        if self.loginctl {
            format!("loginctl enable-linger {}", self.user)
        } else {
            format!(
                "have the user {} linger; there is no loginctl here",
                self.user
            )
        }
    }

    /// A service manager that holds what the supervisor holds.
    pub(super) fn keep(&self) -> String {
        if self.systemd {
            let psup = &self.psup;
            format!("{psup} shutdown && {psup} service install")
        } else {
            "run it under a systemd; there is none here".into()
        }
    }

    pub(super) fn at_boot(&self) -> String {
        let psup = &self.psup;
        if self.systemd {
            format!("{psup} service install")
        } else if self.crontab {
            // In a crontab % is the end of the command.
            let line = format!("@reboot {}", psup.replace('%', "\\%"));
            format!(
                "(crontab -l; echo {}) | crontab -",
                quoted_text(&format!("{line} status --start"))
            )
        } else {
            format!(
                "have this run at boot, as {}: {psup} status --start",
                self.user
            )
        }
    }

    pub(super) fn outside(&self) -> String {
        format!("outside of this namespace: {} status --start", self.psup)
    }
}

/// `psup` as one would type it from anywhere, for the supervisor of `facts`.
pub fn psup_words(facts: &Facts) -> String {
    psup(
        facts,
        &std::env::current_exe().unwrap_or_else(|_| "psup".into()),
    )
}

fn psup(facts: &Facts, program: &Path) -> String {
    // The kernel says so of a file that was replaced, as by an upgrade.
    let program = program.as_os_str().as_bytes();
    let program = program.strip_suffix(b" (deleted)").unwrap_or(program);
    let mut words = vec![quoted(program)];
    if let Some(dir) = &facts.dir {
        words.extend(["--dir".into(), quoted(dir.as_os_str().as_bytes())]);
    }
    if !facts.profile.is_empty() && facts.profile != "default" {
        words.extend(["--profile".into(), facts.profile.clone()]);
    }
    words.join(" ")
}

/// A word for a shell.
fn quoted(word: &[u8]) -> String {
    let text = String::from_utf8_lossy(word);
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%=,".contains(c);
    if text.chars().all(plain) {
        text.into_owned()
    } else {
        quoted_text(&text)
    }
}

fn quoted_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Where programs lie, those of the system's users included.
fn dirs() -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let known: Vec<PathBuf> = std::env::split_paths(&path).collect();
    known
        .into_iter()
        .chain(["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map(PathBuf::from))
}

pub fn user_name(uid: Uid) -> String {
    psup_accounts::by_uid(uid.as_raw()).map_or_else(|| uid.to_string(), |user| user.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixes(dir: Option<&str>, profile: &str) -> Fixes {
        let facts = Facts {
            dir: dir.map(PathBuf::from),
            profile: profile.into(),
            ..Facts::default()
        };
        Fixes {
            psup: psup(&facts, Path::new("/opt/psup (deleted)")),
            crontab: true,
            systemd_run: false,
            loginctl: false,
            systemd: false,
            user: "me".into(),
            is_root: false,
        }
    }

    #[test]
    fn a_fix_names_the_place_and_can_be_pasted() {
        assert_eq!(
            fixes(None, "default").at_boot(),
            "(crontab -l; echo '@reboot /opt/psup status --start') | crontab -"
        );
        let other = fixes(Some("/tmp/a b"), "ci");
        assert_eq!(
            other.outside(),
            "outside of this namespace: /opt/psup --dir '/tmp/a b' --profile ci status --start"
        );
    }

    #[test]
    fn a_fix_names_only_what_is_there() {
        let none = Fixes {
            crontab: false,
            ..fixes(None, "default")
        };
        for fix in [none.at_boot(), none.leave(), none.linger()] {
            assert!(
                !fix.contains("crontab") && !fix.contains("systemd-run"),
                "{fix}"
            );
        }
        assert!(!none.linger().starts_with("loginctl"));
    }
}
