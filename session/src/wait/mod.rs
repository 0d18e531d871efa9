//! Waits: questions parked until the journal, the screen, the clock, the exit or the world outside
//! can answer them.
//!
//! A wait is a reader: nothing but an offset that moves along the journal. While it stands at the
//! end it sees output as it comes; while it is behind it is fed. So `--since` needs no copy of
//! anything, and nothing is missed in between.

mod condition;
mod evaluate;
mod output;

use super::activity_filter::ActivityFilter;
use super::echo::{Echo, Echoes, Typed};
use super::event::{Effect, Reader, Ticket};
use super::lines::{Line, Lines, Returns};
use super::pattern::Pattern;
use super::prompt::waiting::Waiting;
use condition::{ConditionKind, WatchedCondition};
use psup_proto::condition::{ConditionHeld, Match, MatchOn, Quorum, Verdict, Wait, Waited};
use psup_proto::info::BlockedOn;
use psup_proto::{Code, Exit, Failure, Offset, limits};
use psup_screen::Screen;
use std::time::Instant;

#[derive(Debug)]
pub(crate) struct ParkedWait {
    pub ticket: Ticket,
    conditions: Vec<WatchedCondition>,
    fail: Option<Pattern>,
    quorum: Quorum,
    on: MatchOn,
    /// Reads output for patterns; `None` where no pattern looks at output.
    lines: Option<Lines>,
    since: Option<Offset>,
    /// What was typed and is no answer.
    echo: Echo,
    on_screen: Echo,
    asked: Instant,
    deadline: Option<Instant>,
    /// When the tentative match of the open line becomes whole, or a long one is looked at again.
    tentative: Option<Instant>,
    /// The open line that was looked at last: where it begins and how long it was.
    looked: (Offset, usize),
    /// Matches end here at the latest; what a pattern found says where the next question should
    /// begin.
    answered_at: Offset,
    failed: Option<Match>,
    /// What was to be searched and is not kept any more.
    gap: Option<(Offset, Offset)>,
    /// The present screen has been looked at.
    started: bool,
    /// What moves all the time does not count, and when something else moved last.
    settle: Option<(ActivityFilter, Instant)>,
}

/// What a wait may look at besides output.
pub(crate) struct View<'a> {
    pub now: Instant,
    pub end: Offset,
    /// The logical lines on the screen; `None` while the screen is not up to date.
    pub screen: Option<&'a [String]>,
    /// What stands to the left of the cursor: the line that the next output goes on with.
    pub begun: &'a str,
    /// Since when nothing was written in either direction.
    pub quiet_since: Instant,
    /// Who waits for input; looked for only while a wait wants a prompt.
    pub waiting: Option<&'a Waiting>,
    /// The child is gone and its last output is in the journal.
    pub ended: bool,
    pub exit: Option<&'a Exit>,
}

impl ParkedWait {
    pub(crate) fn new(
        ticket: Ticket,
        wait: Wait,
        now: Instant,
        end: Offset,
        typed: &Typed,
    ) -> Result<Self, Failure> {
        if wait.conditions.is_empty() {
            return Err(Failure::new(Code::Usage, "a wait needs a condition")
                .hint("--text --gone --idle --exit --port --file"));
        }
        if wait.conditions.len() > limits::CONDITIONS {
            return Err(Failure::new(
                Code::Limit,
                format!("a wait has at most {} conditions", limits::CONDITIONS),
            ));
        }
        if wait.since.is_some_and(|since| since > end) {
            let message = format!(
                "--since {} is beyond the journal's end {end}",
                wait.since.unwrap_or_default()
            );
            return Err(Failure::new(Code::Usage, message).hint(
                "offsets come from send, wait, info and capture of this same life of the session",
            ));
        }
        let conditions = wait
            .conditions
            .into_iter()
            .map(WatchedCondition::new)
            .collect::<Result<Vec<_>, _>>()?;
        let fail = wait.fail.as_deref().map(Pattern::new).transpose()?;
        let reads = wait.on == MatchOn::Output
            && (fail.is_some()
                || conditions
                    .iter()
                    .any(|c| matches!(c.what, ConditionKind::Text(_))));
        Ok(Self {
            ticket,
            conditions,
            fail,
            quorum: wait.quorum,
            on: wait.on,
            lines: reads.then(|| Lines::new(wait.since.unwrap_or(end), Returns::End)),
            echo: wait
                .since
                .map_or_else(|| typed.open(), |since| typed.since(since)),
            on_screen: typed.newest(),
            since: wait.since,
            asked: now,
            deadline: wait.timeout.and_then(|timeout| now.checked_add(timeout)),
            tentative: None,
            looked: (0, 0),
            answered_at: 0,
            failed: None,
            gap: None,
            started: false,
            settle: wait.settle.then(|| (ActivityFilter::default(), now)),
        })
    }

    fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        let conditions = self.conditions.iter().filter_map(|c| match &c.what {
            ConditionKind::Text(pattern) | ConditionKind::Gone(pattern) => Some(pattern),
            ConditionKind::Idle(_)
            | ConditionKind::Exit
            | ConditionKind::Prompt
            | ConditionKind::Input
            | ConditionKind::Outside(_) => None,
        });
        conditions.chain(&self.fail)
    }

    /// Memory of its patterns.
    pub(crate) fn memory(&self) -> usize {
        self.patterns().map(Pattern::memory).sum()
    }

    /// Looks at the screen for anyone who waits until it has settled.
    pub(crate) fn watch(&mut self, screen: &Screen, now: Instant) {
        if let Some((settled, at)) = &mut self.settle
            && settled.look(screen)
        {
            *at = now;
        }
    }

    /// Something is typed at the journal's end.
    pub(crate) fn typed(&mut self, text: &[u8], end: Offset, left: &str, echoes: Echoes) {
        self.echo.typed(text, end, left, echoes);
        self.on_screen = Echo::default();
        self.on_screen.typed(text, end, left, echoes);
    }

    /// What has to be watched outside the session.
    pub(crate) fn looks(&self) -> Vec<Effect> {
        let look = |(condition, watched): (usize, &WatchedCondition)| match &watched.what {
            ConditionKind::Outside(outside) => Some(Effect::Look {
                ticket: self.ticket,
                condition: condition as u32,
                outside: outside.clone(),
            }),
            ConditionKind::Text(_)
            | ConditionKind::Gone(_)
            | ConditionKind::Idle(_)
            | ConditionKind::Exit
            | ConditionKind::Prompt
            | ConditionKind::Input => None,
        };
        self.conditions
            .iter()
            .enumerate()
            .filter_map(look)
            .collect()
    }

    /// Whether the answer depends on who waits for input.
    pub(crate) fn wants_prompt(&self) -> bool {
        self.conditions.iter().any(|c| {
            c.held.is_none() && matches!(c.what, ConditionKind::Prompt | ConditionKind::Input)
        })
    }

    /// Whether the answer depends on what is on the screen.
    pub(crate) fn wants_screen(&self) -> bool {
        let gone = self
            .conditions
            .iter()
            .any(|c| matches!(c.what, ConditionKind::Gone(_)));
        let text = self.fail.is_some()
            || self
                .conditions
                .iter()
                .any(|c| matches!(c.what, ConditionKind::Text(_)));
        gone || self.settle.is_some()
            || (text && (self.on == MatchOn::Screen || (self.since.is_none() && !self.started)))
    }

    /// The bytes it wants next, while it is behind the journal's end.
    pub(crate) fn behind(&self, end: Offset) -> Option<Effect> {
        let from = self.lines.as_ref()?.at();
        (from < end).then_some(Effect::Feed {
            reader: Reader::Question(self.ticket),
            from,
        })
    }

    pub(crate) fn seen(&mut self, condition: u32) {
        let order = self.held_count();
        if let Some(watched) = self.conditions.get_mut(condition as usize) {
            watched.hold(order, condition, None);
        }
    }

    /// Looks at everything but output, and says whether the wait is answered.
    pub(crate) fn judge(&mut self, view: &View) -> Option<Result<Waited, Failure>> {
        self.start(view);
        if self
            .tentative
            .is_some_and(|at| view.now >= at || view.ended)
        {
            self.tentative = None;
            self.take_open_line();
        }
        // What the fail pattern has not looked at yet was written before anything that holds now.
        if self.fail.is_none() || self.behind(view.end).is_none() {
            self.look_at_screen(view);
            self.look_at_clock(view);
            self.look_at_prompt(view);
        }
        let exhausted = self.patterns().find_map(Pattern::exhausted);
        if let Some(failure) = exhausted.or_else(|| self.not_known(view)) {
            return Some(Err(failure));
        }
        self.verdict(view).map(|verdict| {
            let offset = if self.answered_at > 0 {
                self.answered_at
            } else {
                view.end
            };
            Ok(Waited {
                verdict,
                offset,
                exit: view.exit.cloned(),
            })
        })
    }

    /// With bytes missing and no match in what is kept, a pattern may have matched or not. More
    /// output does not change that, so it is answered as soon as all that is kept has been read.
    fn not_known(&self, view: &View) -> Option<Failure> {
        let open = self.failed.is_none() && (self.fail.is_some() || !self.is_met());
        let (from, to) = self
            .gap
            .filter(|_| open && self.behind(view.end).is_none())?;
        let message = format!(
            "not known: bytes {from} to {to} are not kept any more, and may have had a match"
        );
        Some(Failure::new(Code::Gap, message).hint(format!("`--since {to}` looks at what is kept")))
    }

    /// When it has to be looked at again though nothing happens.
    pub(crate) fn wake_at(&self, quiet_since: Instant) -> Option<Instant> {
        let idle = self
            .conditions
            .iter()
            .filter(|c| c.held.is_none())
            .filter_map(|c| match c.what {
                ConditionKind::Idle(duration) => self.quiet(quiet_since).checked_add(duration),
                ConditionKind::Text(_)
                | ConditionKind::Gone(_)
                | ConditionKind::Exit
                | ConditionKind::Prompt
                | ConditionKind::Input
                | ConditionKind::Outside(_) => None,
            });
        idle.chain(self.deadline).chain(self.tentative).min()
    }

    /// Without `--since` the present screen counts, and the line it ends in may go on.
    fn start(&mut self, view: &View) {
        let Some(screen) = view.screen.filter(|_| !self.started) else {
            return;
        };
        self.started = true;
        if self.since.is_some() || self.on == MatchOn::Screen {
            return;
        }
        self.match_all(screen);
        if self
            .lines
            .as_ref()
            .is_some_and(|lines| lines.at() == view.end && lines.open_line().text().is_empty())
        {
            self.lines = Some(Lines::begun(view.end, view.begun));
        }
    }

    fn verdict(&mut self, view: &View) -> Option<Verdict> {
        if let Some(found) = self.failed.take() {
            return Some(Verdict::Failed(found));
        }
        if self.is_met() {
            let mut held: Vec<(usize, ConditionHeld)> = self
                .conditions
                .iter_mut()
                .filter_map(|c| c.held.take())
                .collect();
            held.sort_by_key(|(order, _)| *order);
            return Some(Verdict::Held(
                held.into_iter().map(|(_, held)| held).collect(),
            ));
        }
        // Bytes not read yet, or a screen not drawn yet, may still hold the answer.
        let all_read =
            self.behind(view.end).is_none() && (view.screen.is_some() || !self.wants_screen());
        if view.ended && all_read {
            return Some(Verdict::Ended);
        }
        self.deadline
            .is_some_and(|deadline| view.now >= deadline)
            .then_some(Verdict::TimedOut)
    }

    fn is_met(&self) -> bool {
        match self.quorum {
            Quorum::Any => self.conditions.iter().any(|c| c.held.is_some()),
            Quorum::All => self.conditions.iter().all(|c| c.held.is_some()),
        }
    }

    fn held_count(&self) -> usize {
        self.conditions.iter().filter(|c| c.held.is_some()).count()
    }
}
