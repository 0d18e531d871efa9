//! The way from a command to a supervisor, under `client/` and `tmux/`.
//!
//! ```text
//! client, tmux ── Link ── retry: may this be asked again, for how long
//!                  └───── Connection ── Connector: a socket to a supervisor
//! ```
//! It blocks, and holds one connection at a time. It knows no verb, no tmux command and no flag,
//! prints nothing, and does not know how a supervisor is found or started: that is behind
//! [`Connector`], which the program that holds both halves supplies.

pub mod caller;
pub mod capture;
pub mod connection;
pub mod gate;
mod hint_names;
mod link;
mod no_session;
pub mod request_id;
pub mod retry;
pub mod stream_position;
pub mod target;
pub mod terminal_text;
pub mod wire;

pub use connection::Item;
pub use link::{Link, OnDetail, Stream};
pub use no_session::no_session;
pub use wire::Wire;

use psup_proto::doctor::{Examination, Finding};
use psup_proto::greeting::Caller;
use psup_proto::service::{Action, Report};
use psup_proto::{Code, Failure};
use std::fmt;
use std::path::{Path, PathBuf};

/// Which supervisor: the one of a profile, in the usual directories or in those under `dir`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `default` unless the caller named one.
    pub profile: String,
    pub dir: Option<PathBuf>,
    /// The directory of a gate, where a sandbox forbids to connect: then the gate knows which
    /// supervisor it is.
    pub via: Option<PathBuf>,
}

/// Opens connections to supervisors.
pub trait Connector {
    /// A fresh, blocking connection to the supervisor of `place`. Nothing has been said on it yet.
    ///
    /// Where none runs, `start` has it started first; without `start` the answer is
    /// [`Code::Unreachable`].
    fn connect(&self, place: &Place, start: bool) -> Result<Wire, Failure>;

    /// The supervisor has not said hello on this connection for longer than that ever takes: wakes
    /// the guardian, which may have to start a worker.
    fn wake_guardian(&self, _wire: &Wire) {}

    /// The path of the supervisor's socket, where it has one.
    fn address(&self, _place: &Place) -> Option<PathBuf> {
        None
    }

    /// Waits until no process of the supervisor of `place` is left, after it was told to end.
    fn wait_for_end(&self, _place: &Place) -> Result<(), Failure> {
        Ok(())
    }

    /// What a session that is asked for from there takes over from its caller; it is to start in
    /// `cwd`, or in the caller's directory.
    fn caller(&self, _place: &Place, cwd: Option<&Path>) -> Result<Caller, Failure> {
        caller::here(cwd)
    }

    /// Has the service manager of this machine do something about the supervisor of `place`.
    fn service(&self, _place: &Place, _action: Action) -> Result<Report, Failure> {
        Err(Failure::new(
            Code::Unsupported,
            "this program cannot reach a service manager",
        ))
    }

    /// Looks for what is wrong with the supervisor of `place` and the machine under it.
    fn examine(&self, _place: &Place, _what: &Examination) -> Result<Vec<Finding>, Failure> {
        Err(Failure::new(
            Code::Unsupported,
            "this program cannot look at the machine",
        ))
    }
}

/// The supervisor answered something else than the question allows.
pub fn unexpected(what: impl fmt::Debug) -> Failure {
    // Enough to see what it was; an answer may be of any length.
    let what: String = format!("{what:?}").chars().take(100).collect();
    Failure::new(
        Code::Internal,
        format!("the supervisor answered with {what}"),
    )
    .hint("`psup status` shows whether it is of another version")
}
