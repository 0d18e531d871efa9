//! Somebody who looks at a state all the time: hooks about ends and alerts run at once, and windows are flagged that say something unseen.
//!
//! It is a session like any other, so that it survives what sessions survive; there is one as long as the state has such a hook, a window
//! that is monitored, or an attached client, and none before. Every command that leaves a state which wants one sees to it.
//!
//! ```text
//! the document ─────────────┐
//! ends and bells of all ────┼──→ one queue → bury, flag, run hooks
//! monitored panes' output ──┘     (and a clock, for silence)
//! ```

mod alerts;

use super::backend::LABEL;
use super::followers::Endpoint;
use super::options;
use super::platform;
use super::run::{Caller, Run};
use super::start::Flags;
use super::state::{Options, State, Window};
use alerts::Alert;
use psup_link::caller;
use psup_proto::event::What;
use psup_proto::spec::Restart;
use psup_proto::{Size, Spec};
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// The word by which a psup becomes the watcher of a state.
pub const WORD: &str = "--watch";

/// What may wait to be handled; a source that is faster waits.
const QUEUE: usize = 64;

/// Hooks that nobody else would run in time.
const HOOKS: [&str; 6] = [
    "pane-died",
    "pane-exited",
    "session-closed",
    "alert-activity",
    "alert-bell",
    "alert-silence",
];

enum Heard {
    State(Option<Box<State>>),
    /// Of a psup session.
    Happened(String, What),
    Output(u32),
}

fn sets(state: &State) -> impl Iterator<Item = &Options> {
    let sessions = state.sessions.values().map(|s| &s.options);
    let windows = state.windows.values().map(|w| &w.options);
    let panes = state.panes.values().map(|p| &p.options);
    [&state.global, &state.global_window]
        .into_iter()
        .chain(sessions)
        .chain(windows)
        .chain(panes)
}

fn is_monitored(state: &State, window: &Window) -> bool {
    options::of_window(state, Some(window), "monitor-activity") == "on" || silence(state, window).is_some()
}

fn silence(state: &State, window: &Window) -> Option<Duration> {
    let seconds = options::of_window(state, Some(window), "monitor-silence").parse().ok()?;
    Some(Duration::from_secs(seconds)).filter(|time| !time.is_zero())
}

fn wanted(state: &State) -> bool {
    let is_hook = |key: &String| HOOKS.contains(&options::indexed(key).0);
    !state.panes.is_empty()
        && (state.clients.iter().any(|c| !c.control)
            || sets(state).any(|set| set.keys().any(is_hook))
            || state.windows.values().any(|w| is_monitored(state, w)))
}

/// Begins to watch the state if it wants that and nobody does.
pub fn ensure(run: &mut Run) {
    let lives = run.state.watcher.is_some_and(platform::lives);
    if lives || !run.exists || !wanted(&run.state) {
        return;
    }
    let own = std::env::current_exe().map_or_else(|_| "psup".into(), |p| p.to_string_lossy().into_owned());
    let mut env: Vec<(Vec<u8>, Vec<u8>)> = psup_link::caller::environment();
    env.retain(|(key, _)| key != b"TMUX_PANE" && key != b"TMUX");
    let command = [own.as_str(), "tmux", WORD, &run.socket];
    let spec = Spec {
        command: command.map(|w| w.as_bytes().to_vec()).to_vec(),
        cwd: b"/".to_vec(),
        env,
        asked_env: vec![],
        size: Size::DEFAULT,
        scrollback: 100,
        restart: Restart::OnFailure,
        on_boot: false,
        labels: BTreeMap::from([(format!("{LABEL}-watch"), run.backend.borrow().key().to_string())]),
        log_limit: None,
        ttl: None,
        umask: caller::umask(),
        integration: false,
    };
    let name = name(run);
    let spawned = run.backend.borrow_mut().spawn(&name, spec);
    // Without it everything is found by the next command that looks.
    run.state.watcher = spawned.ok().map(|spawned| spawned.pid);
}

/// To be chosen is activity of a window.
pub fn chosen(run: &mut Run, session: u32) {
    let window = run.state.session(session).map(crate::state::Session::current_window);
    let pane = window.and_then(|id| run.state.windows.get(&id)).map(|w| w.active);
    if let (Some(window), Some(pane)) = (window, pane)
        && alerts::is_news(&run.state, window, Alert::Activity)
    {
        alerts::raise(run, pane, Alert::Activity);
    }
}

/// The session that watches.
pub fn name(run: &Run) -> String {
    format!("{}-watch", run.backend.borrow().key())
}

struct Watcher<'f, 'a> {
    at: &'f Endpoint<'a>,
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
pub fn run(at: &Endpoint, flags: &Flags) -> u8 {
    let (queue, heard) = sync_channel(QUEUE);
    let mut watcher = Watcher {
        at,
        flags,
        state: State::default(),
        followed: BTreeMap::new(),
        new_from: 0,
        silent_at: BTreeMap::new(),
        queue,
    };
    std::thread::scope(|scope| {
        let events = watcher.queue.clone();
        scope.spawn(move || at.events(|name, what| events.send(Heard::Happened(name, what)).is_ok()));
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
        let mut run = Run::new(self.at.backend(), self.at.socket.clone(), Caller::new(self.flags));
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
            if !wanted(&self.state) {
                return;
            }
            self.follow(scope);
            let next = match self.silent_at.values().min() {
                None => heard.recv().ok(),
                Some(at) => match heard.recv_timeout(at.saturating_duration_since(Instant::now())) {
                    Ok(what) => Some(what),
                    Err(RecvTimeoutError::Timeout) => {
                        self.silent();
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => None,
                },
            };
            match next {
                None | Some(Heard::State(None)) => return,
                Some(Heard::State(Some(state))) => self.state = *state,
                Some(Heard::Happened(name, what)) => self.happened(&name, &what),
                Some(Heard::Output(pane)) => self.said(pane),
            }
        }
    }

    fn happened(&mut self, name: &str, what: &What) {
        let Some(pane) = self.state.panes.values().find(|pane| pane.session == name).map(|pane| pane.id) else {
            return;
        };
        match what {
            What::Exited { .. } | What::Lost { .. } => {
                self.act(|run| drop(run.execute(&[])));
            }
            What::Bell => self.alert(pane, Alert::Bell),
            _ => {}
        }
    }

    fn said(&mut self, pane: u32) {
        let Some(window) = self.state.window_of(pane) else { return };
        let id = window.id;
        if let Some(time) = silence(&self.state, window) {
            self.silent_at.insert(id, Instant::now() + time);
        }
        if alerts::is_news(&self.state, id, Alert::Activity) {
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
            if let Some(pane) = pane.filter(|_| alerts::is_news(&self.state, window, Alert::Silence)) {
                self.alert(pane, Alert::Silence);
            }
        }
    }

    fn alert(&mut self, pane: u32, alert: Alert) {
        self.act(|run| alerts::raise(run, pane, alert));
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
            alerts::is_news(state, *window, Alert::Silence).then_some(time)
        };
        self.silent_at.retain(|window, _| of_interest(window).is_some());
        for window in state.windows.keys() {
            if let Some(time) = of_interest(window) {
                self.silent_at.entry(*window).or_insert_with(|| Instant::now() + time);
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
            let (Some(info), Ok(target)) = (self.at.backend().info(&pane.session), pane.session.parse()) else {
                continue;
            };
            self.followed.insert(id, life);
            let since = if id < self.new_from { info.offset } else { 0 };
            let queue = self.queue.clone();
            let at = self.at.clone();
            scope.spawn(move || at.follow(target, since, |bytes| bytes.is_empty() || queue.send(Heard::Output(id)).is_ok()));
        }
    }
}

/// The words of a watcher, and the socket of its state.
pub fn of_words(words: &[String]) -> Option<&String> {
    match words {
        [word, socket] if word == WORD => Some(socket),
        _ => None,
    }
}
