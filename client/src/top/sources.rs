//! The lists of sessions, kept up to date by what happens: events ask for the list again, so
//! nothing is asked while nothing happens.

use psup_link::{Connector, Item, Link, Place, Stream, unexpected};
use psup_proto::info::Info;
use psup_proto::request::Filter;
use psup_proto::{Failure, Request, Response};
use std::sync::mpsc::{Receiver, Sender};
use std::thread::sleep;
use std::time::Duration;

/// In a storm of events the list is asked for this often.
const PAUSE: Duration = Duration::from_millis(150);
/// Pauses before a supervisor that has gone is looked for again.
const LOST: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(5)];

/// A supervisor, and how it is reached.
#[derive(Clone)]
pub(crate) struct Source<'a> {
    /// The target's name, where it is one.
    pub name: Option<String>,
    pub connector: &'a (dyn Connector + Sync),
    pub place: Place,
}

impl<'a> Source<'a> {
    pub(super) fn link(&self) -> Link<'a> {
        let mut link = Link::new(self.connector, self.place.clone());
        link.may_start = false;
        link
    }
}

/// Asks for the list as often as `asked` says, until nobody takes it.
pub(super) fn list(
    source: &Source,
    asked: &Receiver<()>,
    filter: impl Fn() -> Filter,
    take: impl Fn(Result<Vec<Info>, Failure>),
) {
    let mut link = source.link();
    while asked.recv().is_ok() {
        while asked.try_recv().is_ok() {}
        take(match link.ask(&Request::List(filter())) {
            Ok(Response::Sessions(sessions)) => Ok(sessions),
            Ok(other) => Err(unexpected(&other)),
            Err(failure) => Err(failure),
        });
        sleep(PAUSE);
    }
}

/// Asks for the list whenever something has happened.
pub(super) fn watch(source: &Source, ask: &Sender<()>) {
    let [shortest, longest] = LOST;
    let mut pause = shortest;
    loop {
        let mut events = Events { ask, last: None };
        // Why it ended is told by the list, which finds the same.
        let _ = source.link().stream(&mut events);
        if events.last.is_some() {
            pause = shortest;
        }
        if ask.send(()).is_err() {
            return;
        }
        sleep(pause);
        pause = (pause * 2).min(longest);
    }
}

struct Events<'s> {
    ask: &'s Sender<()>,
    last: Option<u64>,
}

impl Stream for Events<'_> {
    type End = ();

    fn question(&self) -> Request {
        Request::Events {
            targets: vec![],
            // From the first one that is known, so that none is missed between list and events.
            since: Some(self.last.unwrap_or(0)),
            follow: true,
        }
    }

    fn take(&mut self, item: Item) -> Result<Option<()>, Failure> {
        match item {
            Item::Response(Response::Happened(happened)) => {
                self.last = Some(happened.seq);
                Ok(self.ask.send(()).is_err().then_some(()))
            }
            Item::Response(Response::Done | Response::End { .. }) => Ok(Some(())),
            Item::Response(other) => Err(unexpected(&other)),
            Item::Bytes(_) => Err(unexpected("bytes among events")),
        }
    }
}
