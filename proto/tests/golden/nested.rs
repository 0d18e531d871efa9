//! The enums inside of responses, one response for each of their variants.

use psup_proto::condition::{Match, Verdict, Waited};
use psup_proto::event::{EventKind, Happened};
use psup_proto::hook::DeliveryState;
use psup_proto::{Code, Exit, Failure, Outcome, Response, SessionId};

pub(crate) fn all() -> Vec<(String, Response)> {
    let events = whats()
        .into_iter()
        .map(|what| (format!("event-{}", event(&what)), happened(what)));
    let outcomes = outcomes().into_iter().map(|outcome| {
        let name = format!("outcome-{}", kind(&outcome));
        let exit = Exit::new(outcome, 0);
        (name, happened(EventKind::Exited { exit }))
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
    let codes = CODES.iter().map(|code| {
        (
            format!("code-{}", code.word()),
            Response::Failed(Failure::new(*code, "")),
        )
    });
    events
        .chain(outcomes)
        .chain(verdicts)
        .chain(codes)
        .collect()
}

const CODES: [Code; 26] = [
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
    Code::KeyboardTaken,
    Code::SecretWanted,
];

fn happened(what: EventKind) -> Response {
    Response::Happened(Happened {
        seq: 1,
        at_ms: 2,
        id: SessionId {
            name: "a".parse().unwrap(),
            life: 3,
        },
        offset: 4,
        what,
        by: None,
    })
}

fn whats() -> Vec<EventKind> {
    let text = || "text".to_owned();
    vec![
        EventKind::Started { pid: 5 },
        EventKind::Ready,
        EventKind::OutputIdle,
        EventKind::Bell,
        EventKind::Title { title: text() },
        EventKind::Resized { cols: 80, rows: 24 },
        EventKind::Attached,
        EventKind::Detached,
        EventKind::Exited {
            exit: Exit::new(Outcome::Code(3), 6),
        },
        EventKind::Restarted {
            pid: 5,
            restarts: 2,
        },
        EventKind::Lost { reason: text() },
        EventKind::Gap {
            from: 1,
            to: 2,
            reason: text(),
        },
        EventKind::Renamed {
            to: SessionId {
                name: "b".parse().unwrap(),
                life: 3,
            },
        },
        EventKind::Forgotten,
        EventKind::Cwd { path: text() },
        EventKind::Notification { text: text() },
        EventKind::Progress { percent: Some(50) },
        EventKind::Clipboard { text: text() },
        EventKind::KeyboardTaken { viewer: 7 },
        EventKind::KeyboardFree {
            viewer: 7,
            typed: 12,
        },
        EventKind::PersonAsked { why: text() },
        EventKind::PersonAnswered { viewer: 7 },
        EventKind::StateLost,
        EventKind::HookDue {
            hook: 2,
            on: "match".into(),
            text: text(),
        },
        EventKind::HookRan {
            hook: 2,
            event: 9,
            tries: 3,
            state: DeliveryState::Failed,
            reason: text(),
        },
        EventKind::CrashLooping { restarts: 5 },
        EventKind::OwnerGone { pid: 5 },
    ]
}

fn event(what: &EventKind) -> &'static str {
    match what {
        EventKind::Started { .. } => "started",
        EventKind::Ready => "ready",
        EventKind::OutputIdle => "output-idle",
        EventKind::Bell => "bell",
        EventKind::Title { .. } => "title",
        EventKind::Resized { .. } => "resized",
        EventKind::Attached => "attached",
        EventKind::Detached => "detached",
        EventKind::Exited { .. } => "exited",
        EventKind::Restarted { .. } => "restarted",
        EventKind::Lost { .. } => "lost",
        EventKind::Gap { .. } => "gap",
        EventKind::Renamed { .. } => "renamed",
        EventKind::Forgotten => "forgotten",
        EventKind::Cwd { .. } => "cwd",
        EventKind::Notification { .. } => "notification",
        EventKind::Progress { .. } => "progress",
        EventKind::Clipboard { .. } => "clipboard",
        EventKind::KeyboardTaken { .. } => "keyboard-taken",
        EventKind::KeyboardFree { .. } => "keyboard-free",
        EventKind::PersonAsked { .. } => "person-asked",
        EventKind::PersonAnswered { .. } => "person-answered",
        EventKind::StateLost => "state-lost",
        EventKind::HookDue { .. } => "hook-due",
        EventKind::HookRan { .. } => "hook-ran",
        EventKind::CrashLooping { .. } => "crash-looping",
        EventKind::OwnerGone { .. } => "owner-gone",
    }
}

fn outcomes() -> Vec<Outcome> {
    let reason = || "reboot".to_owned();
    vec![
        Outcome::Code(255),
        Outcome::Signal {
            number: 11,
            core: true,
        },
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
    vec![
        Verdict::Held(vec![]),
        Verdict::Failed(found),
        Verdict::Ended,
        Verdict::TimedOut,
    ]
}

fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Held(_) => "held",
        Verdict::Failed(_) => "failed",
        Verdict::Ended => "ended",
        Verdict::TimedOut => "timed-out",
    }
}
