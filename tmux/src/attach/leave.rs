//! The end of an attached client: its last words, and what is done after them.

use super::terminal::write;
use crate::client_session::DetachReason;
use crate::output::{reason, tell};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, pthread_sigmask};
use std::os::unix::process::CommandExt;

/// The last words, and what is to be done after them.
pub(super) fn part(farewell: &DetachReason) -> i32 {
    if let Some(words) = farewell.words() {
        write(&format!("[{words}]\n"));
    }
    match farewell {
        DetachReason::HungUp(_) => {
            // A parent that has gone cannot be hung up on.
            let _ = nix::sys::signal::kill(nix::unistd::getppid(), Signal::SIGHUP);
        }
        DetachReason::Replaced(command) => {
            let all = SigSet::all();
            let _ = pthread_sigmask(SigmaskHow::SIG_UNBLOCK, Some(&all), None);
            let failed = std::process::Command::new("/bin/sh")
                .arg("-c")
                .arg(command)
                .exec();
            tell(&reason(&failed));
            return 1;
        }
        _ => {}
    }
    farewell.code()
}
