//! `psup list`.

use super::Run;
use crate::context::{Context, Done, unexpected};
use crate::{human, json, value_parsers};
use psup_proto::info::Info;
use psup_proto::request::Filter;
use psup_proto::{Code, Failure, Request, Response};
use std::time::Duration;

/// List sessions
///
/// Shows the live ones; with --all also what has ended or was lost, each life by
/// its id. With --json each session is one object on a line of its own, with the
/// keys of psup info.
///
/// Example:
///   psup list
///   psup list --all --glob 'web-*' --label team=infra --json
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct List {
    /// Also sessions that have ended or were lost
    #[arg(short, long)]
    all: bool,
    /// Only names that match: * and ? and [a-z]
    #[arg(long, value_name = "PATTERN")]
    glob: Option<String>,
    /// Only sessions with this label; all of them, if several
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = value_parsers::label)]
    labels: Vec<(String, String)>,
}

impl Run for List {
    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let filter = Filter {
            all: self.all,
            glob: self.glob,
            labels: self.labels,
        };
        if cx.out.json {
            let sessions = ask(cx, &Request::List(filter))?;
            for info in &sessions {
                cx.out.object(&json::Session::from(info))?;
            }
            return Ok(Done::OK);
        }
        // The table shows nothing for which a process has to be looked at; an older supervisor does
        // not know that question.
        let sessions = match ask(cx, &Request::ListBrief(filter.clone())) {
            Err(failure) if failure.code == Code::Usage => ask(cx, &Request::List(filter))?,
            told => told?,
        };
        let now = human::now_ms();
        let head = ["NAME", "STATE", "PID", "AGE", "IDLE", "COMMAND"]
            .map(str::to_owned)
            .to_vec();
        let rows: Vec<_> = std::iter::once(head)
            .chain(sessions.iter().map(|info| row(info, now, self.all)))
            .collect();
        cx.out.text(&human::table(&rows))?;
        Ok(Done::OK)
    }
}

fn ask(cx: &mut Context, question: &Request) -> Result<Vec<Info>, Failure> {
    match cx.ask(question)? {
        Response::Sessions(sessions) => Ok(sessions),
        other => Err(unexpected(&other)),
    }
}

fn row(info: &Info, now: u64, by_id: bool) -> Vec<String> {
    let or_dash = |cell: Option<String>| cell.unwrap_or_else(|| "-".to_owned());
    vec![
        if by_id {
            info.id.to_string()
        } else {
            info.id.name.to_string()
        },
        human::state(info),
        or_dash(info.pid.map(|pid| pid.to_string())),
        human::age(Duration::from_millis(now.saturating_sub(info.started_ms))),
        or_dash(info.idle.map(human::age)),
        human::command(&info.command),
    ]
}
