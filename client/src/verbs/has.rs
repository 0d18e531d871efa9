//! `psup has`.

use super::{Run, info, word};
use crate::context::{Context, Done};
use crate::human;
use crate::items::Items;
use psup_proto::info::State;
use psup_proto::{Code, Failure, Request, Target};
use schemars::JsonSchema;
use serde::Serialize;
use std::ffi::OsString;

/// Check whether a session is alive
///
/// The exit code is the answer. 0: it is alive. 1: it has ended or was lost.
/// 3: there is no session of that name. Nothing is printed on stdout; an answer
/// other than yes is explained on stderr, unless --quiet. With --json the answer
/// is printed as well.
///
/// Example:
///   psup has web || psup spawn web -- npm run dev
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Has {
    /// A name, or one life of it such as web#3
    #[arg(value_name = "NAME")]
    target: Target,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Has")]
struct Report {
    id: String,
    live: bool,
    #[schemars(with = "State")]
    state: &'static str,
}

impl Run for Has {
    const ITEMS: Items = Items::one::<(Report,)>();

    fn plain(words: &[OsString]) -> Option<Self> {
        match words {
            [target] => Some(Self {
                target: word(target)?,
            }),
            _ => None,
        }
    }

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        match self.tell(cx) {
            // The exit code says it; quiet means no sentence for an answer that was asked for.
            Err(failure) if failure.code == Code::NoSuchSession && cx.out.quiet => {
                Ok(Done::like(failure.code))
            }
            told => told,
        }
    }
}

impl Has {
    fn tell(self, cx: &mut Context) -> Result<Done, Failure> {
        if !cx.out.json && is_there(cx, &self.target)? {
            return Ok(Done::OK);
        }
        let info = info::ask(cx, self.target)?;
        let live = info.state.is_live();
        if cx.out.json {
            cx.out.object(&Report {
                id: info.id.to_string(),
                live,
                state: info.state.word(),
            })?;
        }
        if live {
            return Ok(Done::OK);
        }
        if !cx.out.json {
            cx.out.talk(format_args!(
                "session {:?} has ended: {}",
                info.id.to_string(),
                human::state(&info)
            ));
        }
        Ok(Done::like(Code::No))
    }
}

/// The usual question has the shortest of answers, for which nobody looks at a process. Where it is
/// no, there is more to tell.
fn is_there(cx: &mut Context, target: &Target) -> Result<bool, Failure> {
    match cx.ask_done(&Request::Alive(target.clone())) {
        Ok(_) => Ok(true),
        Err(failure) if failure.code == Code::NotRunning => Ok(false),
        Err(failure) => Err(failure),
    }
}
