//! The text of the installed unit: the properties of the transient one, and what a boot needs.
//!
//! `Type=notify`, and the main process is neither guardian nor worker: when one of these is killed
//! the other takes its place, and the manager has nothing to do. `start/keeper.rs` is what it
//! watches.

use crate::handover::dirs::Place;
use crate::start::{CONDITION, ENDED, Rung, START, STOP, systemd};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

pub(super) struct UnitText<'a> {
    pub program: &'a Path,
    pub home: &'a Path,
    pub place: &'a Place,
    pub rung: Rung,
    pub unit: &'a str,
    /// The target that a boot reaches.
    pub target: &'a str,
}

impl UnitText<'_> {
    pub(super) fn text(&self) -> String {
        let dir = self.place.dir.as_deref().map(Path::as_os_str);
        let line = |role: &str, words: &[&str]| {
            let words = words.iter().copied().map(OsStr::new).chain(dir);
            let words: Vec<String> = [OsStr::new(role)]
                .into_iter()
                .chain(words)
                .map(word)
                .collect();
            format!("{} {}", path(self.program), words.join(" "))
        };
        let (rung, profile) = (self.rung.word(), self.place.profile.as_str());
        format!(
            "# Written by `psup service install`; `psup service uninstall` removes it.\n\
             [Unit]\n\
             Description=psup, terminal sessions of the profile {profile}\n\
             StartLimitIntervalSec=0\n\
             \n\
             [Service]\n\
             {}\n\
             ManagedOOMPreference=avoid\n\
             Environment={}\n\
             ExecCondition={}\n\
             ExecStart={}\n\
             ExecStop=-{}\n\
             ExecStopPost=-{}\n\
             \n\
             [Install]\n\
             WantedBy={}\n",
            systemd::PROPERTIES.join("\n"),
            path(Path::new(&format!("HOME={}", self.home.display()))),
            line(CONDITION, &[self.unit, profile]),
            line(START, &[rung, profile]),
            line(STOP, &[rung, self.unit, profile]),
            line(ENDED, &[profile]),
            self.target,
        )
    }
}

/// A word of a command line in a unit file, whatever it contains.
pub(super) fn word(word: &OsStr) -> String {
    path(Path::new(&systemd_dollars(word)))
}

fn systemd_dollars(word: &OsStr) -> String {
    word.to_string_lossy().replace('$', "$$")
}

/// A word in which `$` means nothing: the program, and the environment.
pub(super) fn path(path: &Path) -> String {
    let mut text = String::from("\"");
    for c in String::from_utf8_lossy(path.as_os_str().as_bytes()).chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '%' => text.push_str("%%"),
            '\n' => text.push_str("\\n"),
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn text(dir: Option<&str>) -> String {
        UnitText {
            program: Path::new("/opt/p$sup"),
            home: Path::new("/home/me"),
            place: &Place {
                profile: "ci".into(),
                dir: dir.map(PathBuf::from),
            },
            rung: Rung::SystemdUser,
            unit: "psup-ci.service",
            target: "default.target",
        }
        .text()
    }

    #[test]
    fn the_unit_starts_stops_and_stays() {
        let text = text(None);
        for line in [
            "Type=notify",
            "FileDescriptorStoreMax=16384",
            "Restart=always",
            "OOMPolicy=continue",
            "TasksMax=infinity",
            "StartLimitIntervalSec=0",
            "ManagedOOMPreference=avoid",
            "Environment=\"HOME=/home/me\"",
            "ExecCondition=\"/opt/p$sup\" \"__condition\" \"psup-ci.service\" \"ci\"",
            "ExecStart=\"/opt/p$sup\" \"__start\" \"systemd-user\" \"ci\"",
            "ExecStop=-\"/opt/p$sup\" \"__stop\" \"systemd-user\" \"psup-ci.service\" \"ci\"",
            "ExecStopPost=-\"/opt/p$sup\" \"__ended\" \"ci\"",
            "WantedBy=default.target",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }

    #[test]
    fn nothing_in_a_directory_means_anything_to_systemd() {
        let text = text(Some("/a b/$x%y\"\\\nz"));
        assert!(text.contains(r#""ci" "/a b/$$x%%y\"\\\nz""#), "{text}");
    }
}
