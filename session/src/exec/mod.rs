//! One command at a time in the live shell: when it may be typed, where its output begins and ends.
//!
//! ```text
//!   Queued ──first in line──▶ Arming ──at a prompt──▶ Typed ──mark C──▶ Running ──mark D──▶ answered
//!                               └── something else has the terminal ──▶ refused, nothing typed
//! ```
//! A shell with our integration fetches the command by itself and marks around it. Any other shell
//! is typed a line that sets the marks, draws over what the terminal echoed of it, and runs the
//! command by `eval`. From the moment a command is typed until it runs nobody else's input goes in.

mod heard;
mod repl;
mod take_back;
mod typing;

use super::Session;
use super::event::{Answer, Effect, Ticket};
use super::marks::{Mark, MarkKind, Tag, Tokens};
use super::prompt::Evidence;
use super::prompt::waiting::Waiting;
use crate::Begun;
use heard::Heard;
use psup_proto::exec::{Exec, Executed, Ran};
use psup_proto::info::BlockedOn;
use psup_proto::{Code, Failure, Offset, Outcome};
use repl::Repl;
use std::time::{Duration, Instant};
pub(crate) use take_back::TakeBack;
#[cfg(test)]
use typing::FETCH;
use typing::REPAIRING;

/// How long a terminal that is not at a prompt may take to come to one before the command is
/// refused: between two commands the prompt is away for a moment.
const GRACE: Duration = Duration::from_millis(900);
/// How long a shell may take from the last key to the command.
const TAKING: Duration = Duration::from_secs(5);

/// Ctrl-C.
const CANCEL: u8 = 3;

/// A command on its way.
#[derive(Debug)]
pub struct ParkedExec {
    ticket: Option<Ticket>,
    command: Vec<u8>,
    tokens: Tokens,
    /// What came since it was typed, as far as it matters.
    heard: Heard,
    /// It is typed to a program with a prompt of its own.
    repl: Option<Repl>,
    deadline: Option<Instant>,
    phase: Phase,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    Queued,
    Arming { until: Instant },
    Repairing { since: Instant },
    Typed { since: Instant, via: Evidence },
    Running { from: Offset, via: Evidence },
}

impl ParkedExec {
    fn new(ticket: Ticket, exec: Exec, tokens: Tokens, now: Instant) -> Self {
        // The Enter that ends it is ours.
        let mut command = exec.command;
        while command
            .last()
            .is_some_and(|byte| matches!(byte, b'\n' | b'\r'))
        {
            command.pop();
        }
        if command.iter().all(u8::is_ascii_whitespace) {
            command.clear();
        }
        Self {
            ticket: Some(ticket),
            command,
            tokens,
            heard: Heard::default(),
            repl: None,
            deadline: exec.timeout.and_then(|timeout| now.checked_add(timeout)),
            phase: Phase::Queued,
        }
    }

    fn is_mark(&self, mark: &Mark, kind: MarkKind) -> bool {
        let token = match kind {
            MarkKind::Output => &self.tokens.begin,
            MarkKind::End(_) => &self.tokens.end,
            MarkKind::Prompt | MarkKind::Input | MarkKind::More => return false,
        };
        matches!(&mark.tag, Tag::Command(name) if name == token)
    }

    pub fn wake_at(&self, active: Instant) -> Option<Instant> {
        let until = match self.phase {
            Phase::Arming { until } => Some(until),
            Phase::Repairing { since } => Some(since + REPAIRING),
            Phase::Typed { since, .. } => Some(since + TAKING),
            Phase::Queued | Phase::Running { .. } => None,
        };
        let echo = match (&self.repl, self.phase) {
            (Some(repl), Phase::Typed { since, .. }) => repl.wake_at(since, active),
            _ => None,
        };
        until.into_iter().chain(echo).chain(self.deadline).min()
    }

    /// Whether its next step depends on who has the terminal.
    pub fn wants_look(&self) -> bool {
        match self.phase {
            Phase::Arming { .. }
            | Phase::Repairing { .. }
            | Phase::Typed { .. }
            | Phase::Running { .. } => true,
            Phase::Queued => false,
        }
    }

    /// Nobody else may type until the command runs.
    pub fn has_the_keyboard(&self) -> bool {
        matches!(self.phase, Phase::Typed { .. } | Phase::Repairing { .. })
    }
}

impl Session {
    pub(crate) fn ask_exec(&mut self, now: Instant, ticket: Ticket, exec: Exec, tokens: Tokens) {
        if self.life.exit().is_some() || self.life.is_closed() {
            return self.refuse_ended(ticket);
        }
        if exec.command.contains(&0) {
            let failure = Failure::new(Code::Usage, "the command holds a zero byte");
            return self.reply(ticket, Answer::Refused(failure));
        }
        self.execs
            .push_back(ParkedExec::new(ticket, exec, tokens, now));
    }

    pub(crate) fn exec_asker_left(&mut self, ticket: Ticket) {
        for exec in self
            .execs
            .iter_mut()
            .filter(|exec| exec.ticket == Some(ticket))
        {
            exec.ticket = None;
        }
        // What is typed already keeps the keyboard until it runs.
        self.execs
            .retain(|exec| exec.ticket.is_some() || exec.has_the_keyboard());
    }

    /// Output, before its marks are told.
    pub(crate) fn exec_output(&mut self, from: Offset, bytes: &[u8]) {
        if let Some(exec) = self.execs.front_mut()
            && matches!(exec.phase, Phase::Typed { .. } | Phase::Running { .. })
        {
            exec.heard.take(from, bytes);
        }
        self.repl_output(from, bytes);
    }

    /// A mark in the output: the first command in line may begin or end by it.
    pub(crate) fn exec_heard(&mut self, now: Instant, mark: &Mark) {
        let Some(exec) = self.execs.front_mut() else {
            return;
        };
        match (exec.phase, mark.kind) {
            (Phase::Typed { via, .. }, MarkKind::Output) if exec.is_mark(mark, mark.kind) => {
                exec.phase = Phase::Running {
                    from: mark.end,
                    via,
                };
                exec.heard.noisy = mark.late;
                match exec.ticket {
                    Some(ticket) => {
                        let begun = Begun {
                            from: mark.end,
                            via,
                            by_lines: false,
                        };
                        let command = exec.command.clone();
                        let began = Effect::Began {
                            ticket,
                            begun,
                            command,
                        };
                        self.effects.push_back(began);
                    }
                    None => drop(self.execs.pop_front()),
                }
            }
            (Phase::Running { from, .. }, MarkKind::End(code)) if exec.is_mark(mark, mark.kind) => {
                // Else what the command printed cannot be told from what came before the mark.
                let (to, is_sure) = exec.heard.until(from, mark);
                let code = code.filter(|_| is_sure);
                self.executed(to, code.map_or(Ran::Unknown, Ran::Code));
            }
            // The shell has taken the line, and found nothing in it that it could run.
            (Phase::Typed { via, .. }, MarkKind::End(code)) if exec.is_mark(mark, mark.kind) => {
                let (from, to) = exec.heard.instead(mark);
                exec.phase = Phase::Running { from, via };
                let ran = match code {
                    _ if from == to => Ran::Code(0),
                    Some(code) if from < to => Ran::Code(code),
                    Some(_) | None => Ran::Unknown,
                };
                self.executed(to.max(from), ran);
            }
            // The prompt is back without a word on how it ended.
            (Phase::Running { .. }, MarkKind::Input) => self.executed(mark.start, Ran::Unknown),
            (Phase::Typed { .. } | Phase::Running { .. }, MarkKind::More) => {
                self.exec_wants_more(now, mark.late);
            }
            (
                Phase::Queued
                | Phase::Arming { .. }
                | Phase::Repairing { .. }
                | Phase::Typed { .. }
                | Phase::Running { .. },
                MarkKind::Prompt
                | MarkKind::Input
                | MarkKind::Output
                | MarkKind::End(_)
                | MarkKind::More,
            ) => {}
        }
    }

    /// The shell waits for the rest of a command that has no rest: an open quote, a block without
    /// an end. One that looks before it runs anything has taken it back by itself.
    fn exec_wants_more(&mut self, now: Instant, is_taken_back: bool) {
        let begun = self
            .execs
            .front()
            .is_some_and(|exec| matches!(exec.phase, Phase::Running { .. }));
        if !is_taken_back {
            self.take_back(now);
        }
        let message = if is_taken_back {
            "the shell does not take the command: it is not complete, or has an error of syntax; it did not run"
        } else if begun {
            "the command is not complete: the shell ran its first lines and waits for the rest of the last, which was taken back"
        } else {
            "the command is not complete: the shell waits for the rest of it; it was taken back and did not run"
        };
        let failure = Failure::new(Code::Usage, message)
            .hint("close the quote, the bracket or the block that is open in it");
        self.exec_refused(failure);
    }

    /// The first in line is to be typed, once the shell is at its prompt.
    pub(crate) fn arm_exec(&mut self, now: Instant) {
        if let Some(exec) = self.execs.front_mut()
            && matches!(exec.phase, Phase::Queued)
        {
            exec.phase = Phase::Arming { until: now + GRACE };
        }
    }

    /// There is nothing for the shell to fetch, so it is not asked to.
    pub(crate) fn exec_not_offered(&mut self, reason: &str) {
        self.input.unpress();
        let failure = Failure::system(
            "cannot hand the command to the shell; nothing was typed",
            reason,
        );
        self.exec_refused(failure);
    }

    /// After every event: whatever can be said of the first in line is said.
    pub(crate) fn settle_execs(&mut self, now: Instant, waiting: Option<&Waiting>) {
        self.exec_timeouts(now);
        self.settle_repl(now, waiting);
        let Some(exec) = self.execs.front() else {
            return;
        };
        match exec.phase {
            Phase::Queued => {}
            Phase::Arming { until } => self.arm(now, until, waiting),
            Phase::Repairing { since } => self.repair(now, since),
            Phase::Typed { since, via } => {
                let silent = self.looking.wants_more(now, since);
                if silent && via == Evidence::Marks {
                    self.exec_wants_more(now, false);
                } else if silent || now >= since + TAKING {
                    let message = "the command was typed, but the shell has not said that it began; it may have run";
                    let failure = Failure::new(Code::System, message)
                        .hint("`psup capture NAME` shows what came of it");
                    self.exec_refused(failure);
                }
            }
            Phase::Running { via, .. } => {
                if self.life.has_ended() {
                    let code = self.life.exit().and_then(|exit| match exit.outcome {
                        Outcome::Code(code) => Some(code),
                        Outcome::Signal { .. } | Outcome::Unknown { .. } | Outcome::Lost { .. } => {
                            None
                        }
                    });
                    self.executed(self.end, Ran::SessionEnded(code));
                } else if waiting
                    .is_some_and(|w| w.on == BlockedOn::Prompt && w.via != Evidence::Marks)
                    && exec.repl.is_none()
                    && self.looking.is_silent(now)
                    && self
                        .looking
                        .foreground()
                        .is_some_and(|f| f.is_shell() && (f.is_child || via != Evidence::Marks))
                {
                    // Its marks are gone: a command may unset what sets them, or be another shell
                    // in its place.
                    self.executed(self.end, Ran::Unknown);
                }
            }
        }
    }

    pub(crate) fn refuse_execs(&mut self) {
        while let Some(exec) = self.execs.pop_front() {
            if let Some(ticket) = exec.ticket {
                self.refuse_ended(ticket);
            }
        }
    }

    fn exec_timeouts(&mut self, now: Instant) {
        let late = |exec: &ParkedExec| exec.deadline.is_some_and(|deadline| now >= deadline);
        if let Some(ParkedExec {
            phase: Phase::Running { .. },
            ..
        }) = self.execs.front().filter(|exec| late(exec))
        {
            self.executed(self.end, Ran::Running);
        }
        let mut over = Vec::new();
        self.execs.retain_mut(|exec| match exec.phase {
            Phase::Queued | Phase::Arming { .. } | Phase::Repairing { .. } if late(exec) => {
                over.extend(exec.ticket);
                false
            }
            Phase::Queued
            | Phase::Arming { .. }
            | Phase::Repairing { .. }
            | Phase::Typed { .. }
            | Phase::Running { .. } => true,
        });
        for ticket in over {
            let failure = Failure::new(
                Code::TimedOut,
                "time ran out before the shell was at its prompt; nothing was typed",
            );
            self.reply(ticket, Answer::Refused(failure));
        }
    }

    fn exec_refused(&mut self, failure: Failure) {
        if let Some(ticket) = self.execs.pop_front().and_then(|exec| exec.ticket) {
            self.reply(ticket, Answer::Refused(failure));
        }
    }

    fn executed(&mut self, to: Offset, ran: Ran) {
        let Some(exec) = self.execs.pop_front() else {
            return;
        };
        if let (Some(ticket), Phase::Running { from, via }) = (exec.ticket, exec.phase) {
            let via = via.word().to_owned();
            self.reply(ticket, Answer::Executed(Executed { ran, from, to, via }));
        }
    }
}

#[cfg(test)]
mod tests;
