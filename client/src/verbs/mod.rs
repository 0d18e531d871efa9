//! The verbs, one a file, each of the same shape: a struct of arguments whose comments are its
//! manual, and `run`.
//!
//! A new verb is a new file here and a line in [`VERBS`], whose order is that of `psup --help`.

mod ask;
mod attach;
pub(crate) mod capture;
mod checkpoint;
mod completions;
mod doctor;
mod ensure;
mod events;
mod exec;
mod export;
mod forget;
mod gate;
pub(crate) mod has;
mod help;
mod hook;
mod info;
mod install;
mod list;
mod logs;
mod man;
mod mcp;
mod read;
mod rename;
mod replay;
mod resize;
mod restart;
mod restore;
mod rpc;
pub(crate) mod send;
mod service;
mod shutdown;
mod signal;
mod skill;
pub(crate) mod spawn;
mod status;
mod stdio;
mod stop;
mod supervise;
mod targets;
mod tmux;
mod top;
mod upgrade;
mod wait;

use crate::context::{Context, Done};
use crate::items::Items;
use clap::{ArgMatches, Args, Command};
use psup_proto::{Code, Failure};
use std::ffi::OsString;
use std::str::FromStr;

/// What the command line needs to know of a verb.
pub(crate) struct Verb {
    pub name: &'static str,
    pub args: fn(Command) -> Command,
    pub read: fn(&ArgMatches) -> Result<Act, Failure>,
    pub plain: fn(&[OsString]) -> Option<Act>,
    pub on_target: OnTarget,
    pub items: Items,
}

/// How a verb is done with `--on TARGET`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnTarget {
    /// Here, with its requests carried there.
    Requests,
    /// As `Requests`, and of all targets at once where it is asked for.
    RequestsOfAll,
    /// There as a whole, for it is about the programs and files of that machine.
    Whole,
    /// It knows itself what to do about a target.
    Itself,
    /// Here: it has nothing to do with any supervisor.
    Nowhere,
}

/// A verb whose arguments are known.
pub(crate) type Act = Box<dyn FnOnce(&mut Context) -> Result<Done, Failure>>;

/// Arguments that know what to do.
pub(crate) trait Run: Args + 'static {
    /// How it is done with `--on TARGET`.
    const ON_TARGET: OnTarget = OnTarget::Requests;

    /// What it prints with `--json`.
    const ITEMS: Items = Items::NONE;

    /// What clap would make of the words after the verb's name, where they are few and plain. Half
    /// of what a short command does is clap's, and most short commands are as plain as `has web`.
    /// `None` leaves the words to clap; `tests::plain` holds both against each other, so that this
    /// is no second grammar.
    fn plain(_words: &[OsString]) -> Option<Self> {
        None
    }

    fn run(self, cx: &mut Context) -> Result<Done, Failure>;
}

pub(crate) const VERBS: &[Verb] = &[
    verb::<spawn::Spawn>("spawn"),
    verb::<ensure::Ensure>("ensure"),
    verb::<has::Has>("has"),
    verb::<list::List>("list"),
    verb::<info::Info>("info"),
    verb::<stop::Stop>("stop"),
    verb::<signal::Signal>("signal"),
    verb::<restart::Restart>("restart"),
    verb::<forget::Forget>("forget"),
    verb::<rename::Rename>("rename"),
    verb::<resize::Resize>("resize"),
    verb::<send::Send>("send"),
    verb::<attach::Attach>("attach"),
    verb::<top::Top>("top"),
    verb::<ask::Ask>("ask"),
    verb::<replay::Replay>("replay"),
    verb::<export::Export>("export"),
    verb::<wait::Wait>("wait"),
    verb::<exec::Exec>("exec"),
    verb::<capture::Capture>("capture"),
    verb::<read::Read>("read"),
    verb::<events::Events>("events"),
    verb::<hook::HookVerb>("hook"),
    verb::<status::Status>("status"),
    verb::<logs::Logs>("logs"),
    verb::<upgrade::Upgrade>("upgrade"),
    verb::<shutdown::Shutdown>("shutdown"),
    verb::<service::Service>("service"),
    verb::<supervise::Supervise>("supervise"),
    verb::<doctor::Doctor>("doctor"),
    verb::<checkpoint::Checkpoint>("checkpoint"),
    verb::<restore::Restore>("restore"),
    verb::<tmux::Tmux>("tmux"),
    verb::<mcp::Mcp>("mcp"),
    verb::<rpc::Rpc>("rpc"),
    verb::<skill::Skill>("skill"),
    verb::<gate::GateVerb>("gate"),
    verb::<targets::Targets>("targets"),
    verb::<install::Install>("install"),
    verb::<stdio::Stdio>("stdio"),
    verb::<completions::Completions>("completions"),
    verb::<man::Man>("man"),
    verb::<help::Help>("help"),
];

const fn verb<A: Run>(name: &'static str) -> Verb {
    Verb {
        name,
        args: A::augment_args,
        read: |matches| {
            A::from_arg_matches(matches)
                .map(act)
                .map_err(|e| Failure::new(Code::Internal, e.to_string()))
        },
        plain: |words| A::plain(words).map(act),
        on_target: A::ON_TARGET,
        items: A::ITEMS,
    }
}

fn act(arguments: impl Run) -> Act {
    Box::new(|cx| arguments.run(cx))
}

/// A word that no flag can be meant by, as what it is to be.
fn word<T: FromStr>(word: &OsString) -> Option<T> {
    let text = word
        .to_str()
        .filter(|text| !text.is_empty() && !text.starts_with('-'))?;
    text.parse().ok()
}
