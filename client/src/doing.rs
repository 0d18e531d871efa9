//! What a session does now, in the few words that a person wants to read first.

use crate::human;
use crate::tone::Tone;
use nix::sys::signal::Signal;
use psup_proto::info::{BlockedOn, Info, State};
use psup_proto::{Exit, Outcome};
use std::time::Duration;

pub(crate) struct Doing {
    pub tone: Tone,
    pub text: String,
}

impl Doing {
    /// Of a session about which everything was asked.
    pub(crate) fn of(info: &Info, now: u64) -> Self {
        let mut doing = match info.state {
            State::Running if info.is_crash_looping(now) => Self::new(
                Tone::Bad,
                format!("crash-looping: started again {} times", info.restarts),
            ),
            State::Running => running(info),
            State::Stopping => Self::new(Tone::Wanted, "stopping"),
            State::Draining => Self::new(Tone::Faint, "ending"),
            State::Ended => ended(info, now),
            State::Lost => Self::new(Tone::Bad, over(info, now)),
            State::CrashLooping => Self::new(
                Tone::Bad,
                format!("crash-looping: {}, given up", over(info, now)),
            ),
            State::Orphaned => Self::new(Tone::Bad, "lost, but its processes run on"),
        };
        let people = match (info.keyboard.is_some(), info.attached) {
            (true, _) => ", a person types".to_owned(),
            (false, 0) => String::new(),
            (false, 1) => ", 1 person looks on".to_owned(),
            (false, several) => format!(", {several} people look on"),
        };
        doing.text.push_str(&people);
        doing
    }

    /// A sign that tells the same where there are no colours.
    pub(crate) fn mark(&self) -> &'static str {
        match self.tone {
            Tone::Plain | Tone::Heading | Tone::Good | Tone::Busy => "●",
            Tone::Faint => "○",
            Tone::Wanted => "◆",
            Tone::Bad => "✗",
        }
    }

    fn new(tone: Tone, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { tone, text }
    }
}

fn running(info: &Info) -> Doing {
    // The session's own program is in the next column.
    let other = info
        .foreground
        .as_ref()
        .filter(|process| Some(process.pid) != info.pid)
        .map(|process| format!("`{}`", human::program_line(process)));
    let on = info.blocked.as_ref().map(|blocked| blocked.on);
    match (on, other) {
        (Some(BlockedOn::Password), None) => Doing::new(Tone::Wanted, "asks for a password"),
        (Some(BlockedOn::Password), Some(other)) => {
            Doing::new(Tone::Wanted, format!("{other} asks for a password"))
        }
        (Some(BlockedOn::Prompt), None) => Doing::new(Tone::Good, "at its prompt"),
        (Some(BlockedOn::Prompt), Some(other)) => {
            Doing::new(Tone::Good, format!("at the prompt of {other}"))
        }
        (Some(BlockedOn::Input), None) => Doing::new(Tone::Good, "waits for input"),
        (Some(BlockedOn::Input), Some(other)) => {
            Doing::new(Tone::Good, format!("{other} waits for input"))
        }
        (Some(BlockedOn::Nothing) | None, None) => Doing::new(Tone::Busy, "running"),
        (Some(BlockedOn::Nothing) | None, Some(other)) => {
            Doing::new(Tone::Busy, format!("running {other}"))
        }
    }
}

fn ended(info: &Info, now: u64) -> Doing {
    let over = over(info, now);
    match info.next_start_ms {
        Some(at) => {
            let again = match at.saturating_sub(now) {
                0..1_000 => "at once".to_owned(),
                ms => format!("in {}", human::age(Duration::from_millis(ms))),
            };
            if info.is_crash_looping(now) {
                Doing::new(
                    Tone::Bad,
                    format!("crash-looping: {over}, starts again {again}"),
                )
            } else {
                Doing::new(Tone::Wanted, format!("{over}, starts again {again}"))
            }
        }
        None if info.exit.as_ref().is_some_and(went_wrong) => Doing::new(Tone::Bad, over),
        None => Doing::new(Tone::Faint, over),
    }
}

/// Not where somebody asked it to end, as a stop does.
fn went_wrong(exit: &Exit) -> bool {
    let polite = [
        Signal::SIGHUP,
        Signal::SIGINT,
        Signal::SIGTERM,
        Signal::SIGPIPE,
    ];
    match exit.outcome {
        Outcome::Code(code) => code != 0,
        Outcome::Signal { number, .. } => polite.iter().all(|signal| *signal as i32 != number),
        Outcome::Unknown { .. } | Outcome::Lost { .. } => true,
    }
}

/// `exited 3, 2m ago`.
fn over(info: &Info, now: u64) -> String {
    let Some(exit) = &info.exit else {
        return info.state.word().to_owned();
    };
    let how = match &exit.outcome {
        _ if exit.oom.is_some() => human::exit(exit),
        Outcome::Code(code) => format!("exited {code}"),
        Outcome::Signal { .. } => format!("ended by {}", human::exit(exit)),
        Outcome::Unknown { .. } => format!("ended, {}", human::exit(exit)),
        Outcome::Lost { .. } => human::exit(exit),
    };
    format!("{how}, {}", human::ago(exit.at_ms, now))
}
