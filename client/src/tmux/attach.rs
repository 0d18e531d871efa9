//! `attach-session`: the current window on this terminal, keys to the active pane, tmux's prefix key for the everyday bindings.
//!
//! ```text
//! keyboard ────────┐
//! the document ────┼──→ one queue → commands, keys to a pane, redraw
//! panes' output ───┤
//! SIGWINCH ────────┘
//! ```
//! What is shown is drawn from captures of the panes, row by row, and only rows that have changed are written.

use super::clock::now_ms;
use super::cmd;
use super::face::{Caller, Face};
use super::following::Where;
use super::layout::{Cell, Kind, Way};
use super::options;
use super::start::Flags;
use super::target;
use super::world::{Client, Pane, Window, World};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, pthread_sigmask};
use nix::sys::termios::{SetArg, Termios, cfmakeraw, tcgetattr, tcsetattr};
use psup_proto::input::Part;
use psup_proto::key::{Code, Key};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Scope;

/// What may wait to be handled; a source that is faster waits.
const QUEUE: usize = 64;

/// What a key does after the prefix, unless it was bound to something else.
pub const BINDINGS: &[(&str, &str)] = &[
    ("d", "detach-client"),
    ("c", "new-window"),
    ("n", "next-window"),
    ("p", "previous-window"),
    ("l", "last-window"),
    ("%", "split-window -h"),
    ("\"", "split-window"),
    ("o", "select-pane -t :.+"),
    (";", "last-pane"),
    ("z", "resize-pane -Z"),
    ("!", "break-pane"),
    ("{", "swap-pane -U"),
    ("}", "swap-pane -D"),
    ("Space", "next-layout"),
    ("E", "select-layout -E"),
    ("Up", "select-pane -U"),
    ("Down", "select-pane -D"),
    ("Left", "select-pane -L"),
    ("Right", "select-pane -R"),
    ("(", "switch-client -p"),
    (")", "switch-client -n"),
    ("L", "switch-client -l"),
    ("x", "kill-pane"),
    ("&", "kill-window"),
];

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

/// The terminal as it was, given back when this is dropped.
struct Raw(Termios);

impl Raw {
    fn begin() -> nix::Result<Self> {
        let before = tcgetattr(std::io::stdin())?;
        let mut raw = before.clone();
        cfmakeraw(&mut raw);
        tcsetattr(std::io::stdin(), SetArg::TCSANOW, &raw)?;
        write("\x1b[?1049h\x1b[m\x1b[H\x1b[2J");
        Ok(Self(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        write("\x1b[m\x1b[?25h\x1b[?2004l\x1b[?1049l");
        // Without it the terminal is left as it is; nothing more can be done.
        let _ = tcsetattr(std::io::stdin(), SetArg::TCSANOW, &self.0);
    }
}

fn write(text: &str) {
    cmd::print(text);
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

    // Keys.

    fn typed(&mut self, bytes: &[u8]) {
        let prefix = options::of_session(&self.world, self.own().and_then(|c| self.world.session(c.session)), "prefix");
        let mut rest = bytes;
        let mut plain: Vec<Part> = Vec::new();
        while !rest.is_empty() {
            let (name, part, length) = next_key(rest);
            rest = &rest[length..];
            match std::mem::replace(&mut self.mode, Mode::Plain) {
                Mode::Plain if name == prefix => self.mode = Mode::Prefix,
                Mode::Plain => plain.push(part),
                Mode::Prefix => {
                    self.type_into(std::mem::take(&mut plain));
                    self.bound(&name, &prefix, part);
                }
                Mode::Confirm(command) => {
                    if name == "y" {
                        self.command(&command);
                    }
                }
                Mode::Prompt(line) => self.prompted(line, &name),
            }
        }
        self.type_into(plain);
    }

    fn type_into(&mut self, parts: Vec<Part>) {
        let Some(pane) = self.active().filter(|p| !parts.is_empty() && p.dead.is_none() && !p.input_off) else {
            return;
        };
        if self.own().is_none_or(|c| c.read_only) {
            return;
        }
        let session = pane.session.clone();
        // A child that has just ended takes no more input.
        let _ = self.at.floor().send(&session, parts);
    }

    /// A key after the prefix.
    fn bound(&mut self, name: &str, prefix: &str, part: Part) {
        if let Some(Some(binding)) = self.world.keys.get(&format!("prefix {name}")) {
            let command = binding.command.clone();
            return self.command(&command);
        }
        if name == prefix {
            return self.type_into(vec![part]);
        }
        if let Ok(index) = name.parse::<u8>() {
            return self.command(&format!("select-window -t :{index}"));
        }
        match name {
            ":" => self.mode = Mode::Prompt(String::new()),
            "x" | "&" => {
                let command = if name == "x" { "kill-pane" } else { "kill-window" };
                self.mode = Mode::Confirm(command.to_owned());
            }
            _ => {
                if let Some((_, command)) = BINDINGS.iter().find(|(key, _)| *key == name) {
                    self.command(command);
                }
            }
        }
    }

    fn prompted(&mut self, mut line: String, name: &str) {
        match name {
            "Enter" => return self.command(&line),
            "Escape" | "C-c" => return,
            "BSpace" => drop(line.pop()),
            "Space" => line.push(' '),
            key if key.chars().count() == 1 => line.push_str(key),
            _ => {}
        }
        self.mode = Mode::Prompt(line);
    }

    fn command(&mut self, text: &str) {
        if text == "detach-client" {
            self.farewell = format!("detached (from session {})", self.session_name());
            return;
        }
        let mut face = self.face();
        if face.open(true).is_err() {
            return;
        }
        let session = self.own().map(|c| c.session);
        face.current = session
            .and_then(|id| face.world.session(id))
            .map(|s| target::of_session(&face.world, s));
        if let Ok(words) = cmd::words_of(&face, text)
            && let Ok(calls) = cmd::with_aliases(&face, &words)
        {
            // What is wrong with it shows by its doing nothing.
            let _ = face.run(&calls);
        }
        let _ = face.close();
    }

    // Drawing.

    fn draw(&mut self) {
        let Some(window) = self.window().cloned() else { return };
        let mut out = String::from("\x1b[?25l");
        let mut cursor = None;
        let fresh = self.shown.is_empty();
        if fresh {
            out.push_str("\x1b[m\x1b[H\x1b[2J");
            border(&window.layout, &mut out);
        }
        for cell in window.layout.leaves() {
            let Kind::Pane(id) = cell.kind else { continue };
            let Some(pane) = self.world.panes.get(&id).cloned() else { continue };
            let Ok(shot) = self.at.floor().capture(&pane.session, 0, i64::from(cell.sy) - 1, true, false) else {
                continue;
            };
            let text = String::from_utf8_lossy(&shot.bytes).into_owned();
            for (row, line) in text.lines().enumerate().take(cell.sy as usize) {
                let known = self.shown.insert((id, row), line.to_owned());
                if known.as_deref() != Some(line) {
                    // Blanks first: then a row need not be measured.
                    let _ = write!(out, "\x1b[m\x1b[{};{}H\x1b[{}X{line}", cell.y + row as i32 + 1, cell.x + 1, cell.sx);
                }
            }
            if id == window.active && shot.head.cursor.visible {
                cursor = Some((
                    cell.y + i32::from(shot.head.cursor.row) + 1,
                    cell.x + i32::from(shot.head.cursor.col) + 1,
                ));
            }
        }
        self.status(&mut out);
        if let Some((row, col)) = cursor {
            let _ = write!(out, "\x1b[m\x1b[{row};{col}H\x1b[?25h");
        }
        write(&out);
    }

    fn status(&self, out: &mut String) {
        let Some(session) = self.own().and_then(|c| self.world.session(c.session)) else {
            return;
        };
        if options::of_session(&self.world, Some(session), "status") == "off" {
            return;
        }
        let line = match &self.mode {
            Mode::Confirm(command) => format!("{command}? (y/n)"),
            Mode::Prompt(line) => format!(":{line}"),
            Mode::Plain | Mode::Prefix => {
                let windows = session.windows.iter().filter_map(|(index, id)| {
                    let window = self.world.windows.get(id)?;
                    let flag = if *index == session.current {
                        "*"
                    } else if session.last.first() == Some(index) {
                        "-"
                    } else {
                        " "
                    };
                    Some(format!("{index}:{}{flag}", window.name))
                });
                format!("[{}] {}", session.name, windows.collect::<Vec<_>>().join(" "))
            }
        };
        let line: String = line.chars().take(self.size.0.max(1) as usize).collect();
        let _ = write!(out, "\x1b[30;42m\x1b[{};1H\x1b[2K{line}\x1b[m", self.size.1);
    }
}

fn border(cell: &Cell, out: &mut String) {
    let Kind::Split(way, cells) = &cell.kind else { return };
    for part in &cells[..cells.len().saturating_sub(1)] {
        match way {
            Way::LeftRight => {
                for row in 0..cell.sy {
                    let _ = write!(out, "\x1b[{};{}H│", cell.y + row + 1, part.x + part.sx + 1);
                }
            }
            Way::TopBottom => {
                let _ = write!(
                    out,
                    "\x1b[{};{}H{}",
                    part.y + part.sy + 1,
                    cell.x + 1,
                    "─".repeat(cell.sx.max(0) as usize)
                );
            }
        }
    }
    cells.iter().for_each(|cell| border(cell, out));
}

/// The first key of what was typed: its name, what a pane gets for it, and how many bytes it was.
fn next_key(bytes: &[u8]) -> (String, Part, usize) {
    const CURSOR: &[(&[u8], &str, Code)] = &[
        (b"\x1b[A", "Up", Code::Up),
        (b"\x1b[B", "Down", Code::Down),
        (b"\x1b[C", "Right", Code::Right),
        (b"\x1b[D", "Left", Code::Left),
        (b"\x1bOA", "Up", Code::Up),
        (b"\x1bOB", "Down", Code::Down),
        (b"\x1bOC", "Right", Code::Right),
        (b"\x1bOD", "Left", Code::Left),
        (b"\x1b[H", "Home", Code::Home),
        (b"\x1b[F", "End", Code::End),
    ];
    if let Some((sequence, name, code)) = CURSOR.iter().find(|(sequence, _, _)| bytes.starts_with(sequence)) {
        // The program may want them in another form than this terminal sends.
        return ((*name).to_owned(), Part::Key(Key::plain(*code)), sequence.len());
    }
    let first = bytes[0];
    let length = match first {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        // A sequence goes through in one piece.
        0x1b => bytes[1..].iter().position(|b| *b == 0x1b).map_or(bytes.len(), |at| at + 1),
        _ => 1,
    }
    .min(bytes.len());
    let raw = bytes[..length].to_vec();
    let name = match first {
        b'\r' => "Enter".to_owned(),
        b'\t' => "Tab".to_owned(),
        0x1b if length == 1 => "Escape".to_owned(),
        0x7f => "BSpace".to_owned(),
        b' ' => "Space".to_owned(),
        0 => "C-Space".to_owned(),
        1..=26 => format!("C-{}", char::from(first + 96)),
        _ => String::from_utf8_lossy(&raw).into_owned(),
    };
    (name, Part::Text(raw), length)
}
