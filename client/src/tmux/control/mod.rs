//! Control mode: commands by lines on stdin, answers in blocks, and notices of what happens, for programs that draw tmux's windows themselves.
//!
//! ```text
//! stdin ──────────────┐
//! the document ───────┼──→ one queue → commands, notices → stdout
//! each pane's output ─┘
//! ```
//! Each source has a thread and a connection of its own; the queue is the only place where they meet, so nothing is told twice or out of order.

mod notice;

use super::clock::now_ms;
use super::cmd;
use super::commands;
use super::face::{Caller, Face};
use super::following::Where;
use super::start::Flags;
use super::world::{Client, World};
use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// What may wait to be handled; a source that is faster waits.
const QUEUE: usize = 256;

enum Heard {
    Line(String),
    StdinOver,
    World(Option<Box<World>>),
    Output(u32, Vec<u8>),
}

struct Control<'f, 'a> {
    at: &'f Where<'a>,
    flags: &'f Flags,
    number: u64,
    client: String,
    world: World,
    /// It goes only when stdin has said so with an empty line.
    waits: bool,
    /// The psup session that is followed for each pane.
    followed: BTreeMap<u32, String>,
    queue: SyncSender<Heard>,
}

/// Runs until stdin is over, the client is detached or the world ends.
pub fn run(at: &Where, flags: &Flags, first: &[Vec<String>], face: Face) -> u8 {
    if flags.control > 1 {
        if !std::io::IsTerminal::is_terminal(&std::io::stdin()) {
            cmd::tell("tcgetattr failed: Inappropriate ioctl for device");
            return 1;
        }
        cmd::print("\x1bP1000p");
    }
    let (queue, heard) = sync_channel(QUEUE);
    let mut control = Control {
        at,
        flags,
        number: 1,
        client: format!("client-{}", std::process::id()),
        world: World::default(),
        waits: false,
        followed: BTreeMap::new(),
        queue,
    };
    let old: Vec<u32> = face.world.sessions.values().map(|session| session.id).collect();
    let attached = control.begin(first, face);
    if let Some(session) = attached {
        let fresh = !old.contains(&session);
        std::thread::scope(|scope| {
            let queue = control.queue.clone();
            scope.spawn(move || listen(&queue));
            let version = control.greet(session, fresh, asked(first));
            let queue = control.queue.clone();
            scope.spawn(move || at.watch(version, |world| queue.send(Heard::World(world)).is_ok()));
            control.go(&heard, scope);
            control.leave();
            print("%exit\n");
            if flags.control > 1 {
                print("\x1b\\");
            }
            while control.waits && matches!(heard.recv(), Ok(what) if !what.ends()) {}
            // The threads block in reads of theirs; there is nothing left for them to do.
            std::process::exit(0);
        });
    }
    print("%exit\n");
    if flags.control > 1 {
        print("\x1b\\");
    }
    0
}

/// What the client's own command says that it is.
fn asked(first: &[Vec<String>]) -> Vec<String> {
    let calls = first.iter().filter_map(|words| commands::parse(words).ok());
    let attaching = calls.filter(|call| matches!(call.name, "attach-session" | "new-session"));
    let flags = attaching.filter_map(|call| call.get('f').map(str::to_owned));
    flags
        .flat_map(|flags| flags.split(',').map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

fn print(text: &str) {
    cmd::print(text);
}

impl Heard {
    /// Nothing more will be said.
    fn ends(&self) -> bool {
        match self {
            Self::Line(line) => line.is_empty(),
            Self::StdinOver => true,
            Self::World(_) | Self::Output(..) => false,
        }
    }
}

fn listen(queue: &SyncSender<Heard>) {
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        if queue.send(Heard::Line(line)).is_err() {
            return;
        }
    }
    // Nobody listens when we are leaving.
    let _ = queue.send(Heard::StdinOver);
}

impl<'a> Control<'_, 'a> {
    fn face(&self) -> Face<'a> {
        Face::new(self.at.floor(), self.at.socket.clone(), Caller::new(self.flags))
    }

    /// The command of the command line; the session that it attached to, if any.
    fn begin(&mut self, first: &[Vec<String>], mut face: Face) -> Option<u32> {
        face.said = Some(Vec::new());
        self.block(0, |_| match cmd::with_aliases(&face, first) {
            Ok(calls) => {
                let _ = face.run(&calls);
                let _ = face.close();
                (face.said.take().unwrap_or_default(), face.code != 0)
            }
            Err(why) => (format!("{why}\n").into_bytes(), true),
        });
        face.attached
    }

    fn block(&mut self, flags: u8, act: impl FnOnce(&mut Self) -> (Vec<u8>, bool)) {
        self.number += 1;
        let mark = format!("{} {} {flags}", now_ms() / 1000, self.number);
        let (said, failed) = act(self);
        let end = if failed { "%error" } else { "%end" };
        let mut out = format!("%begin {mark}\n").into_bytes();
        out.extend(said);
        out.extend_from_slice(format!("{end} {mark}\n").as_bytes());
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(&out).and_then(|()| stdout.flush());
    }

    /// Takes its place among the clients, and tells what it looks at.
    fn greet(&mut self, session: u32, fresh: bool, flags: Vec<String>) -> u64 {
        let mut face = self.face();
        if face.open(true).is_err() {
            return 0;
        }
        let now = now_ms();
        face.world.clients.push(Client {
            control: true,
            flags,
            ..Client::new(&self.client, session)
        });
        let fresh = face.world.session(session).filter(|_| fresh).cloned();
        if let Some(session) = face.world.session_mut(session) {
            session.attached_ms = now;
        }
        if let Some(session) = &fresh {
            for window in session.windows.values() {
                print(&format!("%window-add @{window}\n"));
            }
            print("%sessions-changed\n");
        }
        if let Some(session) = face.world.session(session) {
            print(&format!("%session-changed ${} {}\n", session.id, session.name));
        }
        let _ = face.close();
        self.world = face.world.clone();
        face.version()
    }

    fn leave(&self) {
        let mut face = self.face();
        if face.open(true).is_ok() && face.exists {
            face.world.clients.retain(|c| c.name != self.client);
            let _ = face.close();
        }
    }

    fn go<'scope>(&mut self, heard: &Receiver<Heard>, scope: &'scope std::thread::Scope<'scope, '_>)
    where
        'a: 'scope,
        Self: 'scope,
    {
        self.follow(scope);
        while let Ok(what) = heard.recv() {
            if let Some(own) = self.world.clients.iter().find(|c| c.name == self.client) {
                self.waits = own.flags.iter().any(|flag| flag == "wait-exit");
            }
            match what {
                Heard::Line(line) if line.is_empty() => return self.catch_up(),
                Heard::Line(line) => self.command(&line),
                Heard::StdinOver => {
                    self.waits = false;
                    return self.catch_up();
                }
                Heard::World(None) => return print("%sessions-changed\n"),
                Heard::World(Some(world)) => {
                    self.notice(&world);
                    self.world = *world;
                    if !self.world.clients.iter().any(|c| c.name == self.client) {
                        return;
                    }
                    self.follow(scope);
                }
                Heard::Output(pane, bytes) => self.output(pane, &bytes),
            }
        }
    }

    /// What its own commands have changed is told before it goes.
    fn catch_up(&mut self) {
        let mut face = self.face();
        match face.open(false) {
            Ok(()) if face.exists => self.notice(&face.world),
            Ok(()) | Err(_) => print("%sessions-changed\n"),
        }
    }

    fn command(&mut self, line: &str) {
        let mut face = self.face();
        let opened = face.open(true);
        face.said = Some(Vec::new());
        let own = self.client.clone();
        let session = self.world.clients.iter().find(|c| c.name == own).map(|c| c.session);
        face.current = session
            .and_then(|id| face.world.session(id))
            .map(|s| super::target::of_session(&face.world, s));
        self.block(1, |_| {
            if opened.is_err() || !face.exists {
                return (b"server exited\n".to_vec(), true);
            }
            match cmd::words_of(&face, line) {
                Ok(words) => match words.iter().map(|w| commands::parse(w)).collect::<Result<Vec<_>, _>>() {
                    Ok(_) => {
                        let calls = cmd::with_aliases(&face, &words).unwrap_or_default();
                        let _ = face.run(&calls);
                        let _ = face.keep();
                        (face.said.take().unwrap_or_default(), face.code != 0)
                    }
                    Err(why) => (format!("parse error: {why}\n").into_bytes(), true),
                },
                Err(why) => (format!("parse error: {why}\n").into_bytes(), true),
            }
        });
        let _ = face.close();
    }

    /// Every pane of the session has its output told, from when it is first seen.
    fn follow<'scope>(&mut self, scope: &'scope std::thread::Scope<'scope, '_>)
    where
        'a: 'scope,
        Self: 'scope,
    {
        let own = self.world.clients.iter().find(|c| c.name == self.client).map(|c| c.session);
        let Some(session) = own.and_then(|id| self.world.session(id)) else {
            return;
        };
        let panes: Vec<u32> = session
            .windows
            .values()
            .filter_map(|w| self.world.windows.get(w))
            .flat_map(|w| w.panes.clone())
            .collect();
        for id in panes {
            let Some(pane) = self.world.panes.get(&id) else { continue };
            let life = format!("{} {}", pane.session, pane.pid);
            if pane.dead.is_some() || self.followed.get(&id) == Some(&life) {
                continue;
            }
            let known = self.followed.insert(id, life).is_some() || !self.world.clients.is_empty();
            let Ok(target) = pane.session.parse() else { continue };
            let mut floor = self.at.floor();
            let Some(info) = floor.info(&pane.session) else { continue };
            // What a pane had said before anybody looked is on its screen already; a pane of our own making begins at its beginning.
            let young = now_ms().saturating_sub(info.started_ms) < 2000 && known;
            let since = if young { 0 } else { info.offset };
            let queue = self.queue.clone();
            let at = self.at.clone();
            // An empty piece is the end.
            scope.spawn(move || at.follow(target, since, |bytes| queue.send(Heard::Output(id, bytes)).is_ok()));
        }
    }

    fn output(&mut self, pane: u32, bytes: &[u8]) {
        if bytes.is_empty() {
            // The pane's child has ended: buried by the next who takes the lock, and that is us.
            let mut face = self.face();
            if face.open(true).is_ok() {
                let _ = face.run(&[]);
                let _ = face.close();
            }
            return;
        }
        let quiet = self
            .world
            .clients
            .iter()
            .find(|c| c.name == self.client)
            .is_some_and(|c| c.flags.iter().any(|f| f == "no-output"));
        if quiet {
            return;
        }
        let mut out = format!("%output %{pane} ").into_bytes();
        for byte in bytes {
            if *byte < b' ' || *byte == b'\\' {
                out.extend_from_slice(format!("\\{byte:03o}").as_bytes());
            } else {
                out.push(*byte);
            }
        }
        out.push(b'\n');
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(&out).and_then(|()| stdout.flush());
    }
}
