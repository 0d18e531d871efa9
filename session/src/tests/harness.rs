//! A world for the core's tests: a `Vec<u8>` for a journal, and a driver in ten lines that keeps
//! the law.

#![allow(clippy::unwrap_used)]

use crate::*;
use psup_proto::capture::{Capture, Extent, Format};
use psup_proto::condition::{Condition, MatchOn, Quorum, Wait, Waited};
use psup_proto::input::{Part, Send};
use psup_proto::{Exit, Outcome, Size};
use std::collections::BTreeMap;

/// A driver without a system under it: it keeps the law, and everything said is kept.
pub(crate) struct Harness {
    pub(crate) session: Session,
    pub(crate) now: Instant,
    pub(crate) journal: Vec<u8>,
    pub(crate) typed: Vec<u8>,
    pub(crate) checkpoints: BTreeMap<Offset, Vec<u8>>,
    pub(crate) answers: BTreeMap<Ticket, Vec<Answer>>,
    pub(crate) tickets: u64,
    pub(crate) effects: Vec<Effect>,
}

impl Harness {
    pub(crate) fn new() -> Self {
        let now = Instant::now();
        let beginning = SessionStart {
            sizes: vec![(0, Size { cols: 40, rows: 10 })],
            scrollback: 500,
            end: 0,
            ttl: None,
            nonce: "n1".into(),
            ..SessionStart::default()
        };
        Self {
            session: Session::new(now, beginning),
            now,
            journal: Vec::new(),
            typed: Vec::new(),
            checkpoints: BTreeMap::new(),
            answers: BTreeMap::new(),
            tickets: 0,
            effects: Vec::new(),
        }
    }

    pub(crate) fn tell(&mut self, event: Event<'_>) {
        self.session.handle(self.now, event);
        while let Some(effect) = self.session.poll() {
            match &effect {
                Effect::Reply(ticket, answer) => self
                    .answers
                    .entry(*ticket)
                    .or_default()
                    .push(answer.clone()),
                Effect::Checkpoint { offset, bytes } => {
                    drop(self.checkpoints.insert(*offset, bytes.clone()));
                }
                Effect::Feed { reader, from } => {
                    // Small portions, so that being behind is the usual state.
                    let to = (*from as usize + 7).min(self.journal.len());
                    let bytes = self.journal[*from as usize..to].to_vec();
                    self.session.handle(
                        self.now,
                        Event::Past {
                            reader: *reader,
                            from: *from,
                            bytes: &bytes,
                        },
                    );
                }
                Effect::Thaw { reader, before } => {
                    let found = self
                        .checkpoints
                        .range(..=*before)
                        .next_back()
                        .map(|(offset, bytes)| (*offset, bytes.clone()));
                    let checkpoint = found
                        .as_ref()
                        .map(|(offset, bytes)| (*offset, bytes.as_slice()));
                    self.session.handle(
                        self.now,
                        Event::Thawed {
                            reader: *reader,
                            checkpoint,
                        },
                    );
                }
                _ => {}
            }
            self.effects.push(effect);
        }
    }

    pub(crate) fn output(&mut self, bytes: &[u8]) {
        self.journal.extend_from_slice(bytes);
        self.tell(Event::Output(bytes));
    }

    pub(crate) fn ask(&mut self, ask: Ask) -> Ticket {
        self.tickets += 1;
        self.tell(Event::Asked(Ticket(self.tickets), ask));
        Ticket(self.tickets)
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(deadline) = self.session.deadline().filter(|d| *d <= until) {
            self.now = self.now.max(deadline);
            self.tell(Event::Tick);
        }
        self.now = until;
        self.tell(Event::Tick);
    }

    pub(crate) fn write(&mut self, most: usize) {
        let bytes = self.session.input();
        let count = bytes.len().min(most);
        self.typed.extend_from_slice(&bytes[..count]);
        if count > 0 {
            self.tell(Event::Written(count));
        }
    }

    pub(crate) fn end(&mut self) {
        self.tell(Event::Exited(Exit::new(Outcome::Code(0), 0)));
        self.tell(Event::Closed);
    }

    pub(crate) fn waited(&self, ticket: Ticket) -> Option<Waited> {
        match self.answers.get(&ticket)?.as_slice() {
            [Answer::Waited(waited)] => Some(waited.clone()),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn captured(&self, ticket: Ticket) -> (Offset, String) {
        match self.answers.get(&ticket).unwrap().as_slice() {
            [Answer::Captured(head, rows)] => {
                let (rows, _) = rows.clone().collect().unwrap();
                let lines = rows.iter().map(|row| row.as_row().trimmed().to_owned());
                (head.offset, lines.map(|line| line + "\n").collect())
            }
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn wait(conditions: Vec<Condition>, since: Option<Offset>) -> Wait {
    Wait {
        conditions,
        quorum: Quorum::Any,
        on: MatchOn::Output,
        since,
        fail: None,
        timeout: None,
        settle: false,
    }
}

pub(crate) fn text(pattern: &str) -> Condition {
    Condition::Text(pattern.into())
}

pub(crate) fn capture(at: Option<Offset>) -> Ask {
    Ask::Capture(Capture {
        extent: Extent::Screen,
        format: Format::Text,
        rows: false,
        at,
        budget: None,
    })
}

pub(crate) fn send(id: u128, bytes: &[u8]) -> Ask {
    Ask::Send {
        send: Send {
            id,
            parts: vec![Part::Text(bytes.to_vec())],
            more: false,
            submit: false,
            ..Send::default()
        },
        canonical: false,
        echo: false,
    }
}
