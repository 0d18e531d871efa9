//! Captures, from the question to the answer: of the screen as it stands, of one of the past, of
//! lines that only the journal has.

use super::event::{Answer, Effect, Reader, Ticket};
use super::{Session, drawing};
use psup_proto::capture::Capture;
use psup_proto::rows::RowsHead;
use psup_proto::{Code, Failure, Offset, Size};
use psup_screen::{RowReader, Screen};
use std::time::{Duration, Instant};

/// A capture waits this long for a frame that the program has begun and not finished (mode 2026).
const FRAME_TIME: Duration = Duration::from_millis(150);

/// Memory that one capture of old lines may take while it is made; lines beyond it are left out,
/// oldest first.
const REACH: usize = 256 << 20;

/// A capture that waits for its screen.
pub(crate) struct ParkedCapture {
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

impl Session {
    pub(crate) fn ask_capture(&mut self, ticket: Ticket, capture: Capture) {
        if self.drawing.is_blind() {
            return self.refuse_blind(ticket);
        }
        let needs = capture.at.unwrap_or(self.end);
        if needs > self.end {
            let failure = Failure::new(
                Code::Usage,
                format!("--at {needs} is beyond the journal's end {}", self.end),
            );
            return self.reply(ticket, Answer::Refused(failure));
        }
        if capture.at.is_some() {
            self.effects.push_back(Effect::Thaw {
                reader: Reader::Question(ticket),
                before: needs,
            });
        }
        self.captures.push(ParkedCapture {
            ticket,
            capture,
            needs,
            deadline: None,
            frame: None,
            own: None,
            whole: false,
        });
    }

    /// Journal bytes for one question.
    pub(crate) fn past(&mut self, now: Instant, ticket: Ticket, from: Offset, bytes: &[u8]) {
        if let Some(wait) = self.waits.iter_mut().find(|w| w.ticket == ticket) {
            wait.feed(from, bytes, now);
            self.effects.extend(wait.behind(self.end));
            return;
        }
        let Some(shooting) = self.captures.iter_mut().find(|c| c.ticket == ticket) else {
            return;
        };
        let Some((screen, at)) = &mut shooting.own else {
            return;
        };
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
        let bytes = bytes[..wanted]
            .get((*at - from) as usize..)
            .unwrap_or_default();
        drawing::feed(
            screen,
            self.drawing.sizes(),
            self.drawing.skips(),
            *at,
            bytes,
        );
        *at += bytes.len() as Offset;
        if *at < shooting.needs {
            self.effects.push_back(Effect::Feed {
                reader: Reader::Question(ticket),
                from: *at,
            });
        }
    }

    pub(crate) fn thawed(&mut self, ticket: Ticket, checkpoint: Option<(Offset, &[u8])>) {
        let Some(shooting) = self.captures.iter_mut().find(|c| c.ticket == ticket) else {
            return;
        };
        let restored = checkpoint.and_then(|(offset, bytes)| {
            Some((Screen::restore(bytes, self.drawing.scrollback())?, offset))
        });
        let first = self
            .drawing
            .sizes()
            .first()
            .map_or(Size::DEFAULT, |(_, size)| *size);
        let (screen, at) =
            restored.unwrap_or_else(|| (Screen::new(first, self.drawing.scrollback()), 0));
        shooting.own = Some((Box::new(screen), at));
        if at < shooting.needs {
            self.effects.push_back(Effect::Feed {
                reader: Reader::Question(ticket),
                from: at,
            });
        }
    }

    pub(crate) fn settle_captures(&mut self, now: Instant) {
        for mut shooting in std::mem::take(&mut self.captures) {
            self.step_back(&mut shooting);
            self.reach_back(&mut shooting);
            self.count_lines(&mut shooting);
            match self.shoot(&mut shooting, now) {
                Some(answer) => self.reply(shooting.ticket, answer),
                None => self.captures.push(shooting),
            }
        }
    }

    /// Where one frame follows another there is always half of one when somebody looks. So when the
    /// frame that a capture waited for is over and the next has begun, it shows the screen between
    /// the two.
    fn step_back(&mut self, shooting: &mut ParkedCapture) {
        let Some(screen) = self
            .drawing
            .current(self.end)
            .filter(|_| shooting.capture.at.is_none())
        else {
            return;
        };
        let begun = screen
            .frame_begun()
            .map(|fed| self.end - (screen.fed() - fed));
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

    /// Lines that are not in memory any more are drawn again from the journal, on a screen of this
    /// capture's own.
    fn reach_back(&mut self, shooting: &mut ParkedCapture) {
        let reached = |screen: &Screen| screen.reaches(shooting.capture.extent);
        let short = match &shooting.own {
            Some((screen, at)) => *at >= shooting.needs && !reached(screen) && !shooting.whole,
            None => {
                shooting.capture.at.is_none()
                    && self
                        .drawing
                        .current(self.end)
                        .is_some_and(|screen| !reached(screen))
            }
        };
        if short {
            let first = self
                .drawing
                .sizes()
                .first()
                .map_or(Size::DEFAULT, |(_, size)| *size);
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

    /// A screen drawn from a journal whose beginning is gone does not know how many lines it lacks;
    /// the session's own does.
    fn count_lines(&self, shooting: &mut ParkedCapture) {
        if let Some((screen, at)) = &mut shooting.own
            && shooting.whole
            && *at == self.end
            && let Some(current) = self.drawing.current(self.end)
        {
            screen.count_lines_as(current);
        }
    }

    fn shoot(&self, shooting: &mut ParkedCapture, now: Instant) -> Option<Answer> {
        match (&shooting.own, shooting.capture.at) {
            (Some((_, at)), _) if *at >= shooting.needs => {
                let (screen, at) = shooting.own.take()?;
                let head = screen.rows_head(at);
                Some(answer(head, screen.into_rows_of(&shooting.capture)))
            }
            (None, None) => {
                let screen = self.drawing.current(self.end)?;
                if screen.is_synchronized() && !self.life.has_ended() {
                    let until = *shooting.deadline.get_or_insert(now + FRAME_TIME);
                    if now < until {
                        return None;
                    }
                }
                let head = screen.rows_head(self.end);
                Some(answer(head, screen.rows_of(&shooting.capture)))
            }
            (Some(_), _) | (None, Some(_)) => None,
        }
    }
}

fn answer(head: RowsHead, rows: Result<RowReader, Failure>) -> Answer {
    match rows {
        Ok(rows) => Answer::Captured(Box::new(head), Box::new(rows)),
        Err(failure) => Answer::Refused(failure),
    }
}
