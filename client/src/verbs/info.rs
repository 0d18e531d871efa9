//! `psup info`.

use super::Run;
use super::status;
use crate::context::{Context, Done, unexpected};
use crate::doing::Doing;
use crate::groups::Groups;
use crate::human::row;
use crate::items::Items;
use crate::resource_args;
use crate::tone::Looks;
use crate::{human, json, supervisor_status};
use psup_proto::info::{BlockedOn, Info as Facts};
use psup_proto::spec::Restart;
use psup_proto::status::Status;
use psup_proto::{Failure, Request, Response, Target};
use schemars::JsonSchema;
use serde::Serialize;

/// Show everything about a session
///
/// State, process, foreground process, directory, size, how much it has written,
/// how it ended, what it waits for, where its log is, its limits, what it uses of
/// the machine, and which kills it survives. On a terminal the facts are grouped,
/// below a line that says what the session is
/// doing.
///
/// Example:
///   psup info web
///   psup info build --json
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Info {
    /// A name, or one life of it such as web#3
    #[arg(value_name = "NAME")]
    target: Target,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Info")]
struct Report<'a> {
    #[serde(flatten)]
    session: json::Session<'a>,
    survival: status::Survives<'a>,
}

fn keyboard(keyboard: psup_proto::attach::Keyboard) -> String {
    let how = if keyboard.taken { "taken" } else { "in use" };
    format!(
        "{how} by viewer {}, {} bytes typed",
        keyboard.viewer, keyboard.typed
    )
}

impl Run for Info {
    const ITEMS: Items = Items::one::<(Report<'static>,)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        let facts = ask(cx, self.target)?;
        let supervisor = supervisor_status::ask(cx)?;
        if cx.out.json {
            cx.out.object(&Report {
                session: json::Session::from(&facts),
                survival: status::Survives(&supervisor),
            })?;
        } else if let Some(looks) = cx.out.terminal() {
            cx.out.styled(&for_people(&facts, &supervisor, looks))?;
        } else {
            let (yes, no): (Vec<_>, Vec<_>) = supervisor.kills().partition(|kill| kill.survives);
            let kills = |list: &[&psup_proto::status::Survival]| {
                list.iter()
                    .map(|k| k.kill.as_str())
                    .collect::<Vec<_>>()
                    .join(" ")
            };
            let mut rows = rows(&facts);
            rows.push(row("survives", kills(&yes)));
            if !no.is_empty() {
                rows.push(row(
                    "not",
                    format!("{} (psup status tells why)", kills(&no)),
                ));
            }
            cx.out.text(&human::table(&rows))?;
        }
        Ok(Done::OK)
    }
}

pub(super) fn ask(cx: &mut Context, target: Target) -> Result<Facts, Failure> {
    match cx.ask(&Request::Info(target))? {
        Response::Info(info) => Ok(*info),
        other => Err(unexpected(&other)),
    }
}

fn rows(facts: &Facts) -> Vec<Vec<String>> {
    let mut rows = vec![
        row("id", facts.id.to_string()),
        row("state", human::state(facts)),
    ];
    let mut add = |what, is: Option<String>| rows.extend(is.map(|is| row(what, is)));
    add("pid", facts.pid.map(|pid| pid.to_string()));
    add(
        "foreground",
        facts
            .foreground
            .as_ref()
            .map(|p| format!("{} ({})", p.pid, human::plain(&p.name))),
    );
    add("command", Some(human::command(&facts.command)));
    add("cwd", Some(human::plain(&json::text(&facts.cwd))));
    add("size", Some(facts.size.to_string()));
    add(
        "title",
        Some(human::plain(&facts.title)).filter(|title| !title.is_empty()),
    );
    add(
        "offset",
        Some(format!("{} (kept from {})", facts.offset, facts.kept_from)),
    );
    add("started", Some(human::time(facts.started_ms)));
    add(
        "ended",
        facts.exit.as_ref().map(|exit| human::time(exit.at_ms)),
    );
    add("idle", facts.idle.map(human::age));
    add(
        "blocked",
        facts
            .blocked
            .as_ref()
            .map(|b| format!("{} (by {})", blocked_on(b.on), b.via)),
    );
    add("restart", Some(restart(facts.restart).to_owned()));
    add(
        "restart limit",
        facts.restart_limit.map(|limit| limit.to_string()),
    );
    add("owner", facts.owner.map(|owner| owner.pid.to_string()));
    add("restarts", Some(facts.restarts.to_string()));
    add("next start", facts.next_start_ms.map(human::time));
    add(
        "on boot",
        Some(if facts.on_boot { "yes" } else { "no" }.to_owned()),
    );
    add("ttl", facts.ttl.map(psup_proto::units::show_duration));
    let labels: Vec<_> = facts
        .labels
        .iter()
        .map(|(key, value)| human::plain(&format!("{key}={value}")))
        .collect();
    add(
        "labels",
        Some(labels.join(" ")).filter(|labels| !labels.is_empty()),
    );
    add(
        "log",
        facts
            .log
            .as_deref()
            .map(|log| human::plain(&json::text(log))),
    );
    add("attached", Some(facts.attached.to_string()));
    add("keyboard", facts.keyboard.map(keyboard));
    rows.extend(resource_args::rows(facts));
    rows
}

/// The rows of each group, on a terminal.
const GROUPS: [(&str, &[&str]); 5] = [
    (
        "Program",
        &["command", "cwd", "pid", "foreground", "blocked", "title"],
    ),
    ("Output", &["size", "offset", "idle", "log"]),
    (
        "Life",
        &[
            "started",
            "ended",
            "restart",
            "restart limit",
            "restarts",
            "next start",
            "on boot",
            "ttl",
            "owner",
            "labels",
        ],
    ),
    (
        "Resources",
        &["limits", "not applied", "uses (cgroup)", "uses (sum)"],
    ),
    ("People", &["attached", "keyboard"]),
];

fn for_people(facts: &Facts, supervisor: &Status, looks: Looks) -> String {
    let now = human::now_ms();
    let doing = Doing::of(facts, now);
    let mut groups = Groups::new(looks);
    let name = format!("{} {}", doing.mark(), facts.id);
    groups.title(&name, doing.tone, &doing.text);
    let rows = rows(facts);
    for (group, members) in GROUPS {
        groups.group(group);
        let are = |what: &'static str| rows.iter().filter(move |row| row[0] == what);
        for row in members.iter().flat_map(|what| are(what)) {
            let ago = match row[0].as_str() {
                "started" => Some(facts.started_ms),
                "ended" => facts.exit.as_ref().map(|exit| exit.at_ms),
                _ => None,
            };
            let ago = ago.map(|at| format!(" ({})", human::ago(at, now)));
            groups.fact(&row[0], &format!("{}{}", row[1], ago.unwrap_or_default()));
        }
    }
    groups.group("Survives the kill of");
    status::add_kills(supervisor, &mut groups);
    groups.into_text()
}

fn blocked_on(on: BlockedOn) -> &'static str {
    match on {
        BlockedOn::Nothing => "on nothing",
        BlockedOn::Input => "on input",
        BlockedOn::Prompt => "at a prompt",
        BlockedOn::Password => "on a password",
    }
}

fn restart(restart: Restart) -> &'static str {
    match restart {
        Restart::No => "no",
        Restart::OnFailure => "on-failure",
        Restart::Always => "always",
    }
}
