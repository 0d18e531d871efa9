//! `psup events`.

use super::Run;
use crate::context::{Context, Done, Stream, unexpected};
use crate::human;
use crate::json::Ended;
use crate::output::Out;
use psup_link::Item;
use psup_proto::event::{EventKind, Happened};
use psup_proto::{Failure, Offset, Request, Response, Target};
use serde::Serialize;

/// Follow what happens to sessions
///
/// A line for each event, as it happens: when, whose, what. With --json each is
/// an object. Every event has a number that grows by one; --since begins at that
/// number, so nothing is missed between two calls.
///
/// Events: started ready output-idle bell title resized attached detached exited
/// restarted lost gap renamed forgotten cwd notification progress clipboard
///
/// Example:
///   psup events
///   psup events web db --json
///   psup events --since 120 --no-follow
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub struct Events {
    /// Only of these sessions
    #[arg(value_name = "NAME")]
    targets: Vec<Target>,
    /// Begin at this number instead of now
    #[arg(long, value_name = "SEQ")]
    since: Option<u64>,
    /// Print what has happened, and return
    #[arg(long)]
    no_follow: bool,
}

/// Events on their way.
struct Arriving {
    args: Events,
    /// The last one that was told.
    last: Option<u64>,
}

#[derive(Serialize)]
struct Told<'a> {
    seq: u64,
    at_ms: u64,
    id: String,
    name: &'a str,
    offset: Offset,
    event: &'static str,
    #[serde(flatten)]
    detail: Detail<'a>,
}

/// What else there is to say; only what the event has.
#[derive(Default, Serialize)]
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
}

impl Run for Events {
    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        cx.stream(&mut Arriving {
            args: self,
            last: None,
        })
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
        out.object(&Told {
            seq: happened.seq,
            at_ms: happened.at_ms,
            id: happened.id.to_string(),
            name: happened.id.name.as_str(),
            offset: happened.offset,
            event,
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

/// An event's word, its keys, and what a person is told.
fn describe(what: &EventKind) -> (&'static str, Detail<'_>, String) {
    let d = Detail::default;
    match what {
        EventKind::Started { pid } => (
            "started",
            Detail {
                pid: Some(*pid),
                ..d()
            },
            format!("pid {pid}"),
        ),
        EventKind::Ready => ("ready", d(), String::new()),
        EventKind::OutputIdle => ("output-idle", d(), String::new()),
        EventKind::Bell => ("bell", d(), String::new()),
        EventKind::Title { title } => (
            "title",
            Detail {
                title: Some(title),
                ..d()
            },
            title.clone(),
        ),
        EventKind::Resized { cols, rows } => {
            let detail = Detail {
                cols: Some(*cols),
                rows: Some(*rows),
                ..d()
            };
            ("resized", detail, format!("{cols}x{rows}"))
        }
        EventKind::Attached => ("attached", d(), String::new()),
        EventKind::Detached => ("detached", d(), String::new()),
        EventKind::Exited { exit } => {
            let detail = Detail {
                exit: Some(exit.into()),
                ..d()
            };
            ("exited", detail, human::exit(exit))
        }
        EventKind::Restarted { pid, restarts } => {
            let detail = Detail {
                pid: Some(*pid),
                restarts: Some(*restarts),
                ..d()
            };
            (
                "restarted",
                detail,
                format!("pid {pid}, restart {restarts}"),
            )
        }
        EventKind::Lost { reason } => (
            "lost",
            Detail {
                reason: Some(reason),
                ..d()
            },
            reason.clone(),
        ),
        EventKind::Gap { from, to, reason } => {
            let detail = Detail {
                from: Some(*from),
                to: Some(*to),
                reason: Some(reason),
                ..d()
            };
            ("gap", detail, format!("bytes {from} to {to}: {reason}"))
        }
        EventKind::Renamed { to } => {
            let detail = Detail {
                new_id: Some(to.to_string()),
                ..d()
            };
            ("renamed", detail, format!("to {to}"))
        }
        EventKind::Forgotten => ("forgotten", d(), String::new()),
        EventKind::Cwd { path } => (
            "cwd",
            Detail {
                path: Some(path),
                ..d()
            },
            path.clone(),
        ),
        EventKind::Notification { text } => (
            "notification",
            Detail {
                text: Some(text),
                ..d()
            },
            text.clone(),
        ),
        EventKind::Progress { percent } => {
            let words = percent.map_or_else(|| "none".to_owned(), |percent| format!("{percent}%"));
            (
                "progress",
                Detail {
                    percent: *percent,
                    ..d()
                },
                words,
            )
        }
        EventKind::Clipboard { text } => (
            "clipboard",
            Detail {
                text: Some(text),
                ..d()
            },
            text.clone(),
        ),
    }
}
