//! `psup doctor`.

mod after_restart;

use super::{OnTarget, Run, list};
use crate::context::{Context, Done};
use crate::human;
use crate::items::Items;
use crate::supervisor_status;
use psup_proto::doctor::{Answers, Checks, Examination, Finding, Severity};
use psup_proto::hook::HookRequest;
use psup_proto::status::Status;
use psup_proto::{Code, Failure, Request, Response};
use schemars::JsonSchema;
use serde::Serialize;

/// Find problems, and how to fix them
///
/// Looks at the supervisor, its directories, its sessions and the machine, and
/// starts nothing. Each check has an id, a severity (ok, info, unknown, warning,
/// error), the evidence, and a fix. The exit code is 1 if there is a warning or an
/// error, else 0.
///
/// --fix repairs what can be repaired safely: modes of psup's directories, and
/// sockets on which nobody listens. --after-restart shows which sessions survived
/// the last start of a process of the supervisor, which were lost or ended and why,
/// which were started again, and what to do next; its exit code is 1 if a session
/// was lost and has not been started again.
///
/// Example:
///   psup doctor
///   psup doctor --json --only disk --only clock
///   psup doctor --fix
///   psup doctor --after-restart
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Doctor {
    /// Repair what can be repaired safely
    #[arg(long)]
    fix: bool,
    /// Run only this check; may be repeated
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
    /// Show what happened to the sessions at the last restart
    #[arg(long, conflicts_with_all = ["fix", "only"])]
    after_restart: bool,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Check")]
struct Json<'a> {
    check: &'a str,
    severity: Severity,
    about: &'a str,
    evidence: &'a str,
    fix: Option<&'a str>,
    fixed: Option<&'a str>,
}

impl Run for Doctor {
    const ON_TARGET: OnTarget = OnTarget::Whole;
    const ITEMS: Items = Items::many::<(Json<'static>, after_restart::Report)>();

    fn run(self, cx: &mut Context) -> Result<Done, Failure> {
        if self.after_restart {
            return after_restart::tell(cx);
        }
        let examination = Examination {
            checks: if self.only.is_empty() {
                Checks::All
            } else {
                Checks::Named(self.only)
            },
            repair: self.fix,
            supervisor: answers(cx),
        };
        let findings = cx.examine(&examination)?;
        if cx.out.json {
            for finding in &findings {
                cx.out.object(&json(finding))?;
            }
        } else {
            cx.out.text(&human::table(&rows(&findings)))?;
        }
        Ok(
            if findings.iter().any(|finding| finding.severity.is_wrong()) {
                Done::like(Code::No)
            } else {
                Done::OK
            },
        )
    }
}

/// What the supervisor says, if one runs: none is started.
fn answers(cx: &mut Context) -> Result<Answers, Failure> {
    let status = supervisor_status::ask(cx)?;
    let sessions = list::everything(cx)?;
    // An older supervisor has none.
    let hooks = match cx.ask(&Request::Hook(HookRequest::List { name: None })) {
        Ok(Response::Hooks(hooks)) => hooks,
        Ok(_) | Err(_) => Vec::new(),
    };
    Ok(Answers {
        status,
        sessions,
        hooks,
    })
}

/// What is wrong so much that `psup status` has to tell it.
pub(super) fn errors(cx: &Context, status: Status) -> Vec<Finding> {
    let examination = Examination {
        checks: Checks::Urgent,
        repair: false,
        supervisor: Ok(Answers {
            status,
            sessions: Vec::new(),
            hooks: Vec::new(),
        }),
    };
    // Where nothing can be looked at there is nothing to tell.
    let mut findings = cx.examine(&examination).unwrap_or_default();
    findings.retain(|finding| finding.severity == Severity::Error);
    findings
}

fn json(finding: &Finding) -> Json<'_> {
    Json {
        check: finding.check,
        severity: finding.severity,
        about: finding.about,
        evidence: &finding.evidence,
        fix: finding.fix.as_deref(),
        fixed: finding.fixed.as_deref(),
    }
}

fn rows(findings: &[Finding]) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for finding in findings {
        let row = |word: &str, check: &str, text: &str| {
            vec![word.to_owned(), check.to_owned(), human::plain(text)]
        };
        rows.push(row(
            finding.severity.word(),
            finding.check,
            &finding.evidence,
        ));
        rows.extend(
            finding
                .fixed
                .iter()
                .map(|fixed| row("", "", &format!("mended: {fixed}"))),
        );
        rows.extend(
            finding
                .fix
                .iter()
                .map(|fix| row("", "", &format!("fix: {fix}"))),
        );
    }
    rows
}
