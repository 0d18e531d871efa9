//! What is known of the sessions of a history, and so what may be told about them.

use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(crate) struct Model {
    pub sessions: BTreeMap<String, Session>,
    /// Ids that have been given out: none comes back.
    pub ids: BTreeSet<String>,
    /// Names under which older lives are kept. A rename takes the newest life only.
    pub past: BTreeSet<String>,
    /// The state directory is a file system of its own, which can be filled.
    pub has_disk: bool,
    pub is_full: bool,
}

pub(crate) struct Session {
    pub kind: Kind,
    pub state: State,
    /// What the program knows itself by, under whichever name: it notes each start of it.
    pub label: String,
    /// How often it has been started.
    pub starts: usize,
    /// All that this life has printed.
    pub output: Vec<u8>,
    /// Its end is known, and nobody could write it down yet.
    pub is_unwritten: bool,
    /// Both processes were killed before it was: it is told from shared memory, or as lost.
    pub may_be_lost: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Prints what it is asked for; every byte is known.
    Talker,
    /// The same, with no log on disk.
    Unlogged,
    /// A bash, for `exec`.
    Shell,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Running,
    Ended(Exit),
    /// Both processes of the supervisor were killed under it.
    Lost,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Code(u8),
    /// By a stop, which a program may answer as it likes.
    Stopped,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Talker => "talker",
            Self::Unlogged => "unlogged",
            Self::Shell => "shell",
        }
    }

    pub(crate) fn of(word: &str) -> Option<Self> {
        [Self::Talker, Self::Unlogged, Self::Shell]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

impl Session {
    pub(crate) fn new(kind: Kind, label: String) -> Self {
        Self {
            kind,
            state: State::Running,
            label,
            starts: 0,
            output: Vec::new(),
            is_unwritten: false,
            may_be_lost: false,
        }
    }

    /// A life begins.
    pub(crate) fn start(&mut self) {
        self.starts += 1;
        self.state = State::Running;
        self.is_unwritten = false;
        self.may_be_lost = false;
        self.output = b"up\r\n".to_vec();
    }

    pub(crate) fn is_running(&self) -> bool {
        self.state == State::Running
    }
}
