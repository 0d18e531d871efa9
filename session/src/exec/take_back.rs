//! A command that is not complete is taken back by Ctrl-C, and by another one where the first was
//! lost: bash that is interrupted while it draws `> ` may read on without any prompt.

use super::CANCEL;
use crate::Session;
use std::time::{Duration, Instant};

/// A prompt that has not come back by then is asked for once more, if the shell reads.
const AGAIN: Duration = Duration::from_millis(250);
/// Nobody looks for it any longer than this.
const LONGEST: Duration = Duration::from_secs(3);

/// Ctrl-C was pressed, and the prompt is not back.
#[derive(Debug)]
pub(crate) struct TakeBack {
    again: Option<Instant>,
    until: Instant,
}

impl TakeBack {
    pub(crate) fn wake_at(&self) -> Instant {
        self.again.unwrap_or(self.until)
    }
}

impl Session {
    pub(super) fn take_back(&mut self, now: Instant) {
        self.input.press(vec![CANCEL]);
        self.taking_back = Some(TakeBack {
            again: Some(now + AGAIN),
            until: now + LONGEST,
        });
    }

    pub(crate) fn settle_take_back(&mut self, now: Instant) {
        let Some(taking) = &mut self.taking_back else {
            return;
        };
        if taking.again.is_some_and(|at| now >= at) {
            taking.again = None;
        }
        let is_due = taking.again.is_none();
        let is_over = now >= taking.until || self.life.has_ended();
        if self.is_line_empty() || is_over {
            self.taking_back = None;
        } else if is_due && self.input.is_idle() && self.looking.is_shell_reading() {
            self.input.press(vec![CANCEL]);
            if let Some(taking) = &mut self.taking_back {
                taking.again = Some(now + AGAIN);
            }
        }
    }
}
