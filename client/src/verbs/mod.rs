//! The verbs, one a file, each of the same shape: a struct of arguments whose comments are its manual, and `run`.
//!
//! A new verb is a new file here and a line in [`VERBS`], whose order is that of `psup --help`.

mod capture;
mod completions;
mod ensure;
mod events;
mod exec;
mod forget;
mod has;
mod help;
mod info;
mod list;
mod logs;
mod man;
mod read;
mod rename;
mod resize;
mod restart;
mod send;
mod shutdown;
mod signal;
mod spawn;
mod status;
mod stop;
mod tmux;
mod upgrade;
mod wait;

use crate::context::{Context, Done};
use clap::{ArgMatches, Args, Command};
use psup_proto::{Code, Failure};

/// What the command line needs to know of a verb.
pub struct Verb {
    pub name: &'static str,
    pub args: fn(Command) -> Command,
    pub run: fn(&ArgMatches, &mut Context) -> Result<Done, Failure>,
}

/// Arguments that know what to do.
pub trait Run: Args {
    fn run(self, cx: &mut Context) -> Result<Done, Failure>;
}

pub const VERBS: &[Verb] = &[
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
    verb::<wait::Wait>("wait"),
    verb::<exec::Exec>("exec"),
    verb::<capture::Capture>("capture"),
    verb::<read::Read>("read"),
    verb::<events::Events>("events"),
    verb::<status::Status>("status"),
    verb::<logs::Logs>("logs"),
    verb::<upgrade::Upgrade>("upgrade"),
    verb::<shutdown::Shutdown>("shutdown"),
    verb::<tmux::Tmux>("tmux"),
    verb::<completions::Completions>("completions"),
    verb::<man::Man>("man"),
    verb::<help::Help>("help"),
];

const fn verb<A: Run>(name: &'static str) -> Verb {
    Verb {
        name,
        args: A::augment_args,
        run: |matches, cx| {
            A::from_arg_matches(matches)
                .map_err(|e| Failure::new(Code::Internal, e.to_string()))?
                .run(cx)
        },
    }
}
