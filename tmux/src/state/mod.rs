//! What tmux knows and psup does not: sessions of windows of panes, their options, buffers and the
//! rest. It is one document, kept by the supervisor; a pane is a psup session, named here.

mod change;
pub(crate) mod chooser;
pub(crate) mod copy;

use crate::layout::Cell;
use crate::time::now_ms;
use chooser::Chooser;
use copy::Copy;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Values by option, those of arrays as `name[0]`.
pub(crate) type Options = BTreeMap<String, String>;

/// A variable, or that there shall be none of its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Var {
    pub value: Option<String>,
    #[serde(default)]
    pub hidden: bool,
}

pub(crate) type Environment = BTreeMap<String, Var>;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    pub started_ms: u64,
    pub socket: String,
    pub next_session: u32,
    pub next_window: u32,
    pub next_pane: u32,
    pub next_buffer: u32,
    /// By name, as tmux lists them.
    pub sessions: BTreeMap<String, Session>,
    pub windows: BTreeMap<u32, Window>,
    pub panes: BTreeMap<u32, Pane>,
    pub server: Options,
    pub global: Options,
    pub global_window: Options,
    pub environment: Environment,
    /// The newest first.
    pub buffers: Vec<Buffer>,
    pub channels: BTreeMap<String, Channel>,
    pub clients: Vec<Client>,
    pub marked: Option<u32>,
    /// Keys bound or unbound, by table and key; `None` where a default is taken away.
    pub keys: BTreeMap<String, Option<Binding>>,
    #[serde(default)]
    pub messages: Vec<String>,
    /// Who keeps a state without sessions while its commands run.
    #[serde(default)]
    pub held: Option<i32>,
    /// It was ended while clients looked, which they are to know.
    #[serde(default)]
    pub killed: bool,
    /// Users that `server-access` knows, and whether they may write.
    #[serde(default)]
    pub guests: BTreeMap<String, bool>,
    /// The process that watches the state.
    #[serde(default)]
    pub watcher: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub id: u32,
    pub name: String,
    pub created_ms: u64,
    pub activity_ms: u64,
    pub attached_ms: u64,
    pub cwd: String,
    /// Windows by their index.
    pub windows: BTreeMap<i32, u32>,
    pub current: i32,
    /// Earlier ones, the latest first.
    pub last: Vec<i32>,
    pub options: Options,
    pub environment: Environment,
    pub group: Option<String>,
    /// Signs of what windows said unseen, by index.
    #[serde(default)]
    pub alerts: BTreeMap<i32, String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Window {
    pub id: u32,
    pub name: String,
    pub sx: i32,
    pub sy: i32,
    pub layout: Cell,
    /// By their place, which need not be the layout's.
    pub panes: Vec<u32>,
    pub active: u32,
    pub last: Vec<u32>,
    /// The layout to return to.
    pub zoomed: Option<Cell>,
    /// A pane that was made behind the zoomed one and is as large, until both have their cells
    /// again.
    #[serde(default)]
    pub behind: Option<u32>,
    pub options: Options,
    pub activity_ms: u64,
    pub last_layout: Option<usize>,
    pub old_layout: Option<String>,
    /// Its size was asked for.
    #[serde(default)]
    pub manual: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pane {
    pub id: u32,
    /// The psup session.
    pub session: String,
    pub pid: i32,
    pub tty: String,
    pub title: Option<String>,
    pub options: Options,
    pub start_command: String,
    pub start_path: String,
    /// Arguments as given, to be started again.
    pub arguments: Vec<String>,
    pub dead: Option<Dead>,
    /// The psup session that takes its output elsewhere.
    pub pipe: Option<String>,
    /// It has no program: what is shown in it comes from `split-window -I` and
    /// `display-message -I`.
    #[serde(default)]
    pub empty: bool,
    #[serde(default)]
    pub mode: Option<String>,
    /// Where the mode stands, of a mode that is one.
    #[serde(default)]
    pub copy: Option<Box<Copy>>,
    /// The list that is shown instead of it, to choose from.
    #[serde(default)]
    pub choosing: Option<Box<Chooser>>,
    #[serde(default)]
    pub input_off: bool,
    /// The history begins at this offset since it was cleared, when so many rows were above the
    /// screen.
    #[serde(default)]
    pub cleared: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dead {
    pub status: Option<u8>,
    pub signal: Option<i32>,
    pub at_ms: u64,
    /// What its last row says of it.
    #[serde(default)]
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Buffer {
    pub name: String,
    pub automatic: bool,
    pub created_ms: u64,
    pub data: Data,
}

/// Bytes; as text where they are, which is shorter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Data {
    Text(String),
    Bytes(Vec<u8>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Channel {
    /// A signal nobody has waited for yet.
    pub woken: bool,
    /// How often it was signalled: those who wait wait for a higher number.
    pub signals: u64,
    /// The processes that wait.
    pub waiting: Vec<i32>,
    pub locked: bool,
    /// Who would like to have the lock, in order, and who has just got it.
    pub lockers: Vec<i32>,
    pub granted: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Client {
    pub name: String,
    pub pid: i32,
    pub tty: String,
    pub session: u32,
    pub sx: i32,
    pub sy: i32,
    pub control: bool,
    pub read_only: bool,
    pub created_ms: u64,
    pub activity_ms: u64,
    pub term: String,
    pub flags: Vec<String>,
    #[serde(default)]
    pub last_session: Option<u32>,
    #[serde(default)]
    pub utf8: bool,
    /// The table that the next key is looked up in.
    #[serde(default)]
    pub table: Option<Table>,
    #[serde(default)]
    pub message: Option<Message>,
    #[serde(default)]
    pub prompt: Option<Prompt>,
    /// It is to go, and how.
    #[serde(default)]
    pub leaving: Option<PendingDetach>,
    /// What a control client wants to be told of when it changes: a place and a format by name.
    #[serde(default)]
    pub subscriptions: BTreeMap<String, (String, String)>,
    /// Panes of which a control client gets no output for now.
    #[serde(default)]
    pub flows: BTreeMap<u32, Flow>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PendingDetach {
    HungUp,
    Replaced(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Flow {
    Off,
    Paused,
}

/// A table that a client was told to use, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Table {
    pub name: String,
    pub at_ms: u64,
}

/// What a client is to show on its status line for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Message {
    pub text: String,
    pub at_ms: u64,
    /// Until a key is pressed where there is none.
    pub for_ms: Option<u64>,
    pub ignores_keys: bool,
}

/// A question on a client's status line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Prompt {
    pub at_ms: u64,
    pub sort: PromptKind,
    /// What is asked, one after the other, and what stands there already.
    pub labels: Vec<String>,
    pub inputs: Vec<String>,
    /// Commands with `%1`, `%2` … or `%%` for the answers.
    pub template: String,
    /// The process that waits for the answer; it does what follows from it.
    pub asker: Option<i32>,
    pub answer: Option<Answer>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum PromptKind {
    Line,
    /// One key, as its character.
    Single,
    /// One key, by its name.
    Key,
    /// Digits, ended by any other key.
    Number,
    /// The command runs at every change.
    Incremental,
    /// y or n.
    Confirm,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Answer {
    Given(Vec<String>),
    Refused,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Binding {
    pub command: String,
    pub note: Option<String>,
    pub repeat: bool,
}

impl Client {
    /// A client of this process.
    pub(crate) fn new(name: &str, session: u32) -> Self {
        let now = now_ms();
        Self {
            name: name.to_owned(),
            pid: std::process::id() as i32,
            tty: String::new(),
            session,
            sx: 0,
            sy: 0,
            control: false,
            read_only: false,
            created_ms: now,
            activity_ms: now,
            term: String::new(),
            flags: vec![],
            last_session: None,
            utf8: true,
            table: None,
            message: None,
            prompt: None,
            leaving: None,
            subscriptions: BTreeMap::new(),
            flows: BTreeMap::new(),
        }
    }
}

impl Data {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes).map_or_else(|e| Self::Bytes(e.into_bytes()), Self::Text)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl State {
    pub(crate) fn session(&self, id: u32) -> Option<&Session> {
        self.sessions.values().find(|session| session.id == id)
    }

    pub(crate) fn session_mut(&mut self, id: u32) -> Option<&mut Session> {
        self.sessions.values_mut().find(|session| session.id == id)
    }

    pub(crate) fn window_of(&self, pane: u32) -> Option<&Window> {
        self.windows
            .values()
            .find(|window| window.panes.contains(&pane))
    }

    /// Whether any session shows the window, and the places where.
    pub(crate) fn links(&self, window: u32) -> Vec<(u32, i32)> {
        let of = |session: &Session| {
            let id = session.id;
            let at = session.windows.iter().filter(|(_, w)| **w == window);
            at.map(|(index, _)| (id, *index)).collect::<Vec<_>>()
        };
        self.sessions.values().flat_map(of).collect()
    }
}
