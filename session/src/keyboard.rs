//! Who may type: while a person does, the input of programs waits.
//!
//! ```text
//!            a viewer types                    quiet for `LEASE`, or the viewer leaves
//!   free ───────────────────▶ leased ─────────────────────────────────────────────────▶ free
//!     └── a viewer takes it ─▶ taken ── the viewer leaves ──────────────────────────────▲
//! ```
//! While the keyboard is leased a send waits, at most as long as it was given; while it is taken
//! the send is refused at once. A question to a person (`psup ask`) is answered by the next Enter
//! that a viewer types. How much was typed is counted; what, nobody is told.

use super::Session;
use super::event::{Answer, Effect, Ticket};
use psup_proto::attach::{AskPerson, Keyboard as Holder};
use psup_proto::event::EventKind;
use psup_proto::{Code, Failure};
use std::time::{Duration, Instant};

/// After the last key of a person programs wait this long.
pub(crate) const LEASE: Duration = Duration::from_secs(3);
/// Questions that one session may ask people at once.
const QUESTIONS: usize = 16;

#[derive(Debug, Default)]
pub(crate) struct Keyboard {
    lease: Option<Lease>,
    questions: Vec<Question>,
}

#[derive(Debug)]
struct Lease {
    viewer: u64,
    /// `None`: it is taken.
    until: Option<Instant>,
    typed: u64,
}

#[derive(Debug)]
struct Question {
    ticket: Ticket,
    why: String,
    secret: bool,
    deadline: Option<Instant>,
}

impl Keyboard {
    pub(crate) fn holder(&self) -> Option<Holder> {
        self.lease.as_ref().map(|lease| Holder {
            viewer: lease.viewer,
            taken: lease.until.is_none(),
            typed: lease.typed,
        })
    }

    /// Whether what programs send has to wait.
    pub(crate) fn is_held(&self) -> bool {
        self.lease.is_some()
    }

    pub(crate) fn question(&self) -> Option<&str> {
        self.questions.first().map(|question| question.why.as_str())
    }

    /// When something ends by itself.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let questions = self
            .questions
            .iter()
            .filter_map(|question| question.deadline);
        questions
            .chain(self.lease.as_ref().and_then(|lease| lease.until))
            .min()
    }

    /// Why this sender may not type now, if waiting would not help.
    fn refusal(&self, viewer: Option<u64>) -> Option<Failure> {
        let lease = self.lease.as_ref().filter(|lease| lease.until.is_none())?;
        (viewer != Some(lease.viewer)).then(taken)
    }

    /// A viewer has typed; true if it did not have the keyboard before.
    fn typed(&mut self, viewer: u64, count: usize, now: Instant) -> bool {
        let same = self
            .lease
            .as_ref()
            .is_some_and(|lease| lease.viewer == viewer);
        if !same
            && self
                .lease
                .as_ref()
                .is_some_and(|lease| lease.until.is_none())
        {
            return false;
        }
        let mut lease = self.lease.take().filter(|_| same).unwrap_or(Lease {
            viewer,
            until: Some(now),
            typed: 0,
        });
        lease.typed += count as u64;
        lease.until = lease.until.map(|_| now + LEASE);
        self.lease = Some(lease);
        !same
    }

    fn take(&mut self, viewer: u64) {
        let typed = self
            .lease
            .as_ref()
            .filter(|lease| lease.viewer == viewer)
            .map_or(0, |lease| lease.typed);
        self.lease = Some(Lease {
            viewer,
            until: None,
            typed,
        });
    }

    fn end_lease(&mut self, over: impl Fn(&Lease) -> bool) -> Option<Lease> {
        if self.lease.as_ref().is_some_and(over) {
            self.lease.take()
        } else {
            None
        }
    }

    pub(crate) fn asker_left(&mut self, ticket: Ticket) {
        self.questions.retain(|question| question.ticket != ticket);
    }
}

/// A program's send that could not wait any longer, or need not.
pub(crate) fn taken() -> Failure {
    Failure::new(Code::KeyboardTaken, "a person is typing in this session")
        .hint("`psup info NAME` shows who has the keyboard; `psup events NAME --follow` shows when it is free")
}

impl Session {
    pub(crate) fn keyboard_refusal(&self, viewer: Option<u64>) -> Option<Failure> {
        self.keyboard.refusal(viewer)
    }

    /// Bytes of a viewer have reached the terminal.
    pub(crate) fn person_typed(&mut self, now: Instant, viewer: u64, bytes: usize, enter: bool) {
        if self.keyboard.typed(viewer, bytes, now) {
            self.effects
                .push_back(Effect::Tell(EventKind::KeyboardTaken { viewer }));
        }
        self.share();
        if enter {
            let end = self.end;
            for question in std::mem::take(&mut self.keyboard.questions) {
                self.effects
                    .push_back(Effect::Tell(EventKind::PersonAnswered { viewer }));
                self.reply(
                    question.ticket,
                    Answer::PersonAnswered {
                        viewer,
                        offset: end,
                    },
                );
            }
        }
    }

    pub(crate) fn take_keyboard(&mut self, viewer: u64) {
        self.keyboard.take(viewer);
        self.effects
            .push_back(Effect::Tell(EventKind::KeyboardTaken { viewer }));
    }

    /// The viewer has gone, and nobody waits for its next key.
    pub(crate) fn viewer_gone(&mut self, viewer: u64) {
        let ended = self.keyboard.end_lease(|lease| lease.viewer == viewer);
        self.keyboard_freed(ended.as_ref());
    }

    fn keyboard_freed(&mut self, ended: Option<&Lease>) {
        if let Some(&Lease { viewer, typed, .. }) = ended {
            self.effects
                .push_back(Effect::Tell(EventKind::KeyboardFree { viewer, typed }));
            self.share();
        }
    }

    pub(crate) fn ask_person(&mut self, now: Instant, ticket: Ticket, asked: AskPerson) {
        if self.life.exit().is_some() {
            return self.refuse_ended(ticket);
        }
        if self.keyboard.questions.len() >= QUESTIONS {
            let message =
                format!("{QUESTIONS} questions to a person are open in this session already");
            return self.reply(ticket, Answer::Refused(Failure::new(Code::Limit, message)));
        }
        self.effects.push_back(Effect::Tell(EventKind::PersonAsked {
            why: asked.why.clone(),
        }));
        self.keyboard.questions.push(Question {
            ticket,
            why: asked.why,
            secret: asked.secret,
            deadline: asked.timeout.and_then(|timeout| now.checked_add(timeout)),
        });
        self.share();
    }

    /// Ends what its time has ended.
    pub(crate) fn settle_keyboard(&mut self, now: Instant) {
        let ended = self
            .keyboard
            .end_lease(|lease| lease.until.is_some_and(|until| now >= until));
        self.keyboard_freed(ended.as_ref());
        let over = self.life.has_ended();
        let (late, open): (Vec<_>, Vec<_>) = std::mem::take(&mut self.keyboard.questions)
            .into_iter()
            .partition(|question| {
                over || question.deadline.is_some_and(|deadline| now >= deadline)
            });
        self.keyboard.questions = open;
        for question in late {
            self.share();
            if over {
                self.refuse_ended(question.ticket);
            } else {
                let message = if question.secret {
                    "nobody has typed the secret in time"
                } else {
                    "nobody has answered in time"
                };
                let failure = Failure::new(Code::TimedOut, message)
                    .hint("a person answers in `psup attach NAME`");
                self.reply(question.ticket, Answer::Refused(failure));
            }
        }
        for ticket in self.input.settle_deadlines(now, self.keyboard.is_held()) {
            self.reply(ticket, Answer::Refused(taken()));
        }
    }
}
