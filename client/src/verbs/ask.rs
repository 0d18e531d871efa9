//! `psup ask`.

use super::Run;
use crate::context::{Context, Done, unexpected};
use crate::items::Items;
use psup_proto::attach::AskPerson;
use psup_proto::{Failure, Offset, Request, Response, Target, units};
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;

/// Ask a person to type something into a session
///
/// Waits until a person who is attached to the session has pressed Enter; `psup
/// attach` shows them the reason. Prints the offset of the output just after: the
/// program's answer comes from there on. What was typed is kept nowhere: not in a
/// log, an event or an answer, and in the journal only if the program prints it.
///
/// Exit code 124: nobody answered within --timeout.
///
/// Example:
///   psup ask login --why 'the code from your phone' --secret
///   psup ask deploy --why 'type yes to deploy to production' --timeout 10m
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Ask {
    /// A name, or one life of it such as web#3
    #[arg(value_name = "NAME")]
    target: Target,
    /// What to ask the person for, in one line
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// It is a password or another secret
    #[arg(long)]
    secret: bool,
    /// Give up after this time
    #[arg(long, value_name = "DUR", value_parser = units::duration)]
    timeout: Option<Duration>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Asked")]
struct Answered {
    viewer: u64,
    offset: Offset,
}

impl Run for Ask {
    const ITEMS: Items = Items::one::<(Answered,)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        cx.out.talk(format_args!(
            "waiting for a person: `psup attach {}` is where they answer",
            self.target
        ));
        let asked = AskPerson {
            target: self.target,
            why: self.why,
            secret: self.secret,
            timeout: self.timeout,
        };
        match cx.ask(&Request::AskPerson(asked))? {
            Response::PersonAnswered { viewer, offset } if cx.out.json => {
                cx.out.object(&Answered { viewer, offset })?;
            }
            Response::PersonAnswered { offset, .. } => cx.out.line(offset)?,
            other => return Err(unexpected(&other)),
        }
        Ok(Done::OK)
    }
}
