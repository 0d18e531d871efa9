//! `psup events`.

use super::Run;
use crate::context::{Context, Done, Stream, unexpected};
use crate::human;
use crate::items::Items;
use crate::json::Ended;
use crate::output::Out;
use psup_link::Item;
use psup_proto::event::{EventKind, Happened};
use psup_proto::{Failure, Offset, Request, Response, Target};
use schemars::JsonSchema;
use serde::Serialize;

/// Follow what happens to sessions
///
/// Prints a line for each event as it happens: when, which session, what. With
/// --json each is an object. Every event has a number that grows by one; --since
/// begins at a number, so that nothing is missed between two calls.
///
/// Events: started ready output-idle bell title resized attached detached exited
/// restarted lost gap renamed forgotten cwd notification progress clipboard state-lost
/// hook-due hook-delivered hook-retrying hook-failed
///
/// Example:
///   psup events
///   psup events web db --json
///   psup events --since 120 --no-follow
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Events {
    /// Only of these sessions
    #[arg(value_name = "NAME")]
    targets: Vec<Target>,
    /// Begin at this event number instead of now
    #[arg(long, value_name = "SEQ")]
    since: Option<u64>,
    /// Keep following (the default)
    #[arg(long, conflicts_with = "no_follow")]
    follow: bool,
    /// Print past events and return
    #[arg(long)]
    no_follow: bool,
}

/// Events on their way.
struct Arriving {
    args: Events,
    /// The last one that was told.
    last: Option<u64>,
}

/// One event. Which keys each has of its own is in docs/json.md.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Event")]
struct Report<'a> {
    seq: u64,
    at_ms: u64,
    id: String,
    name: &'a str,
    offset: Offset,
    #[schemars(extend("enum" = WORDS))]
    event: &'static str,
    /// The supervisor that told it: null of an older build.
    restart_nonce: Option<String>,
    guardian_epoch: Option<u64>,
    worker_epoch: Option<u64>,
    /// The request that brought it about, where its client gave it an id.
    request: Option<String>,
    #[serde(flatten)]
    detail: Detail<'a>,
}

/// The words of all events, for the schema.
const WORDS: [&str; 29] = [
    "crash-looping",
    "owner-gone",
    "started",
    "ready",
    "output-idle",
    "bell",
    "title",
    "resized",
    "attached",
    "detached",
    "exited",
    "restarted",
    "lost",
    "gap",
    "renamed",
    "forgotten",
    "cwd",
    "notification",
    "progress",
    "clipboard",
    "keyboard-taken",
    "keyboard-free",
    "person-asked",
    "person-answered",
    "state-lost",
    "hook-due",
    "hook-delivered",
    "hook-retrying",
    "hook-failed",
];

/// What else there is to say; only what the event has.
#[derive(Default, Serialize, JsonSchema)]
#[schemars(rename = "EventDetail")]
struct Detail<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pid: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restarts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cols: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit: Option<Ended>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Offset>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Offset>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    viewer: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    typed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hook: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tries: Option<u32>,
}

impl Run for Events {
    const ITEMS: Items = Items::many::<(Report<'static>,)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let is_about_all = self.targets.is_empty();
        let ended = cx.stream(&mut Arriving {
            args: self,
            last: None,
        });
        match ended {
            Err(failure) if is_about_all && failure.is_no_supervisor() => {
                cx.out
                    .talk("no supervisor is running; `psup status --start` starts one");
                Ok(Done::OK)
            }
            ended => ended,
        }
    }
}

impl Stream for Arriving {
    fn question(&self) -> Request {
        // Without a beginning, what is asked for is what happens from now on; to return at once
        // with it would be to say nothing.
        let from_the_first = self.args.no_follow.then_some(0);
        Request::Events {
            targets: self.args.targets.clone(),
            since: self.last.or(self.args.since).or(from_the_first),
            follow: !self.args.no_follow,
        }
    }

    fn take(&mut self, item: Item, out: &mut Out) -> Result<Option<Done>, Failure> {
        match item {
            Item::Response(Response::Happened(happened)) => {
                // After a break the last one is asked for again, to be sure of the next.
                if self.last.is_none_or(|last| happened.seq > last) {
                    tell(&happened, out)?;
                    self.last = Some(happened.seq);
                }
                Ok(None)
            }
            Item::Response(Response::Done | Response::End { .. }) => Ok(Some(Done::OK)),
            Item::Response(other) => Err(unexpected(&other)),
            Item::Bytes(_) => Err(unexpected("bytes among events")),
        }
    }
}

fn tell(happened: &Happened, out: &mut Out) -> Result<(), Failure> {
    let (event, detail, words) = describe(&happened.what);
    if out.json {
        out.object(&Report {
            seq: happened.seq,
            at_ms: happened.at_ms,
            id: happened.id.to_string(),
            name: happened.id.name.as_str(),
            offset: happened.offset,
            event,
            restart_nonce: happened.by.map(|by| hex(by.restart_nonce)),
            guardian_epoch: happened.by.map(|by| by.guardian_epoch),
            worker_epoch: happened.by.map(|by| by.worker_epoch),
            request: happened.by.and_then(|by| by.request).map(hex),
            detail,
        })?;
    } else {
        let line = format!(
            "{} {} {event} {}",
            human::time(happened.at_ms),
            happened.id,
            human::plain(&words)
        );
        out.line(line.trim_end())?;
    }
    out.flush()
}

fn hex(id: u128) -> String {
    format!("{id:032x}")
}

/// An event's word, its keys, and what a person is told.
fn describe(what: &EventKind) -> (&'static str, Detail<'_>, String) {
    (what.word(), detail(what), words(what))
}

fn detail(what: &EventKind) -> Detail<'_> {
    let mut detail = Detail::default();
    match what {
        EventKind::Ready
        | EventKind::OutputIdle
        | EventKind::Bell
        | EventKind::Attached
        | EventKind::Detached
        | EventKind::Forgotten
        | EventKind::StateLost => {}
        EventKind::HookDue { hook, on, text } => {
            detail.hook = Some(*hook);
            detail.on = Some(on);
            detail.text = Some(text);
        }
        EventKind::HookRan {
            hook,
            event,
            tries,
            reason,
            ..
        } => {
            (detail.hook, detail.of, detail.tries) = (Some(*hook), Some(*event), Some(*tries));
            detail.reason = (!reason.is_empty()).then_some(reason);
        }
        EventKind::Started { pid } | EventKind::OwnerGone { pid } => detail.pid = Some(*pid),
        EventKind::Title { title } => detail.title = Some(title),
        EventKind::Resized { cols, rows } => {
            (detail.cols, detail.rows) = (Some(*cols), Some(*rows));
        }
        EventKind::Exited { exit } => detail.exit = Some(exit.into()),
        EventKind::Restarted { pid, restarts } => {
            (detail.pid, detail.restarts) = (Some(*pid), Some(*restarts));
        }
        EventKind::CrashLooping { restarts } => detail.restarts = Some(*restarts),
        EventKind::Lost { reason } => detail.reason = Some(reason),
        EventKind::Gap { from, to, reason } => {
            (detail.from, detail.to) = (Some(*from), Some(*to));
            detail.reason = Some(reason);
        }
        EventKind::Renamed { to } => detail.new_id = Some(to.to_string()),
        EventKind::Cwd { path } => detail.path = Some(path),
        EventKind::Progress { percent } => detail.percent = *percent,
        EventKind::KeyboardTaken { viewer } | EventKind::PersonAnswered { viewer } => {
            detail.viewer = Some(*viewer);
        }
        EventKind::KeyboardFree { viewer, typed } => {
            (detail.viewer, detail.typed) = (Some(*viewer), Some(*typed));
        }
        EventKind::PersonAsked { why } => detail.why = Some(why),
        EventKind::Notification { text } | EventKind::Clipboard { text } => {
            detail.text = Some(text);
        }
    }
    detail
}

fn words(what: &EventKind) -> String {
    match what {
        EventKind::Ready
        | EventKind::OutputIdle
        | EventKind::Bell
        | EventKind::Attached
        | EventKind::Detached
        | EventKind::Forgotten
        | EventKind::StateLost => String::new(),
        EventKind::HookDue { hook, on, text } => format!("hook {hook}, {on}: {text}"),
        EventKind::HookRan {
            hook,
            event,
            tries,
            reason,
            ..
        } => {
            let reason = if reason.is_empty() {
                String::new()
            } else {
                format!(": {reason}")
            };
            format!("hook {hook}, event {event}, try {tries}{reason}")
        }
        EventKind::Started { pid } => format!("pid {pid}"),
        EventKind::Title { title } => title.clone(),
        EventKind::Resized { cols, rows } => format!("{cols}x{rows}"),
        EventKind::Exited { exit } => human::exit(exit),
        EventKind::Restarted { pid, restarts } => format!("pid {pid}, restart {restarts}"),
        EventKind::CrashLooping { restarts } => format!("after {restarts} restarts"),
        EventKind::OwnerGone { pid } => format!("process {pid}"),
        EventKind::Lost { reason } => reason.clone(),
        EventKind::Gap { from, to, reason } => format!("bytes {from} to {to}: {reason}"),
        EventKind::Renamed { to } => format!("to {to}"),
        EventKind::Cwd { path } => path.clone(),
        EventKind::KeyboardTaken { viewer } | EventKind::PersonAnswered { viewer } => {
            format!("viewer {viewer}")
        }
        EventKind::KeyboardFree { viewer, typed } => {
            format!("viewer {viewer} typed {typed} bytes")
        }
        EventKind::PersonAsked { why } => why.clone(),
        EventKind::Progress { percent } => {
            percent.map_or_else(|| "none".to_owned(), |percent| format!("{percent}%"))
        }
        EventKind::Notification { text } | EventKind::Clipboard { text } => text.clone(),
    }
}
