//! What goes on at once: threads that follow a pane's output or the document, each with a
//! connection of its own.

use crate::backend::Backend;
use crate::state::State;
use psup_link::Item;
use psup_link::{Connector, Place};
use psup_link::{Link, Stream};
use psup_proto::event::EventKind;
use psup_proto::request::Read;
use psup_proto::{Failure, Name, Offset, Request, Response, Target};

/// Where everything is, for those who connect by themselves.
#[derive(Clone)]
pub(crate) struct Endpoint<'a> {
    pub connector: &'a (dyn Connector + Sync),
    pub place: Place,
    pub key: Name,
    pub socket: String,
}

/// The journal of a pane from an offset on.
struct OutputStream<F> {
    target: Target,
    at: Offset,
    tell: F,
}

impl<'a> Endpoint<'a> {
    /// Tells every state later than `version` as it comes, with its version, and `None` once there
    /// is none any more, until nobody listens.
    pub(crate) fn watch(&self, mut version: u64, tell: impl Fn(u64, Option<Box<State>>) -> bool) {
        let mut backend = self.backend();
        while let Ok((next, state)) = backend.beyond(version) {
            version = next;
            let over = state.is_none();
            if !tell(version, state.map(Box::new)) || over {
                return;
            }
        }
        tell(u64::MAX, None);
    }

    fn link(&self) -> Link<'a> {
        let mut link = Link::new(self.connector, self.place.clone());
        link.may_start = false;
        link
    }

    pub(crate) fn backend(&self) -> Backend<'a> {
        Backend::new(self.link(), self.key.clone(), &self.socket)
    }

    /// Tells what happens to all sessions from now on, by their names, until nobody listens any
    /// more.
    pub(crate) fn events(&self, mut tell: impl FnMut(String, EventKind) -> bool) {
        let mut happening = EventStream { tell: &mut tell };
        // Without a supervisor nothing happens.
        let _ = self.link().stream(&mut happening);
    }

    /// Tells a pane's output piece by piece, and an empty one at its end; until nobody listens any
    /// more.
    pub(crate) fn follow(
        &self,
        target: Target,
        since: Offset,
        mut tell: impl FnMut(Vec<u8>) -> bool,
    ) {
        let mut following = OutputStream {
            target,
            at: since,
            tell: &mut tell,
        };
        // A pane that is gone has nothing more to say.
        let _ = self.link().stream(&mut following);
        tell(Vec::new());
    }
}

/// What happens to sessions.
struct EventStream<F> {
    tell: F,
}

impl<F: FnMut(String, EventKind) -> bool> Stream for EventStream<F> {
    type End = ();

    fn question(&self) -> Request {
        Request::Events {
            targets: vec![],
            since: None,
            follow: true,
        }
    }

    fn take(&mut self, item: Item) -> Result<Option<()>, Failure> {
        match item {
            Item::Response(Response::Happened(happened)) => {
                let listens = (self.tell)(happened.id.name.to_string(), happened.what);
                Ok((!listens).then_some(()))
            }
            Item::Response(_) | Item::Bytes(_) => Ok(None),
        }
    }
}

impl<F: FnMut(Vec<u8>) -> bool> Stream for OutputStream<F> {
    type End = ();

    fn question(&self) -> Request {
        Request::Read {
            target: self.target.clone(),
            read: Read::follow(self.at),
        }
    }

    fn take(&mut self, item: Item) -> Result<Option<()>, Failure> {
        match item {
            Item::Bytes(bytes) if bytes.is_empty() => Ok(None),
            Item::Bytes(bytes) => {
                self.at += bytes.len() as Offset;
                let listens = (self.tell)(bytes);
                Ok((!listens).then_some(()))
            }
            Item::Response(Response::Gap { to, .. }) => {
                self.at = to;
                Ok(None)
            }
            Item::Response(Response::End { .. }) => Ok(Some(())),
            Item::Response(_) => Ok(None),
        }
    }
}
