//! Viewers: people who look on, and what they share beside the output.
//!
//! A viewer is an offset like every reader. It begins with the screen as it stands, and then asks
//! for more of the journal; it is also answered when something changes that all viewers share: the
//! size, who has the keyboard, a question to a person, how many viewers there are.

use super::Session;
use super::event::{Answer, Effect, Ticket};
use psup_proto::attach::Shared;
use psup_proto::event::EventKind;
use psup_proto::{Offset, Size};

/// Everything about viewers that the session remembers.
#[derive(Debug, Default)]
pub struct Viewers {
    present: Vec<Viewer>,
    /// Those who wait for the screen.
    arriving: Vec<(Ticket, u64)>,
    following: Vec<Following>,
    /// Grows with every change of what they share.
    changes: u64,
}

#[derive(Debug)]
struct Viewer {
    number: u64,
    /// Its connections: one that comes back may be here before the old one is seen to be gone.
    connections: u32,
    /// The size before this viewer changed it.
    original: Option<Size>,
}

/// A viewer that has seen the journal up to `from`, and so many changes.
#[derive(Debug)]
struct Following {
    ticket: Ticket,
    from: Offset,
    changes: u64,
}

/// A viewer arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    pub viewer: u64,
    pub take: bool,
    pub original: Option<Size>,
}

/// What a viewer begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    pub offset: Offset,
    pub screen: Vec<u8>,
    pub shared: Shared,
    pub changes: u64,
}

/// What has come since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    pub end: Offset,
    pub final_end: bool,
    /// The sizes since the offset that was asked from.
    pub sizes: Vec<(Offset, Size)>,
    pub shared: Shared,
    pub changes: u64,
}

impl Viewers {
    pub fn wants_screen(&self) -> bool {
        !self.arriving.is_empty()
    }

    pub fn count(&self) -> usize {
        self.present.len()
    }

    pub fn asks(&self) -> usize {
        self.arriving.len() + self.following.len()
    }

    pub fn asker_left(&mut self, ticket: Ticket) {
        self.arriving.retain(|(asker, _)| *asker != ticket);
        self.following
            .retain(|following| following.ticket != ticket);
    }
}

impl Session {
    /// What viewers share has changed.
    pub(crate) fn share(&mut self) {
        self.viewers.changes += 1;
    }

    pub(crate) fn shared(&self) -> Shared {
        Shared {
            size: self.drawing.size(),
            viewers: self.viewers.count() as u32,
            keyboard: self.keyboard.holder(),
            question: self.keyboard.question().map(str::to_owned),
        }
    }

    pub(crate) fn ask_view(&mut self, ticket: Ticket, arrival: &Arrival) {
        if self.life.exit().is_some() {
            return self.refuse_ended(ticket);
        }
        if self.drawing.is_blind() {
            return self.refuse_blind(ticket);
        }
        let number = arrival.viewer;
        let known = self
            .viewers
            .present
            .iter_mut()
            .find(|viewer| viewer.number == number);
        if let Some(viewer) = known {
            viewer.connections += 1;
        } else {
            self.viewers.present.push(Viewer {
                number,
                connections: 1,
                original: arrival.original,
            });
            self.effects.push_back(Effect::Tell(EventKind::Attached));
            self.share();
        }
        if arrival.take {
            self.take_keyboard(number);
        }
        self.viewers.arriving.push((ticket, number));
    }

    pub(crate) fn ask_follow(&mut self, ticket: Ticket, from: Offset, changes: u64) {
        self.viewers.following.push(Following {
            ticket,
            from,
            changes,
        });
    }

    /// A viewer changes the session's size, until it leaves.
    pub(crate) fn viewer_resizes(&mut self, number: u64) {
        let size = self.drawing.size();
        let viewer = self
            .viewers
            .present
            .iter_mut()
            .find(|viewer| viewer.number == number);
        if let Some(viewer) = viewer {
            viewer.original.get_or_insert(size);
        }
    }

    pub(crate) fn viewer_left(&mut self, number: u64) {
        let Some(at) = self
            .viewers
            .present
            .iter()
            .position(|viewer| viewer.number == number)
        else {
            return;
        };
        let viewer = &mut self.viewers.present[at];
        viewer.connections -= 1;
        if viewer.connections > 0 {
            return;
        }
        let viewer = self.viewers.present.remove(at);
        self.effects.push_back(Effect::Tell(EventKind::Detached));
        self.share();
        self.viewer_gone(number);
        if let Some(original) = viewer.original.filter(|_| self.life.exit().is_none()) {
            self.change_size(original);
        }
    }

    /// Shows arriving viewers the screen once it stands at the journal's end, and tells the others
    /// what has come.
    pub(crate) fn settle_viewers(&mut self) {
        if !self.viewers.arriving.is_empty()
            && let Some(screen) = self.drawing.current(self.end)
            && let Some(screen) = screen.checkpoint()
        {
            let view = View {
                offset: self.end,
                screen,
                shared: self.shared(),
                changes: self.viewers.changes,
            };
            for (ticket, _) in std::mem::take(&mut self.viewers.arriving) {
                self.reply(ticket, Answer::Viewed(Box::new(view.clone())));
            }
        }
        let (end, changes, final_end) = (self.end, self.viewers.changes, self.life.has_ended());
        let ready = |f: &Following| f.from < end || f.changes != changes || final_end;
        if !self.viewers.following.iter().any(ready) {
            return;
        }
        let shared = self.shared();
        let (ready, parked): (Vec<_>, Vec<_>) = std::mem::take(&mut self.viewers.following)
            .into_iter()
            .partition(ready);
        self.viewers.following = parked;
        for Following { ticket, from, .. } in ready {
            let sizes = self.drawing.sizes().iter().filter(|(at, _)| *at >= from);
            let followed = Followed {
                end,
                final_end,
                sizes: sizes.copied().collect(),
                shared: shared.clone(),
                changes,
            };
            self.reply(ticket, Answer::Followed(Box::new(followed)));
        }
    }
}
