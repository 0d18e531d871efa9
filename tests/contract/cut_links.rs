//! Links to a target that are cut again and again, at any byte: what is read has every byte once,
//! what is sent is typed once, a wait is answered, and no command is run twice.
//!
//! The link is ssh over a socket that a thread of the test carries, and breaks.

// The long form prints how often it cut.
#![allow(clippy::print_stderr)]

use crate::sshd::{self, near};
use psup_harness::{Dice, TestEnv};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Cuts in a test: `PSUP_CUTS=500` for a long run.
fn cuts_wanted() -> usize {
    let wanted = std::env::var("PSUP_CUTS").ok();
    wanted.map_or(20, |cuts| cuts.parse().unwrap())
}

/// Bytes that ssh needs until it is logged in.
const LOGIN: usize = 9000;

/// Where ssh connects to, and the connections that are open.
struct Wire {
    port: u16,
    state: Mutex<State>,
    opened: Condvar,
    cuts: AtomicUsize,
}

struct State {
    dice: Dice,
    /// The next connection is the first of a verb: the login is let through.
    is_first: bool,
    /// After how many bytes beyond the login, at most, a link is cut; `None` leaves it alone.
    beyond: Option<usize>,
    open: Vec<Arc<Cable>>,
}

/// One connection: the client's socket, and the server that it leads to.
struct Cable {
    near: TcpStream,
    server: Mutex<Child>,
    left: AtomicUsize,
}

impl Wire {
    fn new(server: Vec<String>) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let wire = Arc::new(Self {
            port: listener.local_addr().unwrap().port(),
            state: Mutex::new(State {
                dice: Dice(0x5eed),
                is_first: true,
                beyond: None,
                open: Vec::new(),
            }),
            opened: Condvar::new(),
            cuts: AtomicUsize::new(0),
        });
        let carried = Arc::clone(&wire);
        std::thread::spawn(move || {
            for near in listener.incoming() {
                carried.carry(near.unwrap(), &server);
            }
        });
        wire
    }

    /// A verb begins, whose links are cut after up to so many bytes.
    fn verb(&self, beyond: Option<usize>) {
        let mut state = self.state.lock().unwrap();
        state.is_first = true;
        state.beyond = beyond;
    }

    fn cuts(&self) -> usize {
        self.cuts.load(Ordering::Relaxed)
    }

    /// Cuts the next link that is made, or the one that is open.
    fn cut(&self, left: Duration) {
        let state = self.state.lock().unwrap();
        let is_waiting = |state: &mut State| state.open.is_empty();
        let waited = self.opened.wait_timeout_while(state, left, is_waiting);
        let (mut state, waited) = waited.unwrap();
        assert!(!waited.timed_out(), "no link is made");
        for cable in state.open.drain(..) {
            self.cut_one(&cable);
        }
    }

    fn cut_one(&self, cable: &Cable) {
        if cable.near.shutdown(Shutdown::Both).is_ok() {
            self.cuts.fetch_add(1, Ordering::Relaxed);
        }
        let _ = cable.server.lock().unwrap().kill();
    }

    fn carry(self: &Arc<Self>, near: TcpStream, server: &[String]) {
        let mut child = Command::new(&server[0])
            .args(&server[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let cable = Arc::new(Cable {
            near: near.try_clone().unwrap(),
            server: Mutex::new(child),
            left: AtomicUsize::new(self.budget()),
        });
        let mut state = self.state.lock().unwrap();
        // Those that are cut already hold descriptors.
        state.open.retain(|cable| Arc::strong_count(cable) > 1);
        state.open.push(Arc::clone(&cable));
        drop(state);
        self.opened.notify_all();
        let (wire, same) = (Arc::clone(self), Arc::clone(&cable));
        let reader = near.try_clone().unwrap();
        std::thread::spawn(move || wire.pump(reader, stdin, &same));
        let wire = Arc::clone(self);
        std::thread::spawn(move || {
            wire.pump(stdout, near, &cable);
            let _ = cable.near.shutdown(Shutdown::Both);
            let _ = cable.server.lock().unwrap().wait();
        });
    }

    /// How many bytes a new connection carries. One in four of those that a verb makes after its
    /// first breaks in the login.
    fn budget(&self) -> usize {
        let mut state = self.state.lock().unwrap();
        let is_first = std::mem::take(&mut state.is_first);
        let beyond = state.beyond;
        match beyond {
            None => usize::MAX,
            Some(_) if !is_first && state.dice.below(4) == 0 => 1 + state.dice.below(LOGIN),
            Some(beyond) => LOGIN + state.dice.below(beyond),
        }
    }

    /// Until one side has ended, or the budget of both directions is spent: exactly so many bytes
    /// pass.
    fn pump(&self, mut from: impl Read, mut to: impl Write, cable: &Cable) {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let spend = |left: usize| Some(left.saturating_sub(count));
            let left = cable
                .left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend)
                .unwrap();
            let passed = to.write_all(&buffer[..count.min(left)]);
            if count >= left {
                self.cut_one(cable);
            }
            if count >= left || passed.is_err() {
                return;
            }
        }
    }
}

/// A far machine, and the wire to it.
fn wired() -> Option<(TestEnv, Arc<Wire>)> {
    if !sshd::is_there() {
        return None;
    }
    let env = TestEnv::with_time(Duration::from_secs(120 + 10 * cuts_wanted() as u64));
    let wire = Wire::new(sshd::server(&env));
    let way = format!("HostName 127.0.0.1\n  Port {}", wire.port);
    sshd::client(&env, &way);
    Some((env, wire))
}

#[test]
fn a_read_over_a_link_that_breaks_has_every_byte_once() {
    let Some((env, wire)) = wired() else { return };
    env.ok("spawn s --shell 'stty -onlcr; for i in $(seq 40000); do echo line $i of what is read over there; done'");
    let mut rounds = 0;
    for text in ["", " --text"].iter().cycle() {
        wire.verb(Some(400_000));
        let read = near(&env, &format!("--on far read s --follow{text}"));
        let read = env.run(read).ended(0);
        let whole = env
            .run(env.psup(&format!("read s --follow{text}")))
            .ended(0);
        let differs = read
            .bytes
            .iter()
            .zip(&whole.bytes)
            .position(|(a, b)| a != b);
        assert!(
            read.bytes == whole.bytes,
            "round {rounds} of read{text}: {} bytes, not {}; differs at {differs:?}",
            read.bytes.len(),
            whole.bytes.len()
        );
        rounds += 1;
        if wire.cuts() >= cuts_wanted() && rounds > 1 {
            break;
        }
    }
    eprintln!("{} cuts in {rounds} reads", wire.cuts());
}

#[test]
fn what_is_sent_over_a_link_that_breaks_is_typed_once() {
    let Some((env, wire)) = wired() else { return };
    env.ok("spawn sink --shell 'stty raw -echo; echo ready; exec tee got'");
    env.ok("wait sink --text ready");
    let mut sent = Vec::new();
    while wire.cuts() < cuts_wanted() {
        let line = format!("<{}>{}", sent.len(), "x".repeat(6000));
        wire.verb(Some(7000));
        let mut send = near(&env, "--json --on far send sink --");
        send.arg(&line);
        let told = env.run(send);
        let is_in_doubt = told.err.contains("\"maybe-delivered\"");
        assert!(told.code == Some(0) || is_in_doubt, "{told}");
        sent.push((line, told.code == Some(0)));
    }
    env.ok("send sink 'the last word'");
    env.ok("wait sink --text 'the last word' --since 0");
    let got = String::from_utf8(env.read("got")).unwrap();
    for (line, is_done) in &sent {
        let times = got.matches(line.as_str()).count();
        assert!(
            times == 1 || (times == 0 && !is_done),
            "{times} times: {}",
            &line[..8]
        );
    }
    let done = sent.iter().filter(|(_, is_done)| *is_done).count();
    eprintln!("{} cuts in {} sends, {done} done", wire.cuts(), sent.len());
    assert!(done * 10 >= sent.len() * 9);
}

#[test]
fn a_wait_over_a_link_that_breaks_is_answered() {
    let Some((env, wire)) = wired() else { return };
    env.ok("spawn s --shell 'exec cat'");
    let mut round = 0;
    while wire.cuts() < cuts_wanted() {
        wire.verb(None);
        let since = env.info("s")["offset"].to_string();
        let wait = format!("--on far wait s --text 'round {round}$' --since {since}");
        let wait = env.start(near(&env, &wait));
        for _ in 0..5 {
            // A verb whose first link breaks before it has asked gives up, and so it may.
            while !env.ok("status --metrics").contains("\npsup_waits 1\n") {
                assert!(!env.left().is_zero(), "the wait does not come back");
            }
            wire.cut(env.left());
        }
        env.ok(&format!("send s 'round {round}' --enter"));
        let told = wait.end().ended(0);
        assert!(told.text().starts_with(&format!("text\tround {round}\t")));
        round += 1;
    }
    eprintln!("{} cuts in {round} waits", wire.cuts());
}

#[test]
fn no_command_runs_twice_over_a_link_that_breaks() {
    let Some((env, wire)) = wired() else { return };
    env.ok("spawn sh -- sh");
    env.ok("wait sh --prompt");
    let (mut run, mut known) = (0, 0);
    while wire.cuts() < cuts_wanted() {
        wire.verb(Some(20_000));
        let mut exec = near(&env, "--on far exec sh --");
        exec.arg(format!("echo {run} >> ran; echo {run}; seq 4000"));
        let told = env.run(exec);
        match told.code {
            Some(0) => known += 1,
            // Not known: said so, and not tried again.
            code => assert_eq!(code, Some(125), "{told}"),
        }
        env.ok("wait sh --prompt");
        run += 1;
        let ran = String::from_utf8(env.read("ran")).unwrap();
        let mut lines: Vec<&str> = ran.lines().collect();
        let all = lines.len();
        lines.dedup();
        assert_eq!(lines.len(), all, "a command ran twice: {ran}");
    }
    eprintln!("{} cuts in {run} commands, {known} known", wire.cuts());
}
