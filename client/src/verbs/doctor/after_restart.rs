//! `psup doctor --after-restart`: what became of sessions when the supervisor, or a process of it,
//! was started last.

use super::answers;
use crate::context::{Context, Done};
use crate::human::{self, row};
use psup_proto::doctor::Answers;
use psup_proto::exit::Outcome;
use psup_proto::info::{Info, State};
use psup_proto::{Code, Failure};
use schemars::JsonSchema;
use serde::Serialize;

/// What is written down a little before the supervisor counts as started.
const SLACK_MS: u64 = 2_000;

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AfterRestart")]
pub(super) struct Report {
    /// Which process was started last: `supervisor`, when none ran before, or `worker`.
    #[schemars(extend("enum" = ["supervisor", "worker"]))]
    restart: &'static str,
    at_ms: u64,
    supervisor_started_ms: u64,
    worker_epoch: u64,
    guardian_epoch: u64,
    lived: Vec<String>,
    lost: Vec<Lost>,
    ended: Vec<Ended>,
    restarted: Vec<String>,
    /// Commands, the most urgent first.
    next: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LostSession")]
struct Lost {
    id: String,
    reason: String,
    /// The life that took its place.
    successor: Option<String>,
    /// Processes of it run on.
    orphaned: bool,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EndedSession")]
struct Ended {
    id: String,
    how: String,
}

pub(super) fn tell(cx: &mut Context) -> Result<Done, Failure> {
    let psup = cx.psup();
    let answers = answers(cx).map_err(|failure| match failure.code {
        Code::Unreachable => failure.hint(format!(
            "`{psup} status --start` starts a supervisor, which finds what the last one left"
        )),
        _ => failure,
    })?;
    let report = report(&answers, human::now_ms(), &psup);
    if cx.out.json {
        cx.out.object(&report)?;
    } else {
        cx.out.text(&human::table(&rows(&report)))?;
    }
    let is_missing = |lost: &Lost| lost.successor.is_none() || lost.orphaned;
    Ok(if report.lost.iter().any(is_missing) {
        Done::like(Code::No)
    } else {
        Done::OK
    })
}

fn report(answers: &Answers, now_ms: u64, psup: &str) -> Report {
    let status = &answers.status;
    let ago = |duration: std::time::Duration| now_ms.saturating_sub(duration.as_millis() as u64);
    let started_ms = ago(status.uptime);
    let worker_ms = status.worker_uptime.map_or(started_ms, ago);
    let replaced = status.worker_epoch > 1 || status.guardian_epoch > 0;
    let at_ms = if replaced { worker_ms } else { started_ms };
    let sessions = &answers.sessions;
    let live = || sessions.iter().filter(|info| info.state.is_live());
    let is_since = |info: &Info, since: u64| {
        let exit = info.exit.as_ref();
        exit.is_some_and(|exit| exit.at_ms + SLACK_MS >= since)
    };
    let successor = |lost: &Info| {
        let next = |info: &&Info| info.id.name == lost.id.name && info.id.life > lost.id.life;
        sessions.iter().filter(next).max_by_key(|info| info.id.life)
    };
    let lost: Vec<Lost> = sessions
        .iter()
        .filter(|info| matches!(info.state, State::Lost | State::Orphaned))
        .filter(|info| is_since(info, started_ms))
        .map(|info| Lost {
            id: info.id.to_string(),
            reason: reason(info),
            successor: successor(info).map(|info| info.id.to_string()),
            orphaned: info.state == State::Orphaned,
        })
        .collect();
    let ended = sessions
        .iter()
        .filter(|info| info.state == State::Ended && is_since(info, at_ms))
        .map(|info| Ended {
            id: info.id.to_string(),
            how: human::state(info),
        });
    Report {
        restart: if replaced { "worker" } else { "supervisor" },
        at_ms,
        supervisor_started_ms: started_ms,
        worker_epoch: status.worker_epoch,
        guardian_epoch: status.guardian_epoch,
        lived: live()
            .filter(|info| info.started_ms < at_ms)
            .map(|info| info.id.to_string())
            .collect(),
        restarted: live()
            .filter(|info| info.started_ms >= started_ms && info.id.life > 1)
            .map(|info| info.id.to_string())
            .collect(),
        next: next(&lost, answers, psup),
        ended: ended.collect(),
        lost,
    }
}

fn reason(info: &Info) -> String {
    match info.exit.as_ref().map(|exit| &exit.outcome) {
        Some(Outcome::Lost { reason } | Outcome::Unknown { reason }) => reason.clone(),
        Some(Outcome::Code(_) | Outcome::Signal { .. }) | None => human::state(info),
    }
}

fn next(lost: &[Lost], answers: &Answers, psup: &str) -> Vec<String> {
    let mut next = Vec::new();
    for one in lost {
        let name = one.id.split('#').next().unwrap_or_default();
        if one.orphaned {
            next.push(format!("{psup} stop {}", one.id));
        }
        if one.successor.is_none() {
            next.push(format!("{psup} read {} --tail 20", one.id));
            next.push(format!("{psup} restart {name}"));
        }
    }
    let loops = answers
        .sessions
        .iter()
        .filter(|info| info.next_start_ms.is_some());
    next.extend(loops.map(|info| format!("{psup} read {} --tail 20", info.id)));
    let reboot = answers.status.kills().find(|kill| kill.kill == "reboot");
    let is_lost_by_boot = lost.iter().any(|one| one.reason == "reboot");
    if is_lost_by_boot && reboot.is_some_and(|kill| !kill.survives) {
        next.push(format!("{psup} doctor --only boot"));
    }
    next
}

fn rows(report: &Report) -> Vec<Vec<String>> {
    let what = match report.restart {
        "worker" => format!(
            "worker {} took over at {}; the supervisor runs since {}",
            report.worker_epoch,
            human::time(report.at_ms),
            human::time(report.supervisor_started_ms)
        ),
        _ => format!(
            "the supervisor was started at {}",
            human::time(report.at_ms)
        ),
    };
    let mut rows = vec![row("restart", what)];
    let mut add = |title: &str, lines: Vec<String>| {
        if lines.is_empty() {
            rows.push(row(title, "none"));
        }
        for (at, line) in lines.into_iter().enumerate() {
            rows.push(row(if at == 0 { title } else { "" }, line));
        }
    };
    add("lived", report.lived.clone());
    let lost = report.lost.iter().map(|lost| {
        let now = match (&lost.successor, lost.orphaned) {
            (_, true) => "processes of it run on".to_owned(),
            (Some(successor), false) => format!("{successor} took its place"),
            (None, false) => "nothing took its place".to_owned(),
        };
        format!("{}: {}; {now}", lost.id, lost.reason)
    });
    add("lost", lost.collect());
    let ended = report
        .ended
        .iter()
        .map(|one| format!("{}: {}", one.id, one.how));
    add("ended since", ended.collect());
    add("restarted", report.restarted.clone());
    let next = report.next.iter().map(|command| format!("`{command}`"));
    add("next", next.collect());
    rows
}
