//! Input on its way to the child: one turn after the other, never two mixed.
//!
//! A turn's parts become bytes when the turn begins, because a key means what the program's modes
//! say then. The terminal's own answers to queries go between turns, ahead of what has not begun.

mod parts;
mod patience;
pub(crate) mod submit;
pub(crate) mod typed_line;

use super::event::Ticket;
use super::keys::Paste;
use parts::{encode, fits_canonical, part_size, shown_text, typed_text};
use psup_proto::input::{Part, Send, Sent};
use psup_proto::{Code, Failure, Offset, limits};
use psup_screen::Modes;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Sends that wait for their turn may hold this much together.
const QUEUED: usize = 4 * limits::FRAME;
/// A send that does not say how long it may wait for a person to be done waits this long.
const PATIENCE: Duration = Duration::from_secs(30);
/// Sends remembered by their id, so that a repeated one is answered and not written again.
const REMEMBERED: usize = 64;

#[derive(Debug, Default)]
pub(crate) struct Input {
    turns: VecDeque<Turn>,
    /// Bytes of the turn that has begun, or answers to queries.
    ready: Vec<u8>,
    written: usize,
    /// Whether `ready` belongs to the first turn.
    begun: bool,
    /// `ready` was typed by the session itself, between turns.
    pressed: bool,
    replies: Vec<u8>,
    queued: usize,
    /// The id of the portion that has the turn when it comes (each is one more than the last), and
    /// who asked last.
    holder: Option<(u128, Ticket)>,
    done: VecDeque<(u128, Result<Sent, Failure>)>,
    typed: Option<PastSend>,
    /// A paste that goes on in the next portion of its send.
    paste: Option<Paste>,
}

#[derive(Debug)]
struct Turn {
    ticket: Option<Ticket>,
    id: u128,
    parts: Vec<Part>,
    more: bool,
    /// It is the next portion of the send before.
    goes_on: bool,
    /// Enter follows, once what is typed has been seen: this is what is looked for.
    submit: Option<Vec<u8>>,
    /// It is meant for a program that takes lines, and for no other.
    careful: bool,
    size: usize,
    offset: Offset,
    /// The terminal showed what is typed when it was asked for.
    echo: bool,
    /// The person who types.
    viewer: Option<u64>,
    /// Until then it waits for the keyboard.
    deadline: Option<Instant>,
}

/// A send that is typed and waits for its Enter.
#[derive(Debug)]
pub(crate) struct PastSend {
    pub ticket: Option<Ticket>,
    pub id: u128,
    pub sent: Sent,
    pub text: Vec<u8>,
}

impl Input {
    /// Knows what was sent before, so that none of it is written again.
    pub(crate) fn remembering(sent: Vec<(u128, Option<Offset>)>) -> Self {
        let known = |offset: Option<Offset>| {
            offset
                .map(|offset| Sent {
                    offset,
                    submit: None,
                })
                .ok_or_else(maybe_delivered)
        };
        Self {
            done: sent
                .into_iter()
                .map(|(id, offset)| (id, known(offset)))
                .collect(),
            ..Self::default()
        }
    }

    /// The turn whose bytes are next, and the journal's end when it began.
    pub(crate) fn under_way(&self) -> Option<(u128, Offset)> {
        self.turns
            .front()
            .filter(|_| self.begun)
            .map(|turn| (turn.id, turn.offset))
    }

    /// What became of a send that was put before.
    pub(crate) fn known(&self, id: u128) -> Option<Result<Sent, Failure>> {
        self.done
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, done)| done.clone())
    }

    /// Takes a send in; answers at once when it is refused.
    pub(crate) fn ask(
        &mut self,
        now: Instant,
        ticket: Ticket,
        send: Send,
        canonical: bool,
        echo: bool,
    ) -> Option<Failure> {
        let size = send.parts.iter().map(part_size).sum();
        if self.queued + size > QUEUED {
            let message = format!(
                "{} bytes of input wait already for a program that does not read",
                self.queued
            );
            return Some(Failure::new(Code::Limit, message));
        }
        if canonical && let Err(failure) = fits_canonical(&send.parts) {
            return Some(failure);
        }
        self.queued += size;
        let goes_on = self.holder.is_some_and(|(next, _)| next == send.id);
        let turn = Turn {
            ticket: Some(ticket),
            id: send.id,
            submit: (send.submit && !send.more).then(|| typed_text(&send.parts)),
            careful: send.submit,
            parts: send.parts,
            more: send.more,
            goes_on,
            size,
            offset: 0,
            echo,
            viewer: send.viewer,
            deadline: now.checked_add(send.patience.unwrap_or(PATIENCE)),
        };
        if goes_on {
            self.holder = None;
            self.turns.push_front(turn);
        } else if turn.viewer.is_some() {
            // A person goes before programs whose turn has not begun.
            let begun = usize::from(self.begun);
            let waiting = self
                .turns
                .iter()
                .skip(begun)
                .take_while(|other| other.viewer.is_some());
            let at = begun + waiting.count();
            self.turns.insert(at, turn);
        } else {
            self.turns.push_back(turn);
        }
        None
    }

    /// The asker is gone. What it asked for whole is still written; a send whose rest will never
    /// come ends here.
    pub(crate) fn asker_left(&mut self, ticket: Ticket) {
        self.holder = self.holder.filter(|(_, holder)| *holder != ticket);
        for turn in &mut self.turns {
            if turn.ticket == Some(ticket) {
                turn.ticket = None;
                turn.more = false;
            }
        }
    }

    /// The terminal answers a query of the program.
    pub(crate) fn reply(&mut self, bytes: &[u8]) {
        // A program that asks without end and never reads gets no answers beyond this.
        if self.replies.len() + bytes.len() <= limits::INPUT {
            self.replies.extend_from_slice(bytes);
        }
    }

    /// Whether a turn waits for the program's modes to be known.
    pub(crate) fn wants_modes(&self) -> bool {
        !self.begun && self.holder.is_none() && !self.turns.is_empty()
    }

    /// Whether the turn that begins next is meant for a program that takes lines.
    pub(crate) fn is_careful(&self) -> bool {
        self.wants_modes() && self.turns.front().is_some_and(|turn| turn.careful)
    }

    /// Types nothing of the turn that begins next.
    pub(crate) fn refuse_next(&mut self, failure: &Failure) -> Option<Ticket> {
        let turn = self.turns.pop_front()?;
        self.queued -= turn.size;
        self.done(turn.id, Err(failure.clone()));
        turn.ticket
    }

    /// Whether the next turn is a person's, or one that has begun.
    pub(crate) fn is_a_persons(&self) -> bool {
        self.begun || self.turns.front().is_some_and(|turn| turn.viewer.is_some())
    }

    /// The person whose keys are being written.
    pub(crate) fn typist(&self) -> Option<u64> {
        self.turns
            .front()
            .filter(|_| self.begun)
            .and_then(|turn| turn.viewer)
    }

    /// Begins the next turn if nothing is being written, and tells the text of a turn that begins,
    /// and whether the terminal echoes it. `modes` are known only while the screen is up to date.
    pub(crate) fn prepare(
        &mut self,
        modes: Option<&Modes>,
        end: Offset,
    ) -> Option<(Vec<u8>, bool)> {
        if self.written < self.ready.len() {
            return None;
        }
        self.ready.clear();
        self.written = 0;
        self.pressed = false;
        if !self.begun && !self.replies.is_empty() {
            std::mem::swap(&mut self.ready, &mut self.replies);
            return None;
        }
        if self.end_cut_paste() {
            return None;
        }
        let modes = modes.filter(|_| self.wants_modes())?;
        let turn = self.turns.front_mut()?;
        turn.offset = end;
        let typed = (shown_text(&turn.parts), turn.echo);
        let mut parts = std::mem::take(&mut turn.parts).into_iter().peekable();
        while let Some(part) = parts.next() {
            let text = match part {
                Part::Paste(text) => text,
                // A program that knows pastes takes the text as one and not as keys.
                Part::Text(text) if turn.careful => text,
                part => {
                    self.paste
                        .take()
                        .into_iter()
                        .for_each(|paste| paste.end(&mut self.ready));
                    encode(part, modes, &mut self.ready);
                    continue;
                }
            };
            let begun = self.paste.take();
            let mut paste = begun.unwrap_or_else(|| Paste::begin(modes, &mut self.ready));
            paste.text(&text, &mut self.ready);
            if turn.more && parts.peek().is_none() {
                self.paste = Some(paste);
            } else {
                paste.end(&mut self.ready);
            }
        }
        self.begun = true;
        Some(typed)
    }

    /// A paste whose rest will not come is ended before anything else is typed; true where there is
    /// one.
    fn end_cut_paste(&mut self) -> bool {
        let comes = self.begun
            || self.holder.is_some()
            || self.turns.front().is_some_and(|turn| turn.goes_on);
        let Some(paste) = self.paste.take_if(|_| !comes) else {
            return false;
        };
        paste.end(&mut self.ready);
        self.pressed = true;
        true
    }

    /// Whether nothing is being typed or waits for its turn.
    pub(crate) fn is_idle(&self) -> bool {
        self.turns.is_empty() && self.holder.is_none() && self.bytes().is_empty()
    }

    /// Types something between two turns; only while nothing is being typed.
    pub(crate) fn press(&mut self, keys: Vec<u8>) {
        self.ready = keys;
        self.written = 0;
        self.pressed = true;
    }

    /// Takes back what was pressed, nothing of which has been written.
    pub(crate) fn unpress(&mut self) {
        if self.pressed && self.written == 0 {
            self.ready.clear();
            self.pressed = false;
        }
    }

    /// What is being written is typed by somebody, and no answer to a query.
    pub(crate) fn is_typed(&self) -> bool {
        self.begun || self.pressed
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.ready[self.written..]
    }

    /// So many bytes have been written; answers the turn that is complete by it.
    pub(crate) fn written(&mut self, count: usize) -> Option<(Ticket, Sent)> {
        self.written = (self.written + count).min(self.ready.len());
        self.finish_turn()
    }

    /// An empty send is complete as soon as it begins.
    pub(crate) fn finish_turn(&mut self) -> Option<(Ticket, Sent)> {
        if !self.begun || self.written < self.ready.len() {
            return None;
        }
        self.begun = false;
        self.ready = Vec::new();
        self.written = 0;
        let turn = self.turns.pop_front()?;
        self.queued -= turn.size;
        let sent = Sent {
            offset: turn.offset,
            submit: None,
        };
        if let (true, Some(ticket)) = (turn.more, turn.ticket) {
            self.holder = Some((turn.id.wrapping_add(1), ticket));
        }
        if let Some(text) = turn.submit {
            self.typed = Some(PastSend {
                ticket: turn.ticket,
                id: turn.id,
                sent,
                text,
            });
            return None;
        }
        self.remember(turn.id, sent.clone());
        turn.ticket.map(|ticket| (ticket, sent))
    }

    pub(crate) fn take_typed(&mut self) -> Option<PastSend> {
        self.typed.take()
    }

    /// A send of this id is answered by this from now on.
    pub(crate) fn remember(&mut self, id: u128, sent: Sent) {
        self.done(id, Ok(sent));
    }

    fn done(&mut self, id: u128, done: Result<Sent, Failure>) {
        self.done.push_back((id, done));
        if self.done.len() > REMEMBERED {
            self.done.pop_front();
        }
    }

    /// The child is gone: nothing will be written any more.
    pub(crate) fn close(&mut self) -> Vec<Ticket> {
        self.ready = Vec::new();
        self.replies = Vec::new();
        self.written = 0;
        self.begun = false;
        self.queued = 0;
        self.holder = None;
        self.paste = None;
        self.turns
            .drain(..)
            .filter_map(|turn| turn.ticket)
            .collect()
    }
}

fn maybe_delivered() -> Failure {
    let message = "the supervisor's worker was killed while it typed this: the program may have got all of it, a part, or nothing";
    Failure::new(Code::MaybeDelivered, message)
        .hint("it is not typed again; `psup capture NAME` shows what came of it")
}
