//! A question comes, or its asker leaves: which machine has to do with it.

use super::Session;
use super::event::{Answer, Ask, Ticket};
use psup_proto::{Code, Failure, limits};
use std::time::Instant;

impl Session {
    pub(super) fn asked(&mut self, now: Instant, ticket: Ticket, ask: Ask) {
        if self.waits.len()
            + self.captures.len()
            + self.reads.len()
            + self.execs.len()
            + self.viewers.asks()
            >= limits::ASKS
        {
            let failure = Failure::new(
                Code::Limit,
                format!(
                    "{} questions are open in this session already",
                    limits::ASKS
                ),
            );
            return self.reply(ticket, Answer::Refused(failure));
        }
        match ask {
            Ask::Facts => self.reply(ticket, Answer::Facts(Box::new(self.facts()))),
            Ask::Send {
                send,
                canonical,
                echo,
            } => self.ask_send(now, ticket, send, canonical, echo),
            Ask::Resize(size) => self.ask_resize(ticket, size),
            Ask::Alive if self.life.exit().is_some() => self.refuse_ended(ticket),
            Ask::Alive => self.reply(ticket, Answer::Done),
            Ask::Signal(signal) => self.ask_signal(ticket, signal),
            Ask::Stop { signal, grace } => {
                self.life
                    .stop(now, ticket, signal, grace, &mut self.effects);
            }
            Ask::Wait(wait) => self.ask_wait(now, ticket, wait),
            Ask::Capture(capture) => self.ask_capture(ticket, capture),
            Ask::Read { from, timeout } => self.ask_read(now, ticket, from, timeout),
            Ask::View(arrival) => self.ask_view(ticket, &arrival),
            Ask::Follow { from, changes } => self.ask_follow(ticket, from, changes),
            Ask::ViewerResize { viewer, size } => {
                self.viewer_resizes(viewer);
                self.ask_resize(ticket, size);
            }
            Ask::ViewerLeft { viewer } => {
                self.viewer_left(viewer);
                self.reply(ticket, Answer::Done);
            }
            Ask::Person(asked) => self.ask_person(now, ticket, asked),
            Ask::Exec(exec, tokens) => self.ask_exec(now, ticket, exec, tokens),
        }
    }

    pub(super) fn asker_left(&mut self, ticket: Ticket) {
        self.waits.retain(|w| w.ticket != ticket);
        self.captures.retain(|c| c.ticket != ticket);
        self.reads.retain(|r| r.ticket != ticket);
        self.exec_asker_left(ticket);
        self.viewers.asker_left(ticket);
        self.keyboard.asker_left(ticket);
        if let Some(submitting) = self
            .submitting
            .as_mut()
            .filter(|s| s.ticket == Some(ticket))
        {
            submitting.ticket = None;
        }
        self.input.asker_left(ticket);
        self.life.asker_left(ticket);
    }
}
