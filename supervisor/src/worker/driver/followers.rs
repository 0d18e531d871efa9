//! Those who read along with a command: for as long as they do, no more is taken from the terminal
//! than they can follow, so that nothing of its output is dropped before they have it.
//!
//! A reader that stands still is given up after a while: the command goes on, and the reader is
//! told what it missed.

use psup_proto::Offset;
use psup_session::{Begun, Ticket};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// So far a reader may be behind: with a turn's worth that comes on top, less than the smallest log
/// keeps.
const BEHIND: Offset = 24 << 10;
/// So long a reader may stand still.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Default)]
pub(crate) struct Followers {
    all: HashMap<Ticket, Follower>,
}

enum Follower {
    Waiting(oneshot::Sender<Begun>),
    Reading { at: Offset, since: Instant },
}

impl Followers {
    pub(crate) fn add(&mut self, ticket: Ticket, began: oneshot::Sender<Begun>) {
        self.all.insert(ticket, Follower::Waiting(began));
    }

    pub(crate) fn began(&mut self, ticket: Ticket, begun: Begun) {
        let reading = Follower::Reading {
            at: begun.from,
            since: Instant::now(),
        };
        if let Some(Follower::Waiting(began)) = self.all.remove(&ticket)
            && began.send(begun).is_ok()
        {
            self.all.insert(ticket, reading);
        }
    }

    /// One that has never begun is not going to.
    pub(crate) fn answered(&mut self, ticket: Ticket) {
        if let Some(Follower::Waiting(_)) = self.all.get(&ticket) {
            self.all.remove(&ticket);
        }
    }

    pub(crate) fn has_read(&mut self, ticket: Ticket, to: Offset) {
        if let Some(Follower::Reading { at, since }) = self.all.get_mut(&ticket) {
            (*at, *since) = (to, Instant::now());
        }
    }

    pub(crate) fn left(&mut self, ticket: Ticket) {
        self.all.remove(&ticket);
    }

    /// Until when nothing is to be read from the terminal; `None` where it may be.
    pub(crate) fn hold(&self, end: Offset) -> Option<Instant> {
        let behind = self.all.values().filter_map(|follower| match follower {
            Follower::Reading { at, since } if end.saturating_sub(*at) >= BEHIND => {
                Some(*since + PATIENCE)
            }
            Follower::Reading { .. } | Follower::Waiting(_) => None,
        });
        behind.min()
    }

    /// Anyone who has stood still for too long is not waited for any more.
    pub(crate) fn give_up(&mut self, end: Offset) {
        let now = Instant::now();
        self.all.retain(|_, follower| match follower {
            Follower::Reading { at, since } => {
                end.saturating_sub(*at) < BEHIND || now < *since + PATIENCE
            }
            Follower::Waiting(_) => true,
        });
    }
}
