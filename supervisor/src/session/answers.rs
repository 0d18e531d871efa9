//! Questions that the screen and the journal answer: captures, reads, facts, and the simple commands.

use super::event::{Answer, Ask, Effect, Facts, Reader, Ticket};
use super::exec::Executing;
use super::looking::Waiting;
use super::screen::Screen;
use super::waits::{Parked, View};
use super::{Session, drawing};
use psup_proto::capture::{Capture, Captured, Extent};
use psup_proto::condition::Wait;
use psup_proto::event::What;
use psup_proto::input::Send;
use psup_proto::{Code, Failure, Offset, Size};
use std::time::{Duration, Instant};
use unicode_width::UnicodeWidthChar;

/// A capture waits this long for a frame that the program has begun and not finished (mode 2026).
const FRAME_TIME: Duration = Duration::from_millis(150);

/// Memory that one capture of old lines may take while it is made; lines beyond it are left out, oldest first.
const REACH: usize = 256 << 20;

/// A capture that waits for its screen.
pub struct Shooting {
    pub ticket: Ticket,
    capture: Capture,
    /// The screen must have drawn this much.
    needs: Offset,
    pub deadline: Option<Instant>,
    /// Where the frame began that was open when it was first looked at.
    frame: Option<Offset>,
    /// For a capture of the past: a screen of its own, and how far it has drawn.
    own: Option<(Box<Screen>, Offset)>,
    /// That screen is drawn from the journal's first byte, with all its lines.
    whole: bool,
}

/// A question for more of the journal.
#[derive(Debug)]
pub struct Reading {
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
            attached: self.attached,
        }
    }

    pub(super) fn ask_send(&mut self, ticket: Ticket, send: Send, canonical: bool) {
        // What a send brought about may have been the end: it was done all the same.
        if let Some(done) = self.input.known(send.id) {
            return self.reply(ticket, done.map_or_else(Answer::Refused, Answer::Sent));
        }
        if self.life.exit().is_some() || self.life.is_closed() {
            return self.refuse_ended(ticket);
        }
        if let Some(failure) = self.input.ask(ticket, send, canonical) {
            self.reply(ticket, Answer::Refused(failure));
        }
    }

    /// Begins the next turn of input if it can begin now.
    pub(super) fn prepare_input(&mut self, now: Instant) {
        let free = !self.holds_input(now) && self.submitting.is_none() && !self.execs.front().is_some_and(Executing::has_the_keyboard);
        loop {
            let modes = (free && self.input.wants_modes()).then(|| self.drawing.modes(self.end)).flatten();
            self.input.prepare(modes.as_ref(), self.end);
            let done = self.input.finish_turn();
            self.begin_submit(now);
            let Some((ticket, sent)) = done else { return };
            self.reply(ticket, Answer::Sent(sent));
        }
    }

    pub(super) fn refuse_input(&mut self) {
        for ticket in self.input.close() {
            self.refuse_ended(ticket);
        }
    }

    pub(super) fn ask_resize(&mut self, ticket: Ticket, size: Size) {
        if self.life.exit().is_some() {
            return self.refuse_ended(ticket);
        }
        if size != self.drawing.size() {
            self.drawing.resize(size, self.end);
            self.effects.push_back(Effect::Resize(size));
            self.effects.push_back(Effect::Tell(What::Resized {
                cols: size.cols,
                rows: size.rows,
            }));
        }
        self.reply(ticket, Answer::Done);
    }

    pub(super) fn ask_signal(&mut self, ticket: Ticket, signal: i32) {
        if self.life.exit().is_some() {
            return self.refuse_ended(ticket);
        }
        self.effects.push_back(Effect::Signal(signal));
        self.reply(ticket, Answer::Done);
    }

    pub(super) fn ask_attach(&mut self, ticket: Ticket, change: i32) {
        self.attached = self.attached.saturating_add_signed(change);
        let what = if change > 0 { What::Attached } else { What::Detached };
        self.effects.push_back(Effect::Tell(what));
        self.reply(ticket, Answer::Done);
    }

    pub(super) fn ask_wait(&mut self, now: Instant, ticket: Ticket, wait: Wait) {
        match Parked::new(ticket, wait, now, self.end) {
            Ok(parked) if self.drawing.is_blind() && parked.wants_screen() => self.refuse_blind(ticket),
            Ok(parked) => {
                self.effects.extend(parked.looks());
                self.effects.extend(parked.behind(self.end));
                self.waits.push(parked);
            }
            Err(failure) => self.reply(ticket, Answer::Refused(failure)),
        }
    }

    pub(super) fn ask_capture(&mut self, ticket: Ticket, capture: Capture) {
        if self.drawing.is_blind() {
            return self.refuse_blind(ticket);
        }
        let needs = capture.at.unwrap_or(self.end);
        if needs > self.end {
            let failure = Failure::new(Code::Usage, format!("--at {needs} is beyond the journal's end {}", self.end));
            return self.reply(ticket, Answer::Refused(failure));
        }
        if capture.at.is_some() {
            self.effects.push_back(Effect::Thaw {
                reader: Reader::Question(ticket),
                before: needs,
            });
        }
        self.captures.push(Shooting {
            ticket,
            capture,
            needs,
            deadline: None,
            frame: None,
            own: None,
            whole: false,
        });
    }

    fn refuse_blind(&mut self, ticket: Ticket) {
        let failure = Failure::new(Code::Unsupported, "there are no screens at the moment: workers died too often")
            .hint("psup read has the output; psup wait --on output waits for some; screens are tried again within a minute");
        self.reply(ticket, Answer::Refused(failure));
    }

    pub(super) fn ask_read(&mut self, now: Instant, ticket: Ticket, from: Offset, timeout: Option<Duration>) {
        if from > self.end {
            let failure = Failure::new(Code::Usage, format!("--since {from} is beyond the journal's end {}", self.end));
            return self.reply(ticket, Answer::Refused(failure));
        }
        self.reads.push(Reading {
            ticket,
            from,
            deadline: timeout.and_then(|t| now.checked_add(t)),
        });
    }

    /// Journal bytes for one question.
    pub(super) fn past(&mut self, now: Instant, ticket: Ticket, from: Offset, bytes: &[u8]) {
        if let Some(wait) = self.waits.iter_mut().find(|w| w.ticket == ticket) {
            wait.feed(from, bytes, now);
            self.effects.extend(wait.behind(self.end));
            return;
        }
        let Some(shooting) = self.captures.iter_mut().find(|c| c.ticket == ticket) else {
            return;
        };
        let Some((screen, at)) = &mut shooting.own else { return };
        if from > *at && shooting.whole && shooting.capture.at.is_none() {
            // What the log has given up is older than the scrollback that there is.
            *at = from;
        }
        if from > *at {
            let failure = Failure::new(
                Code::Gone,
                format!(
                    "the screen at {} cannot be drawn: bytes {at} to {from} are not kept",
                    shooting.needs
                ),
            );
            self.captures.retain(|c| c.ticket != ticket);
            return self.reply(ticket, Answer::Refused(failure));
        }
        let wanted = ((shooting.needs - from) as usize).min(bytes.len());
        let bytes = bytes[..wanted].get((*at - from) as usize..).unwrap_or_default();
        drawing::feed(screen, self.drawing.sizes(), self.drawing.skips(), *at, bytes);
        *at += bytes.len() as Offset;
        if *at < shooting.needs {
            self.effects.push_back(Effect::Feed {
                reader: Reader::Question(ticket),
                from: *at,
            });
        }
    }

    pub(super) fn thawed(&mut self, ticket: Ticket, checkpoint: Option<(Offset, &[u8])>) {
        let Some(shooting) = self.captures.iter_mut().find(|c| c.ticket == ticket) else {
            return;
        };
        let restored = checkpoint.and_then(|(offset, bytes)| Some((Screen::restore(bytes, self.drawing.scrollback())?, offset)));
        let first = self.drawing.sizes().first().map_or(Size::DEFAULT, |(_, size)| *size);
        let (screen, at) = restored.unwrap_or_else(|| (Screen::new(first, self.drawing.scrollback()), 0));
        shooting.own = Some((Box::new(screen), at));
        if at < shooting.needs {
            self.effects.push_back(Effect::Feed {
                reader: Reader::Question(ticket),
                from: at,
            });
        }
    }

    pub(super) fn settle_captures(&mut self, now: Instant) {
        for mut shooting in std::mem::take(&mut self.captures) {
            self.step_back(&mut shooting);
            self.reach_back(&mut shooting);
            match self.shoot(&mut shooting, now) {
                Some(answer) => self.reply(shooting.ticket, answer),
                None => self.captures.push(shooting),
            }
        }
    }

    /// Where one frame follows another there is always half of one when somebody looks. So when the frame that a capture waited for is over
    /// and the next has begun, it shows the screen between the two.
    fn step_back(&mut self, shooting: &mut Shooting) {
        let Some(screen) = self.drawing.current(self.end).filter(|_| shooting.capture.at.is_none()) else {
            return;
        };
        let begun = screen.frame_begun().map(|fed| self.end - (screen.fed() - fed));
        let Some(first) = shooting.frame else {
            shooting.frame = begun;
            return;
        };
        if let Some(begun) = begun.filter(|begun| *begun > first) {
            shooting.capture.at = Some(begun);
            shooting.needs = begun;
            shooting.deadline = None;
            shooting.own = None;
            self.effects.push_back(Effect::Thaw {
                reader: Reader::Question(shooting.ticket),
                before: begun,
            });
        }
    }

    /// Lines that are not in memory any more are drawn again from the journal, on a screen of this capture's own.
    fn reach_back(&mut self, shooting: &mut Shooting) {
        let reached = |screen: &Screen| screen.reaches(shooting.capture.extent);
        let short = match &shooting.own {
            Some((screen, at)) => *at >= shooting.needs && !reached(screen) && !shooting.whole,
            None => shooting.capture.at.is_none() && self.drawing.current(self.end).is_some_and(|screen| !reached(screen)),
        };
        if short {
            let first = self.drawing.sizes().first().map_or(Size::DEFAULT, |(_, size)| *size);
            let screen = Screen::with_history(first, self.drawing.scrollback(), REACH);
            shooting.own = Some((Box::new(screen), 0));
            shooting.whole = true;
            shooting.needs = shooting.capture.at.unwrap_or(self.end);
            self.effects.push_back(Effect::Feed {
                reader: Reader::Question(shooting.ticket),
                from: 0,
            });
        }
    }

    fn shoot(&self, shooting: &mut Shooting, now: Instant) -> Option<Answer> {
        let (screen, at) = match (&shooting.own, shooting.capture.at) {
            (Some((screen, at)), _) if *at >= shooting.needs => (&**screen, *at),
            (None, None) => (self.drawing.current(self.end)?, self.end),
            (Some(_), _) | (None, Some(_)) => return None,
        };
        if shooting.own.is_none() && screen.is_synchronized() && !self.life.has_ended() {
            let until = *shooting.deadline.get_or_insert(now + FRAME_TIME);
            if now < until {
                return None;
            }
        }
        Some(answer(screen, &shooting.capture, at))
    }

    pub(super) fn settle_waits(&mut self, now: Instant, waiting: Option<&Waiting>) {
        if self.waits.is_empty() {
            return;
        }
        let wanted = self.waits.iter().any(|wait| wait.wants_screen() || wait.wants_prompt());
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
            Some(waited) => {
                answered.push((wait.ticket, waited));
                false
            }
            None => true,
        });
        for (ticket, waited) in answered {
            self.reply(ticket, Answer::Waited(waited));
        }
    }

    pub(super) fn settle_reads(&mut self, now: Instant) {
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
            self.reply(ticket, Answer::Readable { end, final_end, timed_out });
        }
    }

    pub(super) fn refuse_ended(&mut self, ticket: Ticket) {
        let failure = Failure::new(Code::NotRunning, "the session has ended").hint("psup restart begins a new life of it");
        self.reply(ticket, Answer::Refused(failure));
    }
}

impl Ask {
    /// Whether a session that is over can be asked this: such a session is only read.
    pub fn only_reads(&self) -> bool {
        match self {
            Self::Facts | Self::Wait(_) | Self::Capture(_) | Self::Read { .. } => true,
            Self::Send { .. } | Self::Exec(_) | Self::Resize(_) | Self::Signal(_) | Self::Stop { .. } | Self::Attach | Self::Detach => {
                false
            }
        }
    }
}

/// The part of the cursor's row that is written already.
pub(super) fn left_of_cursor(screen: &Screen) -> String {
    let cursor = screen.cursor();
    let mut left = String::new();
    let mut width = 0;
    for c in screen
        .rows()
        .get(usize::from(cursor.row))
        .map(String::as_str)
        .unwrap_or_default()
        .chars()
    {
        width += c.width().unwrap_or(0);
        if width > usize::from(cursor.col) {
            break;
        }
        left.push(c);
    }
    left.extend(std::iter::repeat_n(' ', usize::from(cursor.col).saturating_sub(width)));
    left
}

fn answer(screen: &Screen, capture: &Capture, at: Offset) -> Answer {
    match screen.capture(capture.extent, capture.rows, capture.format, capture.budget) {
        Ok(shot) => {
            let captured = Captured {
                offset: at,
                size: screen.size(),
                cursor: screen.cursor(),
                title: screen.title().to_owned(),
                modes: screen.mode_names(),
                lines: shot.lines,
                left_out: shot.left_out,
            };
            Answer::Captured(Box::new(captured), shot.bytes)
        }
        Err(failure) => Answer::Refused(failure),
    }
}
