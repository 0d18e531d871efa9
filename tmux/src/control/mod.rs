//! Control mode: commands by lines on stdin, answers in blocks, and notices of what happens, for
//! programs that draw tmux's windows themselves.
//!
//! ```text
//! stdin ──────────────┐
//! the document ───────┼──→ one queue → commands, notices → stdout
//! each pane's output ─┘
//! ```
//! Each source has a thread and a connection of its own; the queue is the only place where they
//! meet, so nothing is told twice or out of order.

mod notice;
mod output;
mod subscribed;

use crate::addressing::of_session;
use crate::backend::Backend;
use crate::client_session;
use crate::commands::TABLE;
use crate::flags::Flags;
use crate::followers::Endpoint;
use crate::output::print;
use crate::output::tell;
use crate::run::{Answer, Caller, Run};
use crate::state::{Client, State};
use crate::time::now_ms;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, pthread_sigmask};
use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Instant;

/// What may wait to be handled; a source that is faster waits.
const QUEUE: usize = 256;

enum Heard {
    Line(String),
    StdinOver,
    /// SIGTERM or SIGHUP.
    Ended,
    State(u64, Option<Box<State>>),
    Output(u32, Vec<u8>),
}

struct Control<'f, 'a> {
    at: &'f Endpoint<'a>,
    /// One connection for all that it asks.
    backend: Backend<'a>,
    flags: &'f Flags,
    number: u64,
    client: String,
    state: State,
    /// The version of the state: earlier ones that arrive late are passed over.
    version: u64,
    /// What was told of subscriptions, and when they are looked at next.
    told: BTreeMap<String, String>,
    due: Option<Instant>,
    /// It goes only when stdin has said so with an empty line.
    waits: bool,
    /// The psup session that is followed for each pane.
    followed: BTreeMap<u32, String>,
    queue: SyncSender<Heard>,
}

/// Runs until stdin is over, the client is detached or the state ends.
pub(crate) fn run(at: &Endpoint, flags: &Flags, first: &[Vec<String>], run: Run) -> u8 {
    if flags.control > 1 {
        if !std::io::IsTerminal::is_terminal(&std::io::stdin()) {
            tell("tcgetattr failed: Inappropriate ioctl for device");
            return 1;
        }
        print("\x1bP1000p");
    }
    let (queue, heard) = sync_channel(QUEUE);
    let mut control = Control {
        at,
        backend: at.backend(),
        flags,
        number: 1,
        client: run.caller.client_name(),
        state: State::default(),
        version: 0,
        told: BTreeMap::new(),
        due: None,
        waits: false,
        followed: BTreeMap::new(),
        queue,
    };
    let old: Vec<u32> = run
        .state
        .sessions
        .values()
        .map(|session| session.id)
        .collect();
    let attached = control.begin(first, run);
    if let Some(session) = attached {
        let fresh = !old.contains(&session);
        let ending = block_signals();
        std::thread::scope(|scope| {
            let queue = control.queue.clone();
            scope.spawn(move || {
                if ending.wait().is_ok() {
                    // Nobody listens when we are leaving.
                    let _ = queue.send(Heard::Ended);
                }
            });
            let queue = control.queue.clone();
            scope.spawn(move || listen(&queue));
            control.greet(session, fresh, asked(first));
            let version = control.version;
            let queue = control.queue.clone();
            scope.spawn(move || {
                at.watch(version, |version, state| {
                    queue.send(Heard::State(version, state)).is_ok()
                });
            });
            control.go(&heard, scope);
            client_session::detach(&mut control.run(), &control.client);
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

/// Keys that interrupt or stop the program in front are not for a control client. Gives those that
/// end it.
fn block_signals() -> SigSet {
    let ending = SigSet::from_iter([Signal::SIGTERM, Signal::SIGHUP]);
    let mut all = ending;
    all.extend([Signal::SIGINT, Signal::SIGTSTP]);
    // Without it a signal ends the client without a word.
    let _ = pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&all), None);
    ending
}

/// What the client's own command says that it is.
fn asked(first: &[Vec<String>]) -> Vec<String> {
    let calls = first.iter().filter_map(|words| TABLE.parse(words).ok());
    let attaching = calls.filter(|call| matches!(call.name(), "attach-session" | "new-session"));
    let flags = attaching.filter_map(|call| call.get('f').map(str::to_owned));
    flags
        .flat_map(|flags| flags.split(',').map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

impl Heard {
    /// Nothing more will be said.
    fn ends(&self) -> bool {
        match self {
            Self::Line(line) => line.is_empty(),
            Self::StdinOver | Self::Ended => true,
            Self::State(..) | Self::Output(..) => false,
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
    fn run(&self) -> Run<'a> {
        Run::new(
            self.backend.clone(),
            TABLE,
            self.at.socket.clone(),
            Caller::new(self.flags),
        )
    }

    /// The command of the command line; the session that it attached to, if any.
    fn begin(&mut self, first: &[Vec<String>], mut run: Run) -> Option<u32> {
        if let Err(why) = TABLE.find(
            first
                .first()
                .and_then(|words| words.first())
                .map_or("", String::as_str),
        ) {
            print(&format!("{why}\n"));
            return None;
        }
        run.answers = Some(Vec::new());
        match run.with_aliases(first) {
            Ok(calls) => {
                let _ = run.execute(&calls);
                let _ = run.close();
                self.answer(0, run.answers.take().unwrap_or_default());
            }
            Err(why) => self.refuse(0, &why),
        }
        run.attached
    }

    /// One block for each command.
    fn answer(&mut self, flags: u8, mut answers: Vec<Answer>) {
        if answers.is_empty() {
            answers.push(Answer::default());
        }
        let mut out = Vec::new();
        for answer in answers {
            self.number += 1;
            let mark = format!("{} {} {flags}", now_ms() / 1000, self.number);
            let end = if answer.failed { "%error" } else { "%end" };
            out.extend_from_slice(format!("%begin {mark}\n").as_bytes());
            out.extend(answer.said);
            out.extend_from_slice(format!("{end} {mark}\n").as_bytes());
        }
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(&out).and_then(|()| stdout.flush());
    }

    fn refuse(&mut self, flags: u8, why: &str) {
        let said = format!("{why}\n").into_bytes();
        self.answer(flags, vec![Answer { said, failed: true }]);
    }

    /// Takes its place among the clients, and tells what it looks at.
    fn greet(&mut self, session: u32, fresh: bool, mut flags: Vec<String>) {
        flags.insert(0, "focused".to_owned());
        let client = Client {
            control: true,
            flags,
            term: std::env::var("TERM").unwrap_or_default(),
            ..Client::new(&self.client, session)
        };
        let mut run = self.run();
        self.version = client_session::attach(&mut run, client, |run, session| {
            let Some(session) = run.state.session(session) else {
                return;
            };
            if fresh {
                for window in session.windows.values() {
                    print(&format!("%window-add @{window}\n"));
                }
                print("%sessions-changed\n");
            }
            print(&format!(
                "%session-changed ${} {}\n",
                session.id, session.name
            ));
        });
        self.state = run.state;
    }

    fn go<'scope>(&mut self, heard: &Receiver<Heard>, scope: &'scope std::thread::Scope<'scope, '_>)
    where
        'a: 'scope,
        Self: 'scope,
    {
        // The session may have ended before there was anything to tell.
        if self.own().is_none() {
            return;
        }
        self.follow(scope);
        loop {
            let next = match self.look_again() {
                None => heard.recv().ok(),
                Some(at) => {
                    match heard.recv_timeout(at.saturating_duration_since(Instant::now())) {
                        Ok(what) => Some(what),
                        Err(RecvTimeoutError::Timeout) => {
                            self.subscribed();
                            continue;
                        }
                        Err(RecvTimeoutError::Disconnected) => None,
                    }
                }
            };
            let Some(what) = next else { return };
            self.waits = self
                .own()
                .is_some_and(|own| own.flags.iter().any(|flag| flag == "wait-exit"));
            match what {
                Heard::Line(line) if line.is_empty() => return self.catch_up(),
                Heard::Line(line) => self.command(&line),
                Heard::Ended => {
                    self.waits = false;
                    return;
                }
                Heard::StdinOver => {
                    self.waits = false;
                    return self.catch_up();
                }
                Heard::State(_, None) => return print("%sessions-changed\n"),
                Heard::State(version, Some(_)) if version <= self.version => {}
                Heard::State(version, Some(state)) => self.adopt(version, *state),
                Heard::Output(pane, bytes) => self.output(pane, &bytes),
            }
            if self.own().is_none() {
                return;
            }
            self.follow(scope);
        }
    }

    fn own(&self) -> Option<&Client> {
        self.state.clients.iter().find(|c| c.name == self.client)
    }

    /// Tells what is different in a later state, and goes on with it.
    fn adopt(&mut self, version: u64, state: State) {
        self.notice(&state);
        self.version = version;
        self.state = state;
    }

    /// What its own commands have changed is told before it goes.
    fn catch_up(&mut self) {
        let mut run = self.run();
        match run.open(false) {
            Ok(()) if run.exists => self.notice(&run.state),
            Ok(()) | Err(_) => print("%sessions-changed\n"),
        }
    }

    fn command(&mut self, line: &str) {
        let mut run = self.run();
        let opened = run.open(true);
        run.answers = Some(Vec::new());
        run.own_client = Some(self.client.clone());
        let session = self.own().map(|own| own.session);
        run.current = session
            .and_then(|id| run.state.session(id))
            .map(|s| of_session(&run.state, s));
        if opened.is_err() || !run.exists {
            return self.refuse(1, "server exited");
        }
        let calls = run
            .words_of(line)
            .and_then(|words| run.with_aliases(&words));
        match calls {
            Ok(calls) => {
                let _ = run.execute(&calls);
                let _ = run.keep();
                self.answer(1, run.answers.take().unwrap_or_default());
            }
            Err(why) => self.refuse(1, &format!("parse error: {why}")),
        }
        let _ = run.close();
        if run.exists {
            self.adopt(run.version(), run.state.clone());
        }
    }
}
