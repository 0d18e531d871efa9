//! What a wait sees besides output: the screen, the prompt, the clock.

use super::condition::ConditionKind;
use super::{BlockedOn, Instant, Match, MatchOn, ParkedWait, View};

impl ParkedWait {
    pub(crate) fn look_at_screen(&mut self, view: &View) {
        let Some(screen) = view.screen else { return };
        let lines = screen.iter().map(String::as_bytes);
        if self.on == MatchOn::Screen {
            self.match_all(screen);
        }
        for i in 0..self.conditions.len() {
            let order = self.held_count();
            let watched = &mut self.conditions[i];
            if let (ConditionKind::Gone(pattern), None) = (&watched.what, &watched.held)
                && lines.clone().all(|line| pattern.find(line).is_none())
            {
                watched.hold(order, i as u32, None);
            }
        }
    }

    /// A password is asked for at a prompt, too; the match says what is asked for.
    pub(crate) fn look_at_prompt(&mut self, view: &View) {
        let Some(waiting) = view
            .waiting
            .filter(|w| !view.ended && self.since.is_none_or(|since| w.since > since))
        else {
            return;
        };
        let at_prompt = match waiting.on {
            BlockedOn::Nothing => return,
            BlockedOn::Prompt | BlockedOn::Password => true,
            BlockedOn::Input => false,
        };
        for i in 0..self.conditions.len() {
            let order = self.held_count();
            let watched = &mut self.conditions[i];
            let asked = match watched.what {
                ConditionKind::Prompt => at_prompt,
                ConditionKind::Input => true,
                ConditionKind::Text(_)
                | ConditionKind::Gone(_)
                | ConditionKind::Idle(_)
                | ConditionKind::Exit
                | ConditionKind::Outside(_) => false,
            };
            if asked && watched.held.is_none() {
                let found = Match {
                    text: waiting.wants.to_owned(),
                    groups: Vec::new(),
                    line: view.begun.to_owned(),
                };
                watched.hold(order, i as u32, Some(found));
                if let Some((_, held)) = &mut watched.held {
                    held.via = Some(waiting.via.word().to_owned());
                }
            }
        }
    }

    pub(crate) fn look_at_clock(&mut self, view: &View) {
        let quiet_since = self.quiet(view.quiet_since);
        for i in 0..self.conditions.len() {
            let order = self.held_count();
            let watched = &mut self.conditions[i];
            let holds = match watched.what {
                ConditionKind::Idle(duration) => {
                    !view.ended && view.now.saturating_duration_since(quiet_since) >= duration
                }
                ConditionKind::Exit => view.ended,
                ConditionKind::Text(_)
                | ConditionKind::Gone(_)
                | ConditionKind::Prompt
                | ConditionKind::Input
                | ConditionKind::Outside(_) => false,
            };
            if holds {
                watched.hold(order, i as u32, None);
            }
        }
    }

    /// With `--since`, quiet that began before the question was asked does not count.
    pub(crate) fn quiet(&self, quiet_since: Instant) -> Instant {
        if let Some((_, at)) = &self.settle {
            *at
        } else if self.since.is_some() {
            quiet_since.max(self.asked)
        } else {
            quiet_since
        }
    }
}
