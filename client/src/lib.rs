//! The half of psup that asks.
//!
//! ```text
//! run ── args ── verbs/<verb> ── context ── connect ── (Door) ── supervisor
//!                     └── output: data to stdout, talk to stderr
//! ```
//! It is synchronous and short-lived: one command line, one connection, one answer. It knows nothing of how a
//! supervisor is found or started; that is behind [`Door`], which the program that holds both halves supplies.

mod args;
mod asking;
mod conditions;
mod connect;
mod context;
mod env;
mod json;
mod output;
mod pieces;
mod resume;
mod show;
mod spec;
mod tmux;
mod value;
mod verbs;

use output::Out;
use psup_proto::Failure;
use std::ffi::OsString;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::ExitCode;

/// Which supervisor: the one of a profile, in the usual directories or in those under `dir`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `default` unless the caller named one.
    pub profile: String,
    pub dir: Option<PathBuf>,
}

/// The way to a supervisor.
pub trait Door {
    /// A fresh, blocking connection to the supervisor of `place`. Nothing has been said on it yet.
    ///
    /// Where none runs, `start` has it started first; without `start` the answer is
    /// [`Code::Unreachable`](psup_proto::Code::Unreachable).
    fn connect(&self, place: &Place, start: bool) -> Result<UnixStream, Failure>;

    /// Nobody has said hello at the other end of this connection for longer than that ever takes: whoever is asleep there is
    /// to be woken.
    fn rouse(&self, _stream: &UnixStream) {}

    /// The socket behind the door, where there is one to be named.
    fn address(&self, _place: &Place) -> Option<PathBuf> {
        None
    }
}

/// Does what the command line asks; `args` begins with the program's own name.
pub fn run(args: impl Iterator<Item = OsString>, door: &(dyn Door + Sync)) -> ExitCode {
    let args: Vec<_> = args.collect();
    if let Some(words) = tmux::words(&args) {
        return tmux::run(words, door);
    }
    ExitCode::from(answer(&args, door, Out::to_standard()))
}

/// [`run`] with the places it writes to in the caller's hand.
fn answer(args: &[OsString], door: &dyn Door, mut out: Out) -> u8 {
    let told = match args::parse(args, &mut out) {
        Ok(Some(parsed)) => parsed.run(door, out),
        Ok(None) => out.finish(),
        Err(failure) => out.fail(&failure),
    };
    told.code
}

#[cfg(test)]
mod tests;
