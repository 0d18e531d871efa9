//! Somebody who looks at a world all the time: hooks about ends and alerts run at once, and windows are flagged that say something unseen.
//!
//! It is a session like any other, so that it survives what sessions survive; there is one as long as the world has such a hook, a window
//! that is monitored, or an attached client, and none before. Every command that leaves a world which wants one sees to it.
//!
//! ```text
//! the document ─────────────┐
//! ends and bells of all ────┼──→ one queue → bury, flag, run hooks
//! monitored panes' output ──┘     (and a clock, for silence)
//! ```

mod alerts;

use super::face::{Caller, Face};
use super::floor::LABEL;
use super::following::Where;
use super::options;
use super::platform;
use super::start::Flags;
use super::world::{Options, Window, World};
use alerts::Alert;
use psup_link::caller;
use psup_proto::event::What;
use psup_proto::spec::Restart;
use psup_proto::{Size, Spec};
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// The word by which a psup becomes the watcher of a world.
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
    World(Option<Box<World>>),
    /// Of a psup session.
    Happened(String, What),
    Output(u32),
}

fn sets(world: &World) -> impl Iterator<Item = &Options> {
    let sessions = world.sessions.values().map(|s| &s.options);
    let windows = world.windows.values().map(|w| &w.options);
    let panes = world.panes.values().map(|p| &p.options);
    [&world.global, &world.global_window]
        .into_iter()
        .chain(sessions)
        .chain(windows)
        .chain(panes)
}

fn is_monitored(world: &World, window: &Window) -> bool {
    options::of_window(world, Some(window), "monitor-activity") == "on" || silence(world, window).is_some()
}

fn silence(world: &World, window: &Window) -> Option<Duration> {
    let seconds = options::of_window(world, Some(window), "monitor-silence").parse().ok()?;
    Some(Duration::from_secs(seconds)).filter(|time| !time.is_zero())
}

fn wanted(world: &World) -> bool {
    let is_hook = |key: &String| HOOKS.contains(&options::indexed(key).0);
    !world.panes.is_empty()
        && (world.clients.iter().any(|c| !c.control)
            || sets(world).any(|set| set.keys().any(is_hook))
            || world.windows.values().any(|w| is_monitored(world, w)))
}

/// Begins to watch the world if it wants that and nobody does.
pub fn ensure(face: &mut Face) {
    let lives = face.world.watcher.is_some_and(platform::lives);
    if lives || !face.exists || !wanted(&face.world) {
        return;
    }
    let own = std::env::current_exe().map_or_else(|_| "psup".into(), |p| p.to_string_lossy().into_owned());
    let mut env: Vec<(Vec<u8>, Vec<u8>)> = psup_link::caller::environment();
    env.retain(|(key, _)| key != b"TMUX_PANE" && key != b"TMUX");
    let command = [own.as_str(), "tmux", WORD, &face.socket];
    let spec = Spec {
        command: command.map(|w| w.as_bytes().to_vec()).to_vec(),
        cwd: b"/".to_vec(),
        env,
        asked_env: vec![],
        size: Size::DEFAULT,
        scrollback: 100,
        restart: Restart::OnFailure,
        on_boot: false,
        labels: BTreeMap::from([(format!("{LABEL}-watch"), face.floor.borrow().key().to_string())]),
        log_limit: None,
        ttl: None,
        umask: caller::umask(),
        integration: false,
    };
    let name = name(face);
    let spawned = face.floor.borrow_mut().spawn(&name, spec);
    // Without it everything is found by the next command that looks.
    face.world.watcher = spawned.ok().map(|spawned| spawned.pid);
}

/// To be chosen is activity of a window.
pub fn chosen(face: &mut Face, session: u32) {
    let window = face.world.session(session).map(crate::world::Session::current_window);
    let pane = window.and_then(|id| face.world.windows.get(&id)).map(|w| w.active);
    if let (Some(window), Some(pane)) = (window, pane)
        && alerts::is_news(&face.world, window, Alert::Activity)
    {
        alerts::raise(face, pane, Alert::Activity);
    }
}

/// The session that watches.
pub fn name(face: &Face) -> String {
    format!("{}-watch", face.floor.borrow().key())
}

struct Watcher<'f, 'a> {
    at: &'f Where<'a>,
    flags: &'f Flags,
    world: World,
    followed: BTreeMap<u32, String>,
    /// Panes from this one on were made while it watched: all that they say is news.
    new_from: u32,
    /// When a window has said nothing for as long as it is to be told of.
    silent_at: BTreeMap<u32, Instant>,
    queue: SyncSender<Heard>,
}

/// Watches until the world ends or wants nobody to.
pub fn run(at: &Where, flags: &Flags) -> u8 {
    let (queue, heard) = sync_channel(QUEUE);
    let mut watcher = Watcher {
        at,
        flags,
        world: World::default(),
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
        scope.spawn(move || at.watch(version, |_, world| worlds.send(Heard::World(world)).is_ok()));
        watcher.go(&heard, scope);
        // The threads block in reads of theirs; there is nothing left for them to do.
        std::process::exit(0)
    })
}

impl<'a> Watcher<'_, 'a> {
    fn face(&self) -> Face<'a> {
        let mut face = Face::new(self.at.floor(), self.at.socket.clone(), Caller::new(self.flags));
        face.said = Some(Vec::new());
        // What hooks run, runs where their session is.
        face.caller.cwd.clear();
        face
    }

    /// Sees to what has happened before it came.
    fn begin(&mut self) -> u64 {
        let mut face = self.face();
        if face.open(true).is_err() {
            return 0;
        }
        let _ = face.run(&[]);
        face.world.watcher = Some(std::process::id() as i32);
        let _ = face.close();
        self.world = face.world.clone();
        self.new_from = self.world.next_pane;
        face.version()
    }

    fn go<'scope>(&mut self, heard: &Receiver<Heard>, scope: &'scope Scope<'scope, '_>)
    where
        'a: 'scope,
    {
        loop {
            if !wanted(&self.world) {
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
                None | Some(Heard::World(None)) => return,
                Some(Heard::World(Some(world))) => self.world = *world,
                Some(Heard::Happened(name, what)) => self.happened(&name, &what),
                Some(Heard::Output(pane)) => self.said(pane),
            }
        }
    }

    fn happened(&mut self, name: &str, what: &What) {
        let Some(pane) = self.world.panes.values().find(|pane| pane.session == name).map(|pane| pane.id) else {
            return;
        };
        match what {
            What::Exited { .. } | What::Lost { .. } => {
                self.act(|face| drop(face.run(&[])));
            }
            What::Bell => self.alert(pane, Alert::Bell),
            _ => {}
        }
    }

    fn said(&mut self, pane: u32) {
        let Some(window) = self.world.window_of(pane) else { return };
        let id = window.id;
        if let Some(time) = silence(&self.world, window) {
            self.silent_at.insert(id, Instant::now() + time);
        }
        if alerts::is_news(&self.world, id, Alert::Activity) {
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
            let pane = self.world.windows.get(&window).map(|w| w.active);
            if let Some(pane) = pane.filter(|_| alerts::is_news(&self.world, window, Alert::Silence)) {
                self.alert(pane, Alert::Silence);
            }
        }
    }

    fn alert(&mut self, pane: u32, alert: Alert) {
        self.act(|face| alerts::raise(face, pane, alert));
    }

    fn act(&mut self, act: impl FnOnce(&mut Face)) {
        let mut face = self.face();
        if face.open(true).is_err() || !face.exists {
            return;
        }
        act(&mut face);
        let _ = face.close();
        self.world = face.world.clone();
    }

    /// Silence is counted from when it begins to be of interest.
    fn arm(&mut self) {
        let world = &self.world;
        let of_interest = |window: &u32| {
            let time = silence(world, world.windows.get(window)?)?;
            alerts::is_news(world, *window, Alert::Silence).then_some(time)
        };
        self.silent_at.retain(|window, _| of_interest(window).is_some());
        for window in world.windows.keys() {
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
        let world = &self.world;
        let monitored = world.windows.values().filter(|w| is_monitored(world, w));
        let panes: Vec<u32> = monitored.flat_map(|w| w.panes.clone()).collect();
        for id in panes {
            let Some(pane) = self.world.panes.get(&id).filter(|p| p.dead.is_none()) else {
                continue;
            };
            let life = format!("{} {}", pane.session, pane.pid);
            if self.followed.get(&id) == Some(&life) {
                continue;
            }
            let (Some(info), Ok(target)) = (self.at.floor().info(&pane.session), pane.session.parse()) else {
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

/// The words of a watcher, and the socket of its world.
pub fn of_words(words: &[String]) -> Option<&String> {
    match words {
        [word, socket] if word == WORD => Some(socket),
        _ => None,
    }
}
