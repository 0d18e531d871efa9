//! The inside roles of the one binary, told apart before any argument is parsed and before any
//! thread exists.

use crate::handover::names::{GUARDIAN_VERSION, PROBE};
use crate::{guardian, log, service, start, worker};
use psup_proto::hello::{Hello, VERSIONS};
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

/// What a process of this binary is, if it is not a client.
#[derive(Debug, PartialEq, Eq)]
pub enum Role {
    Guardian,
    Worker,
    /// Inside a service manager's unit: starts a guardian and ends.
    Start(Vec<OsString>),
    /// Run by a service manager to stop a unit: ends its supervisor if that is what was asked for.
    Stop(Vec<OsString>),
    /// Asked by a service manager whether a unit may start.
    Condition(Vec<OsString>),
    /// Run by a service manager once a unit's main process has ended.
    Ended(Vec<OsString>),
    Probe,
}

/// The role that `args`, beginning with the program's own name, ask for.
pub fn role(args: &[OsString]) -> Option<Role> {
    let called = args
        .first()
        .map(|name| Path::new(name).file_name().unwrap_or_default());
    if called.is_some_and(|name| name.as_encoded_bytes() == guardian::GUARDIAN.to_bytes()) {
        return Some(Role::Guardian);
    }
    let word: &OsStr = args.get(1)?;
    match word.to_str()? {
        word if word.as_bytes() == guardian::WORKER.to_bytes() => Some(Role::Worker),
        start::START => Some(Role::Start(args[2..].to_vec())),
        start::STOP => Some(Role::Stop(args[2..].to_vec())),
        start::CONDITION => Some(Role::Condition(args[2..].to_vec())),
        start::ENDED => Some(Role::Ended(args[2..].to_vec())),
        PROBE => Some(Role::Probe),
        _ => None,
    }
}

impl Role {
    pub fn run(self) -> ExitCode {
        match self {
            Self::Guardian => guardian::run(),
            Self::Worker => work(),
            Self::Start(arguments) => start::serve(&arguments),
            Self::Stop(arguments) => stop(&arguments),
            Self::Condition(arguments) => condition(&arguments),
            Self::Ended(arguments) => ended(&arguments),
            Self::Probe => probe(),
        }
    }
}

/// Arguments: `PROFILE [DIR]`.
fn ended(arguments: &[OsString]) -> ExitCode {
    match start::unit_ended(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => say(&format!("error: {error}"), ExitCode::FAILURE),
    }
}

fn work() -> ExitCode {
    match guardian::inherited() {
        Ok(inherited) => {
            log::begin(&inherited.facts, "worker");
            worker::run(inherited)
        }
        Err(failure) => say(&format!("error: {failure}"), ExitCode::from(2)),
    }
}

fn stop(arguments: &[OsString]) -> ExitCode {
    let [rung, unit, profile, dir @ ..] = arguments else {
        return say(
            "error: this is an inside role of psup, started by a service manager only",
            ExitCode::from(2),
        );
    };
    let (rung, unit) = (rung.to_string_lossy(), unit.to_string_lossy());
    match start::systemd::stop(&rung, &unit, profile, dir.first().map(OsString::as_os_str)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => say(
            &format!("error: cannot stop the supervisor: {error}"),
            ExitCode::FAILURE,
        ),
    }
}

/// `UNIT PROFILE [DIR]`. A second supervisor cannot start beside a live one, and a unit without a
/// process would be restarted for ever.
fn condition(arguments: &[OsString]) -> ExitCode {
    let [unit, profile, dir @ ..] = arguments else {
        return say(
            "error: this is an inside role of psup, started by a service manager only",
            ExitCode::from(2),
        );
    };
    let place = start::Place {
        profile: profile.to_string_lossy().into_owned(),
        dir: dir.first().map(Into::into),
    };
    match service::outside(&place, &unit.to_string_lossy()) {
        None => ExitCode::SUCCESS,
        Some(outside) => say(
            &format!(
                "not started: {outside}; its sessions go on, and the unit takes over when it has ended"
            ),
            ExitCode::FAILURE,
        ),
    }
}

#[allow(clippy::print_stdout)] // one line of JSON, for the supervisor that asks
fn probe() -> ExitCode {
    let build = Hello::ours().build;
    println!(
        "{{\"psup\":{build:?},\"protocol\":[{},{}],\"guardian\":{GUARDIAN_VERSION}}}",
        VERSIONS.start(),
        VERSIONS.end()
    );
    ExitCode::SUCCESS
}

#[allow(clippy::print_stderr)]
fn say(text: &str, code: ExitCode) -> ExitCode {
    eprintln!("{text}");
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_inside_words_make_a_role() {
        let role = |words: &[&str]| role(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(role(&["ptyguard"]), Some(Role::Guardian));
        assert_eq!(role(&["/x/ptyguard", "list"]), Some(Role::Guardian));
        assert_eq!(role(&["psup", "__worker"]), Some(Role::Worker));
        assert_eq!(
            role(&["psup", "__start", "a"]),
            Some(Role::Start(vec!["a".into()]))
        );
        for client in [
            &["psup"][..],
            &["psup", "spawn", "__worker"],
            &["tmux", "new"],
            &[],
        ] {
            assert_eq!(role(client), None);
        }
    }
}
