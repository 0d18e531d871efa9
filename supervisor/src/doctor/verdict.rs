//! How a check ends: by each of these words with its evidence, and with a fix where it is wrong.

use psup_proto::doctor::Severity;

#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) severity: Severity,
    pub(super) evidence: String,
    pub(super) fix: Option<String>,
}

pub(super) fn ok(evidence: impl Into<String>) -> Verdict {
    verdict(Severity::Ok, evidence)
}

pub(super) fn info(evidence: impl Into<String>) -> Verdict {
    verdict(Severity::Info, evidence)
}

pub(super) fn unknown(evidence: impl Into<String>) -> Verdict {
    verdict(Severity::Unknown, evidence)
}

pub(super) fn warning(evidence: impl Into<String>, fix: impl Into<String>) -> Verdict {
    verdict(Severity::Warning, evidence).fix(fix)
}

pub(super) fn error(evidence: impl Into<String>, fix: impl Into<String>) -> Verdict {
    verdict(Severity::Error, evidence).fix(fix)
}

fn verdict(severity: Severity, evidence: impl Into<String>) -> Verdict {
    Verdict {
        severity,
        evidence: evidence.into(),
        fix: None,
    }
}

impl Verdict {
    pub(super) fn and(mut self, evidence: &str) -> Self {
        self.evidence.push_str(evidence);
        self
    }

    pub(super) fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}
