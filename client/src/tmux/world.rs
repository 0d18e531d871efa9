//! What tmux knows and psup does not: sessions of windows of panes, their options, buffers and the rest. It is one document, kept by the
//! supervisor; a pane is a psup session, named here.

use super::layout::{Cell, Kind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Values by option, those of arrays as `name[0]`.
pub type Options = BTreeMap<String, String>;

/// A variable, or that there shall be none of its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Var {
    pub value: Option<String>,
    #[serde(default)]
    pub hidden: bool,
}

pub type Environment = BTreeMap<String, Var>;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct World {
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
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
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
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
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
    pub options: Options,
    pub activity_ms: u64,
    pub last_layout: Option<usize>,
    pub old_layout: Option<String>,
    /// Its size was asked for.
    #[serde(default)]
    pub manual: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pane {
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
    /// Rows of history that were cleared away.
    #[serde(default)]
    pub mode: Option<String>,
    #[serde(default)]
    pub input_off: bool,
    /// The history begins at this offset since it was cleared, when so many rows were above the screen.
    #[serde(default)]
    pub cleared: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dead {
    pub status: Option<u8>,
    pub signal: Option<i32>,
    pub at_ms: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buffer {
    pub name: String,
    pub automatic: bool,
    pub created_ms: u64,
    pub data: Data,
}

/// Bytes; as text where they are, which is shorter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Data {
    Text(String),
    Bytes(Vec<u8>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
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
pub struct Client {
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
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    pub command: String,
    pub note: Option<String>,
    pub repeat: bool,
}

impl Data {
    pub fn new(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes).map_or_else(|e| Self::Bytes(e.into_bytes()), Self::Text)
    }

    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl World {
    pub fn session(&self, id: u32) -> Option<&Session> {
        self.sessions.values().find(|session| session.id == id)
    }

    pub fn session_mut(&mut self, id: u32) -> Option<&mut Session> {
        self.sessions.values_mut().find(|session| session.id == id)
    }

    pub fn window_of(&self, pane: u32) -> Option<&Window> {
        self.windows.values().find(|window| window.panes.contains(&pane))
    }

    /// Whether any session shows the window, and the places where.
    pub fn links(&self, window: u32) -> Vec<(u32, i32)> {
        let of = |session: &Session| {
            let id = session.id;
            let at = session.windows.iter().filter(|(_, w)| **w == window);
            at.map(|(index, _)| (id, *index)).collect::<Vec<_>>()
        };
        self.sessions.values().flat_map(of).collect()
    }

    /// Takes a pane out of its window; what is empty then goes too. Gives the window if it is gone.
    pub fn drop_pane(&mut self, pane: u32) {
        self.panes.remove(&pane);
        if self.marked == Some(pane) {
            self.marked = None;
        }
        let Some(id) = self.window_of(pane).map(|window| window.id) else {
            return;
        };
        let Some(window) = self.windows.get_mut(&id) else { return };
        if let Some(layout) = window.zoomed.take() {
            window.layout = layout;
        }
        let at = window.panes.iter().position(|p| *p == pane).unwrap_or(0);
        window.panes.retain(|p| *p != pane);
        window.last.retain(|p| *p != pane);
        if window.panes.is_empty() {
            self.drop_window(id);
            return;
        }
        window.layout.remove(pane);
        if window.active == pane {
            window.active = if window.last.is_empty() {
                window.panes[at.saturating_sub(1).min(window.panes.len() - 1)]
            } else {
                window.last.remove(0)
            };
        }
    }

    /// Takes a window out of every session, and its panes with it; a session without windows ends.
    pub fn drop_window(&mut self, window: u32) {
        for (session, index) in self.links(window) {
            self.unlink(session, index);
        }
    }

    /// Takes one link to a window away; the window goes with the last.
    pub fn unlink(&mut self, session: u32, index: i32) {
        let Some(found) = self.session_mut(session) else { return };
        let Some(window) = found.windows.remove(&index) else { return };
        found.last.retain(|i| *i != index);
        if found.windows.is_empty() {
            let name = found.name.clone();
            self.sessions.remove(&name);
        } else if found.current == index {
            found.current = match found.last.first() {
                Some(last) => *last,
                None => found
                    .windows
                    .range(..index)
                    .next_back()
                    .or_else(|| found.windows.iter().next_back())
                    .map_or(0, |(i, _)| *i),
            };
            let current = found.current;
            found.last.retain(|i| *i != current);
        }
        if self.session(session).is_some_and(|s| self.flag_of(s, "renumber-windows")) {
            self.renumber(session);
        }
        if self.links(window).is_empty()
            && let Some(gone) = self.windows.remove(&window)
        {
            for pane in gone.panes {
                self.panes.remove(&pane);
            }
        }
    }

    fn flag_of(&self, session: &Session, option: &str) -> bool {
        session
            .options
            .get(option)
            .or_else(|| self.global.get(option))
            .is_some_and(|v| v == "on")
    }

    /// Gives the windows of a session indices without gaps.
    pub fn renumber(&mut self, session: u32) {
        let base: i32 = self
            .session(session)
            .and_then(|s| s.options.get("base-index"))
            .or_else(|| self.global.get("base-index"))
            .and_then(|v| v.parse().ok())
            .unwrap_or(0);
        let Some(session) = self.session_mut(session) else { return };
        let map: BTreeMap<i32, i32> = session.windows.keys().copied().zip(base..).collect();
        let of = |index: &i32| map.get(index).copied().unwrap_or(*index);
        session.windows = session.windows.iter().map(|(index, window)| (of(index), *window)).collect();
        session.current = of(&session.current);
        session.last = session.last.iter().map(of).collect();
    }
}

impl Session {
    /// Makes a window the current one; false if it was.
    pub fn select(&mut self, index: i32) -> bool {
        if self.current == index || !self.windows.contains_key(&index) {
            return false;
        }
        let before = self.current;
        self.last.retain(|i| *i != index && *i != before);
        if self.windows.contains_key(&before) {
            self.last.insert(0, before);
        }
        self.current = index;
        true
    }

    pub fn current_window(&self) -> u32 {
        self.windows.get(&self.current).copied().unwrap_or_default()
    }

    /// The lowest index from `base` on that is free.
    pub fn free_index(&self, base: i32) -> i32 {
        (base..).find(|index| !self.windows.contains_key(index)).unwrap_or(base)
    }
}

impl Window {
    pub fn activate(&mut self, pane: u32) -> bool {
        if self.active == pane || !self.panes.contains(&pane) {
            return false;
        }
        let before = self.active;
        self.last.retain(|p| *p != pane && *p != before);
        self.last.insert(0, before);
        self.active = pane;
        true
    }

    pub fn unzoom(&mut self) -> bool {
        match self.zoomed.take() {
            Some(layout) => {
                self.layout = layout;
                true
            }
            None => false,
        }
    }

    pub fn zoom(&mut self, pane: u32) {
        if self.panes.len() > 1 {
            let whole = Cell::pane(pane, self.sx, self.sy);
            self.zoomed = Some(std::mem::replace(&mut self.layout, whole));
        }
    }

    /// The panes' cells as they stand now; of those behind a zoomed one the cells they return to.
    pub fn cell(&self, pane: u32) -> Option<&Cell> {
        self.layout
            .find(pane)
            .or_else(|| self.zoomed.as_ref().and_then(|layout| layout.find(pane)))
    }

    pub fn resize(&mut self, sx: i32, sy: i32) {
        (self.sx, self.sy) = (sx, sy);
        match &mut self.zoomed {
            Some(layout) => {
                layout.resize(sx, sy);
                if let Kind::Pane(pane) = self.layout.kind {
                    self.layout = Cell::pane(pane, sx, sy);
                }
            }
            None => self.layout.resize(sx, sy),
        }
    }
}

impl World {
    /// Takes one link to a window away and leaves the window.
    pub fn unlink_keeping(&mut self, session: u32, index: i32) {
        let Some(found) = self.session_mut(session) else { return };
        found.windows.remove(&index);
        found.last.retain(|i| *i != index);
        if found.current == index
            && let Some(next) = found.last.first().copied().or_else(|| found.windows.keys().next().copied())
        {
            found.last.retain(|i| *i != next);
            found.current = next;
        }
    }
}
