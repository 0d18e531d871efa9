//! The enums inside of responses, one response for each of their variants.

use psup_proto::condition::{Match, Verdict, Waited};
use psup_proto::event::{Happened, What};
use psup_proto::{Code, Exit, Failure, Outcome, Response, SessionId};

pub fn all() -> Vec<(String, Response)> {
    let events = whats().into_iter().map(|what| (format!("event-{}", event(&what)), happened(what)));
    let outcomes = outcomes().into_iter().map(|outcome| {
        let name = format!("outcome-{}", kind(&outcome));
        let exit = Exit { outcome, at_ms: 0 };
        (name, happened(What::Exited { exit }))
    });
    let verdicts = verdicts().into_iter().map(|verdict| {
        let name = format!("verdict-{}", word(&verdict));
        let waited = Waited {
            verdict,
            offset: 7,
            exit: None,
        };
        (name, Response::Waited(waited))
    });
    let codes = CODES
        .iter()
        .map(|code| (format!("code-{}", code.word()), Response::Failed(Failure::new(*code, ""))));
    events.chain(outcomes).chain(verdicts).chain(codes).collect()
}

const CODES: [Code; 24] = [
    Code::Usage,
    Code::NoSuchSession,
    Code::NameTaken,
    Code::SpecDiffers,
    Code::Unreachable,
    Code::VersionMismatch,
    Code::Ended,
    Code::FailMatched,
    Code::TimedOut,
    Code::CannotStart,
    Code::BadPattern,
    Code::LineTooLong,
    Code::NotRunning,
    Code::StillRunning,
    Code::Gone,
    Code::Limit,
    Code::MaybeDelivered,
    Code::Retry,
    Code::Unsupported,
    Code::System,
    Code::Internal,
    Code::No,
    Code::Busy,
    Code::Gap,
];

fn happened(what: What) -> Response {
    Response::Happened(Happened {
        seq: 1,
        at_ms: 2,
        id: SessionId {
            name: "a".parse().unwrap(),
            life: 3,
        },
        offset: 4,
        what,
    })
}

fn whats() -> Vec<What> {
    let text = || "text".to_owned();
    vec![
        What::Started { pid: 5 },
        What::Ready,
        What::OutputIdle,
        What::Bell,
        What::Title { title: text() },
        What::Resized { cols: 80, rows: 24 },
        What::Attached,
        What::Detached,
        What::Exited {
            exit: Exit {
                outcome: Outcome::Code(3),
                at_ms: 6,
            },
        },
        What::Restarted { pid: 5, restarts: 2 },
        What::Lost { reason: text() },
        What::Gap {
            from: 1,
            to: 2,
            reason: text(),
        },
        What::Renamed {
            to: SessionId {
                name: "b".parse().unwrap(),
                life: 3,
            },
        },
        What::Forgotten,
        What::Cwd { path: text() },
        What::Notification { text: text() },
        What::Progress { percent: Some(50) },
        What::Clipboard { text: text() },
    ]
}

fn event(what: &What) -> &'static str {
    match what {
        What::Started { .. } => "started",
        What::Ready => "ready",
        What::OutputIdle => "output-idle",
        What::Bell => "bell",
        What::Title { .. } => "title",
        What::Resized { .. } => "resized",
        What::Attached => "attached",
        What::Detached => "detached",
        What::Exited { .. } => "exited",
        What::Restarted { .. } => "restarted",
        What::Lost { .. } => "lost",
        What::Gap { .. } => "gap",
        What::Renamed { .. } => "renamed",
        What::Forgotten => "forgotten",
        What::Cwd { .. } => "cwd",
        What::Notification { .. } => "notification",
        What::Progress { .. } => "progress",
        What::Clipboard { .. } => "clipboard",
    }
}

fn outcomes() -> Vec<Outcome> {
    let reason = || "reboot".to_owned();
    vec![
        Outcome::Code(255),
        Outcome::Signal { number: 11, core: true },
        Outcome::Unknown { reason: reason() },
        Outcome::Lost { reason: reason() },
    ]
}

fn kind(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Code(_) => "code",
        Outcome::Signal { .. } => "signal",
        Outcome::Unknown { .. } => "unknown",
        Outcome::Lost { .. } => "lost",
    }
}

fn verdicts() -> Vec<Verdict> {
    let found = Match {
        text: "x".into(),
        groups: vec![],
        line: "x".into(),
    };
    vec![Verdict::Held(vec![]), Verdict::Failed(found), Verdict::Ended, Verdict::TimedOut]
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Held(_) => "held",
        Verdict::Failed(_) => "failed",
        Verdict::Ended => "ended",
        Verdict::TimedOut => "timed-out",
    }
}
