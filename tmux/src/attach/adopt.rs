//! A later state: what it asks of this client, and what has to be drawn again for it.

use super::prompt::Prompting;
use super::{Attached, Keys, Message};
use crate::client_session::DetachReason;
use crate::state::State;
use std::time::Instant;

impl Attached<'_, '_> {
    /// Goes on with a later state, and does what it asks of this client.
    pub(super) fn adopt(&mut self, version: u64, state: State) {
        if self.farewell.is_some() {
            return;
        }
        let rows = self.pane_rows();
        let shape = |state: &State| {
            state
                .windows
                .values()
                .map(|w| (w.id, w.layout.clone()))
                .collect::<Vec<_>>()
        };
        if shape(&self.state) != shape(&state)
            || self.window().map(|w| w.id) != self.window_in(&state).map(|w| w.id)
        {
            self.canvas.clear();
        }
        self.farewell = DetachReason::between(&self.state, &state, &self.name);
        self.version = version;
        self.state = state;
        self.status = None;
        self.canvas.make_stale();
        if self.pane_rows() != rows {
            self.canvas.clear();
        }
        self.asked();
    }

    /// A table, a message or a prompt that is new.
    fn asked(&mut self) {
        let Some(own) = self.own().cloned() else {
            return;
        };
        let mut newest = self.heard_ms;
        let mut is_new = |at: u64| {
            newest = newest.max(at);
            at > self.heard_ms
        };
        let table = own.table.filter(|table| is_new(table.at_ms));
        let message = own.message.filter(|message| is_new(message.at_ms));
        let prompt = own.prompt.filter(|prompt| prompt.answer.is_none());
        if prompt.as_ref().map(|p| p.at_ms) != self.prompt.as_ref().map(Prompting::at_ms) {
            self.prompt = prompt.map(Prompting::begin);
        }
        self.heard_ms = newest;
        if let Some(table) = table {
            self.keys = Keys::at(table.name);
        }
        if let Some(message) = message {
            self.tell(message.text, message.for_ms, message.ignores_keys);
        }
    }

    pub(super) fn tell(&mut self, text: String, for_ms: Option<u64>, ignores_keys: bool) {
        let until = for_ms.map(|ms| Instant::now() + std::time::Duration::from_millis(ms));
        self.message = Some(Message {
            text,
            until,
            ignores_keys,
        });
    }
}
