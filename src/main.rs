//! `psup`: the one binary, and the one place where its halves meet.
//!
//! Called for an inside role (`ptyguard`, the worker, a start) it is the supervisor; else it is the client.

use psup_client::{Door, Place};
use psup_proto::Failure;
use psup_supervisor::start;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    match psup_supervisor::role(&args) {
        Some(role) => role.run(),
        None => psup_client::run(args.into_iter(), &Here),
    }
}

/// The supervisor on this machine.
struct Here;

impl Door for Here {
    fn connect(&self, place: &Place, start: bool) -> Result<UnixStream, Failure> {
        start::connect(&inside(place), start)
    }

    fn rouse(&self, stream: &UnixStream) {
        start::rouse(stream);
    }

    fn address(&self, place: &Place) -> Option<PathBuf> {
        start::address(&inside(place))
    }
}

/// A client's place in the supervisor's words.
fn inside(place: &Place) -> start::Place {
    start::Place {
        profile: place.profile.clone(),
        dir: place.dir.clone(),
    }
}
