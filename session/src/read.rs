//! Questions and commands that are answered at once or when something comes: facts, input, waits,
//! reads. Captures are in `shooting`.

use super::Session;
use super::cursor::left_of_cursor;
use super::echo::Echoes;
use super::event::{Answer, Ask, Effect, Facts, Ticket};
use super::exec::ParkedExec;
use super::marks::Stage;
use super::prompt::looks_like_prompt;
use super::prompt::waiting::Waiting;
use super::wait::{ParkedWait, View};
use psup_proto::capture::Extent;
use psup_proto::condition::Wait;
use psup_proto::event::EventKind;
use psup_proto::input::{Part, Send};
use psup_proto::{Code, Failure, Offset, Size, limits};
use std::time::{Duration, Instant};

/// A question for more of the journal.
#[derive(Debug)]
pub(crate) struct ParkedRead {
    pub ticket: Ticket,
    from: Offset,
    pub deadline: Option<Instant>,
}

impl Session {
    pub fn facts(&self) -> Facts {
        Facts {
            state: self.life.state(),
            size: self.drawing.size(),
            offset: self.end,
            title: self.drawing.title().to_owned(),
            cwd: self.drawing.cwd().map(str::to_owned),
            exit: self.life.exit().cloned(),
            last_output: self.last_output,
            attached: self.viewers.count() as u32,
            waits: self.waits.len() as u32,
            keyboard: self.keyboard.holder(),
        }
    }

    pub(crate) fn ask_send(
        &mut self,
        now: Instant,
        ticket: Ticket,
        send: Send,
        canonical: bool,
        echo: bool,
    ) {
        // What a send brought about may have been the end: it was done all the same.
        if let Some(done) = self.input.known(send.id) {
            return self.reply(ticket, done.map_or_else(Answer::Refused, Answer::Sent));
        }
        if self.life.exit().is_some() || self.life.is_closed() {
            return self.refuse_ended(ticket);
        }
        if canonical && !echo && is_text_of_a_program(&send) {
            return self.reply(ticket, Answer::Refused(secret_wanted()));
        }
        if let Some(failure) = self.keyboard_refusal(send.viewer) {
            return self.reply(ticket, Answer::Refused(failure));
        }
        // A person or an agent goes on from here.
        self.taking_back = None;
        if let Some(failure) = self.input.ask(now, ticket, send, canonical, echo) {
            self.reply(ticket, Answer::Refused(failure));
        }
    }

    /// Begins the next turn of input if it can begin now.
    pub(crate) fn prepare_input(&mut self, now: Instant) {
        let held = self.keyboard.is_held() && !self.input.is_a_persons();
        let free = !held
            && !self.holds_input(now)
            && self.submitting.is_none()
            && !self.execs.front().is_some_and(ParkedExec::has_the_keyboard);
        if free && !self.may_submit() {
            return;
        }
        loop {
            let modes = (free && self.input.wants_modes())
                .then(|| self.drawing.modes(self.end))
                .flatten();
            if let Some((text, terminal)) = self.input.prepare(modes.as_ref(), self.end) {
                self.expect_echo(&text, terminal);
            }
            let done = self.input.finish_turn();
            self.begin_submit(now);
            let Some((ticket, sent)) = done else { return };
            self.reply(ticket, Answer::Sent(sent));
        }
    }

    /// What is typed now will be in the output, though the program did not write it.
    fn expect_echo(&mut self, text: &[u8], terminal: bool) {
        let left = self.drawing.left_of_cursor(self.end).unwrap_or_default();
        let at_prompt =
            matches!(self.marks.stage(), Stage::Ready { .. }) || looks_like_prompt(&left, false);
        let echoes = Echoes {
            terminal,
            editor: at_prompt || self.prompts,
        };
        self.typed.typed(text, self.end, &left, echoes);
        for wait in &mut self.waits {
            wait.typed(text, self.end, &left, echoes);
        }
    }

    pub(crate) fn refuse_input(&mut self) {
        for ticket in self.input.close() {
            self.refuse_ended(ticket);
        }
    }

    pub(crate) fn ask_resize(&mut self, ticket: Ticket, size: Size) {
        if self.life.exit().is_some() {
            return self.refuse_ended(ticket);
        }
        self.change_size(size);
        self.reply(ticket, Answer::Done);
    }

    pub(crate) fn change_size(&mut self, size: Size) {
        if size != self.drawing.size() {
            self.drawing.resize(size, self.end);
            self.effects.push_back(Effect::Resize(size));
            self.effects.push_back(Effect::Tell(EventKind::Resized {
                cols: size.cols,
                rows: size.rows,
            }));
            self.share();
        }
    }

    pub(crate) fn ask_signal(&mut self, ticket: Ticket, signal: i32) {
        if self.life.exit().is_some() {
            return self.refuse_ended(ticket);
        }
        self.effects.push_back(Effect::Signal(signal));
        self.reply(ticket, Answer::Done);
    }

    pub(crate) fn ask_wait(&mut self, now: Instant, ticket: Ticket, wait: Wait) {
        match ParkedWait::new(ticket, wait, now, self.end, &self.typed) {
            Ok(parked) if self.drawing.is_blind() && parked.wants_screen() => {
                self.refuse_blind(ticket);
            }
            Ok(parked)
                if self.waits.iter().map(ParkedWait::memory).sum::<usize>() + parked.memory()
                    > limits::PATTERNS =>
            {
                let message = "the patterns of this session's waits take too much memory together";
                self.reply(ticket, Answer::Refused(Failure::new(Code::Limit, message)));
            }
            Ok(parked) => {
                self.effects.extend(parked.looks());
                self.effects.extend(parked.behind(self.end));
                self.waits.push(parked);
            }
            Err(failure) => self.reply(ticket, Answer::Refused(failure)),
        }
    }

    pub(crate) fn refuse_blind(&mut self, ticket: Ticket) {
        let failure = Failure::new(Code::Unsupported, "there are no screens at the moment: the worker has crashed too often")
            .hint("`psup read NAME` has the output; `psup wait NAME --on output` waits for some; screens are tried again within a minute");
        self.reply(ticket, Answer::Refused(failure));
    }

    pub(crate) fn ask_read(
        &mut self,
        now: Instant,
        ticket: Ticket,
        from: Offset,
        timeout: Option<Duration>,
    ) {
        if from > self.end {
            let failure = Failure::new(
                Code::Usage,
                format!("--since {from} is beyond the journal's end {}", self.end),
            );
            return self.reply(ticket, Answer::Refused(failure));
        }
        self.reads.push(ParkedRead {
            ticket,
            from,
            deadline: timeout.and_then(|t| now.checked_add(t)),
        });
    }

    pub(crate) fn settle_waits(&mut self, now: Instant, waiting: Option<&Waiting>) {
        if self.waits.is_empty() {
            return;
        }
        let wanted = self
            .waits
            .iter()
            .any(|wait| wait.wants_screen() || wait.wants_prompt());
        let current = wanted.then(|| self.drawing.current(self.end)).flatten();
        if let Some(screen) = current {
            for wait in &mut self.waits {
                wait.watch(screen, now);
            }
        }
        let screen = current.map(|screen| screen.lines(Extent::Screen));
        let begun = current.map(left_of_cursor).unwrap_or_default();
        let view = View {
            now,
            end: self.end,
            screen: screen.as_deref(),
            begun: &begun,
            waiting,
            quiet_since: self.active,
            ended: self.life.has_ended(),
            exit: self.life.exit(),
        };
        let mut answered = Vec::new();
        self.waits.retain_mut(|wait| match wait.judge(&view) {
            Some(answer) => {
                answered.push((wait.ticket, answer));
                false
            }
            None => true,
        });
        for (ticket, answer) in answered {
            self.reply(ticket, answer.map_or_else(Answer::Refused, Answer::Waited));
        }
    }

    pub(crate) fn settle_reads(&mut self, now: Instant) {
        let (end, final_end) = (self.end, self.life.has_ended());
        let mut answered = Vec::new();
        self.reads.retain(|read| {
            let timed_out = read.deadline.is_some_and(|deadline| now >= deadline);
            let ready = read.from < end || final_end || timed_out;
            if ready {
                answered.push((read.ticket, timed_out && read.from >= end && !final_end));
            }
            !ready
        });
        for (ticket, timed_out) in answered {
            self.reply(
                ticket,
                Answer::Readable {
                    end,
                    final_end,
                    timed_out,
                },
            );
        }
    }

    pub(crate) fn refuse_ended(&mut self, ticket: Ticket) {
        let failure = Failure::new(Code::NotRunning, "the session has ended")
            .hint("`psup restart NAME` starts it again");
        self.reply(ticket, Answer::Refused(failure));
    }
}

impl Ask {
    /// Whether a session that is over can be asked this: such a session is only read.
    pub fn only_reads(&self) -> bool {
        match self {
            Self::Facts
            | Self::Wait(_)
            | Self::Capture(_)
            | Self::Read { .. }
            | Self::Follow { .. }
            | Self::ViewerLeft { .. } => true,
            Self::Send { .. }
            | Self::Exec(..)
            | Self::Resize(_)
            | Self::Signal(_)
            | Self::Alive
            | Self::Stop { .. }
            | Self::View(_)
            | Self::ViewerResize { .. }
            | Self::Person(_) => false,
        }
    }
}

/// Keys alone are no secret: `C-c` leaves a question for a password.
fn is_text_of_a_program(send: &Send) -> bool {
    let is_text = |part: &Part| match part {
        Part::Text(text) | Part::Paste(text) => !text.is_empty(),
        Part::Key(_) => false,
    };
    !send.secret && send.viewer.is_none() && send.parts.iter().any(is_text)
}

fn secret_wanted() -> Failure {
    Failure::new(Code::SecretWanted, "the program reads without echo, as for a password")
        .hint("`psup ask NAME --why TEXT` asks a person to type it; `psup send NAME --secret` types it from here")
}
