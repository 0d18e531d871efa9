//! When a command may be typed, and what is typed: a key by which the shell fetches it, a line that
//! runs it between two marks, or the command itself to a program with a prompt of its own.

use super::{CANCEL, GRACE, Phase, repl};
use crate::Session;
use crate::cursor::left_of_cursor;
use crate::event::Effect;
use crate::input::typed_line::line;
use crate::marks::{LineState, Stage, Tokens};
use crate::prompt::waiting::Waiting;
use crate::prompt::{Evidence, Foreground};
use psup_proto::exec::Ran;
use psup_proto::info::BlockedOn;
use psup_proto::{Code, Failure, limits};
use std::time::{Duration, Instant};

/// The key that our integrations bind: the shell fetches its next command.
pub(super) const FETCH: &[u8] = b"\x1b[13377~";
/// Another one: the shell puts its marks back, and says that it is at its prompt.
pub(super) const REPAIR: &[u8] = b"\x1b[13379~";
/// How long that may take.
pub(super) const REPAIRING: Duration = Duration::from_millis(300);
/// busybox's editor cuts what is longer.
pub(super) const BUSYBOX_LINE: usize = 1023;

impl Session {
    /// Types the command if the shell is at its prompt, or says why not.
    pub(super) fn arm(&mut self, now: Instant, until: Instant, waiting: Option<&Waiting>) {
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
            }) if self.is_line_empty() => self.type_key(now),
            Some(Waiting {
                on: BlockedOn::Prompt,
                via: via @ (Evidence::Kernel | Evidence::Screen),
                ..
            }) if self
                .looking
                .foreground()
                .is_some_and(|f| f.is_shell() || f.is_relay())
                && self.repl_prompt().is_none() =>
            {
                // A shell that is at its prompt without a mark has lost them, or has another in its
                // place.
                if self.marks.is_alive()
                    && self
                        .looking
                        .foreground()
                        .is_some_and(|f| f.is_child && f.is_shell())
                {
                    self.input.press(REPAIR.to_vec());
                    if let Some(exec) = self.execs.front_mut() {
                        exec.phase = Phase::Repairing { since: now };
                    }
                } else {
                    self.type_line(now, *via);
                }
            }
            Some(Waiting {
                on: BlockedOn::Prompt,
                via: via @ (Evidence::Kernel | Evidence::Screen),
                ..
            }) if self.repl_prompt().is_some() => {
                let prompt = self.repl_prompt().unwrap_or_default();
                self.type_repl(now, *via, &prompt);
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

    /// The shell has been told to put its marks back: it says that it has, or it does not know how
    /// to.
    pub(super) fn repair(&mut self, now: Instant, since: Instant) {
        let ready = self.is_line_empty();
        if !ready && now < since + REPAIRING {
            return;
        }
        if !ready {
            self.marks.lost();
            self.input.press(vec![CANCEL]);
        }
        if self.execs.front().is_some_and(|exec| exec.ticket.is_none()) {
            self.execs.pop_front();
        }
        self.arm_until(now + GRACE);
    }

    /// The prompt of a program that is no shell, and takes lines.
    fn repl_prompt(&self) -> Option<String> {
        let screen = self.drawing.current(self.end)?;
        let left = left_of_cursor(screen);
        let foreground = self.looking.foreground()?;
        (!screen.modes().alternate && repl::is_repl(foreground, &left)).then_some(left)
    }

    pub(super) fn arm_until(&mut self, until: Instant) {
        if let Some(exec) = self.execs.front_mut() {
            exec.phase = Phase::Arming { until };
        }
    }

    pub(super) fn is_line_empty(&self) -> bool {
        matches!(
            self.marks.stage(),
            Stage::Ready {
                typed: LineState::Nothing,
                ..
            }
        )
    }

    pub(super) fn type_exec(&mut self, now: Instant, via: Evidence, keys: Vec<u8>) {
        self.input.press(keys);
        if let Some(exec) = self.execs.front_mut() {
            exec.phase = Phase::Typed { since: now, via };
        }
    }

    /// Has a shell with our integration fetch the command.
    fn type_key(&mut self, now: Instant) {
        let Some(exec) = self.execs.front() else {
            return;
        };
        if exec.command.is_empty() {
            return self.exec_nothing(Evidence::Marks);
        }
        let Tokens { begin, end } = &exec.tokens;
        let offer = [begin.as_bytes(), b" ", end.as_bytes(), b"\n", &exec.command].concat();
        self.marks.expect(exec.tokens.clone());
        self.effects.push_back(Effect::Offer(offer));
        self.type_exec(now, Evidence::Marks, FETCH.to_vec());
    }

    /// A shell that is given an empty line does nothing, and it is well.
    pub(super) fn exec_nothing(&mut self, via: Evidence) {
        if let Some(exec) = self.execs.front_mut() {
            exec.phase = Phase::Running {
                from: self.end,
                via,
            };
        }
        self.executed(self.end, Ran::Code(0));
    }

    fn type_line(&mut self, now: Instant, via: Evidence) {
        let Some(exec) = self.execs.front() else {
            return;
        };
        if exec.command.is_empty() {
            return self.exec_nothing(via);
        }
        let Some(screen) = self.drawing.current(self.end) else {
            return;
        };
        let left = left_of_cursor(screen);
        let Some(foreground) = self.looking.foreground() else {
            return;
        };
        let line = line(
            &exec.command,
            &exec.tokens,
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
            Some(_) | None
                if self
                    .looking
                    .foreground()
                    .is_some_and(Foreground::is_multiplexer) =>
            {
                format!("{name} has the terminal, and does not pass on how a command in it ends")
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
        .hint("`psup wait NAME --prompt` waits for it; `psup send NAME` types to the program")
    }
}
