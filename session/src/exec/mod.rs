//! One command at a time in the live shell: when it may be typed, where its output begins and ends.
//!
//! ```text
//!   Queued ──first in line──▶ Arming ──at a prompt──▶ Typed ──mark C──▶ Running ──mark D──▶ answered
//!                               └── something else has the terminal ──▶ refused, nothing typed
//! ```
//! A shell with our integration fetches the command by itself and marks around it. Any other shell
//! is typed a line that sets the marks, draws over what the terminal echoed of it, and runs the
//! command by `eval`. From the moment a command is typed until it runs nobody else's input goes in.

use super::event::{Answer, Effect, Ticket};
use super::input::typed_line::line;
use super::marks::{LineState, Mark, MarkKind, MarkSource, Stage};
use super::prompt::Evidence;
use super::prompt::poll::Waiting;
use super::{Session, read};
use psup_proto::exec::{Exec, Executed, Ran};
use psup_proto::info::BlockedOn;
use psup_proto::{Code, Failure, Offset, Outcome, limits};
use std::time::{Duration, Instant};

/// How long a terminal that is not at a prompt may take to come to one before the command is
/// refused: between two commands the prompt is away for a moment.
const GRACE: Duration = Duration::from_millis(600);
/// How long a shell may take from the last key to the command.
const TAKING: Duration = Duration::from_secs(5);

/// The key that our integrations bind: the shell fetches its next command.
pub const FETCH: &[u8] = b"\x1b[13377~";

/// busybox's editor cuts what is longer.
const BUSYBOX_LINE: usize = 1023;

/// Ctrl-C.
const CANCEL: u8 = 3;

/// A command on its way.
#[derive(Debug)]
pub struct ParkedExec {
    ticket: Option<Ticket>,
    command: Vec<u8>,
    deadline: Option<Instant>,
    phase: Phase,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    Queued,
    Arming { until: Instant },
    Typed { since: Instant, via: Evidence },
    Running { from: Offset, via: Evidence },
}

impl ParkedExec {
    fn new(ticket: Ticket, exec: Exec, now: Instant) -> Self {
        // The Enter that ends it is ours.
        let mut command = exec.command;
        command.truncate(command.trim_ascii_end().len());
        Self {
            ticket: Some(ticket),
            command,
            deadline: exec.timeout.and_then(|timeout| now.checked_add(timeout)),
            phase: Phase::Queued,
        }
    }

    pub fn wake_at(&self) -> Option<Instant> {
        let until = match self.phase {
            Phase::Arming { until } => Some(until),
            Phase::Typed { since, .. } => Some(since + TAKING),
            Phase::Queued | Phase::Running { .. } => None,
        };
        until.into_iter().chain(self.deadline).min()
    }

    /// Whether its next step depends on who has the terminal.
    pub fn wants_look(&self) -> bool {
        match self.phase {
            Phase::Arming { .. } | Phase::Typed { .. } | Phase::Running { .. } => true,
            Phase::Queued => false,
        }
    }

    /// Nobody else may type until the command runs.
    pub fn has_the_keyboard(&self) -> bool {
        matches!(self.phase, Phase::Typed { .. })
    }
}

impl Session {
    pub(crate) fn ask_exec(&mut self, now: Instant, ticket: Ticket, exec: Exec) {
        if self.life.exit().is_some() || self.life.is_closed() {
            return self.refuse_ended(ticket);
        }
        if exec.command.iter().all(u8::is_ascii_whitespace) || exec.command.contains(&0) {
            let failure = Failure::new(Code::Usage, "the command is empty or holds a zero byte");
            return self.reply(ticket, Answer::Refused(failure));
        }
        self.execs.push_back(ParkedExec::new(ticket, exec, now));
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

    /// A mark in the output: the first command in line may begin or end by it.
    pub(crate) fn exec_heard(&mut self, mark: Mark) {
        let Some(exec) = self.execs.front_mut() else {
            return;
        };
        let by = match exec.phase {
            Phase::Typed {
                via: Evidence::Marks,
                ..
            }
            | Phase::Running {
                via: Evidence::Marks,
                ..
            } => MarkSource::Shell,
            Phase::Typed { .. } | Phase::Running { .. } => MarkSource::Line,
            Phase::Queued | Phase::Arming { .. } => return,
        };
        // The line's own end is the exact one; the shell's prompt after it says only that it did
        // not come to that.
        if mark.by != by && mark.kind != MarkKind::Input {
            return;
        }
        match (exec.phase, mark.kind) {
            (Phase::Typed { via, .. }, MarkKind::Output) => {
                exec.phase = Phase::Running {
                    from: mark.end,
                    via,
                };
                if exec.ticket.is_none() {
                    self.execs.pop_front();
                }
            }
            (Phase::Running { .. }, MarkKind::End(code)) => {
                self.executed(mark.start, code.map_or(Ran::Unknown, Ran::Code))
            }
            // The prompt is back without a word on how it ended.
            (Phase::Running { .. }, MarkKind::Input) => self.executed(mark.start, Ran::Unknown),
            (
                Phase::Queued | Phase::Arming { .. } | Phase::Typed { .. } | Phase::Running { .. },
                MarkKind::Prompt | MarkKind::Input | MarkKind::Output | MarkKind::End(_),
            ) => {}
        }
    }

    /// After every event: whatever can be said of the first in line is said.
    pub(crate) fn settle_execs(&mut self, now: Instant, waiting: Option<&Waiting>) {
        self.exec_timeouts(now);
        let Some(exec) = self.execs.front_mut() else {
            return;
        };
        if let Phase::Queued = exec.phase {
            exec.phase = Phase::Arming { until: now + GRACE };
        }
        match exec.phase {
            Phase::Queued => {}
            Phase::Arming { until } => self.arm(now, until, waiting),
            Phase::Typed { since, .. } => {
                if self.looking.wants_more(now, since) {
                    // Nothing of it has run: an open quote, a block without an end.
                    self.input.press(vec![CANCEL]);
                    let failure = Failure::new(
                        Code::Usage,
                        "the shell waits for the rest of the command; it was taken back",
                    )
                    .hint("a quote, a bracket or a block in it is not closed");
                    self.exec_refused(failure);
                } else if now >= since + TAKING {
                    let failure = Failure::new(
                        Code::System,
                        "the shell did not take the command that was typed",
                    )
                    .hint("psup capture shows what is on its screen");
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
            Phase::Queued | Phase::Arming { .. } if late(exec) => {
                over.extend(exec.ticket);
                false
            }
            Phase::Queued | Phase::Arming { .. } | Phase::Typed { .. } | Phase::Running { .. } => {
                true
            }
        });
        for ticket in over {
            let failure = Failure::new(
                Code::TimedOut,
                "time ran out before the shell was at its prompt; nothing was typed",
            );
            self.reply(ticket, Answer::Refused(failure));
        }
    }

    /// Types the command if the shell is at its prompt, or says why not.
    fn arm(&mut self, now: Instant, until: Instant, waiting: Option<&Waiting>) {
        if self.holds_input(now) || !self.input.is_idle() {
            if now >= until {
                // What has been sent before goes first, however long that takes.
                self.arm_until(now + GRACE);
            }
            return;
        }
        match waiting {
            Some(Waiting {
                on: BlockedOn::Prompt,
                via: Evidence::Marks,
                ..
            }) if self.is_line_empty() => {
                let command = self
                    .execs
                    .front()
                    .map(|exec| exec.command.clone())
                    .unwrap_or_default();
                self.effects.push_back(Effect::Offer(command));
                self.type_exec(now, Evidence::Marks, FETCH.to_vec());
            }
            Some(Waiting {
                on: BlockedOn::Prompt,
                via: via @ (Evidence::Kernel | Evidence::Screen),
                ..
            }) if self
                .looking
                .foreground()
                .is_some_and(|f| f.is_shell() || f.is_relay()) =>
            {
                self.type_line(now, *via)
            }
            Some(_) | None => {
                if now >= until && self.looking.foreground().is_some() {
                    let failure = self.why_not(waiting);
                    self.exec_refused(failure);
                } else if now >= until {
                    self.arm_until(now + GRACE);
                }
            }
        }
    }

    fn arm_until(&mut self, until: Instant) {
        if let Some(exec) = self.execs.front_mut() {
            exec.phase = Phase::Arming { until };
        }
    }

    fn is_line_empty(&self) -> bool {
        matches!(
            self.marks.stage(),
            Stage::Ready {
                typed: LineState::Nothing,
                ..
            }
        )
    }

    fn type_exec(&mut self, now: Instant, via: Evidence, keys: Vec<u8>) {
        self.input.press(keys);
        if let Some(exec) = self.execs.front_mut() {
            exec.phase = Phase::Typed { since: now, via };
        }
    }

    fn type_line(&mut self, now: Instant, via: Evidence) {
        let Some(exec) = self.execs.front() else {
            return;
        };
        let Some(screen) = self.drawing.current(self.end) else {
            return;
        };
        let left = read::left_of_cursor(screen);
        let Some(foreground) = self.looking.foreground() else {
            return;
        };
        let line = line(
            &exec.command,
            &self.nonce,
            &left,
            screen.size().cols,
            foreground.name.trim_start_matches('-'),
        );
        let most = match foreground.name.as_str() {
            "busybox" => BUSYBOX_LINE,
            _ if foreground.canonical => limits::CANONICAL_LINE,
            _ => usize::MAX,
        };
        if line.len() > most {
            let message = format!(
                "the command needs a line of {} bytes, over the {most} that {} takes",
                line.len(),
                foreground.name
            );
            return self.exec_refused(
                Failure::new(Code::LineTooLong, message).hint("put it into a file and run that"),
            );
        }
        self.type_exec(now, via, line);
    }

    /// Why there is no prompt to type at.
    fn why_not(&self, waiting: Option<&Waiting>) -> Failure {
        let name = self
            .looking
            .foreground()
            .map_or("something", |f| f.name.as_str());
        let what = match waiting.map(|w| w.on) {
            Some(BlockedOn::Prompt)
                if self
                    .looking
                    .foreground()
                    .is_some_and(|f| f.is_shell() || f.is_relay()) =>
            {
                "somebody has begun to type at the prompt".to_owned()
            }
            Some(BlockedOn::Prompt) => {
                format!("{name} is at its prompt, and is no shell that psup knows")
            }
            Some(BlockedOn::Password) => format!("{name} asks for a password"),
            Some(BlockedOn::Input) => format!("{name} waits for input, not for a command"),
            Some(BlockedOn::Nothing) | None => format!("{name} is running"),
        };
        Failure::new(
            Code::Busy,
            format!("the shell is not at its prompt: {what}; nothing was typed"),
        )
        .hint("psup wait NAME --prompt waits for it; psup send talks to the program")
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
