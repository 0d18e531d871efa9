//! What a verb works with: the place it asks, the way it speaks, and the two ways to ask.

use crate::asking::{self, Patience, Try};
use crate::connect::{Connection, Item, Trouble};
use crate::output::Out;
use crate::{Door, Place};
use psup_proto::across::Across;
use psup_proto::{Code, Failure, Request, Response};
use std::fmt;
use std::path::PathBuf;
use std::time::Instant;

/// A verb that did what it could; `code` says how it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    pub code: u8,
}

pub struct Context<'a> {
    pub out: Out,
    /// Whether a supervisor may be started where none runs.
    pub may_start: bool,
    door: &'a dyn Door,
    place: Place,
    connection: Option<Connection<'a>>,
}

/// An answer of many items.
pub trait Stream {
    /// The question, from where the answer stands now: after a lost connection it is asked again.
    fn question(&self) -> Request;

    /// Takes the next item; `Some` when it was the last.
    fn take(&mut self, item: Item, out: &mut Out) -> Result<Option<Done>, Failure>;
}

impl Done {
    pub const OK: Self = Self { code: 0 };

    /// The same exit code as a failure of this code, where everything has been told already.
    pub fn like(code: Code) -> Self {
        Self { code: code.exit_code() }
    }
}

impl<'a> Context<'a> {
    pub fn new(door: &'a dyn Door, place: Place, out: Out) -> Self {
        Self {
            out,
            may_start: true,
            door,
            place,
            connection: None,
        }
    }

    /// Where the supervisor listens, if one runs.
    pub fn address(&self) -> Option<PathBuf> {
        self.door.address(&self.place)
    }

    /// One question, one answer. A refusal is an `Err`.
    pub fn ask(&mut self, request: &Request) -> Result<Response, Failure> {
        let began = Instant::now();
        let mut patience = Patience::new(asking::limit(request));
        let mut repeated = None;
        loop {
            let now = repeated.as_ref().unwrap_or(request);
            let trouble = match self.connected(now).and_then(|connection| {
                connection.put(now)?;
                connection.next()
            }) {
                Ok(Item::Response(response)) => return Ok(response),
                Ok(Item::Bytes(_)) => return Err(unexpected("bytes before an answer")),
                Err(trouble) => trouble,
            };
            let put_before = repeated.is_some() || matches!(trouble, Trouble::Lost);
            self.recover(trouble, &mut patience, asking::is_harmless(request))
                .map_err(|failure| {
                    // Given up, though one of the tries may have been heard.
                    let doubtful = failure.code == Code::Unreachable && put_before && asking::types(request);
                    if doubtful { in_doubt() } else { failure }
                })?;
            repeated = Some(asking::later(request, began.elapsed()));
        }
    }

    /// An upgrade of a supervisor with which we have no version in common, until it is one with which we have.
    pub fn upgrade_across(&mut self, request: &Request, across: &Across<'_>) -> Result<Response, Failure> {
        let mut patience = Patience::new(asking::limit(request));
        loop {
            self.connection = None;
            match self.connected(request).and_then(|connection| connection.upgrade_across(across)) {
                Ok(Some(refusal)) => return Err(refusal),
                Ok(None) => break,
                Err(trouble) => self.recover(trouble, &mut patience, true)?,
            }
        }
        self.connection = None;
        self.ask(request)
    }

    /// Two questions in one go.
    pub fn ask_both(&mut self, first: &Request, second: &Request) -> Result<(Response, Response), Failure> {
        let both = self.connected(first).and_then(|connection| {
            connection.put_all(&[first, second])?;
            match (connection.next()?, connection.next()?) {
                (Item::Response(first), Item::Response(second)) => Ok((first, second)),
                (Item::Bytes(_), _) | (_, Item::Bytes(_)) => Err(unexpected("bytes before an answer").into()),
            }
        });
        if let Ok(answers) = both {
            return Ok(answers);
        }
        // Asked one by one it will be told what is wrong.
        self.connection = None;
        Ok((self.ask(first)?, self.ask(second)?))
    }

    /// One question whose answer is only that it was done.
    pub fn ask_done(&mut self, request: &Request) -> Result<Done, Failure> {
        match self.ask(request)? {
            Response::Done => Ok(Done::OK),
            other => Err(unexpected(&other)),
        }
    }

    /// One question, and its answer item by item until `stream` has seen the last.
    pub fn stream(&mut self, stream: &mut dyn Stream) -> Result<Done, Failure> {
        let limit = asking::limit(&stream.question());
        let mut patience = Patience::new(limit);
        let mut asked = false;
        loop {
            let item = if asked {
                self.connection.as_mut().ok_or(Trouble::Lost).and_then(Connection::next)
            } else {
                let request = stream.question();
                self.connected(&request).and_then(|connection| {
                    connection.put(&request)?;
                    connection.next()
                })
            };
            match item {
                Ok(item) => {
                    asked = true;
                    patience = Patience::new(limit);
                    if let Some(done) = stream.take(item, &mut self.out)? {
                        return Ok(done);
                    }
                }
                Err(trouble) => {
                    asked = false;
                    self.recover(trouble, &mut patience, asking::is_harmless(&stream.question()))?;
                }
            }
        }
    }

    /// Leaves an answer that goes on; what is asked next is asked on another connection.
    pub fn hang_up(&mut self) {
        self.connection = None;
    }

    fn connected(&mut self, request: &Request) -> Result<&mut Connection<'a>, Trouble> {
        if self.connection.is_none() {
            let stream = self.door.connect(&self.place, self.may_start && asking::starts(request))?;
            self.out
                .detail(format_args!("connected to the supervisor of profile {}", self.place.profile));
            self.connection = Some(Connection::new(stream, self.door));
        }
        self.connection.as_mut().ok_or(Trouble::Lost)
    }

    /// Returns when it is time to ask again; fails where trouble is final, or asking twice could do harm.
    fn recover(&mut self, trouble: Trouble, patience: &mut Patience, is_harmless: bool) -> Result<(), Failure> {
        let (last, why) = match trouble {
            // It says itself that nothing was done, so asking again is safe for every request.
            Trouble::Refused(failure) if failure.code == Code::Retry => (Try::InVain, failure),
            Trouble::Refused(failure) => return Err(failure),
            Trouble::Lost if !is_harmless => return Err(in_doubt()),
            Trouble::Lost if self.connection.as_ref().is_some_and(Connection::is_agreed) => (Try::Greeted, lost()),
            Trouble::Lost => (Try::InVain, lost()),
        };
        self.connection = None;
        self.out.detail(format_args!("{}: asking again", why.message));
        patience.pause(last, why)
    }
}

fn lost() -> Failure {
    Failure::new(Code::Unreachable, "the connection to the supervisor was lost")
        .hint("psup status tells how it is; psup logs shows what it did")
}

fn in_doubt() -> Failure {
    let what = "the supervisor went away before it answered; whether it did what was asked is not known";
    Failure::new(Code::MaybeDelivered, what).hint("psup info NAME tells how the session stands")
}

/// The supervisor answered something else than the question allows.
pub fn unexpected(what: impl fmt::Debug) -> Failure {
    // Enough to see what it was; an answer may be of any length.
    let what: String = format!("{what:?}").chars().take(100).collect();
    Failure::new(Code::Internal, format!("the supervisor answered with {what}")).hint("psup status tells whether it is of another version")
}
