//! Where a life stands, and its end: the four states and the moves between them.

use super::event::{Answer, Effect, Ticket};
use psup_proto::event::EventKind;
use psup_proto::info::State;
use psup_proto::{Exit, limits};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(crate) struct Lifecycle {
    phase: Phase,
    /// The terminal has given its last byte.
    closed: bool,
    exit: Option<Exit>,
    stoppers: Vec<Ticket>,
    /// The firm signal was needed.
    firm: bool,
    /// When the session's time is over.
    expires: Option<Instant>,
    stopped: bool,
    /// The end has been told as an event.
    told: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Running,
    Stopping {
        firm_at: Instant,
    },
    /// Exited, not closed.
    Draining,
    Ended,
}

impl Lifecycle {
    pub(crate) fn new(now: Instant, ttl: Option<Duration>) -> Self {
        let expires = ttl.and_then(|ttl| now.checked_add(ttl));
        Self {
            phase: Phase::Running,
            closed: false,
            exit: None,
            stoppers: Vec::new(),
            firm: false,
            expires,
            stopped: false,
            told: false,
        }
    }

    pub(crate) fn state(&self) -> State {
        match self.phase {
            Phase::Running => State::Running,
            Phase::Stopping { .. } => State::Stopping,
            Phase::Draining => State::Draining,
            Phase::Ended => State::Ended,
        }
    }

    pub(crate) fn exit(&self) -> Option<&Exit> {
        self.exit.as_ref()
    }

    pub(crate) fn is_running(&self) -> bool {
        self.phase == Phase::Running
    }

    pub(crate) fn was_stopped(&self) -> bool {
        self.stopped
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.phase == Phase::Ended
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self.phase {
            Phase::Running => self.expires,
            Phase::Stopping { firm_at } => (!self.firm).then_some(firm_at),
            Phase::Draining | Phase::Ended => None,
        }
    }

    pub(crate) fn closed(&mut self) {
        self.closed = true;
        match self.phase {
            // A child may let go of its terminal and live on.
            Phase::Running | Phase::Stopping { .. } | Phase::Ended => {}
            Phase::Draining => self.phase = Phase::Ended,
        }
    }

    /// The first word on how the child ended is the last.
    pub(crate) fn exited(&mut self, exit: Exit) {
        match self.phase {
            Phase::Running | Phase::Stopping { .. } => {
                self.phase = if self.closed {
                    Phase::Ended
                } else {
                    Phase::Draining
                };
                self.exit = Some(exit);
            }
            Phase::Draining | Phase::Ended => {}
        }
    }

    /// Politely first; a second stop may shorten the grace, never lengthen it.
    pub(crate) fn stop(
        &mut self,
        now: Instant,
        ticket: Ticket,
        signal: Option<i32>,
        grace: Duration,
        effects: &mut VecDeque<Effect>,
    ) {
        let until = now.checked_add(grace).unwrap_or(now);
        self.stoppers.push(ticket);
        self.stopped |= self.exit.is_none();
        match self.phase {
            Phase::Running => {
                self.phase = Phase::Stopping { firm_at: until };
                effects.push_back(Effect::SignalTree(signal));
            }
            Phase::Stopping { firm_at } => {
                self.phase = Phase::Stopping {
                    firm_at: firm_at.min(until),
                };
                effects.push_back(Effect::SignalTree(signal));
            }
            Phase::Draining | Phase::Ended => {}
        }
    }

    pub(crate) fn asker_left(&mut self, ticket: Ticket) {
        self.stoppers.retain(|stopper| *stopper != ticket);
    }

    pub(crate) fn settle(&mut self, now: Instant, effects: &mut VecDeque<Effect>) {
        match self.phase {
            Phase::Running => {
                if self.expires.is_some_and(|expires| now >= expires) {
                    self.stopped = true;
                    self.phase = Phase::Stopping {
                        firm_at: now + limits::GRACE,
                    };
                    effects.push_back(Effect::SignalTree(None));
                }
            }
            Phase::Stopping { firm_at } => {
                if now >= firm_at && !self.firm {
                    self.firm = true;
                    effects.push_back(Effect::KillTree);
                }
            }
            Phase::Draining => {}
            Phase::Ended => {
                if let (Some(exit), false) = (&self.exit, std::mem::replace(&mut self.told, true)) {
                    effects.push_back(Effect::Tell(EventKind::Exited { exit: exit.clone() }));
                }
                for ticket in std::mem::take(&mut self.stoppers) {
                    effects.push_back(Effect::Reply(
                        ticket,
                        Answer::Stopped {
                            exit: self.exit.clone(),
                            firm: self.firm,
                        },
                    ));
                }
            }
        }
    }
}
