//! Conditions on the command line: the flags of `wait`, and `--ready KIND=VALUE` of `spawn`.

use crate::context::Context;
use crate::wanted::Wanted;
use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use psup_link::caller;
use psup_proto::condition::Condition;
use psup_proto::greeting::Caller;
use psup_proto::{Code, Failure, units};
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

/// Conditions in the order in which they were given.
pub(crate) struct Conditions(pub Vec<Condition>);

type Parser = fn(&str) -> Result<Condition, Failure>;

/// Flag, name of its value (none: it takes none), help.
const FLAGS: &[(&str, Option<&str>, Parser, &str)] = &[
    (
        "text",
        Some("REGEX"),
        |pattern| Ok(Condition::Text(pattern.to_owned())),
        "The pattern matches a line of output",
    ),
    (
        "gone",
        Some("REGEX"),
        |pattern| Ok(Condition::Gone(pattern.to_owned())),
        "The pattern matches nothing on the screen, or no longer does",
    ),
    (
        "prompt",
        None,
        |_| Ok(Condition::Prompt),
        "The program waits at a prompt: a shell, a REPL, a password",
    ),
    (
        "input",
        None,
        |_| Ok(Condition::Input),
        "The program reads from the terminal: a prompt, a question, a pager, a password",
    ),
    (
        "idle",
        Some("DUR"),
        idle,
        "Nothing was written for this long",
    ),
    (
        "exit",
        None,
        |_| Ok(Condition::Exit),
        "The program has ended and all its output has arrived",
    ),
    (
        "port",
        Some("N"),
        port,
        "Something listens on this TCP port",
    ),
    ("file", Some("PATH"), file, "This path exists"),
];

/// `text=REGEX`, `idle=2s`, `exit`: a condition in one word.
pub(crate) fn ready(text: &str) -> Result<Condition, Failure> {
    let (word, value) = text
        .split_once('=')
        .map_or((text, None), |(word, value)| (word, Some(value)));
    let bad = || {
        Failure::new(Code::Usage, format!("{text:?} is not a condition")).hint(
            "a condition is text=REGEX, gone=REGEX, prompt, input, idle=DUR, port=N, file=PATH or exit",
        )
    };
    let (_, takes, parse, _) = FLAGS
        .iter()
        .find(|(flag, ..)| *flag == word)
        .ok_or_else(bad)?;
    match (takes, value) {
        (Some(_), Some(value)) => parse(value),
        (None, None) => parse(""),
        (Some(_), None) | (None, Some(_)) => Err(bad()),
    }
}

/// Paths as the supervisor is to look at them: relative ones begin where the caller is.
pub(crate) fn resolve(conditions: Vec<Condition>, cx: &Context) -> Result<Vec<Condition>, Failure> {
    let is_relative = |condition: &Condition| match condition {
        Condition::File(path) => !path.starts_with(b"/"),
        _ => false,
    };
    if !conditions.iter().any(is_relative) {
        return Ok(conditions);
    }
    if let Wanted::All = cx.on {
        return Err(Failure::new(
            Code::Usage,
            "a relative path means another file on each target",
        )
        .hint("give `--file` a path that begins with /"));
    }
    let caller = cx.caller(None)?;
    conditions
        .into_iter()
        .map(|condition| from_directory(condition, &caller))
        .collect()
}

/// [`resolve`] where the caller's place is known.
pub(crate) fn from_directory(condition: Condition, caller: &Caller) -> Result<Condition, Failure> {
    match condition {
        Condition::File(path) => {
            let directory = Path::new(OsStr::from_bytes(&caller.directory));
            let path = caller::absolute(&directory.join(OsStr::from_bytes(&path)))?;
            Ok(Condition::File(path.into_os_string().into_vec()))
        }
        other => Ok(other),
    }
}

impl Args for Conditions {
    fn augment_args(command: Command) -> Command {
        FLAGS
            .iter()
            .fold(command, |command, (flag, value, parse, help)| {
                let arg = Arg::new(*flag)
                    .long(*flag)
                    .help(*help)
                    .help_heading("Conditions")
                    .action(ArgAction::Append)
                    .value_parser(ValueParser::new(*parse));
                command.arg(match value {
                    Some(value) => arg.value_name(*value),
                    // A flag that is counted as a value has a place among the others.
                    None => arg.num_args(0).default_missing_value(""),
                })
            })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Conditions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut found: Vec<(usize, Condition)> = Vec::new();
        for (flag, ..) in FLAGS {
            let places = matches.indices_of(flag).into_iter().flatten();
            let conditions = matches.get_many::<Condition>(flag).into_iter().flatten();
            found.extend(places.zip(conditions.cloned()));
        }
        found.sort_by_key(|(place, _)| *place);
        Ok(Self(
            found.into_iter().map(|(_, condition)| condition).collect(),
        ))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn idle(duration: &str) -> Result<Condition, Failure> {
    units::duration(duration).map(Condition::Idle)
}

fn port(number: &str) -> Result<Condition, Failure> {
    match number.parse() {
        Ok(port) if port > 0 => Ok(Condition::Port(port)),
        _ => Err(Failure::new(Code::Usage, format!("bad port {number:?}"))
            .hint("a port is a number from 1 to 65535")),
    }
}

fn file(path: &str) -> Result<Condition, Failure> {
    if path.is_empty() {
        return Err(Failure::new(Code::Usage, "the path to wait for is empty"));
    }
    Ok(Condition::File(path.as_bytes().to_vec()))
}
