//! `psup forget`.

use super::Run;
use crate::context::{Context, Done, unexpected};
use crate::items::Items;
use psup_proto::keep::{Ended, ForgetEnded, SetKeep};
use psup_proto::{Failure, Request, Response, SessionId, Target, units};
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;

/// Delete ended sessions with their logs
///
/// A session that is still running is refused: stop it first. With --all, --glob or
/// --older it is skipped, as is one that its restart policy is about to start
/// again. The ids of the deleted lives are printed.
///
/// The supervisor itself keeps 1000 ended lives, for 30 days, in 1 GiB of disk, and
/// deletes the oldest beyond that; of one name it keeps 4. --keep, --keep-age and
/// --keep-bytes change these limits permanently; psup status shows them.
///
/// Example:
///   psup forget build
///   psup forget build#2 web
///   psup forget --glob 'ci-*' --older 2h
///   psup forget --all
///   psup forget --keep 20000 --keep-age forever --keep-bytes 4g
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
#[group(id = "what", required = true, multiple = true)]
pub(super) struct Forget {
    /// Names with all their lives, or single lives such as web#3
    #[arg(value_name = "NAME", group = "what")]
    targets: Vec<Target>,
    /// Every session that has ended
    #[arg(long, group = "what", conflicts_with_all = ["targets", "glob"])]
    all: bool,
    /// Ended sessions whose name matches: * and ? and [a-z]
    #[arg(
        long,
        group = "what",
        value_name = "PATTERN",
        conflicts_with = "targets"
    )]
    glob: Option<String>,
    /// Only what ended longer ago than this; alone, of all sessions
    #[arg(long, group = "what", value_name = "DURATION", value_parser = units::duration)]
    older: Option<Duration>,
    /// From now on keep this many ended lives
    #[arg(long, group = "what", value_name = "COUNT", conflicts_with_all = SELECTION)]
    keep: Option<u32>,
    /// From now on keep ended lives this long: a duration, or forever
    #[arg(long, group = "what", value_name = "DURATION", value_parser = age, conflicts_with_all = SELECTION)]
    keep_age: Option<Age>,
    /// From now on keep this much of ended lives on disk: a size such as 4g, or unlimited
    #[arg(long, group = "what", value_name = "SIZE", value_parser = size, conflicts_with_all = SELECTION)]
    keep_bytes: Option<Size>,
}

const SELECTION: [&str; 4] = ["targets", "all", "glob", "older"];

/// `None`: without a limit.
#[derive(Clone, Copy)]
struct Age(Option<Duration>);

/// `None`: without a limit.
#[derive(Clone, Copy)]
struct Size(Option<u64>);

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Forgotten")]
struct Json<'a> {
    id: String,
    name: &'a str,
}

fn age(text: &str) -> Result<Age, Failure> {
    match text {
        "forever" => Ok(Age(None)),
        text => units::duration(text).map(|age| Age(Some(age))),
    }
}

fn size(text: &str) -> Result<Size, Failure> {
    match text {
        "unlimited" => Ok(Size(None)),
        text => units::bytes(text).map(|bytes| Size(Some(bytes))),
    }
}

impl Run for Forget {
    const ITEMS: Items = Items::many::<(Json<'static>,)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let change = SetKeep {
            count: self.keep,
            age: self.keep_age.map(|age| age.0),
            bytes: self.keep_bytes.map(|size| size.0),
        };
        if change != SetKeep::default() {
            return cx.ask_done(&Request::SetKeep(change));
        }
        let is_of_names = self.older.is_none() && !self.targets.is_empty();
        if let [target] = self.targets.as_slice()
            && is_of_names
        {
            return cx.ask_done(&Request::Forget(target.clone()));
        }
        let which = match (self.targets, self.glob) {
            (targets, _) if !targets.is_empty() => Ended::Named(targets),
            (_, Some(pattern)) => Ended::Glob(pattern),
            (_, None) => Ended::All,
        };
        let request = Request::ForgetEnded(ForgetEnded {
            which,
            older: self.older,
        });
        match cx.ask(&request)? {
            Response::Forgotten(ids) if is_of_names => drop(ids),
            Response::Forgotten(ids) => tell(cx, &ids)?,
            other => return Err(unexpected(&other)),
        }
        Ok(Done::OK)
    }
}

fn tell(cx: &mut Context, ids: &[SessionId]) -> Result<(), Failure> {
    if ids.is_empty() {
        cx.out.talk("nothing to forget");
    }
    for id in ids {
        if cx.out.json {
            cx.out.object(&Json {
                id: id.to_string(),
                name: id.name.as_str(),
            })?;
        } else {
            cx.out.line(id)?;
        }
    }
    Ok(())
}
