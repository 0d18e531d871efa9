//! The core: one session decided, without a file, a socket, a task or a clock.
//!
//! Three methods and two enums. The driver's law: tell one [`Event`] to [`Session::handle`], drain
//! [`Session::poll`], write [`Session::input`] if the terminal takes it, sleep until
//! [`Session::deadline`] or the next event.
//!
//! ```text
//!             stop asked                 exited             closed
//!   Running ─────────────▶ Stopping ───────────▶ Draining ─────────▶ Ended
//!      └────────────────── exited ──────────────────▲
//! ```
//! A session has ended when its exit is known *and* its terminal has given its last byte, in
//! whichever order the two come: the last output is never dropped. Every event in every state is
//! one reviewed line of a snapshot.

#![cfg_attr(
    not(test),
    forbid(
        clippy::disallowed_macros,
        clippy::disallowed_methods,
        clippy::disallowed_types
    )
)]

mod activity_filter;
mod asked;
mod capture;
mod cursor;
mod drawing;
mod echo;
pub mod event;
pub mod exec;
#[cfg(feature = "fault-injection")]
mod fault;
mod input;
mod keyboard;
pub mod keys;
mod lifecycle;
pub mod lines;
pub mod marks;
mod pattern;
pub mod prompt;
mod read;
mod start;
#[cfg(test)]
mod tests;
pub mod view;
mod wait;

pub use event::{Answer, Ask, Begun, Effect, Event, Facts, OutsideCondition, Reader, Ticket};

pub use drawing::BATCH;
pub use start::{SessionStart, check_pattern};

use drawing::Drawing;
use echo::Typed;
use exec::ParkedExec;
use input::Input;
use lifecycle::Lifecycle;
use marks::Marks;
use prompt::poll::PromptPoll;

use psup_proto::Offset;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// One child in one terminal.
pub struct Session {
    life: Lifecycle,
    end: Offset,
    drawing: Drawing,
    input: Input,
    typed: Typed,
    /// The child is a shell or a REPL.
    prompts: bool,
    marks: Marks,
    looking: PromptPoll,
    /// Input is held back until the program reads, at most until then.
    held_until: Option<Instant>,
    execs: VecDeque<ParkedExec>,
    taking_back: Option<exec::TakeBack>,
    submitting: Option<input::submit::Submission>,
    waits: Vec<wait::ParkedWait>,
    captures: Vec<capture::ParkedCapture>,
    reads: Vec<read::ParkedRead>,
    effects: VecDeque<Effect>,
    /// When bytes last went in either direction.
    active: Instant,
    last_output: Option<Instant>,
    /// There was output since quiet was last told.
    spoke: bool,
    /// When it has been quiet long enough, after output or after the screen was fetched.
    quiet_at: Option<Instant>,
    keyboard: keyboard::Keyboard,
    viewers: view::Viewers,
}

/// Quiet of this length after output is told, and the screen's memory is given back.
const QUIET: Duration = Duration::from_secs(1);
/// A shell that has not come to its prompt by then gets what was typed all the same.
const STARTING: Duration = Duration::from_secs(10);

impl Session {
    pub fn new(now: Instant, beginning: SessionStart) -> Self {
        Self {
            life: Lifecycle::new(now, beginning.ttl),
            end: beginning.end,
            drawing: Drawing::new(
                now,
                beginning.sizes,
                beginning.scrollback,
                beginning.end,
                beginning.skips,
                beginning.blind,
            ),
            input: Input::remembering(beginning.sent),
            typed: Typed::default(),
            prompts: beginning.prompts,
            marks: Marks::new(&beginning.nonce, beginning.end),
            looking: PromptPoll::new(),
            held_until: (beginning.prompts && beginning.end == 0).then(|| now + STARTING),
            execs: VecDeque::new(),
            taking_back: None,
            submitting: None,
            waits: Vec::new(),
            captures: Vec::new(),
            reads: Vec::new(),
            effects: VecDeque::new(),
            active: now,
            last_output: None,
            spoke: false,
            quiet_at: None,
            keyboard: keyboard::Keyboard::default(),
            viewers: view::Viewers::default(),
        }
    }

    /// Takes one event in.
    pub fn handle(&mut self, now: Instant, event: Event<'_>) {
        match event {
            Event::Output(bytes) => self.output(now, bytes),
            Event::Closed => self.life.closed(),
            Event::Exited(exit) => self.life.exited(exit),
            Event::Asked(ticket, ask) => self.asked(now, ticket, ask),
            Event::AskerLeft(ticket) => self.asker_left(ticket),
            Event::Written(count) => self.written(now, count),
            Event::Past {
                reader: Reader::Screen,
                from,
                bytes,
            } => {
                self.drawing
                    .past(now, from, bytes, self.end, &mut self.effects);
            }
            Event::Past {
                reader: Reader::Marks,
                from,
                bytes,
            } => {
                let more = self.marks.past(from, bytes, self.end);
                self.effects.extend(more.map(|from| Effect::Feed {
                    reader: Reader::Marks,
                    from,
                }));
            }
            Event::Past {
                reader: Reader::Question(ticket),
                from,
                bytes,
            } => self.past(now, ticket, from, bytes),
            Event::Thawed {
                reader: Reader::Screen,
                checkpoint,
            } => self.drawing.thawed(checkpoint, self.end),
            Event::Thawed {
                reader: Reader::Question(ticket),
                checkpoint,
            } => self.thawed(ticket, checkpoint),
            Event::NotOffered(reason) => self.exec_not_offered(&reason),
            Event::Foreground(foreground) => self.looking.found(now, foreground),
            Event::UnreadOutput => self.looking.found_output(now),
            Event::ConditionHeld { ticket, condition } => {
                if let Some(wait) = self.waits.iter_mut().find(|w| w.ticket == ticket) {
                    wait.seen(condition);
                }
            }
            // Marks have no checkpoints, so none is ever asked for.
            Event::Thawed {
                reader: Reader::Marks,
                ..
            }
            | Event::Tick => {}
        }
        self.settle(now);
    }

    /// The next thing to be done.
    pub fn poll(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When to tell a [`Event::Tick`] if nothing happens before.
    pub fn deadline(&self) -> Option<Instant> {
        let waits = self.waits.iter().filter_map(|w| w.wake_at(self.active));
        let reads = self.reads.iter().filter_map(|r| r.deadline);
        let captures = self.captures.iter().filter_map(|c| c.deadline);
        let execs = self
            .execs
            .iter()
            .filter_map(|exec| exec.wake_at(self.active));
        waits
            .chain(reads)
            .chain(execs)
            .chain(self.taking_back.as_ref().map(exec::TakeBack::wake_at))
            .chain(
                self.submitting
                    .as_ref()
                    .map(|s| s.wake_at(self.active, self.last_output)),
            )
            .chain(self.looks_at(self.active))
            .chain(captures)
            .chain(self.quiet_at)
            .chain(self.keyboard.deadline())
            .chain(self.input.deadline())
            .chain(self.drawing.due(self.end))
            .chain(self.life.deadline())
            .min()
    }

    /// The bytes that go into the terminal next.
    pub fn input(&self) -> &[u8] {
        self.input.bytes()
    }

    /// The send whose bytes come next, and the journal's end just before it; `None` for answers to
    /// the program's queries.
    pub fn send_under_way(&self) -> Option<(u128, Offset)> {
        self.input.under_way()
    }

    /// Whether the exit is known and the journal is whole.
    pub fn has_ended(&self) -> bool {
        self.life.has_ended()
    }

    /// Whether it was asked to end, by somebody or by its time.
    pub fn was_stopped(&self) -> bool {
        self.life.was_stopped()
    }

    fn output(&mut self, now: Instant, bytes: &[u8]) {
        let from = self.end;
        self.end += bytes.len() as Offset;
        self.active = now;
        self.last_output = Some(now);
        self.spoke = true;
        self.quiet_at = Some(now + QUIET);
        self.looking.output(now);
        self.typed.output(bytes);
        self.hear(now, from, bytes);
        self.drawing.output(now, from, bytes, &mut self.effects);
        for wait in &mut self.waits {
            if wait.behind(from).is_none() {
                wait.feed(from, bytes, now);
            }
        }
    }

    /// What was written before this worker began is looked through first: a mark may be cut where
    /// it ended.
    fn hear(&mut self, now: Instant, from: Offset, bytes: &[u8]) {
        self.recall();
        if self.marks.are_awaited() {
            return;
        }
        self.exec_output(from, bytes);
        for mark in self.marks.feed(from, bytes) {
            self.exec_heard(now, &mark);
        }
    }

    fn written(&mut self, now: Instant, count: usize) {
        self.active = now;
        if self.input.is_typed() {
            self.looking.input(now);
            let bytes = self.input.bytes();
            let bytes = &bytes[..count.min(bytes.len())];
            self.marks.typed(bytes);
            if let Some(viewer) = self.input.typist() {
                let enter = bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
                self.person_typed(now, viewer, count, enter);
            }
        }
        if let Some((ticket, sent)) = self.input.written(count) {
            self.reply(ticket, Answer::Sent(sent));
        }
        self.begin_submit(now);
    }

    /// After every event: what can be answered now is answered, what is missing is asked for.
    ///
    /// The law: one pass is enough. A second pass at the same moment finds nothing to do, and the
    /// next deadline lies ahead (`laws::a_settled_session_has_nothing_more_to_do_at_that_moment`).
    /// That holds because each step uses only what the steps above it have settled:
    ///
    /// 1. Life: exits, deadlines of stops, the ttl. All steps below ask whether the session ended.
    /// 2. Replies that the program waits for go before anything that is typed.
    /// 3. An exec whose turn has come becomes the one that watches the marks.
    /// 4. Who waits for input: the one answer that execs, submits, input and waits all use.
    /// 5. Execs type, or are answered; then submits; then the keyboard is given on.
    /// 6. Input is encoded, by the modes that 4 has seen.
    /// 7. The screen is drawn as far as somebody above or below wants it.
    /// 8. Captures, waits, reads and viewers are answered from what is drawn.
    /// 9. What an ended session can no longer take is refused, after the answers it could give.
    /// 10. Quiet: what nobody has used for a while is put away, so it comes last.
    fn settle(&mut self, now: Instant) {
        self.life.settle(now, &mut self.effects);
        self.take_replies();
        self.arm_exec(now);
        let waiting = self.settle_looking(now);
        self.settle_take_back(now);
        self.settle_execs(now, waiting.as_ref());
        self.settle_submit(now);
        self.settle_keyboard(now);
        self.prepare_input(now);
        let wanted = self.wants_screen();
        if wanted {
            self.drawing.wake(self.end, &mut self.effects);
            self.quiet_at = Some(now + QUIET);
        }
        self.drawing.follow(
            now,
            self.end,
            wanted || self.life.is_closed(),
            &mut self.effects,
        );
        self.settle_captures(now);
        self.settle_waits(now, waiting.as_ref());
        self.settle_reads(now);
        self.settle_viewers();
        if self.life.has_ended() {
            self.refuse_input();
            self.refuse_execs();
        }
        if self.quiet_at.is_some_and(|at| now >= at) {
            self.quiet_at = None;
            self.grow_quiet();
        }
    }

    fn grow_quiet(&mut self) {
        if std::mem::take(&mut self.spoke) && self.life.is_running() {
            self.effects
                .push_back(Effect::Tell(psup_proto::event::EventKind::OutputIdle));
        }
        if !self.wants_screen() {
            self.drawing.rest(self.end, &mut self.effects);
        }
    }

    /// The state of the screen, and the offset that it shows, where it is drawn at present.
    pub fn drawn_screen(&self) -> Option<(Offset, Vec<u8>)> {
        self.drawing.state()
    }

    /// Has old output looked through for marks, where that has not been done.
    pub fn recall(&mut self) {
        if let Some(from) = self.marks.behind() {
            self.effects.push_back(Effect::Feed {
                reader: Reader::Marks,
                from,
            });
        }
    }

    fn wants_screen(&self) -> bool {
        !self.captures.is_empty()
            || self.viewers.wants_screen()
            || self.input.wants_modes()
            || self.needs_to_know()
            || self.waits.iter().any(wait::ParkedWait::wants_screen)
    }

    fn take_replies(&mut self) {
        let replies = self.drawing.take_replies();
        if !replies.is_empty() && !self.life.is_closed() {
            self.input.reply(&replies);
        }
    }

    fn reply(&mut self, ticket: Ticket, answer: Answer) {
        self.effects.push_back(Effect::Reply(ticket, answer));
    }
}
