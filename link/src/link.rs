//! One way to a supervisor: a connection that is made when the first request needs it and again
//! when it was lost.

use crate::connection::{Connection, Item, Trouble};
use crate::hint_names::with_name;
use crate::retry::{Patience, Try};
use crate::{Connector, Place, unexpected};
use psup_proto::doctor::{Examination, Finding};
use psup_proto::hello::NEWEST;
use psup_proto::policy::Starts;
use psup_proto::service::{Action, Report};
use psup_proto::upgrade_frame::UpgradeFrame;
use psup_proto::{Code, Failure, Request, Response};
use std::fmt;
use std::path::PathBuf;
use std::time::Instant;

/// Takes one line about how the supervisor is reached.
pub type OnDetail<'a> = Box<dyn FnMut(fmt::Arguments<'_>) + 'a>;

pub struct Link<'a> {
    /// Whether a supervisor may be started where none runs.
    pub may_start: bool,
    /// Start one whatever is asked.
    pub always_start: bool,
    /// Is told how the supervisor is reached (`-v`).
    pub on_detail: Option<OnDetail<'a>>,
    connector: &'a dyn Connector,
    place: Place,
    /// In which version the supervisor is asked.
    version: u16,
    connection: Option<Connection<'a>>,
    /// A supervisor has said hello, and was lost.
    was_there: bool,
}

/// An answer of many items.
pub trait Stream {
    /// What is known when the last item has been taken.
    type End;

    /// The question, from where the answer stands now: after a lost connection it is asked again.
    fn question(&self) -> Request;

    /// Takes the next item; `Some` when it was the last.
    fn take(&mut self, item: Item) -> Result<Option<Self::End>, Failure>;

    /// Nothing more has come for now.
    fn idle(&mut self) {}
}

impl<'a> Link<'a> {
    pub fn new(connector: &'a dyn Connector, place: Place) -> Self {
        Self {
            may_start: true,
            always_start: false,
            on_detail: None,
            connector,
            place,
            version: NEWEST,
            connection: None,
            was_there: false,
        }
    }

    /// Where the supervisor listens, if one runs.
    pub fn address(&self) -> Option<PathBuf> {
        self.connector.address(&self.place)
    }

    /// Has the service manager do something about the supervisor.
    pub fn service(&self, action: Action) -> Result<Report, Failure> {
        self.connector.service(&self.place, action)
    }

    /// Looks for what is wrong with the supervisor and the machine under it.
    pub fn examine(&self, what: &Examination) -> Result<Vec<Finding>, Failure> {
        self.connector.examine(&self.place, what)
    }

    /// One question, one answer. A refusal is an `Err`.
    pub fn ask(&mut self, request: &Request) -> Result<Response, Failure> {
        self.put(request)
            .map_err(|failure| with_name(failure, request))
    }

    fn put(&mut self, request: &Request) -> Result<Response, Failure> {
        let began = Instant::now();
        let mut patience = Patience::new(request.policy().answer_time);
        let mut repeated = None;
        loop {
            let now = repeated.as_ref().unwrap_or(request);
            let trouble = match self.connected(now).and_then(|connection| {
                connection.put(now)?;
                connection.next_item()
            }) {
                Ok(Item::Response(response)) => return Ok(response),
                Ok(Item::Bytes(_)) => return Err(unexpected("bytes before an answer")),
                Err(trouble) => trouble,
            };
            let put_before = repeated.is_some() || matches!(trouble, Trouble::Lost);
            self.recover(trouble, &mut patience, request.policy().repeatable)
                .map_err(|failure| {
                    // Given up, though one of the tries may have been heard.
                    let doubtful = failure.code == Code::Unreachable
                        && put_before
                        && request.policy().types_input;
                    if doubtful { in_doubt() } else { failure }
                })?;
            repeated = Some(request.after(began.elapsed()));
        }
    }

    /// An upgrade of a supervisor with which we have no version in common, until it is one with
    /// which we have.
    pub fn upgrade_across(
        &mut self,
        request: &Request,
        across: &UpgradeFrame<'_>,
    ) -> Result<Response, Failure> {
        let mut patience = Patience::new(request.policy().answer_time);
        loop {
            self.connection = None;
            match self
                .connected(request)
                .and_then(|connection| connection.upgrade_across(across))
            {
                Ok(Some(refusal)) => return Err(refusal),
                Ok(None) => break,
                Err(trouble) => self.recover(trouble, &mut patience, true)?,
            }
        }
        self.connection = None;
        self.ask(request)
    }

    /// Two questions in one go.
    pub fn ask_both(
        &mut self,
        first: &Request,
        second: &Request,
    ) -> Result<(Response, Response), Failure> {
        let both = self.connected(first).and_then(|connection| {
            connection.put_all(&[first, second])?;
            match (connection.next_item()?, connection.next_item()?) {
                (Item::Response(first), Item::Response(second)) => Ok((first, second)),
                (Item::Bytes(_), _) | (_, Item::Bytes(_)) => {
                    Err(unexpected("bytes before an answer").into())
                }
            }
        });
        if let Ok(answers) = both {
            return Ok(answers);
        }
        // Asked one by one it will be told what is wrong.
        self.connection = None;
        Ok((self.ask(first)?, self.ask(second)?))
    }

    /// One question, and its answer item by item until `stream` has seen the last.
    pub fn stream<S: Stream>(&mut self, stream: &mut S) -> Result<S::End, Failure> {
        self.follow(stream)
            .map_err(|failure| with_name(failure, &stream.question()))
    }

    fn follow<S: Stream>(&mut self, stream: &mut S) -> Result<S::End, Failure> {
        let limit = stream.question().policy().answer_time;
        let mut patience = Patience::new(limit);
        let mut asked = false;
        loop {
            if asked
                && self
                    .connection
                    .as_ref()
                    .is_some_and(|connection| !connection.is_ready())
            {
                stream.idle();
            }
            let item = if asked {
                self.connection
                    .as_mut()
                    .ok_or(Trouble::Lost)
                    .and_then(Connection::next_item)
            } else {
                let request = stream.question();
                self.connected(&request).and_then(|connection| {
                    connection.put(&request)?;
                    connection.next_item()
                })
            };
            match item {
                Ok(item) => {
                    asked = true;
                    patience = Patience::new(limit);
                    if let Some(end) = stream.take(item)? {
                        return Ok(end);
                    }
                }
                Err(trouble) => {
                    asked = false;
                    self.recover(
                        trouble,
                        &mut patience,
                        stream.question().policy().repeatable,
                    )?;
                }
            }
        }
    }

    /// Leaves an answer that goes on; what is asked next is asked on another connection.
    pub fn hang_up(&mut self) {
        self.connection = None;
    }

    fn tell(&mut self, line: fmt::Arguments<'_>) {
        if let Some(tell) = &mut self.on_detail {
            tell(line);
        }
    }

    fn connected(&mut self, request: &Request) -> Result<&mut Connection<'a>, Trouble> {
        if self.connection.is_none() {
            let starts = match request.policy().starts {
                _ if self.always_start => true,
                Starts::Never => false,
                Starts::Again => self.was_there,
                Starts::Always => true,
            };
            let wire = self
                .connector
                .connect(&self.place, self.may_start && starts)?;
            let profile = self.place.profile.clone();
            self.tell(format_args!(
                "connected to the supervisor of profile {profile}"
            ));
            self.connection = Some(Connection::new(wire, self.connector, self.version));
        }
        self.connection.as_mut().ok_or(Trouble::Lost)
    }

    /// Returns when it is time to ask again; fails where trouble is final, or asking twice could do
    /// harm.
    fn recover(
        &mut self,
        trouble: Trouble,
        patience: &mut Patience,
        is_harmless: bool,
    ) -> Result<(), Failure> {
        let (last, why) = match trouble {
            Trouble::Older(version) => {
                self.version = version;
                self.connection = None;
                return Ok(());
            }
            // It says itself that nothing was done, so asking again is safe for every request.
            Trouble::Refused(failure) if failure.code == Code::Retry => (Try::InVain, failure),
            Trouble::Refused(failure) => return Err(failure),
            Trouble::Lost if !is_harmless => return Err(in_doubt()),
            Trouble::Lost if self.connection.as_ref().is_some_and(Connection::is_agreed) => {
                (Try::Greeted, lost())
            }
            Trouble::Lost => (Try::InVain, lost()),
        };
        self.connection = None;
        self.was_there |= last == Try::Greeted;
        self.tell(format_args!("{}: asking again", why.message));
        patience.pause(last, why)
    }
}

fn lost() -> Failure {
    Failure::new(
        Code::Unreachable,
        "the connection to the supervisor was lost",
    )
    .hint("`psup status` shows its state; `psup logs` shows what it did")
}

fn in_doubt() -> Failure {
    let what =
        "the supervisor went away before it answered; whether it did what was asked is not known";
    Failure::new(Code::MaybeDelivered, what).hint("`psup info NAME` shows the state of the session")
}
