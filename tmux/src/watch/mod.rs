//! Somebody who looks at a state all the time: hooks about ends and alerts run at once, and windows
//! are flagged that say something unseen.
//!
//! It is a session like any other, so that it survives what sessions survive; there is one as long
//! as the state has such a hook, a window that is monitored, or an attached client, and none
//! before. Every command that leaves a state which wants one sees to it.
//!
//! ```text
//! the document ─────────────┐
//! ends and bells of all ────┼──→ one queue → bury, flag, run hooks
//! monitored panes' output ──┘     (and a clock, for silence)
//! ```

use crate::backend::Backend;
use crate::commands::TABLE;
use crate::flags::Flags;
use crate::followers::Endpoint;
use crate::run::alerts::Alert;
use crate::run::alerts::is_news;
use crate::run::watcher::WORD;
use crate::run::watcher::{is_monitored, silence, wants_watcher};
use crate::run::{Caller, Run};
use crate::state::State;
use psup_proto::event::EventKind;
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::Scope;
use std::time::Instant;

/// What may wait to be handled; a source that is faster waits.
const QUEUE: usize = 64;

enum Heard {
    State(Option<Box<State>>),
    /// Of a psup session.
    Happened(String, EventKind),
    Output(u32),
}

struct Watcher<'f, 'a> {
    at: &'f Endpoint<'a>,
    /// One connection for all that it asks.
    backend: Backend<'a>,
    flags: &'f Flags,
    state: State,
    followed: BTreeMap<u32, String>,
    /// Panes from this one on were made while it watched: all that they say is news.
    new_from: u32,
    /// When a window has said nothing for as long as it is to be told of.
    silent_at: BTreeMap<u32, Instant>,
    queue: SyncSender<Heard>,
}

/// Watches until the state ends or wants nobody to.
pub(crate) fn run(at: &Endpoint, flags: &Flags) -> u8 {
    let (queue, heard) = sync_channel(QUEUE);
    let mut watcher = Watcher {
        at,
        backend: at.backend(),
        flags,
        state: State::default(),
        followed: BTreeMap::new(),
        new_from: 0,
        silent_at: BTreeMap::new(),
        queue,
    };
    std::thread::scope(|scope| {
        let events = watcher.queue.clone();
        scope.spawn(move || {
            at.events(|name, what| events.send(Heard::Happened(name, what)).is_ok());
        });
        let version = watcher.begin();
        let worlds = watcher.queue.clone();
        scope.spawn(move || at.watch(version, |_, state| worlds.send(Heard::State(state)).is_ok()));
        watcher.go(&heard, scope);
        // The threads block in reads of theirs; there is nothing left for them to do.
        std::process::exit(0)
    })
}

impl<'a> Watcher<'_, 'a> {
    fn run(&self) -> Run<'a> {
        let mut run = Run::new(
            self.backend.clone(),
            TABLE,
            self.at.socket.clone(),
            Caller::new(self.flags),
        );
        run.said = Some(Vec::new());
        // What hooks run, runs where their session is.
        run.caller.cwd.clear();
        run
    }

    /// Sees to what has happened before it came.
    fn begin(&mut self) -> u64 {
        let mut run = self.run();
        if run.open(true).is_err() {
            return 0;
        }
        let _ = run.execute(&[]);
        run.state.watcher = Some(std::process::id() as i32);
        let _ = run.close();
        self.state = run.state.clone();
        self.new_from = self.state.next_pane;
        run.version()
    }

    fn go<'scope>(&mut self, heard: &Receiver<Heard>, scope: &'scope Scope<'scope, '_>)
    where
        'a: 'scope,
    {
        loop {
            if !wants_watcher(&self.state) {
                return;
            }
            self.follow(scope);
            let next = match self.silent_at.values().min() {
                None => heard.recv().ok(),
                Some(at) => {
                    match heard.recv_timeout(at.saturating_duration_since(Instant::now())) {
                        Ok(what) => Some(what),
                        Err(RecvTimeoutError::Timeout) => {
                            self.silent();
                            continue;
                        }
                        Err(RecvTimeoutError::Disconnected) => None,
                    }
                }
            };
            match next {
                None | Some(Heard::State(None)) => return,
                Some(Heard::State(Some(state))) => self.state = *state,
                Some(Heard::Happened(name, what)) => self.happened(&name, &what),
                Some(Heard::Output(pane)) => self.said(pane),
            }
        }
    }

    fn happened(&mut self, name: &str, what: &EventKind) {
        let Some(pane) = self
            .state
            .panes
            .values()
            .find(|pane| pane.session == name)
            .map(|pane| pane.id)
        else {
            return;
        };
        match what {
            EventKind::Exited { .. } | EventKind::Lost { .. } => {
                self.act(|run| drop(run.execute(&[])));
            }
            EventKind::Bell => self.alert(pane, Alert::Bell),
            _ => {}
        }
    }

    fn said(&mut self, pane: u32) {
        let Some(window) = self.state.window_of(pane) else {
            return;
        };
        let id = window.id;
        if let Some(time) = silence(&self.state, window) {
            self.silent_at.insert(id, Instant::now() + time);
        }
        if is_news(&self.state, id, Alert::Activity) {
            self.alert(pane, Alert::Activity);
        }
    }

    fn silent(&mut self) {
        let now = Instant::now();
        let over: Vec<u32> = self
            .silent_at
            .iter()
            .filter(|(_, at)| **at <= now)
            .map(|(window, _)| *window)
            .collect();
        for window in over {
            self.silent_at.remove(&window);
            let pane = self.state.windows.get(&window).map(|w| w.active);
            if let Some(pane) = pane.filter(|_| is_news(&self.state, window, Alert::Silence)) {
                self.alert(pane, Alert::Silence);
            }
        }
    }

    fn alert(&mut self, pane: u32, alert: Alert) {
        self.act(|run| run.raise_alert(pane, alert));
    }

    fn act(&mut self, act: impl FnOnce(&mut Run)) {
        let mut run = self.run();
        if run.open(true).is_err() || !run.exists {
            return;
        }
        act(&mut run);
        let _ = run.close();
        self.state = run.state.clone();
    }

    /// Silence is counted from when it begins to be of interest.
    fn arm(&mut self) {
        let state = &self.state;
        let of_interest = |window: &u32| {
            let time = silence(state, state.windows.get(window)?)?;
            is_news(state, *window, Alert::Silence).then_some(time)
        };
        self.silent_at
            .retain(|window, _| of_interest(window).is_some());
        for window in state.windows.keys() {
            if let Some(time) = of_interest(window) {
                self.silent_at
                    .entry(*window)
                    .or_insert_with(|| Instant::now() + time);
            }
        }
    }

    /// Panes of monitored windows have their output followed.
    fn follow<'scope>(&mut self, scope: &'scope Scope<'scope, '_>)
    where
        'a: 'scope,
    {
        self.arm();
        let state = &self.state;
        let monitored = state.windows.values().filter(|w| is_monitored(state, w));
        let panes: Vec<u32> = monitored.flat_map(|w| w.panes.clone()).collect();
        for id in panes {
            let Some(pane) = self.state.panes.get(&id).filter(|p| p.dead.is_none()) else {
                continue;
            };
            let life = format!("{} {}", pane.session, pane.pid);
            if self.followed.get(&id) == Some(&life) {
                continue;
            }
            let (Some(info), Ok(target)) = (self.backend.info(&pane.session), pane.session.parse())
            else {
                continue;
            };
            self.followed.insert(id, life);
            let since = if id < self.new_from { info.offset } else { 0 };
            let queue = self.queue.clone();
            let at = self.at.clone();
            scope.spawn(move || {
                at.follow(target, since, |bytes| {
                    bytes.is_empty() || queue.send(Heard::Output(id)).is_ok()
                });
            });
        }
    }
}

/// The words of a watcher, and the socket of its state.
pub(crate) fn of_words(words: &[String]) -> Option<&String> {
    match words {
        [word, socket] if word == WORD => Some(socket),
        _ => None,
    }
}
