//! Targets: other places with a psup in them, and the commands that reach them.
//!
//! ```text
//! psup --on build list ─ frames ─▶ ssh build psup stdio ─ the same frames ─▶ the supervisor there
//! ```
//! A command's stdin and stdout carry the frames of the protocol as they are. Who may log in, by
//! which key and through which hosts is the command's business; psup opens no port and knows no
//! account.

mod command;
mod connector;
mod file;
mod greet;

pub use connector::TargetConnector;
pub use file::path as targets_file;

use command::{is_read_by_a_shell, quoted};
use psup_proto::{Code, Failure};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

/// Options of ssh that every connection of psup's has. What the user's own configuration says of
/// keys, hosts and a connection to share holds; what it says of forwarded ports and commands is for
/// people.
const SSH: [&str; 14] = [
    "ssh",
    "-T",
    "-o",
    "BatchMode=yes",
    "-o",
    "ConnectTimeout=10",
    "-o",
    "ServerAliveInterval=15",
    "-o",
    "ClearAllForwardings=yes",
    "-o",
    "RemoteCommand=none",
    "-o",
    "LogLevel=ERROR",
];

/// Programs that users install for themselves are not on the path of a command by ssh.
const FIND: &str = "PATH=\"$PATH:$HOME/.local/bin:$HOME/.cargo/bin\"; exec psup \"$@\"";

/// Another place with a psup in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub name: String,
    way: Way,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Way {
    /// A line of the targets file: what stands before the program, the program, and what stands
    /// between it and `stdio`.
    Command {
        prefix: Vec<OsString>,
        program: OsString,
        flags: Vec<OsString>,
    },
    /// A destination that ssh knows.
    Ssh,
}

impl Target {
    /// What `--on` names: a line of the targets file, else a destination of ssh.
    pub fn named(name: &str) -> Result<Self, Failure> {
        let known = Self::all()?.into_iter().find(|target| target.name == name);
        match known {
            Some(target) => Ok(target),
            None if name.is_empty() || name.starts_with('-') => {
                let message = format!("{name:?} is not a target");
                let hint = "give a destination of ssh, or a name that `psup targets` lists";
                Err(Failure::new(Code::Usage, message).hint(hint))
            }
            None => Ok(Self {
                name: name.to_owned(),
                way: Way::Ssh,
            }),
        }
    }

    /// All lines of the targets file; none where there is no such file.
    pub fn all() -> Result<Vec<Self>, Failure> {
        file::read()
    }

    /// The command that runs `psup` there with these words.
    pub fn command(&self, words: &[OsString]) -> Vec<OsString> {
        match &self.way {
            Way::Command {
                prefix,
                program,
                flags,
            } => {
                let words = words.iter().map(|word| passed_on(prefix, word));
                let own = prefix.iter().chain([program]).chain(flags).cloned();
                own.chain(words).collect()
            }
            Way::Ssh => self.through_ssh(
                ["exec", "sh", "-c"]
                    .map(OsString::from)
                    .into_iter()
                    .chain([quoted(FIND.as_ref()), "psup".into()])
                    .chain(words.iter().map(|word| quoted(word))),
            ),
        }
    }

    /// The command that runs a script there with these arguments, by whatever shell is called `sh`.
    pub fn script(&self, script: &str, arguments: &[OsString]) -> Vec<OsString> {
        let words = ["sh", "-c", script, "psup"].map(OsString::from);
        let words = words.iter().chain(arguments);
        match &self.way {
            Way::Command { prefix, .. } => {
                let words = words.map(|word| passed_on(prefix, word));
                prefix.iter().cloned().chain(words).collect()
            }
            Way::Ssh => self.through_ssh(words.map(|word| quoted(word))),
        }
    }

    /// The path of `psup` there, where the targets file says one.
    pub fn program(&self) -> Option<&Path> {
        match &self.way {
            Way::Command { program, .. } => Some(Path::new(program)).filter(|p| p.is_absolute()),
            Way::Ssh => None,
        }
    }

    /// One line for the shell over there.
    fn through_ssh(&self, words: impl Iterator<Item = OsString>) -> Vec<OsString> {
        let words: Vec<Vec<u8>> = words.map(OsString::into_vec).collect();
        let mut command: Vec<OsString> = SSH.map(OsString::from).into();
        let line = OsString::from_vec(words.join(&b' '));
        command.extend(["--".into(), self.name.clone().into(), line]);
        command
    }
}

/// A word that psup adds to a command of the targets file.
fn passed_on(prefix: &[OsString], word: &OsStr) -> OsString {
    if is_read_by_a_shell(prefix) {
        quoted(word)
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_reach_the_far_shell_as_they_are() {
        let target = Target {
            name: "h".into(),
            way: Way::Ssh,
        };
        let command = target.command(&["it's".into(), "$HOME *".into(), "--all".into()]);
        let [.., host, line] = &command[..] else {
            panic!("{command:?}");
        };
        assert_eq!(host, "h");
        let line = line.to_string_lossy();
        assert!(
            line.ends_with(r#"psup "$@"' psup 'it'\''s' '$HOME *' --all"#),
            "{line}"
        );
    }
}
