//! How long a send waits for its turn.

use super::Input;
use crate::event::Ticket;
use std::time::Instant;

impl Input {
    /// When the next send has waited long enough for a person to be done.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let waiting = self.turns.iter().skip(usize::from(self.begun));
        waiting
            .filter(|turn| turn.viewer.is_none())
            .filter_map(|turn| turn.deadline)
            .min()
    }

    /// Gives up the sends that have waited for a person as long as they may; without one nobody
    /// waits for that.
    pub(crate) fn settle_deadlines(&mut self, now: Instant, held: bool) -> Vec<Ticket> {
        let begun = usize::from(self.begun);
        let mut late = Vec::new();
        let mut at = begun;
        while let Some(turn) = self.turns.get_mut(at) {
            if held
                && turn.viewer.is_none()
                && turn.deadline.is_some_and(|deadline| now >= deadline)
            {
                self.queued -= turn.size;
                late.extend(turn.ticket);
                self.turns.remove(at);
                continue;
            }
            if !held && turn.deadline.is_some_and(|deadline| now >= deadline) {
                turn.deadline = None;
            }
            at += 1;
        }
        late
    }
}
