//! One run of commands: the state as it was read, what the caller is, and what is said.

pub(crate) mod alerts;
mod attach_to;
mod call;
mod caller;
mod copy_command;
mod copy_mode;
mod create;
mod entry;
mod execute;
mod hooks;
mod listing;
mod lock;
pub(crate) mod mode;

pub(crate) mod new_pane;
pub(crate) mod option_set;
mod pane_io;
pub(crate) mod prompt;
mod resolve;
mod respawn;
mod script;
mod sessions;
mod settle;
mod shell;
mod socket;
mod transaction;
mod wait;
pub(crate) mod watcher;
pub(crate) mod wish;

pub(crate) use call::{Call, split};
pub(crate) use caller::Caller;
pub(crate) use entry::{Access, Entry, Table};

use crate::addressing::Place;
use crate::backend::Backend;
use crate::format;
use crate::output::tell;
use crate::state::{Client, State};
use crate::time::now_ms;
use lock::Lock;
use psup_link::terminal_text::Sink;
use psup_proto::info::Info;
use psup_proto::{Code, Failure};
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::Write;
use std::rc::Rc;

/// Why a run is over before its end.
#[derive(Debug)]
pub(crate) enum CommandError {
    /// In tmux's words.
    Error(String),
}

pub(crate) type CommandResult = Result<(), CommandError>;

pub(crate) struct Run<'a> {
    pub backend: RefCell<Backend<'a>>,
    /// The commands that there are.
    pub table: Table,
    pub state: State,
    pub live: HashMap<String, Info>,
    /// A state is there: tmux would say that a server runs.
    pub exists: bool,
    /// The supervisor keeps the state: it is not just of sessions that `psup spawn` began.
    pub documented: bool,
    pub caller: Caller,
    pub socket: String,
    /// What hooks and bindings run at.
    pub current: Option<Place>,
    pub code: u8,
    /// Answers that are kept together; for others they go out at once.
    pub said: Option<Vec<u8>>,
    /// Answers to a control client, one for each command.
    pub answers: Option<Vec<Answer>>,
    /// The answer of the command that runs.
    answer: usize,
    /// The target's key event, message or hook, for formats.
    pub extra: Rc<Vec<(String, String)>>,
    version: u64,
    before: State,
    lock: Option<Lock>,
    /// The session that the caller is to look at when all commands have run.
    pub attached: Option<u32>,
    pub read_only: bool,
    /// The attached client whose keys these commands are bound to.
    pub own_client: Option<String>,
    /// What lay under the mouse.
    pub mouse: Option<Place>,
    /// The command that runs.
    pub command: &'static str,
    /// Depth of commands run by commands.
    pub depth: u32,
    /// Deaths that have been seen and not yet told to hooks.
    pub deaths: Vec<Death>,
    /// Commands of the configuration run for no client: nothing is attached, nobody is told.
    pub alone: bool,
    /// Something was wrong in the configuration; the first session to be seen shows it.
    pub mistaken: bool,
    /// `kill-server` has been: what stands behind it is not run.
    pub killed: bool,
}

/// What one command said.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub said: Vec<u8>,
    pub failed: bool,
}

/// A pane that has ended.
#[derive(Clone, Debug)]
pub(crate) struct Death {
    pub place: Option<Place>,
    /// It stays on the screen.
    pub remains: bool,
    pub extra: Vec<(String, String)>,
}

impl CommandError {
    pub(crate) fn why(self) -> String {
        let Self::Error(why) = self;
        why
    }
}

impl From<Failure> for CommandError {
    fn from(failure: Failure) -> Self {
        // What it is called when a server goes while somebody asks it.
        let gone = failure.code == Code::Unreachable;
        Self::Error(if gone {
            "server exited unexpectedly".to_owned()
        } else {
            failure.message
        })
    }
}

impl From<String> for CommandError {
    fn from(why: String) -> Self {
        Self::Error(why)
    }
}

pub(crate) fn error<T>(why: impl Into<String>) -> Result<T, CommandError> {
    Err(CommandError::Error(why.into()))
}

impl<'a> Run<'a> {
    pub(crate) fn new(backend: Backend<'a>, table: Table, socket: String, caller: Caller) -> Self {
        Self {
            backend: RefCell::new(backend),
            table,
            state: State::default(),
            live: HashMap::new(),
            exists: false,
            documented: false,
            caller,
            socket,
            current: None,
            code: 0,
            said: None,
            answers: None,
            answer: 0,
            extra: Rc::default(),
            version: 0,
            before: State::default(),
            lock: None,
            attached: None,
            read_only: false,
            own_client: None,
            mouse: None,
            command: "",
            depth: 0,
            deaths: Vec::new(),
            alone: false,
            mistaken: false,
            killed: false,
        }
    }

    /// The next command's answer has a place of its own, where answers are kept; gives the place of
    /// the one before.
    fn begin_answer(&mut self) -> usize {
        let outer = self.answer;
        if let Some(answers) = &mut self.answers {
            self.answer = answers.len();
            answers.push(Answer::default());
        }
        outer
    }

    fn end_answer(&mut self, outer: usize) {
        self.answer = outer;
    }

    fn is_locked(&self) -> bool {
        self.lock.is_some()
    }

    /// Where the answer is kept, if it is.
    fn kept(&mut self) -> Option<&mut Vec<u8>> {
        match &mut self.answers {
            Some(answers) => answers.get_mut(self.answer).map(|answer| &mut answer.said),
            None => self.said.as_mut(),
        }
    }

    pub(crate) fn fail(&mut self, why: &str) {
        self.code = 1;
        if self.alone {
            self.mistaken = true;
            return;
        }
        self.flush();
        if let Some(answer) = self
            .answers
            .as_mut()
            .and_then(|answers| answers.get_mut(self.answer))
        {
            answer.failed = true;
        }
        match self.kept() {
            Some(said) => said.extend_from_slice(format!("{why}\n").as_bytes()),
            None => tell(why),
        }
    }

    /// One line for the caller.
    pub(crate) fn print(&mut self, line: &str) {
        let mut text = if self.caller.utf8 {
            line.to_owned()
        } else {
            format::sanitize(line)
        };
        if self.kept().is_none() {
            text = Sink::Stdout.safe(&text).into_owned();
        }
        self.data(format!("{text}\n").as_bytes());
    }

    pub(crate) fn data(&mut self, bytes: &[u8]) {
        if self.alone {
            return;
        }
        match self.kept() {
            Some(said) => said.extend_from_slice(bytes),
            None => {
                // A reader that has gone ends us at the next write.
                let _ = std::io::stdout().lock().write_all(bytes);
            }
        }
    }

    /// Now, and later than whatever a client was asked before.
    pub(crate) fn moment(&self) -> u64 {
        let of = |c: &Client| {
            let message = c.message.as_ref().map(|m| m.at_ms);
            let prompt = c.prompt.as_ref().map(|p| p.at_ms);
            let table = c.table.as_ref().map(|t| t.at_ms);
            message.max(prompt).max(table).unwrap_or(0)
        };
        let latest = self.state.clients.iter().map(of).max().unwrap_or(0);
        now_ms().max(latest + 1)
    }

    pub(crate) fn flush(&mut self) {
        if self.kept().is_none() {
            let _ = std::io::stdout().lock().flush();
        }
    }
}
