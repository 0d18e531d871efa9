//! The targets file: a line for each target that is not just a destination of ssh.

use super::command::split;
use super::{Target, Way};
use psup_proto::{Code, Failure};
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Words that `--on` takes for something else than a name.
const RESERVED: [&str; 3] = ["all", "screen", "output"];

/// Where the targets are written down.
pub fn path() -> PathBuf {
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let config = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")));
    config.unwrap_or_default().join("psup").join("targets")
}

pub(super) fn read() -> Result<Vec<Target>, Failure> {
    let path = path();
    match std::fs::read(&path) {
        Ok(bytes) => parse(&String::from_utf8_lossy(&bytes)).map_err(|why| {
            Failure::new(Code::Usage, format!("{} {why}", path.display()))
                .hint("a line is `NAME = COMMAND … psup stdio`; `psup help targets` has examples")
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Failure::system(
            format_args!("cannot read {}", path.display()),
            error,
        )),
    }
}

fn parse(text: &str) -> Result<Vec<Target>, String> {
    let lines = text
        .lines()
        .zip(1..)
        .map(|(line, number)| (line.trim(), number));
    let mut targets: Vec<Target> = Vec::new();
    for (line, number) in lines {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let target = target(line).map_err(|why| format!("line {number}: {why}"))?;
        if targets.iter().any(|known| known.name == target.name) {
            return Err(format!("line {number}: {:?} is there twice", target.name));
        }
        targets.push(target);
    }
    Ok(targets)
}

/// `NAME = COMMAND … psup stdio`.
fn target(line: &str) -> Result<Target, String> {
    let (name, command) = line
        .split_once('=')
        .ok_or("a line is `NAME = COMMAND … psup stdio`")?;
    let name = name.trim();
    let is_bad = |c: char| c.is_whitespace() || c.is_control();
    if name.is_empty() || name.starts_with('-') || name.contains(is_bad) {
        return Err(format!("{name:?} is not a name for a target"));
    }
    if RESERVED.contains(&name) {
        return Err(format!("{name:?} cannot be the name of a target"));
    }
    let mut words = split(command)?;
    if words.pop().as_deref() != Some("stdio") || words.is_empty() {
        return Err("the command of a target ends in `psup stdio`".to_owned());
    }
    let is_psup = |word: &String| {
        let name = Path::new(word).file_name();
        name.is_some_and(|name| name.to_string_lossy().starts_with("psup"))
    };
    let at = words
        .iter()
        .rposition(is_psup)
        .unwrap_or(words.len().saturating_sub(1));
    let flags = words.split_off(at + 1);
    let program = words.pop().unwrap_or_default();
    let all = |words: Vec<String>| words.into_iter().map(OsString::from).collect();
    Ok(Target {
        name: name.to_owned(),
        way: Way::Command {
            prefix: all(words),
            program: program.into(),
            flags: all(flags),
        },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn command(line: &str, words: &[&str]) -> String {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let command = parse(line).unwrap()[0].command(&words);
        let command: Vec<String> = command
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        command.join("|")
    }

    #[test]
    fn a_line_names_a_command_that_ends_in_psup_stdio() {
        let text = "# mine\n\nbox = docker exec -i 'my box' psup stdio\n";
        assert_eq!(
            command(text, &["list", "a b"]),
            "docker|exec|-i|my box|psup|list|a b"
        );
        let text = "ci = kubectl exec -i pod -- /opt/psup --profile ci stdio";
        assert_eq!(
            command(text, &["stdio"]),
            "kubectl|exec|-i|pod|--|/opt/psup|--profile|ci|stdio"
        );
        assert_eq!(
            parse(text).unwrap()[0].program(),
            Some(Path::new("/opt/psup"))
        );
    }

    #[test]
    fn words_that_a_shell_joins_are_quoted_for_it() {
        assert_eq!(
            command("h = ssh -J jump h ~/bin/psup stdio", &["a b", "c"]),
            "ssh|-J|jump|h|~/bin/psup|'a b'|c"
        );
        assert_eq!(
            command("h = tailscale ssh me@h psup stdio", &["a b"]),
            "tailscale|ssh|me@h|psup|'a b'"
        );
    }

    #[test]
    fn a_line_that_says_nothing_is_told_with_its_number() {
        for (bad, why) in [
            ("box", "line 1: a line is"),
            (
                "box = docker exec",
                "line 1: the command of a target ends in",
            ),
            ("box = stdio", "line 1: the command of a target ends in"),
            (
                "all = psup stdio",
                "line 1: \"all\" cannot be the name of a target",
            ),
            ("a b = psup stdio", "line 1: \"a b\" is not a name"),
            ("-v = psup stdio", "line 1: \"-v\" is not a name"),
            ("\nx = 'psup stdio", "line 2: a quote is not closed"),
            ("x = psup stdio\nx = psup stdio", "line 2: \"x\" is there"),
        ] {
            let told = parse(bad).unwrap_err();
            assert!(told.starts_with(why), "{told}");
        }
    }
}
