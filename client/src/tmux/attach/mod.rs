//! `attach-session`: the current window on this terminal, keys to the active pane, tmux's prefix key for the everyday bindings.
//!
//! ```text
//! keyboard ────────┐
//! the document ────┼──→ one queue → commands, keys to a pane, redraw
//! panes' output ───┤
//! SIGWINCH ────────┘
//! ```
//! What is shown is drawn from captures of the panes, row by row, and only rows that have changed are written.

mod bindings;
mod draw;
mod keyboard;
mod terminal;

pub use bindings::BINDINGS;

use super::clock::now_ms;
use super::cmd;
use super::face::{Caller, Face};
use super::following::Where;
use super::start::Flags;
use super::target;
use super::world::{Client, Pane, Window, World};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, pthread_sigmask};
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Scope;
use terminal::{Raw, write};

/// What may wait to be handled; a source that is faster waits.
const QUEUE: usize = 64;

enum Heard {
    Typed(Vec<u8>),
    KeyboardOver,
    World(Option<Box<World>>),
    /// A pane has said something, or has ended.
    Output(bool),
    Resized,
}

/// What the keys are for now.
enum Mode {
    Plain,
    Prefix,
    /// A question on the status line: kill it?
    Confirm(String),
    /// A command is typed on the status line.
    Prompt(String),
}

struct Attached<'f, 'a> {
    at: &'f Where<'a>,
    flags: &'f Flags,
    name: String,
    world: World,
    mode: Mode,
    read_only: bool,
    size: (i32, i32),
    followed: BTreeMap<u32, String>,
    shown: BTreeMap<(u32, usize), String>,
    queue: SyncSender<Heard>,
    /// Why it is over.
    farewell: String,
}

/// Shows a session until the client is detached or the session ends.
pub fn run(at: &Where, flags: &Flags, session: u32, read_only: bool) -> u8 {
    let mut winch = SigSet::empty();
    winch.add(Signal::SIGWINCH);
    // Before any thread, so that only the one that waits for it gets it.
    if pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&winch), None).is_err() {
        return 1;
    }
    let raw = match Raw::begin() {
        Ok(raw) => raw,
        Err(errno) => {
            cmd::tell(&format!("open terminal failed: {}", errno.desc()));
            return 1;
        }
    };
    let (queue, heard) = sync_channel(QUEUE);
    let tty = nix::unistd::ttyname(std::io::stdin()).map_or_else(|_| String::new(), |p| p.to_string_lossy().into_owned());
    let mut attached = Attached {
        at,
        flags,
        name: tty,
        world: World::default(),
        mode: Mode::Plain,
        read_only,
        size: cmd::terminal_size().unwrap_or((80, 24)),
        followed: BTreeMap::new(),
        shown: BTreeMap::new(),
        queue,
        farewell: String::new(),
    };
    std::thread::scope(|scope| {
        let version = attached.greet(session);
        let queue = attached.queue.clone();
        scope.spawn(move || type_in(&queue));
        let queue = attached.queue.clone();
        scope.spawn(move || while winch.wait().is_ok() && queue.send(Heard::Resized).is_ok() {});
        let queue = attached.queue.clone();
        scope.spawn(move || at.watch(version, |world| queue.send(Heard::World(world)).is_ok()));
        attached.go(&heard, scope);
        attached.leave();
        drop(raw);
        write(&format!("[{}]\n", attached.farewell));
        // The threads block in reads of theirs; there is nothing left for them to do.
        std::process::exit(0)
    })
}

fn type_in(queue: &SyncSender<Heard>) {
    let mut buffer = [0; 4096];
    loop {
        match std::io::stdin().lock().read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                if queue.send(Heard::Typed(buffer[..count].to_vec())).is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    let _ = queue.send(Heard::KeyboardOver);
}

impl<'a> Attached<'_, 'a> {
    fn face(&self) -> Face<'a> {
        let mut face = Face::new(self.at.floor(), self.at.socket.clone(), Caller::new(self.flags));
        face.said = Some(Vec::new());
        face
    }

    fn greet(&mut self, session: u32) -> u64 {
        let mut face = self.face();
        if face.open(true).is_err() {
            return 0;
        }
        let now = now_ms();
        face.world.clients.retain(|c| c.name != self.name);
        face.world.clients.push(Client {
            name: self.name.clone(),
            pid: std::process::id() as i32,
            tty: self.name.clone(),
            session,
            sx: self.size.0,
            sy: self.size.1,
            control: false,
            read_only: self.read_only,
            created_ms: now,
            activity_ms: now,
            term: std::env::var("TERM").unwrap_or_default(),
            flags: vec!["focused".to_owned()],
            last_session: None,
            utf8: true,
        });
        if let Some(session) = face.world.session_mut(session) {
            session.attached_ms = now;
            session.activity_ms = now;
        }
        cmd::fit(&mut face, session);
        let place = face.world.session(session).map(|s| target::of_session(&face.world, s));
        cmd::run_hook(&mut face, "client-attached", place, vec![]);
        let _ = face.close();
        self.world = face.world.clone();
        face.version()
    }

    fn leave(&self) {
        let mut face = self.face();
        if face.open(true).is_ok() && face.exists {
            face.world.clients.retain(|c| c.name != self.name);
            cmd::run_hook(&mut face, "client-detached", None, vec![]);
            let _ = face.close();
        }
    }

    fn go<'scope>(&mut self, heard: &Receiver<Heard>, scope: &'scope Scope<'scope, '_>)
    where
        'a: 'scope,
    {
        self.follow(scope);
        self.draw();
        while let Ok(first) = heard.recv() {
            let mut next = Some(first);
            let mut over = false;
            // All that has come meanwhile is drawn at once.
            while let Some(what) = next {
                over |= self.handle(what);
                next = heard.try_recv().ok();
            }
            if over {
                return;
            }
            self.follow(scope);
            self.draw();
        }
    }

    /// Whether it is over.
    fn handle(&mut self, what: Heard) -> bool {
        match what {
            Heard::Typed(bytes) => self.typed(&bytes),
            Heard::KeyboardOver => "lost tty".clone_into(&mut self.farewell),
            Heard::World(None) => "exited".clone_into(&mut self.farewell),
            Heard::World(Some(world)) => {
                let before = self.session_name();
                let shape = |world: &World| world.windows.values().map(|w| (w.id, w.layout.clone())).collect::<Vec<_>>();
                if shape(&self.world) != shape(&world) || self.window().map(|w| w.id) != self.window_in(&world).map(|w| w.id) {
                    self.shown.clear();
                }
                let present = world.clients.iter().find(|c| c.name == self.name).map(|c| c.session);
                let lives = present.is_some_and(|s| world.session(s).is_some());
                if !lives {
                    let ended = self.own().is_none_or(|c| world.session(c.session).is_none());
                    self.farewell = if ended {
                        "exited".to_owned()
                    } else {
                        format!("detached (from session {before})")
                    };
                }
                self.world = *world;
            }
            Heard::Output(false) => {}
            Heard::Output(true) => self.bury(),
            Heard::Resized => self.resized(),
        }
        !self.farewell.is_empty()
    }

    fn own(&self) -> Option<&Client> {
        self.world.clients.iter().find(|c| c.name == self.name)
    }

    fn session_name(&self) -> String {
        self.own()
            .and_then(|c| self.world.session(c.session))
            .map(|s| s.name.clone())
            .unwrap_or_default()
    }

    fn window(&self) -> Option<&Window> {
        self.window_in(&self.world)
    }

    fn window_in<'w>(&self, world: &'w World) -> Option<&'w Window> {
        let client = world.clients.iter().find(|c| c.name == self.name)?;
        world.windows.get(&world.session(client.session)?.current_window())
    }

    fn active(&self) -> Option<&Pane> {
        self.world.panes.get(&self.window()?.active)
    }

    /// A child has ended: whoever takes the lock next cleans up, and that is us.
    fn bury(&mut self) {
        let mut face = self.face();
        if face.open(true).is_ok() {
            let _ = face.run(&[]);
            let _ = face.close();
        }
    }

    fn resized(&mut self) {
        self.size = cmd::terminal_size().unwrap_or(self.size);
        self.shown.clear();
        write("\x1b[m\x1b[2J");
        let mut face = self.face();
        if face.open(true).is_err() {
            return;
        }
        let mut session = None;
        if let Some(client) = face.world.clients.iter_mut().find(|c| c.name == self.name) {
            (client.sx, client.sy) = self.size;
            session = Some(client.session);
        }
        if let Some(session) = session {
            cmd::fit(&mut face, session);
        }
        let _ = face.close();
    }

    fn follow<'scope>(&mut self, scope: &'scope Scope<'scope, '_>)
    where
        'a: 'scope,
    {
        let Some(window) = self.window() else { return };
        let panes: Vec<Pane> = window.panes.iter().filter_map(|p| self.world.panes.get(p)).cloned().collect();
        for pane in panes {
            let life = format!("{} {}", pane.session, pane.pid);
            if pane.dead.is_some() || self.followed.get(&pane.id) == Some(&life) {
                continue;
            }
            let (Some(info), Ok(target)) = (self.at.floor().info(&pane.session), pane.session.parse()) else {
                continue;
            };
            self.followed.insert(pane.id, life);
            let queue = self.queue.clone();
            let at = self.at.clone();
            scope.spawn(move || at.follow(target, info.offset, |bytes| queue.send(Heard::Output(bytes.is_empty())).is_ok()));
        }
    }
}
