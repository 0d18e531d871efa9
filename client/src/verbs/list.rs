//! `psup list`.

use super::{OnTarget, Run};
use crate::all_targets::{self, Row, Unreachable};
use crate::context::{Context, Done, unexpected};
use crate::doing::Doing;
use crate::items::Items;
use crate::table::{Cell, Column, Table};
use crate::tone::{Looks, Tone};
use crate::wanted::Wanted;
use crate::{human, json, value_parsers};
use psup_link::Link;
use psup_proto::info::Info;
use psup_proto::request::Filter;
use psup_proto::{Code, Failure, Request, Response};
use std::time::Duration;

/// List sessions
///
/// Shows live sessions; with --all also those that have ended or were lost, each
/// life under its id.
///
/// On a terminal it shows what each session is doing: running `cargo test`, at its
/// prompt, asking for a password, exited 3. NO_COLOR=1 turns colours off; in a
/// narrow window the last columns are left out. In a pipe the columns are plain:
/// name, state, pid, age, time since the last output, command. With --json each
/// session is one object per line, with the keys of psup info. If no supervisor is
/// running the list is empty.
///
/// With --on all it asks every target in the targets file at once (psup help
/// targets): each row begins with the target, and a target that has not answered
/// after 5 seconds is listed as unreachable. With --json that is an object with the
/// keys target and error.
///
/// Example:
///   psup list
///   psup list --all --glob 'web-*' --label team=infra --json
///   psup list --on all
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct List {
    /// Include sessions that have ended or were lost
    #[arg(short, long)]
    all: bool,
    /// Only names that match: * and ? and [a-z]
    #[arg(long, value_name = "PATTERN")]
    glob: Option<String>,
    /// Only sessions with this label; if repeated, with all of them
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = value_parsers::label)]
    labels: Vec<(String, String)>,
}

const HEAD: [&str; 6] = ["NAME", "STATE", "PID", "AGE", "IDLE", "COMMAND"];

impl Run for List {
    const ON_TARGET: OnTarget = OnTarget::RequestsOfAll;
    const ITEMS: Items = Items::many::<(
        json::Session<'static>,
        Row<'static, json::Session<'static>>,
        Row<'static, Unreachable>,
    )>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let filter = Filter {
            all: self.all,
            glob: self.glob,
            labels: self.labels,
        };
        if let Wanted::All = cx.on {
            return list_all(filter, cx);
        }
        let json = cx.out.json;
        let looks = cx.out.terminal().filter(|_| !json);
        let sessions = match ask(cx.link(), &filter, json || looks.is_some()) {
            Err(failure) if failure.is_no_supervisor() => {
                cx.out
                    .talk("no supervisor is running; `psup status --start` starts one");
                Vec::new()
            }
            told => told?,
        };
        if json {
            for info in &sessions {
                cx.out.object(&json::Session::from(info))?;
            }
            return Ok(Done::OK);
        }
        if let Some(looks) = looks {
            return show(cx, looks, &sessions, &filter);
        }
        let now = human::now_ms();
        let rows: Vec<_> = std::iter::once(HEAD.map(str::to_owned).to_vec())
            .chain(sessions.iter().map(|info| row(info, now, filter.all)))
            .collect();
        cx.out.text(&human::table(&rows))?;
        Ok(Done::OK)
    }
}

/// Every session, also those that have ended.
pub(super) fn everything(cx: &mut Context) -> Result<Vec<Info>, Failure> {
    let all = Filter {
        all: true,
        ..Filter::default()
    };
    ask(cx.link(), &all, false)
}

/// The sessions of all targets.
fn list_all(filter: Filter, cx: &mut Context) -> Result<Done, Failure> {
    let (by_id, json) = (filter.all, cx.out.json);
    let answered = cx
        .ask_all(move |link| match ask(link, &filter, json) {
            Err(failure) if failure.is_no_supervisor() => Ok(Vec::new()),
            told => told,
        })?
        .all();
    all_targets::none_answered(&answered)?;
    let now = human::now_ms();
    let head = std::iter::once("TARGET").chain(HEAD).map(str::to_owned);
    let mut rows: Vec<Vec<String>> = vec![head.collect()];
    for one in &answered {
        let target = &one.target;
        match &one.answer {
            Ok(sessions) if json => {
                for info in sessions {
                    let told = json::Session::from(info);
                    cx.out.object(&Row { target, told })?;
                }
            }
            Ok(sessions) => rows.extend(sessions.iter().map(|info| {
                let mut cells = row(info, now, by_id);
                cells.insert(0, target.clone());
                cells
            })),
            Err(failure) if json => {
                let told = Unreachable::new(failure);
                cx.out.object(&Row { target, told })?;
            }
            Err(failure) => {
                let why = all_targets::unreachable(failure);
                rows.push(vec![target.clone(), "-".to_owned(), why]);
            }
        }
    }
    if !json {
        cx.out.text(&human::table(&rows))?;
    }
    Ok(Done::OK)
}

/// The plain table shows nothing for which a process has to be looked at; an older supervisor does
/// not know that question.
fn ask(link: &mut Link, filter: &Filter, in_full: bool) -> Result<Vec<Info>, Failure> {
    let full = Request::List(filter.clone());
    if in_full {
        return sessions(link.ask(&full)?);
    }
    match link.ask(&Request::ListBrief(filter.clone())) {
        Err(failure) if failure.code == Code::Usage => sessions(link.ask(&full)?),
        answer => sessions(answer?),
    }
}

fn sessions(response: Response) -> Result<Vec<Info>, Failure> {
    match response {
        Response::Sessions(sessions) => Ok(sessions),
        other => Err(unexpected(&other)),
    }
}

/// The table for people. What each session is doing has to be looked up, which takes longer.
fn show(
    cx: &mut Context,
    looks: Looks,
    sessions: &[Info],
    filter: &Filter,
) -> Result<Done, Failure> {
    if sessions.is_empty() {
        let which = match (&filter.glob, filter.labels.as_slice(), filter.all) {
            (None, [], true) => "no sessions",
            (None, [], false) => "no live sessions; `psup list --all` shows those that have ended",
            _ => "no such sessions",
        };
        cx.out.talk(which);
        return Ok(Done::OK);
    }
    let column = |title, least, optional| Column {
        title,
        least,
        optional,
    };
    let mut table = Table::new(vec![
        column("", None, false),
        column("NAME", None, false),
        column("DOING", Some(16), false),
        column("OUTPUT", None, true),
        column("STARTED", None, true),
        column("COMMAND", Some(12), true),
    ]);
    let now = human::now_ms();
    for info in sessions {
        table.add(cells(info, now, filter.all));
    }
    cx.out.styled(&table.show(looks))?;
    Ok(Done::OK)
}

fn cells(info: &Info, now: u64, by_id: bool) -> Vec<Cell> {
    let doing = Doing::of(info, now);
    let name = if by_id {
        info.id.to_string()
    } else {
        info.id.name.to_string()
    };
    let name_tone = if info.state.is_live() {
        Tone::Heading
    } else {
        Tone::Plain
    };
    let started = Duration::from_millis(now.saturating_sub(info.started_ms));
    let output = info.idle.map_or_else(|| "-".to_owned(), human::since);
    vec![
        Cell::new(doing.tone, doing.mark()),
        Cell::new(name_tone, &name),
        Cell::new(doing.tone, &doing.text),
        Cell::new(Tone::Faint, &output),
        Cell::new(Tone::Faint, &human::since(started)),
        Cell::new(Tone::Plain, &human::command(&info.command)),
    ]
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
