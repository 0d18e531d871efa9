//! `psup spawn`, and how an answer about a new life is told.

use super::{Run, wait, word};
use crate::context::{Context, Done, unexpected};
use crate::items::Items;
use crate::json;
use crate::resource_args;
use crate::spec::SpecArgs;
use psup_link::request_id::fresh_id;
use psup_proto::condition::Condition;
use psup_proto::info::State;
use psup_proto::request::{self, IfExists};
use psup_proto::response::{Spawned, Started};
use psup_proto::{Failure, Request, Response};
use schemars::JsonSchema;
use serde::Serialize;
use std::ffi::OsString;

/// Start a session
///
/// The program gets a terminal of its own and keeps running whatever happens to
/// the process that started it. Unless told otherwise it runs in the current
/// directory with the current environment; TERM is set by psup. The call returns
/// as soon as the program runs, or with the system's reason if it could not be
/// started. Without a command the session runs the user's shell. Prints the id of
/// the new life, such as web#1.
///
/// With --ready it returns when the condition holds. If the program ends first
/// (exit code 6) or time runs out (exit code 124), the session is kept as it is, so
/// that you can look at it.
///
/// With --memory, --pids, --cpu and --nice this session gets limits of its own: a
/// build that uses up its memory ends alone, and its exit says why. The limits need
/// a cgroup for each session. If psup cannot apply one, nothing is started and the
/// error says why; --best-effort starts the session anyway and names the limits that
/// were left out. psup info shows the limits and what the session uses.
///
/// With --restart-limit 5/10m a sixth restart within ten minutes is not made: the
/// session is crash-looping, which list, info, events and the hook crash-loop tell.
/// With --owner the session is stopped when that process has gone.
///
/// If a live session has that name already, nothing is started (exit code 4); psup
/// ensure counts that as success.
///
/// Example:
///   psup spawn build -- make -j8
///   psup spawn web --cwd app --env PORT=8080 --ready port=8080 --timeout 30s -- npm run dev
///   psup spawn build --memory 8g --pids 512 --cpu 200% --nice 5 -- make -j8
///   psup spawn nightly --restart on-failure --on-boot --shell 'sync-all && report'
///   psup spawn sh
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Spawn {
    #[command(flatten)]
    spec: SpecArgs,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Spawned")]
struct Report<'a> {
    id: String,
    name: &'a str,
    pid: i32,
    done: Started,
    #[schemars(with = "State")]
    state: &'static str,
    offset: u64,
    ready: Option<json::Answer>,
    /// Limits that were asked for and do not hold.
    unmet: Vec<json::UnmetLimit<'a>>,
}

impl Run for Spawn {
    const ITEMS: Items = Items::one::<(Report<'static>,)>();

    fn plain(words: &[OsString]) -> Option<Self> {
        match words {
            [name, dashes, command @ ..] if dashes == "--" => Some(Self {
                spec: SpecArgs::plain(word(name)?, command),
            }),
            _ => None,
        }
    }

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let (spawned, ready) = ask(cx, &self.spec, IfExists::New)?;
        let line = spawned.id.to_string();
        tell(cx, &spawned, &line, &ready)
    }
}

/// The answer, and the conditions that it is ready by.
pub(crate) fn ask(
    cx: &mut Context,
    args: &SpecArgs,
    how: IfExists,
) -> Result<(Spawned, Vec<Condition>), Failure> {
    let caller = cx.caller(args.cwd.as_deref())?;
    let ready = args.wait(&caller)?;
    let conditions = ready
        .as_ref()
        .map(|wait| wait.conditions.clone())
        .unwrap_or_default();
    let request = Request::Spawn(Box::new(request::Spawn {
        id: fresh_id()?,
        name: args.name.clone(),
        spec: args.spec(caller, &cx.on)?,
        how,
        ready,
    }));
    Ok((answered(cx.ask(&request)?)?, conditions))
}

pub(crate) fn answered(response: Response) -> Result<Spawned, Failure> {
    match response {
        Response::Spawned(spawned) => Ok(spawned),
        other => Err(unexpected(&other)),
    }
}

/// Tells of a new life; a ready condition that did not come true is a failure after that.
pub(crate) fn tell(
    cx: &mut Context,
    spawned: &Spawned,
    line: &str,
    asked: &[Condition],
) -> Result<Done, Failure> {
    for unmet in &spawned.unmet {
        cx.out.warn(resource_args::warning(unmet));
    }
    if cx.out.json {
        cx.out.object(&Report {
            id: spawned.id.to_string(),
            name: spawned.id.name.as_str(),
            pid: spawned.pid,
            done: spawned.done,
            state: spawned.state.word(),
            offset: spawned.offset,
            ready: spawned
                .ready
                .as_ref()
                .map(|ready| json::Answer::new(ready, asked)),
            unmet: spawned.unmet.iter().map(json::UnmetLimit::from).collect(),
        })?;
    } else {
        cx.out.line(line)?;
    }
    match &spawned.ready {
        Some(ready) => wait::verdict(ready, &spawned.id.to_string()),
        None => Ok(Done::OK),
    }
}
