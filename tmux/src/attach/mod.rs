//! `attach-session`: the current window on this terminal, keys to the active pane or to what they
//! are bound to.
//!
//! ```text
//! keyboard ────────┐
//! the document ────┼──→ one queue → commands, keys to a pane, redraw
//! panes' output ───┤
//! SIGWINCH ────────┘
//! ```
//! What is shown is drawn from captures of the panes, row by row, and only rows that have changed
//! are written. Messages, prompts and key tables that commands of others ask for come with the
//! document.

mod adopt;
mod bindings;
mod borders;
mod canvas;
mod choosing;
mod draw;
mod keyboard;
mod leave;
mod pan;
mod prompt;
mod status;
mod terminal;

use crate::backend::Backend;
use crate::client_session::DetachReason;
use crate::commands::TABLE;
use crate::flags::Flags;
use crate::followers::Endpoint;
use crate::output::tell;
use crate::run::{Caller, Run};
use crate::sizing::fit;
use crate::state::{Client, Pane, Session, State, Window};
use crate::style::Cells;
use crate::time::now_ms;
use crate::{client_session, options, platform};
use bindings::Keys;
use canvas::Canvas;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, pthread_sigmask};
use prompt::Prompting;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::Scope;
use std::time::Instant;
use terminal::{Modes, Raw, write};

/// What may wait to be handled; a source that is faster waits.
const QUEUE: usize = 64;

enum Heard {
    Typed(Vec<u8>),
    KeyboardOver,
    State(u64, Option<Box<State>>),
    Signal(Signal),
    /// This pane has said something.
    Output(u32),
    /// A pane's program has ended.
    PaneEnded,
}

/// What stands on the status line for a while.
struct Message {
    text: String,
    until: Option<Instant>,
    ignores_keys: bool,
}

struct Attached<'f, 'a> {
    at: &'f Endpoint<'a>,
    /// One connection for all that it asks.
    backend: Backend<'a>,
    flags: &'f Flags,
    name: String,
    state: State,
    keys: Keys,
    message: Option<Message>,
    prompt: Option<Prompting>,
    /// The newest of what the document asked of this client.
    heard_ms: u64,
    read_only: bool,
    size: (i32, i32),
    followed: BTreeMap<u32, String>,
    canvas: Canvas,
    pan: pan::Pan,
    /// The status line as it was worked out last, and when.
    status: Option<(Cells, Instant)>,
    modes: Modes,
    queue: SyncSender<Heard>,
    /// The version of the state: earlier ones that arrive late are passed over.
    version: u64,
    /// Why it is over.
    farewell: Option<DetachReason>,
}

/// Shows a session until the client is detached or the session ends.
pub(crate) fn run(at: &Endpoint, flags: &Flags, session: u32, read_only: bool) -> u8 {
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGWINCH, Signal::SIGHUP, Signal::SIGTERM] {
        signals.add(signal);
    }
    // Before any thread, so that only the one that waits for them gets them.
    if pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&signals), None).is_err() {
        return 1;
    }
    let raw = match Raw::begin() {
        Ok(raw) => raw,
        Err(errno) => {
            tell(&format!("open terminal failed: {}", errno.desc()));
            return 1;
        }
    };
    let (queue, heard) = sync_channel(QUEUE);
    let tty = nix::unistd::ttyname(std::io::stdin())
        .map_or_else(|_| String::new(), |p| p.to_string_lossy().into_owned());
    let mut attached = Attached {
        at,
        backend: at.backend(),
        flags,
        name: tty,
        state: State::default(),
        keys: Keys::default(),
        message: None,
        prompt: None,
        heard_ms: now_ms(),
        read_only,
        size: platform::terminal_size().unwrap_or((80, 24)),
        followed: BTreeMap::new(),
        canvas: Canvas::default(),
        pan: (0, 0),
        status: None,
        modes: Modes::default(),
        queue,
        version: 0,
        farewell: None,
    };
    std::thread::scope(|scope| {
        attached.greet(session);
        let version = attached.version;
        let queue = attached.queue.clone();
        scope.spawn(move || type_in(&queue));
        let queue = attached.queue.clone();
        scope.spawn(move || {
            while signals
                .wait()
                .is_ok_and(|signal| queue.send(Heard::Signal(signal)).is_ok())
            {}
        });
        let queue = attached.queue.clone();
        scope.spawn(move || {
            at.watch(version, |version, state| {
                queue.send(Heard::State(version, state)).is_ok()
            });
        });
        attached.go(&heard, scope);
        client_session::detach(&mut attached.run(), &attached.name);
        attached.modes.set(&[]);
        drop(raw);
        // The threads block in reads of theirs; there is nothing left for them to do.
        std::process::exit(leave::part(
            &attached.farewell.unwrap_or(DetachReason::LostTerminal),
        ))
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
    fn run(&self) -> Run<'a> {
        let mut run = Run::new(
            self.backend.clone(),
            TABLE,
            self.at.socket.clone(),
            Caller::new(self.flags),
        );
        run.said = Some(Vec::new());
        run.own_client = Some(self.name.clone());
        run
    }

    fn greet(&mut self, session: u32) {
        let client = Client {
            tty: self.name.clone(),
            sx: self.size.0,
            sy: self.size.1,
            read_only: self.read_only,
            term: std::env::var("TERM").unwrap_or_default(),
            flags: vec!["focused".to_owned()],
            ..Client::new(&self.name, session)
        };
        let mut run = self.run();
        self.version = client_session::attach(&mut run, client, |run, session| {
            fit(&mut run.state, session);
        });
        self.state = run.state;
    }

    fn go<'scope>(&mut self, heard: &Receiver<Heard>, scope: &'scope Scope<'scope, '_>)
    where
        'a: 'scope,
    {
        if self.own().is_none() {
            // The session has ended before anything was shown of it.
            return self.leave_with(DetachReason::Exited);
        }
        self.follow(scope);
        self.draw();
        loop {
            let mut next = match self.deadline() {
                None => heard.recv().ok(),
                Some(deadline) => {
                    match heard.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                        Ok(what) => Some(what),
                        Err(RecvTimeoutError::Timeout) => None,
                        Err(RecvTimeoutError::Disconnected) => return,
                    }
                }
            };
            self.expire(Instant::now());
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

    /// When something on the screen, or a key's meaning, is over by itself.
    fn deadline(&self) -> Option<Instant> {
        let message = self.message.as_ref().and_then(|message| message.until);
        [message, self.keys.repeating].into_iter().flatten().min()
    }

    fn expire(&mut self, now: Instant) {
        if self
            .message
            .as_ref()
            .is_some_and(|m| m.until.is_some_and(|until| until <= now))
        {
            self.message = None;
        }
        if self.keys.repeating.is_some_and(|until| until <= now) {
            self.keys = Keys::default();
        }
    }

    /// Whether it is over.
    fn handle(&mut self, what: Heard) -> bool {
        match what {
            Heard::Typed(bytes) => self.typed(&bytes),
            Heard::KeyboardOver => self.leave_with(DetachReason::LostTerminal),
            Heard::State(u64::MAX, None) => self.leave_with(DetachReason::LostServer),
            Heard::State(_, None) => self.leave_with(DetachReason::Exited),
            Heard::State(version, Some(_)) if version <= self.version => {}
            Heard::State(version, Some(state)) => self.adopt(version, *state),
            Heard::Output(pane) => self.canvas.make_pane_stale(pane),
            Heard::PaneEnded => self.reap_dead_panes(),
            Heard::Signal(Signal::SIGWINCH) => self.resized(),
            Heard::Signal(signal) => self.leave_with(DetachReason::of_signal(signal)),
        }
        self.farewell.is_some()
    }

    /// The first reason is the one that is told.
    fn leave_with(&mut self, farewell: DetachReason) {
        self.farewell.get_or_insert(farewell);
    }

    /// How long a message stays; until a key is pressed where there is no time.
    fn display_time(&self) -> Option<u64> {
        self.option("display-time")
            .parse()
            .ok()
            .filter(|ms| *ms > 0)
    }

    fn own(&self) -> Option<&Client> {
        self.state.clients.iter().find(|c| c.name == self.name)
    }

    fn session(&self) -> Option<&Session> {
        self.state.session(self.own()?.session)
    }

    fn option(&self, name: &str) -> String {
        options::of_session(&self.state, self.session(), name)
    }

    fn window(&self) -> Option<&Window> {
        self.window_in(&self.state)
    }

    fn window_in<'w>(&self, state: &'w State) -> Option<&'w Window> {
        let client = state.clients.iter().find(|c| c.name == self.name)?;
        state
            .windows
            .get(&state.session(client.session)?.current_window())
    }

    fn active(&self) -> Option<&Pane> {
        self.state.panes.get(&self.window()?.active)
    }

    /// A child has ended: the process that takes the lock next cleans up, and that is us.
    fn reap_dead_panes(&mut self) {
        let mut run = self.run();
        if run.open(true).is_ok() {
            let _ = run.execute(&[]);
            let _ = run.close();
        }
    }

    fn resized(&mut self) {
        self.size = platform::terminal_size().unwrap_or(self.size);
        self.canvas.clear();
        write("\x1b[m\x1b[2J");
        let mut run = self.run();
        if run.open(true).is_err() {
            return;
        }
        let mut session = None;
        if let Some(client) = run.state.clients.iter_mut().find(|c| c.name == self.name) {
            (client.sx, client.sy) = self.size;
            session = Some(client.session);
        }
        if let Some(session) = session {
            fit(&mut run.state, session);
        }
        let _ = run.close();
        self.adopt(run.version(), run.state.clone());
    }

    fn follow<'scope>(&mut self, scope: &'scope Scope<'scope, '_>)
    where
        'a: 'scope,
    {
        let Some(window) = self.window() else { return };
        let panes: Vec<Pane> = window
            .panes
            .iter()
            .filter_map(|p| self.state.panes.get(p))
            .cloned()
            .collect();
        for pane in panes {
            let life = format!("{} {}", pane.session, pane.pid);
            if pane.dead.is_some() || self.followed.get(&pane.id) == Some(&life) {
                continue;
            }
            let (Some(info), Ok(target)) = (self.backend.info(&pane.session), pane.session.parse())
            else {
                continue;
            };
            self.followed.insert(pane.id, life);
            let queue = self.queue.clone();
            let at = self.at.clone();
            let id = pane.id;
            let heard = move |bytes: &[u8]| {
                if bytes.is_empty() {
                    Heard::PaneEnded
                } else {
                    Heard::Output(id)
                }
            };
            scope.spawn(move || {
                at.follow(target, info.offset, |bytes| {
                    queue.send(heard(&bytes)).is_ok()
                });
            });
        }
    }
}
