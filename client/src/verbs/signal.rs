//! `psup signal`.

use super::Run;
use crate::context::{Context, Done};
use crate::value_parsers;
use psup_proto::{Failure, Request, Target};

/// Send one signal to the program of a session
///
/// The signal goes to the process group of the session's program. To interrupt
/// whatever has the terminal, as a person at the keyboard would, use psup send
/// NAME --key C-c.
///
/// Example:
///   psup signal web HUP
///   psup signal web 10
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Signal {
    /// A name, or one life of it such as web#3
    #[arg(value_name = "NAME")]
    target: Target,
    /// INT TERM HUP KILL USR1 … with or without SIG, or a number
    #[arg(value_name = "SIGNAL", value_parser = value_parsers::signal)]
    signal: i32,
}

impl Run for Signal {
    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        cx.ask_done(&Request::Signal {
            target: self.target,
            signal: self.signal,
        })
    }
}
