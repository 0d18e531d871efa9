//! What a verb works with: the link to the supervisor, and where it prints.

use crate::all_targets::{self, Asked};
use crate::human;
use crate::output::Out;
use crate::wanted::Wanted;
use crate::{McpOptions, ServeMcp};
use clap::Command;
use psup_link::capture::Shot;
use psup_link::{Connector, Item, Link, Place, no_session};
use psup_proto::capture::Capture;
use psup_proto::doctor::{Examination, Finding};
use psup_proto::greeting::Caller;
use psup_proto::service::{Action, Report};
use psup_proto::upgrade_frame::UpgradeFrame;
use psup_proto::{Failure, Request, Response, Target};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

pub(crate) use crate::done::Done;
pub(crate) use psup_link::unexpected;

pub(crate) struct Context<'a> {
    pub out: Out,
    /// All there is to say about the command line, for help, completions and manual pages.
    pub command_line: fn() -> Command,
    /// Where the verb is done.
    pub on: Wanted,
    connector: &'a (dyn Connector + Sync),
    place: Place,
    link: Link<'a>,
    serve_mcp: ServeMcp,
}

/// An answer of many items, printed as they come.
pub(crate) trait Stream {
    /// The question, from where the answer stands now: after a lost connection it is asked again.
    fn question(&self) -> Request;

    /// Takes the next item; `Some` when it was the last.
    fn take(&mut self, item: Item, out: &mut Out) -> Result<Option<Done>, Failure>;
}

/// A stream with the place it prints to.
struct Printed<'s> {
    stream: &'s mut dyn Stream,
    out: &'s mut Out,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        connector: &'a (dyn Connector + Sync),
        serve_mcp: ServeMcp,
        place: Place,
        out: Out,
        command_line: fn() -> Command,
    ) -> Self {
        let mut link = Link::new(connector, place.clone());
        link.on_detail = out.details();
        Self {
            out,
            command_line,
            on: Wanted::Here,
            connector,
            place,
            link,
            serve_mcp,
        }
    }

    /// How other links to the same supervisor are made.
    pub(crate) fn way(&self) -> (&'a (dyn Connector + Sync), Place) {
        (self.connector, self.place.clone())
    }

    /// Serves this supervisor's sessions to a client of the Model Context Protocol.
    pub(crate) fn serve_mcp(&self, options: McpOptions) -> Result<Done, Failure> {
        (self.serve_mcp)(self.place.clone(), options).map(|()| Done::OK)
    }

    /// Waits until no process of a supervisor that was told to end is left.
    pub(crate) fn wait_for_end(&self) -> Result<(), Failure> {
        self.connector.wait_for_end(&self.place)
    }

    /// From now on a supervisor is started where none runs, whatever is asked.
    pub(crate) fn always_start(&mut self) {
        self.link.always_start = true;
    }

    /// Has the service manager of this machine do something about the supervisor.
    pub(crate) fn service(&self, action: Action) -> Result<Report, Failure> {
        self.link.service(action)
    }

    /// What a session takes over from here, or from the caller's place on the target.
    pub(crate) fn caller(&self, cwd: Option<&Path>) -> Result<Caller, Failure> {
        self.connector.caller(&self.place, cwd)
    }

    /// The same question to all targets.
    pub(crate) fn ask_all<T: Send + 'static>(
        &self,
        question: impl Fn(&mut Link) -> Result<T, Failure> + Clone + Send + 'static,
    ) -> Result<Asked<T>, Failure> {
        all_targets::ask(&self.place, question)
    }

    /// The link itself, for a question that is put in the same way to all targets.
    pub(crate) fn link(&mut self) -> &mut Link<'a> {
        &mut self.link
    }

    /// Looks for what is wrong with the supervisor and the machine under it.
    pub(crate) fn examine(&self, what: &Examination) -> Result<Vec<Finding>, Failure> {
        self.link.examine(what)
    }

    /// `psup` as one would type it from anywhere, for this supervisor.
    pub(crate) fn psup(&self) -> String {
        let place = self.place_words();
        let words = place.iter().map(|word| word.as_bytes().to_vec());
        let words: Vec<_> = std::iter::once(b"psup".to_vec()).chain(words).collect();
        human::command(&words)
    }

    /// The words before a verb that mean this supervisor, whatever the variables say.
    pub(crate) fn place_words(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = Vec::new();
        if let Some(dir) = &self.place.dir {
            words.extend(["--dir".into(), dir.into()]);
        }
        if self.place.profile != "default" {
            words.extend(["--profile".into(), self.place.profile.clone().into()]);
        }
        words
    }

    /// One question, one answer. A refusal is an `Err`.
    pub(crate) fn ask(&mut self, request: &Request) -> Result<Response, Failure> {
        self.link
            .ask(request)
            .map_err(|failure| no_session(failure, request))
    }

    /// One question whose answer is only that it was done.
    pub(crate) fn ask_done(&mut self, request: &Request) -> Result<Done, Failure> {
        match self.ask(request)? {
            Response::Done => Ok(Done::OK),
            other => Err(unexpected(&other)),
        }
    }

    /// An upgrade of a supervisor with which we have no version in common, until it is one with
    /// which we have.
    pub(crate) fn upgrade_across(
        &mut self,
        request: &Request,
        across: &UpgradeFrame<'_>,
    ) -> Result<Response, Failure> {
        self.link.upgrade_across(request, across)
    }

    /// All rows of a capture.
    pub(crate) fn capture(&mut self, target: &Target, capture: Capture) -> Result<Shot, Failure> {
        Shot::take(&mut self.link, target.clone(), capture)
            .map_err(|failure| no_session(failure, &Request::ScreenFacts(target.clone())))
    }

    /// One question, and its answer item by item until `stream` has seen the last.
    pub(crate) fn stream(&mut self, stream: &mut dyn Stream) -> Result<Done, Failure> {
        let question = stream.question();
        let out = &mut self.out;
        self.link
            .stream(&mut Printed { stream, out })
            .map_err(|failure| no_session(failure, &question))
    }
}

impl psup_link::Stream for Printed<'_> {
    type End = Done;

    fn question(&self) -> Request {
        self.stream.question()
    }

    fn take(&mut self, item: Item) -> Result<Option<Done>, Failure> {
        self.stream.take(item, self.out)
    }
}
