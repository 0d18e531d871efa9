//! `psup stop`, and how stopped sessions are told.

use super::Run;
use crate::context::{Context, Done, unexpected};
use crate::items::Items;
use crate::{human, json, value_parsers};
use psup_proto::request::{self, Selector};
use psup_proto::response::Stopped;
use psup_proto::{Failure, Request, Response, Target, units};
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;

/// Stop sessions with all their processes
///
/// Sends the polite signal, waits for the grace period, then sends KILL to whatever
/// is left of the process tree. Returns when all of it is gone, and prints a line
/// for each session. Stopping a session that has ended already is no error. A stop
/// is never followed by a restart.
///
/// Example:
///   psup stop web
///   psup stop web db --signal INT --grace 30s
///   psup stop --glob 'test-*'
///   psup stop --all
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["targets", "all", "glob"]))]
pub(super) struct Stop {
    /// Names, or lives such as web#3
    #[arg(value_name = "NAME")]
    targets: Vec<Target>,
    /// Every live session
    #[arg(short, long)]
    all: bool,
    /// Every live session whose name matches: * and ? and [a-z]
    #[arg(long, value_name = "PATTERN")]
    glob: Option<String>,
    /// The polite signal, if the program expects another than the usual one
    #[arg(long, value_name = "SIGNAL", value_parser = value_parsers::signal)]
    signal: Option<i32>,
    /// How long to wait between the polite signal and KILL [default: 5s]
    #[arg(long, value_name = "DUR", value_parser = units::duration)]
    grace: Option<Duration>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Stopped")]
struct Report {
    id: String,
    /// False where there was nothing left to stop.
    stopped: bool,
    firm: bool,
    exit: Option<json::Ended>,
}

impl Run for Stop {
    const ITEMS: Items = Items::many::<(Report,)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let which = match (self.all, self.glob) {
            (true, _) => Selector::All,
            (false, Some(glob)) => Selector::Glob(glob),
            (false, None) => Selector::Named(self.targets.clone()),
        };
        let request = Request::Stop(request::Stop {
            which,
            signal: self.signal,
            grace: self.grace,
        });
        let stopped = match cx.ask(&request) {
            Ok(Response::Stopped(stopped)) => stopped,
            Ok(other) => return Err(unexpected(&other)),
            // Where no supervisor runs, no session does.
            Err(failure) if failure.is_no_supervisor() => Vec::new(),
            Err(failure) => return Err(failure),
        };
        if stopped.is_empty() {
            cx.out.talk("nothing to stop");
        }
        tell(cx, &stopped)
    }
}

pub(super) fn tell(cx: &mut Context, stopped: &[Stopped]) -> Result<Done, Failure> {
    for one in stopped {
        if cx.out.json {
            cx.out.object(&Report {
                id: one.id.to_string(),
                stopped: one.exit.is_some(),
                firm: one.firm,
                exit: one.exit.as_ref().map(json::Ended::from),
            })?;
            continue;
        }
        match &one.exit {
            Some(exit) => {
                let how = if one.firm { " after the grace" } else { "" };
                cx.out.line(format_args!(
                    "stopped {} {}{how}",
                    one.id,
                    human::exit(exit)
                ))?;
            }
            None => cx.out.talk(format_args!("{} had ended already", one.id)),
        }
    }
    Ok(Done::OK)
}
