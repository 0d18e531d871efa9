//! `psup doctor`: what is wrong with the supervisor of a place, or with the machine under it.
//!
//! ```text
//! examine ── seen      looks: files, /proc, the socket, the service manager
//!         ├─ checks/*  judge what was seen; no check looks by itself
//!         └─ repair    mends what can be mended without a risk
//! ```
//! Nothing here starts a supervisor or makes a directory. A check that cannot tell says so; a
//! system that is not Linux leaves most of what was seen empty.

mod checks;
mod look;
mod repair;
mod seen;
mod verdict;

use crate::handover::dirs::Place;
use psup_proto::doctor::{Checks, Examination, Finding, Severity};
use psup_proto::{Code, Failure};
use seen::Seen;
use verdict::Verdict;

/// One thing that may be wrong.
struct Check {
    id: &'static str,
    about: &'static str,
    /// The worst that it can tell.
    worst: Severity,
    judge: fn(&Seen) -> Verdict,
    repair: Option<Repair>,
}

/// Mends what a check found, and tells what was done.
type Repair = fn(&Seen) -> Result<String, Failure>;

/// Examines the supervisor of `place`: a finding for each check that was asked for.
pub fn examine(place: &Place, examination: &Examination) -> Result<Vec<Finding>, Failure> {
    let wanted = wanted(&examination.checks)?;
    let look = || {
        let is_wanted = |id: &str| wanted.iter().any(|check| check.id == id);
        look::look(place, &examination.supervisor, &is_wanted)
    };
    let mut seen = look()?;
    let mut findings = Vec::new();
    for check in wanted.iter().copied() {
        let mut verdict = (check.judge)(&seen);
        let mut fixed = None;
        let repair = check.repair.filter(|_| examination.repair);
        if let Some(repair) = repair.filter(|_| verdict.severity.is_wrong()) {
            match repair(&seen) {
                Ok(sentence) => {
                    fixed = Some(sentence);
                    seen = look()?;
                    verdict = (check.judge)(&seen);
                }
                Err(failure) => verdict = verdict.and(&format!("; not mended: {failure}")),
            }
        }
        findings.push(check.finding(verdict, fixed));
    }
    Ok(findings)
}

fn wanted(checks: &Checks) -> Result<Vec<&'static Check>, Failure> {
    let all = checks::ALL.iter();
    match checks {
        Checks::All => Ok(all.collect()),
        Checks::Urgent => Ok(all.filter(|check| check.worst == Severity::Error).collect()),
        Checks::Named(ids) => {
            if let Some(id) = ids.iter().find(|id| !all.clone().any(|c| c.id == **id)) {
                let known: Vec<&str> = all.map(|check| check.id).collect();
                return Err(
                    Failure::new(Code::Usage, format!("there is no check {id:?}"))
                        .hint(format!("the checks are {}", known.join(", "))),
                );
            }
            Ok(all
                .filter(|check| ids.iter().any(|id| id == check.id))
                .collect())
        }
    }
}

impl Check {
    fn finding(&self, verdict: Verdict, fixed: Option<String>) -> Finding {
        debug_assert!(verdict.severity <= self.worst, "{}: {verdict:?}", self.id);
        Finding {
            check: self.id,
            about: self.about,
            severity: verdict.severity,
            evidence: verdict.evidence,
            fix: verdict.fix,
            fixed,
        }
    }
}
