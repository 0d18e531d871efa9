//! The users of this machine.
//!
//! psup is one static binary, and `getpwnam` in one is not safe: for a user who is not in
//! `/etc/passwd` the C library loads the machine's name services, which are of another C library,
//! and crashes. So the file is read here, and where it does not have the user, `getent` is asked,
//! which is the machine's own. It knows nothing of psup.

use std::path::PathBuf;

/// A user's entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub name: String,
    pub uid: u32,
    pub home: PathBuf,
    /// Empty where none is said.
    pub shell: PathBuf,
}

pub fn by_uid(uid: u32) -> Option<Account> {
    system::find(&uid.to_string(), |account| account.uid == uid)
}

pub fn by_name(name: &str) -> Option<Account> {
    // `getent` would take a number for a uid.
    let is_name = !name.is_empty() && !name.bytes().all(|b| b.is_ascii_digit());
    let found = is_name.then(|| system::find(name, |account| account.name == name));
    found.flatten()
}

#[cfg(target_os = "linux")]
mod system {
    use super::Account;
    use std::process::{Command, Stdio};

    pub(super) fn find(key: &str, is_wanted: impl Fn(&Account) -> bool) -> Option<Account> {
        let file = std::fs::read("/etc/passwd").unwrap_or_default();
        super::entries(&file)
            .find(&is_wanted)
            .or_else(|| super::entries(&ask(key)?).find(&is_wanted))
    }

    /// What `getent` prints; where there is none, the file was all there is.
    fn ask(key: &str) -> Option<Vec<u8>> {
        let output = Command::new("getent")
            .args(["passwd", "--", key])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .ok()?;
        Some(output.stdout)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::Account;
    use nix::unistd::{Uid, User};

    /// There the C library is the system's own.
    pub(super) fn find(key: &str, _: impl Fn(&Account) -> bool) -> Option<Account> {
        let found = match key.parse() {
            Ok(uid) => User::from_uid(Uid::from_raw(uid)),
            Err(_) => User::from_name(key),
        };
        let user = found.ok().flatten()?;
        Some(Account {
            name: user.name,
            uid: user.uid.as_raw(),
            home: user.dir,
            shell: user.shell,
        })
    }
}

/// The entries of a file of the form of `/etc/passwd`; lines of another form are passed over.
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
fn entries(file: &[u8]) -> impl Iterator<Item = Account> + '_ {
    let text = |field: &[u8]| String::from_utf8(field.to_vec()).ok();
    file.split(|b| *b == b'\n').filter_map(move |line| {
        let fields: Vec<&[u8]> = line.split(|b| *b == b':').collect();
        let [name, _, uid, _, _, home, shell] = fields[..] else {
            return None;
        };
        Some(Account {
            name: text(name)?,
            uid: text(uid)?.parse().ok()?,
            home: text(home)?.into(),
            shell: text(shell)?.into(),
        })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn lines_of_another_form_are_passed_over() {
        let file =
            b"root:x:0:0:root:/root:/bin/bash\n+nis\na:x:ten:10::/:\nb:x:1:1::/home/b:/bin/zsh\n";
        let names: Vec<String> = entries(file).map(|account| account.name).collect();
        assert_eq!(names, ["root", "b"]);
        assert_eq!(
            entries(file).last().unwrap().shell,
            PathBuf::from("/bin/zsh")
        );
    }

    #[test]
    fn a_user_who_is_not_there_is_none() {
        assert_eq!(by_uid(0).unwrap().name, "root");
        assert_eq!(by_uid(4_000_000_001), None);
        assert_eq!(by_name("no-such-user"), None);
        assert_eq!(by_name("0"), None, "a uid is no name");
        assert_eq!(by_name("-h"), None);
    }
}
