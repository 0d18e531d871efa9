//! Completions that know the sessions: what a shell's Tab asks for, with `PSUP_COMPLETE=SHELL` and
//! the words of the line behind `--`.
//!
//! Verbs and flags come from the arguments' own descriptions; names, ids and labels from the
//! supervisor of that line, if one runs: none is ever started. What cannot be told is left out, for
//! a shell has no place for an error.

use crate::args;
use crate::human;
use crate::verbs::VERBS;
use clap::{Arg, Command};
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};
use clap_complete::env::Shells;
use psup_link::target::{Target, TargetConnector};
use psup_link::{Connector, Link};
use psup_proto::info::Info;
use psup_proto::request::Filter;
use psup_proto::{Request, Response};
use std::ffi::{OsStr, OsString};
use std::sync::Arc;

/// The variable by which a shell's function asks.
pub(crate) const VARIABLE: &str = "PSUP_COMPLETE";

/// Keys by their names, as they are written in the manual.
const KEYS: [&str; 20] = [
    "Enter", "Escape", "Tab", "BTab", "Space", "BSpace", "Delete", "Insert", "Home", "End",
    "PageUp", "PageDown", "Up", "Down", "Left", "Right", "C-c", "C-d", "C-z", "F1",
];

const SIGNALS: [&str; 12] = [
    "HUP", "INT", "QUIT", "KILL", "TERM", "USR1", "USR2", "WINCH", "CONT", "STOP", "TSTP", "PIPE",
];

/// Verbs that are of use with what has ended.
const OF_ENDED: [&str; 10] = [
    "info", "read", "capture", "export", "replay", "restart", "forget", "events", "wait", "ensure",
];

/// The function that a shell loads.
pub(crate) fn registration(shell: &str) -> Option<Vec<u8>> {
    let shells = Shells::builtins();
    let completer = shells.completer(shell)?;
    let mut script = Vec::new();
    completer
        .write_registration(VARIABLE, "psup", "psup", "psup", &mut script)
        .ok()?;
    Some(script)
}

/// What fits where the cursor is, in the form that the shell wants.
pub(crate) fn answer(
    shell: &OsStr,
    args: &[OsString],
    connector: &(dyn Connector + Sync),
) -> Vec<u8> {
    let mut text = Vec::new();
    let words = match args {
        [_, dashes, words @ ..] if dashes == "--" => words,
        _ => return text,
    };
    let shells = Shells::builtins();
    let Some(completer) = shell.to_str().and_then(|shell| shells.completer(shell)) else {
        return text;
    };
    // A target whose name is still being typed is no target yet.
    let names_target = words.iter().rev().nth(1).is_some_and(|word| word == "--on");
    let sessions = (!names_target)
        .then(|| sessions(words, connector))
        .flatten();
    let sessions = Arc::new(sessions.unwrap_or_default());
    let mut command = with_values(args::complete(), &sessions);
    let directory = std::env::current_dir().ok();
    // A part of an answer is an answer too.
    let _ = completer.write_complete(
        &mut command,
        words.to_vec(),
        directory.as_deref(),
        &mut text,
    );
    text
}

/// All sessions of the supervisor that the line means.
fn sessions(words: &[OsString], connector: &(dyn Connector + Sync)) -> Option<Vec<Info>> {
    let (place, on) = args::place_of(words)?;
    let far = match on {
        Some(name) => Some(TargetConnector::new(Target::named(&name).ok()?)),
        None => None,
    };
    let connector = far
        .as_ref()
        .map_or(connector, |far| far as &(dyn Connector + Sync));
    let mut link = Link::new(connector, place);
    link.may_start = false;
    let all = Filter {
        all: true,
        ..Filter::default()
    };
    match link.ask(&Request::ListBrief(all)) {
        Ok(Response::Sessions(sessions)) => Some(sessions),
        Ok(_) | Err(_) => None,
    }
}

/// The command line with what there is for each argument.
fn with_values(command: Command, sessions: &Arc<Vec<Info>>) -> Command {
    let root = command.mut_args(with_global_values);
    VERBS.iter().fold(root, |root, verb| {
        root.mut_subcommand(verb.name, |command| {
            command.mut_args(|arg| with_value(arg, verb.name, sessions))
        })
    })
}

fn with_global_values(arg: Arg) -> Arg {
    if arg.get_long() == Some("on") {
        return complete(arg, |_: &OsStr| {
            let targets = Target::all().unwrap_or_default();
            let names = targets.into_iter().map(|target| target.name);
            names.chain(["all".to_owned()]).map(candidate).collect()
        });
    }
    arg
}

fn with_value(arg: Arg, verb: &'static str, sessions: &Arc<Vec<Info>>) -> Arg {
    let what = arg
        .get_value_names()
        .and_then(|names| names.first())
        .map(ToString::to_string)
        .unwrap_or_default();
    let sessions = Arc::clone(sessions);
    match (what.as_str(), arg.get_long()) {
        ("NAME", None) if verb != "spawn" => complete(arg, move |word: &OsStr| {
            names(&sessions, verb, &word.to_string_lossy())
        }),
        ("NAME|FILE", None) => complete(arg, move |word: &OsStr| {
            let mut all = names(&sessions, verb, &word.to_string_lossy());
            all.extend(PathCompleter::file().complete(word));
            all
        }),
        ("KEY=VALUE", Some("label")) => complete(arg, move |_: &OsStr| labels(&sessions)),
        ("KEY", Some(_)) => complete(arg, |_: &OsStr| KEYS.map(candidate).into()),
        ("SIGNAL", _) => complete(arg, |_: &OsStr| SIGNALS.map(candidate).into()),
        ("VERB" | "TOPIC", None) => complete(arg, |_: &OsStr| {
            VERBS.iter().map(|verb| candidate(verb.name)).collect()
        }),
        _ => arg,
    }
}

/// The candidates that begin with the word.
fn complete(
    arg: Arg,
    all: impl Fn(&OsStr) -> Vec<CompletionCandidate> + Send + Sync + 'static,
) -> Arg {
    arg.add(ArgValueCompleter::new(move |word: &OsStr| {
        let begins = word.to_string_lossy().into_owned();
        let mut fitting = all(word);
        fitting.retain(|one| one.get_value().to_string_lossy().starts_with(&begins));
        fitting
    }))
}

fn candidate(value: impl Into<String>) -> CompletionCandidate {
    CompletionCandidate::new(value.into())
}

/// Names of sessions: the live ones, and those that have ended where the verb is of use with them;
/// ids where the word has come to the `#` of one.
fn names(sessions: &[Info], verb: &str, word: &str) -> Vec<CompletionCandidate> {
    let by_id = word.contains('#');
    let wanted = |info: &&Info| by_id || info.state.is_live() || OF_ENDED.contains(&verb);
    let mut all: Vec<CompletionCandidate> = Vec::new();
    for info in sessions.iter().filter(wanted) {
        let name = if by_id {
            info.id.to_string()
        } else {
            info.id.name.to_string()
        };
        if all.iter().all(|one| one.get_value() != name.as_str()) {
            let help = format!("{}: {}", human::state(info), human::command(&info.command));
            all.push(candidate(name).help(Some(human::plain(&help).into())));
        }
    }
    all
}

fn labels(sessions: &[Info]) -> Vec<CompletionCandidate> {
    let live = sessions.iter().filter(|info| info.state.is_live());
    let pairs = live.flat_map(|info| &info.labels);
    let mut all: Vec<String> = pairs.map(|(key, value)| format!("{key}={value}")).collect();
    all.sort();
    all.dedup();
    all.into_iter().map(candidate).collect()
}
