//! Where a verb is done: here, on a target by the requests that it makes, on a target as a whole,
//! or on all targets.

use crate::done::Done;
use crate::output::Out;
use crate::verbs::{OnTarget, VERBS, Verb};
use crate::wanted::Wanted;
use psup_link::target::Target;
use psup_proto::{Code, Failure};
use std::ffi::OsString;

/// The word for every target.
const ALL: &str = "all";

/// What `--on` says for this verb, whose words are `args`.
pub(crate) fn wanted(on: Option<&str>, verb: &Verb, args: &[OsString]) -> Result<Wanted, Failure> {
    let Some(on) = on else {
        return Ok(Wanted::Here);
    };
    match verb.on_target {
        OnTarget::Nowhere => Ok(Wanted::Here),
        OnTarget::RequestsOfAll if on == ALL => Ok(Wanted::All),
        _ if on == ALL => Err(not_of_all(verb)),
        OnTarget::Requests | OnTarget::RequestsOfAll | OnTarget::Itself => {
            Target::named(on).map(Wanted::Requests)
        }
        OnTarget::Whole => Target::named(on).map(|target| Wanted::Whole(target, words(args))),
    }
}

/// Runs the whole verb over there, and ends as it ended.
pub(crate) fn whole(target: &Target, words: &[OsString], out: &mut Out) -> Done {
    let argv = target.command(words);
    let mut command = std::process::Command::new(&argv[0]);
    command.args(&argv[1..]);
    for variable in ["PSUP_ON", "PSUP_DIR", "PSUP_PROFILE", "PSUP_VIA"] {
        command.env_remove(variable);
    }
    let name = &target.name;
    let (why, hint) = match command.status().map(|status| status.code()) {
        // These two are ssh's and the shell's; psup never ends with them.
        Ok(Some(255)) => (
            format!("the connection to {name} failed"),
            "what ssh says stands before this".to_owned(),
        ),
        Ok(Some(127)) => (
            format!("there is no psup on {name}"),
            format!("`psup --on {name} install` puts this psup there"),
        ),
        Ok(Some(code)) => return Done { code: code as u8 },
        Ok(None) => (
            format!("the command that reaches {name} was killed"),
            String::new(),
        ),
        Err(error) => (
            format!("cannot reach {name}: {}: {error}", argv[0].display()),
            "`psup help targets` explains how targets are reached".to_owned(),
        ),
    };
    out.fail(&Failure::new(Code::Unreachable, why).hint(hint))
}

/// A supervisor of another version on a target is replaced from here.
pub(crate) fn with_way_out(failure: Failure, on: &Wanted) -> Failure {
    match on.target() {
        Some(target) if failure.code == Code::VersionMismatch => {
            let name = &target.name;
            failure.hint(format!(
                "`psup --on {name} install` puts this psup there, then `psup --on {name} upgrade` \
                 has the supervisor become it"
            ))
        }
        Some(_) | None => failure,
    }
}

fn not_of_all(verb: &Verb) -> Failure {
    let able: Vec<_> = VERBS
        .iter()
        .filter(|verb| verb.on_target == OnTarget::RequestsOfAll)
        .map(|verb| verb.name)
        .collect();
    let what = format!("`psup {}` is done on one target at a time", verb.name);
    Failure::new(Code::Usage, what).hint(format!(
        "`psup targets` lists them; `--on all` is for {}",
        able.join(", ")
    ))
}

/// The words after the program's name, without `--on`.
fn words(args: &[OsString]) -> Vec<OsString> {
    let mut words = Vec::new();
    let mut rest = args.iter().skip(1);
    while let Some(word) = rest.next() {
        if word == "--" {
            words.push(word.clone());
            words.extend(rest.by_ref().cloned());
        } else if word == "--on" {
            rest.next();
        } else if !word.as_encoded_bytes().starts_with(b"--on=") {
            words.push(word.clone());
        }
    }
    words
}
