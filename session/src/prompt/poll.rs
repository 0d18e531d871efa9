//! Who waits for input, as far as it is known now, and when to look again.
//!
//! Marks answer by themselves. Where there are none the system is asked who has the terminal and
//! what it does, once output has paused; a program that goes to sleep in a read makes no event that
//! one could wait for, so while somebody needs to know (a wait for a prompt, an exec, input held
//! back for a shell that starts) it is asked again, ever less often. Nobody needs to know, nobody
//! looks.

use super::waiting::Waiting;
use super::{Activity, Evidence, Foreground, blocked, judge, wants};
use crate::Session;
use crate::cursor::left_of_cursor;
use crate::event::Effect;
use crate::exec::ParkedExec;
use crate::marks::{LineState, Marks, Stage};
use crate::wait::ParkedWait;
use psup_proto::Offset;
use psup_proto::info::{Blocked, BlockedOn};
use std::time::{Duration, Instant};

/// Output that has paused this long is what there is for now.
const PAUSE: Duration = Duration::from_millis(25);
/// Input that nothing answered has been read after this, if it is read at all.
const UNANSWERED: Duration = Duration::from_millis(250);
/// A screen proves something after this quiet.
const STILL: Duration = Duration::from_millis(150);
/// The longest pause between two looks.
const SELDOM: Duration = Duration::from_millis(500);
/// A shell that marks its prompts and reads without a mark for this long has lost its marks.
const SILENT: Duration = Duration::from_millis(700);

#[derive(Debug)]
pub(crate) struct PromptPoll {
    /// Who has had the terminal since bytes last went in either direction.
    found: Option<Foreground>,
    /// The system has been asked since.
    answered: bool,
    next: Option<Instant>,
    /// The answer is on its way.
    asked: bool,
    pause: Duration,
    input_at: Option<Instant>,
    output_at: Option<Instant>,
}

impl Default for PromptPoll {
    fn default() -> Self {
        Self::new()
    }
}

impl PromptPoll {
    pub(crate) fn new() -> Self {
        Self {
            found: None,
            answered: false,
            next: None,
            asked: false,
            pause: PAUSE,
            input_at: None,
            output_at: None,
        }
    }

    pub(crate) fn output(&mut self, now: Instant) {
        self.output_at = Some(now);
        self.moved();
    }

    pub(crate) fn input(&mut self, now: Instant) {
        self.input_at = Some(now);
        self.moved();
    }

    fn moved(&mut self) {
        self.found = None;
        self.answered = false;
        self.next = None;
        self.pause = PAUSE;
    }

    pub(crate) fn found(&mut self, now: Instant, foreground: Option<Foreground>) {
        self.asked = false;
        self.found = foreground;
        self.answered = true;
        self.next = now.checked_add(self.pause);
        self.pause = (self.pause * 2).min(SELDOM);
    }

    /// There is output to come first: it is looked again after that.
    pub(crate) fn found_output(&mut self, now: Instant) {
        self.moved();
        self.output_at = Some(now);
        self.asked = false;
    }

    /// Somebody cannot wait until it is due.
    pub(crate) fn look_now(&mut self) {
        if !self.answered {
            self.next = self.input_at.or(self.output_at);
        }
    }

    pub(crate) fn asked(&mut self) {
        self.asked = true;
    }

    /// A shell to which a whole command was typed reads on.
    pub(crate) fn wants_more(&self, now: Instant, typed: Instant) -> bool {
        let silent = self.is_silent(now) && now.saturating_duration_since(typed) >= SILENT;
        silent && self.is_shell_reading()
    }

    pub(crate) fn is_shell_reading(&self) -> bool {
        self.foreground().is_some_and(|f| {
            f.is_shell() && matches!(f.doing, Activity::Reading | Activity::Polling)
        })
    }

    pub(crate) fn is_silent(&self, now: Instant) -> bool {
        self.still_for(now) >= SILENT
    }

    /// Whether it was looked up who has the terminal, since something moved.
    pub(crate) fn has_looked(&self) -> bool {
        self.answered
    }

    pub(crate) fn foreground(&self) -> Option<&Foreground> {
        self.found.as_ref()
    }

    /// The session's own child waits for input, as far as the system tells.
    fn is_child_reading(&self) -> bool {
        self.foreground()
            .is_some_and(|f| f.is_child && f.doing != Activity::Busy)
    }

    /// When to look, as long as somebody needs to know; a look that is due is one to be made now.
    pub(crate) fn due(&self, now: Instant) -> Option<Instant> {
        (!self.asked).then(|| self.next.or_else(|| self.settled()).unwrap_or(now))
    }

    /// When what is seen can be believed.
    fn settled(&self) -> Option<Instant> {
        let output = self.output_at.map(|at| at + PAUSE);
        let unanswered = self
            .input_at
            .filter(|input| self.output_at.is_none_or(|output| output < *input));
        output.max(unanswered.map(|at| at + UNANSWERED))
    }

    fn still_for(&self, now: Instant) -> Duration {
        let moved = self.output_at.max(self.input_at);
        moved.map_or(Duration::MAX, |at| now.saturating_duration_since(at))
    }

    /// What is waited for, by the highest rung that holds. `left` is the text left of the cursor.
    pub(crate) fn waiting(
        &self,
        now: Instant,
        marks: &Marks,
        left: Option<&str>,
        end: Offset,
    ) -> Option<Waiting> {
        match marks.stage() {
            Stage::Ready {
                since,
                typed: LineState::Nothing | LineState::Something,
            } if marks.is_sure() || self.is_child_reading() => {
                return Some(Waiting {
                    on: BlockedOn::Prompt,
                    wants: "prompt",
                    via: Evidence::Marks,
                    since,
                });
            }
            Stage::Unknown | Stage::Ready { .. } | Stage::Running | Stage::Ended => {}
        }
        let foreground = self.foreground()?;
        let (on, via) = judge(foreground, left)?;
        // A shell that marks its prompts will mark this one, unless it was taught otherwise
        // meanwhile.
        let unmarked = marks.is_alive()
            && foreground.is_child
            && foreground.is_shell()
            && on != BlockedOn::Password;
        let needs = match via {
            _ if unmarked => SILENT,
            Evidence::Marks | Evidence::Kernel => Duration::ZERO,
            Evidence::Screen => STILL,
        };
        (self.still_for(now) >= needs).then_some(Waiting {
            on,
            wants: wants(foreground, on, left),
            via,
            since: end,
        })
    }
}

impl Session {
    /// Looks who waits for input, as far as somebody needs to know.
    pub(crate) fn settle_looking(&mut self, now: Instant) -> Option<Waiting> {
        if !self.needs_to_know() {
            return None;
        }
        self.recall();
        if self.marks.are_awaited() {
            return None;
        }
        let left = self.drawing.current(self.end).map(left_of_cursor);
        let waiting = self
            .looking
            .waiting(now, &self.marks, left.as_deref(), self.end);
        if self.held_until.is_some_and(|until| now >= until)
            || waiting.as_ref().is_some_and(|w| w.on != BlockedOn::Nothing)
        {
            self.held_until = None;
        }
        if self.looks_at(now).is_some_and(|at| now >= at) {
            self.looking.asked();
            self.effects.push_back(Effect::AskKernel);
        }
        waiting
    }

    /// Somebody's next step depends on who waits for input.
    pub(crate) fn needs_to_know(&self) -> bool {
        let held = self.held_until.is_some() && self.input.wants_modes();
        held || self.submitting.is_some()
            || self.input.is_careful()
            || self.execs.front().is_some_and(ParkedExec::wants_look)
            || self.taking_back.is_some()
            || self.waits.iter().any(ParkedWait::wants_prompt)
    }

    /// When to look who has the terminal.
    pub(crate) fn looks_at(&self, now: Instant) -> Option<Instant> {
        let wanted = !self.life.has_ended() && self.needs_to_know();
        wanted.then(|| self.looking.due(now)).flatten()
    }

    /// A program that starts swallows or garbles what is typed before it reads.
    pub(crate) fn holds_input(&self, now: Instant) -> bool {
        self.held_until.is_some_and(|until| now < until)
    }

    /// What the program waits for, given who has the terminal now.
    pub fn blocked(&mut self, now: Instant, foreground: Option<Foreground>) -> Option<Blocked> {
        if self.life.has_ended() {
            return None;
        }
        let left = self.drawing.left_of_cursor(self.end);
        self.looking.found(now, foreground);
        let waiting = self
            .looking
            .waiting(now, &self.marks, left.as_deref(), self.end)?;
        Some(blocked((waiting.on, waiting.via)))
    }
}
