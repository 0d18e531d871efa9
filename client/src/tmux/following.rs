//! What goes on at once: threads that follow a pane's output or the document, each with a connection of its own.

use super::floor::Floor;
use super::world::World;
use crate::connect::Item;
use crate::context::{Context, Done, Stream};
use crate::output::Out;
use crate::{Door, Place};
use psup_proto::event::What;
use psup_proto::request::Read;
use psup_proto::{Failure, Name, Offset, Request, Response, Target};

/// Where everything is, for those who connect by themselves.
#[derive(Clone)]
pub struct Where<'a> {
    pub door: &'a (dyn Door + Sync),
    pub place: Place,
    pub key: Name,
    pub socket: String,
}

/// The journal of a pane from an offset on.
struct Following<F> {
    target: Target,
    at: Offset,
    tell: F,
}

impl<'a> Where<'a> {
    /// Tells every world later than `version` as it comes, with its version, and `None` once there is none any more, until nobody listens.
    pub fn watch(&self, mut version: u64, tell: impl Fn(u64, Option<Box<World>>) -> bool) {
        let mut floor = self.floor();
        while let Ok((next, world)) = floor.beyond(version) {
            version = next;
            let over = world.is_none();
            if !tell(version, world.map(Box::new)) || over {
                return;
            }
        }
        tell(u64::MAX, None);
    }

    fn context(&self) -> Context<'a> {
        let nowhere = || Box::new(std::io::sink());
        let mut cx = Context::new(self.door, self.place.clone(), Out::to(nowhere(), nowhere()));
        cx.may_start = false;
        cx
    }

    pub fn floor(&self) -> Floor<'a> {
        Floor::new(self.context(), self.key.clone())
    }

    /// Tells what happens to all sessions from now on, by their names, until nobody listens any more.
    pub fn events(&self, mut tell: impl FnMut(String, What) -> bool) {
        let mut happening = Happening { tell: &mut tell };
        // Without a supervisor nothing happens.
        let _ = self.context().stream(&mut happening);
    }

    /// Tells a pane's output piece by piece, and an empty one at its end; until nobody listens any more.
    pub fn follow(&self, target: Target, since: Offset, mut tell: impl FnMut(Vec<u8>) -> bool) {
        let mut following = Following {
            target,
            at: since,
            tell: &mut tell,
        };
        // A pane that is gone has nothing more to say.
        let _ = self.context().stream(&mut following);
        tell(Vec::new());
    }
}

/// What happens to sessions.
struct Happening<F> {
    tell: F,
}

impl<F: FnMut(String, What) -> bool> Stream for Happening<F> {
    fn question(&self) -> Request {
        Request::Events {
            targets: vec![],
            since: None,
            follow: true,
        }
    }

    fn take(&mut self, item: Item, _: &mut Out) -> Result<Option<Done>, Failure> {
        match item {
            Item::Response(Response::Happened(happened)) => {
                let listens = (self.tell)(happened.id.name.to_string(), happened.what);
                Ok((!listens).then_some(Done::OK))
            }
            Item::Response(_) | Item::Bytes(_) => Ok(None),
        }
    }
}

impl<F: FnMut(Vec<u8>) -> bool> Stream for Following<F> {
    fn question(&self) -> Request {
        Request::Read {
            target: self.target.clone(),
            read: Read {
                since: Some(self.at),
                follow: true,
                text: false,
                timeout: None,
            },
        }
    }

    fn take(&mut self, item: Item, _: &mut Out) -> Result<Option<Done>, Failure> {
        match item {
            Item::Bytes(bytes) if bytes.is_empty() => Ok(None),
            Item::Bytes(bytes) => {
                self.at += bytes.len() as Offset;
                let listens = (self.tell)(bytes);
                Ok((!listens).then_some(Done::OK))
            }
            Item::Response(Response::Gap { to, .. }) => {
                self.at = to;
                Ok(None)
            }
            Item::Response(Response::End { .. }) => Ok(Some(Done::OK)),
            Item::Response(_) => Ok(None),
        }
    }
}
