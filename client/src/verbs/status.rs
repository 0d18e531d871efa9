//! `psup status`.

use super::{OnTarget, Run, doctor};
use crate::all_targets::{self, Row, Unreachable};
use crate::context::{Context, Done, unexpected};
use crate::groups::Groups;
use crate::human::row;
use crate::items::Items;
use crate::tone::{Looks, Tone};
use crate::wanted::Wanted;
use crate::{human, json, metrics, supervisor_status};
use psup_proto::doctor::Finding;
use psup_proto::keep::Kept;
use psup_proto::status::Status as Facts;
use psup_proto::{Code, Failure, Request, Response};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Show the supervisor's state and which kills it survives
///
/// Version, processes, uptime, sessions, memory and directories; how psup finds all
/// processes of a session when it stops one; then each kind of kill: whether the
/// sessions survive it, how psup knows, and, if they would not, the command that
/// changes it. Errors found by psup doctor are summed up in one line. On a terminal
/// the lines are grouped and marked. Starts no supervisor: if none is running the
/// exit code is 5, unless --start is given. With --on all it reports on every
/// target, including those that cannot be reached.
///
/// --metrics prints OpenMetrics text for a collector: sessions by state, output, kept
/// bytes, waits, connections, events such as restarted and lost, hooks, generations,
/// and memory and processor time of both processes. Counters start at 0 with each
/// worker.
///
/// Example:
///   psup status
///   psup status --json
///   psup status --start
///   psup status --metrics > /var/lib/node_exporter/psup.prom
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Status {
    /// Start a supervisor if none is running: for a crontab, or to pick up what a killed one left
    #[arg(long)]
    start: bool,
    /// Print metrics as OpenMetrics text
    #[arg(long, conflicts_with = "start")]
    metrics: bool,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Status")]
struct Report<'a> {
    version: &'a str,
    build: &'a str,
    protocol: u16,
    guardian_pid: i32,
    worker_pid: i32,
    uptime_ms: u64,
    worker_epoch: u64,
    guardian_epoch: u64,
    sessions_live: u32,
    sessions_kept: u32,
    connections: u32,
    memory_bytes: u64,
    run_dir: String,
    state_dir: String,
    safe_mode: bool,
    rung: &'a str,
    stops_by: Option<&'a str>,
    survival: Survives<'a>,
    errors: Vec<&'a str>,
    ended: Option<Ended>,
}

/// What is kept of ended sessions; a limit is null where there is none.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EndedSessions")]
struct Ended {
    count: u32,
    bytes: u64,
    most: u32,
    most_age_ms: Option<u64>,
    most_bytes: Option<u64>,
}

/// The survival block: an object with a key for each kind of kill.
pub(super) struct Survives<'a>(pub &'a Facts);

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Survival")]
struct Kill<'a> {
    survives: bool,
    evidence: &'a str,
    fix: Option<&'a str>,
}

impl Run for Status {
    const ON_TARGET: OnTarget = OnTarget::RequestsOfAll;
    const ITEMS: Items = Items::one::<(
        Report<'static>,
        Row<'static, Report<'static>>,
        Row<'static, Unreachable>,
    )>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        if self.metrics {
            return tell_metrics(cx);
        }
        if let Wanted::All = cx.on {
            return tell_all(cx);
        }
        if self.start {
            cx.always_start();
        }
        let facts = supervisor_status::ask(cx)?;
        let errors = doctor::errors(cx, facts.clone());
        if cx.out.json {
            cx.out.object(&told(&facts, &errors))?;
        } else if let Some(looks) = cx.out.terminal() {
            cx.out.styled(&for_people(&facts, looks))?;
            if let Some(error) = errors.first() {
                let line = doctor_row(cx, error, errors.len()).join(" ");
                cx.out.line(line)?;
            }
        } else {
            let mut rows = rows(&facts);
            rows.extend(
                errors
                    .first()
                    .map(|error| doctor_row(cx, error, errors.len())),
            );
            cx.out.text(&human::table(&rows))?;
        }
        Ok(Done::OK)
    }
}

fn tell_metrics(cx: &mut Context) -> Result<Done, Failure> {
    if cx.out.json || matches!(cx.on, Wanted::All) {
        return Err(
            Failure::new(Code::Usage, "metrics are text, and of one supervisor")
                .hint("`psup status --metrics` without --json and --on all"),
        );
    }
    match cx.ask(&Request::Metrics)? {
        Response::Metrics(metrics) => cx.out.text(&metrics::text(&metrics))?,
        other => return Err(unexpected(&other)),
    }
    Ok(Done::OK)
}

/// The status of all targets.
fn tell_all(cx: &mut Context) -> Result<Done, Failure> {
    let answered = cx
        .ask_all(|link| supervisor_status::of(link.ask(&Request::Status)?))?
        .all();
    all_targets::none_answered(&answered)?;
    for one in &answered {
        let target = &one.target;
        match &one.answer {
            Ok(facts) if cx.out.json => {
                let told = told(facts, &[]);
                cx.out.object(&Row { target, told })?;
            }
            Ok(facts) => {
                let mut rows = rows(facts);
                rows.insert(0, row("target", target));
                cx.out.text(&human::table(&rows))?;
            }
            Err(failure) if cx.out.json => {
                let told = Unreachable::new(failure);
                cx.out.object(&Row { target, told })?;
            }
            Err(failure) => {
                let why = all_targets::unreachable(failure);
                cx.out
                    .text(&human::table(&[row("target", target), row("", why)]))?;
            }
        }
        if !cx.out.json {
            cx.out.text("\n")?;
        }
    }
    Ok(Done::OK)
}

impl JsonSchema for Survives<'_> {
    fn schema_name() -> Cow<'static, str> {
        "Survives".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, Kill<'_>>::json_schema(generator)
    }
}

impl Serialize for Survives<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.kills().map(|kill| {
            let told = Kill {
                survives: kill.survives,
                evidence: &kill.evidence,
                fix: kill.fix.as_deref(),
            };
            (&kill.kill, told)
        }))
    }
}

fn told<'a>(facts: &'a Facts, errors: &'a [Finding]) -> Report<'a> {
    Report {
        version: &facts.version,
        build: &facts.build,
        protocol: facts.protocol,
        guardian_pid: facts.guardian_pid,
        worker_pid: facts.worker_pid,
        uptime_ms: json::millis(facts.uptime),
        worker_epoch: facts.worker_epoch,
        guardian_epoch: facts.guardian_epoch,
        sessions_live: facts.sessions_live,
        sessions_kept: facts.sessions_kept,
        connections: facts.connections,
        memory_bytes: facts.memory_bytes,
        run_dir: json::text(&facts.run_dir),
        state_dir: json::text(&facts.state_dir),
        safe_mode: facts.safe_mode,
        rung: &facts.rung,
        stops_by: facts.stops_by(),
        survival: Survives(facts),
        errors: errors.iter().map(|error| error.check).collect(),
        ended: facts.kept.map(|kept| Ended {
            count: kept.count,
            bytes: kept.bytes,
            most: kept.limits.count,
            most_age_ms: kept.limits.age.map(json::millis),
            most_bytes: kept.limits.bytes,
        }),
    }
}

/// What is kept of ended sessions, and the limits of that.
fn ended(kept: &Kept) -> String {
    let mib = |bytes: u64| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20));
    let most = kept.limits.bytes.map_or("any size".into(), mib);
    let age = kept.limits.age.map_or("for ever".into(), human::age);
    format!(
        "{} in {}; at most {}, {age}, {most}",
        kept.count,
        mib(kept.bytes),
        kept.limits.count
    )
}

/// The first error, and what tells the others.
fn doctor_row(cx: &Context, error: &Finding, count: usize) -> Vec<String> {
    let more = match count - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    row(
        "ERROR",
        format!(
            "{}: {}{more}: `{} doctor` tells what to do",
            error.check,
            human::plain(&error.evidence),
            cx.psup()
        ),
    )
}

/// Which processes a stop ends, by the word for how it knows them.
fn stops(by: &str) -> String {
    match by {
        "cgroup" => "cgroup: each session has one, which nobody leaves by a fork".into(),
        "bookkeeping" => {
            "bookkeeping: terminal session, descent and environment; who leaves all three is missed"
                .into()
        }
        other => other.into(),
    }
}

fn for_people(facts: &Facts, looks: Looks) -> String {
    let mut groups = Groups::new(looks);
    let (tone, how) = if facts.safe_mode {
        (
            Tone::Bad,
            "in safe mode: without screens, because a worker died too often".to_owned(),
        )
    } else {
        (Tone::Good, format!("up {}", human::age(facts.uptime)))
    };
    groups.title(&format!("psup {}", facts.version), tone, &how);
    let rows = rows(facts);
    let is = |what: &str| rows.iter().find(|row| row[0] == what);
    for (group, members) in GROUPS {
        groups.group(group);
        for row in members.iter().filter_map(|what| is(what)) {
            groups.fact(&row[0], &row[1]);
        }
    }
    groups.group("Survives the kill of");
    add_kills(facts, &mut groups);
    groups.into_text()
}

/// Each kind of kill with a mark: whether the sessions survive it, and how to have them do so.
pub(super) fn add_kills(facts: &Facts, groups: &mut Groups) {
    for kill in facts.kills() {
        let (tone, mark) = if kill.survives {
            (Tone::Good, "✓")
        } else {
            (Tone::Bad, "✗")
        };
        let what = format!("{mark} {}", kill.kill);
        groups.sentence(tone, &what, &kill.evidence);
        if let Some(fix) = &kill.fix {
            groups.advice(&format!("fix: {fix}"));
        }
    }
}

/// The rows of each group, on a terminal.
const GROUPS: [(&str, &[&str]); 3] = [
    (
        "Sessions",
        &["sessions", "ended", "connections", "memory", "stops by"],
    ),
    (
        "Processes",
        &["version", "guardian", "worker", "uptime", "started by"],
    ),
    ("Directories", &["run dir", "state dir"]),
];

fn rows(facts: &Facts) -> Vec<Vec<String>> {
    let mut rows = vec![
        row(
            "version",
            format!(
                "{} (build {}, protocol {})",
                facts.version, facts.build, facts.protocol
            ),
        ),
        row(
            "guardian",
            format!("pid {}, epoch {}", facts.guardian_pid, facts.guardian_epoch),
        ),
        row(
            "worker",
            format!("pid {}, epoch {}", facts.worker_pid, facts.worker_epoch),
        ),
        row("uptime", human::age(facts.uptime)),
        row(
            "sessions",
            format!("{} live, {} kept", facts.sessions_live, facts.sessions_kept),
        ),
        row("ended", facts.kept.as_ref().map_or("-".into(), ended)),
        row("connections", facts.connections.to_string()),
        row(
            "memory",
            format!("{:.1} MiB", facts.memory_bytes as f64 / f64::from(1 << 20)),
        ),
        row("run dir", json::text(&facts.run_dir)),
        row("state dir", json::text(&facts.state_dir)),
        row("started by", facts.rung.clone()),
    ];
    if facts.safe_mode {
        rows.push(row(
            "safe mode",
            "yes: without screens, because a worker died too often",
        ));
    }
    rows.extend(
        facts
            .stops_by()
            .map(|by| row("stops by", human::plain(&stops(by)))),
    );
    for kill in facts.kills() {
        let answer = if kill.survives {
            "survived"
        } else {
            "NOT survived"
        };
        rows.push(row(
            &format!("kill {}", kill.kill),
            format!("{answer}: {}", kill.evidence),
        ));
        if let Some(fix) = &kill.fix {
            rows.push(row("", format!("fix: {fix}")));
        }
    }
    rows
}
