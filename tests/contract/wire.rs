//! The socket itself: whatever is written to it, everybody else is served and nothing is lost.

use psup_harness::Dice;
use psup_harness::TestEnv;
use psup_proto::capture::{Capture, Extent, Format};
use psup_proto::frame::{self, Decoder, Kind};
use psup_proto::hello::{Hello, NEWEST};
use psup_proto::request::{Filter, Read as ReadJournal, Request};
use psup_proto::upgrade_frame::UpgradeFrame;
use psup_proto::{Response, Target, limits, wire};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

/// One connection, spoken to in frames or in nonsense.
struct Line {
    stream: UnixStream,
    decoder: Decoder,
}

impl Line {
    fn new(env: &TestEnv) -> Self {
        let stream = UnixStream::connect(env.socket()).unwrap();
        stream.set_read_timeout(Some(env.left())).unwrap();
        stream.set_write_timeout(Some(env.left())).unwrap();
        let decoder = Decoder::default();
        Self { stream, decoder }
    }

    fn greeted(env: &TestEnv) -> Self {
        let mut line = Self::new(env);
        let mut hello = Vec::new();
        Hello::ours().put(&mut hello);
        line.stream.write_all(&hello).unwrap();
        let (kind, payload) = line.frame().expect("a hello");
        assert_eq!(kind, Kind::Hello);
        Hello::parse(&payload).unwrap();
        line
    }

    /// Writes what the other side may have stopped reading.
    fn push(&mut self, bytes: &[u8]) {
        drop(self.stream.write_all(bytes));
    }

    fn ask(&mut self, request: &Request) -> Response {
        let mut out = Vec::new();
        wire::put_request(&mut out, NEWEST, request).unwrap();
        self.stream.write_all(&out).unwrap();
        let (_, payload) = self.frame().expect("an answer");
        wire::parse(NEWEST, &payload).unwrap()
    }

    /// The next frame; `None` when the supervisor hung up.
    fn frame(&mut self) -> Option<(Kind, Vec<u8>)> {
        let mut portion = [0; 4096];
        loop {
            if let Some(frame) = self.decoder.next_frame().unwrap() {
                return Some((frame.kind, frame.payload.to_vec()));
            }
            match self.stream.read(&mut portion) {
                Ok(0) => return None,
                Ok(n) => self.decoder.push(&portion[..n]),
                Err(e) if e.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(e) => panic!("{e}"),
            }
        }
    }

    /// Reads until the supervisor hangs up, and says whether it told why.
    fn until_hung_up(&mut self) -> bool {
        let mut told = false;
        while let Some((kind, payload)) = self.frame() {
            told |= kind == Kind::Response
                && matches!(wire::parse(NEWEST, &payload), Ok(Response::Failed(_)));
        }
        told
    }
}

/// A env with a session that has said something.
fn lived_in() -> TestEnv {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo kept; exec cat'");
    env.ok("wait a --text kept");
    env
}

fn nothing_is_lost(env: &TestEnv) {
    assert_eq!(env.ok("read a --text"), "kept");
    env.ok("send a more --enter");
    env.ok("wait a --text more");
}

#[test]
fn a_greeted_connection_asks_many_questions_in_turn() {
    let env = lived_in();
    let mut line = Line::greeted(&env);
    for _ in 0..100 {
        let Response::Sessions(all) = line.ask(&Request::List(Filter::default())) else {
            panic!("not an answer to list");
        };
        assert_eq!(all.len(), 1);
    }
}

/// A build of a version that does not exist yet meets today's supervisor: the one way on has to be
/// there from the start.
#[test]
fn a_build_of_another_protocol_may_ask_for_an_upgrade() {
    let env = lived_in();
    let stranger = |binary: &str| {
        let mut line = Line::new(&env);
        let mut out = Vec::new();
        Hello {
            lowest: 40,
            highest: 41,
            build: "9".into(),
        }
        .put(&mut out);
        UpgradeFrame {
            id: 7,
            binary: binary.as_bytes(),
        }
        .put(&mut out);
        line.push(&out);
        line
    };
    let mut line = stranger("/bin/false");
    assert_eq!(line.frame().unwrap().0, Kind::Hello);
    assert_eq!(
        line.frame().unwrap().0,
        Kind::Response,
        "it is told that no version is common"
    );
    let (kind, why) = line.frame().unwrap();
    assert_eq!(kind, Kind::Upgrade);
    assert!(
        String::from_utf8_lossy(&why).contains("is no psup"),
        "{why:?}"
    );

    let (guardian, worker) = (env.pid_of("guardian_pid"), env.pid_of("worker_pid"));
    let copy = env.path("newer");
    std::fs::copy(env!("CARGO_BIN_EXE_psup"), &copy).unwrap();
    assert!(
        stranger(copy.to_str().unwrap()).until_hung_up(),
        "the supervisor has become the other program"
    );
    assert_ne!(env.pid_of("worker_pid"), worker);
    assert_eq!(
        std::fs::read_link(format!("/proc/{guardian}/exe")).unwrap(),
        copy
    );
    nothing_is_lost(&env);
}

#[test]
fn garbage_is_hung_up_on() {
    let env = lived_in();
    for garbage in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0xff; 64], &[0; 64]] {
        let mut line = Line::new(&env);
        line.push(garbage);
        line.until_hung_up();
    }
    nothing_is_lost(&env);
}

#[test]
fn a_frame_of_garbage_after_a_good_hello_is_told_and_hung_up_on() {
    let env = lived_in();
    let mut line = Line::greeted(&env);
    let mut out = Vec::new();
    frame::put(&mut out, Kind::Request, &[0xee; 100]);
    line.push(&out);
    assert!(line.until_hung_up(), "told why");
    nothing_is_lost(&env);
}

#[test]
fn an_oversized_frame_is_refused_by_its_head() {
    let env = lived_in();
    let mut line = Line::greeted(&env);
    let mut head = (limits::FRAME as u32 + 1).to_le_bytes().to_vec();
    head.push(Kind::Request as u8);
    line.push(&head);
    assert!(
        line.until_hung_up(),
        "told why, before a byte of it was sent"
    );
    nothing_is_lost(&env);
}

#[test]
fn a_client_of_version_1_is_asked_and_answered_in_it() {
    let env = lived_in();
    let mut line = Line::new(&env);
    let old = Hello {
        lowest: 1,
        highest: 1,
        build: "0.1.0".into(),
    };
    let mut out = Vec::new();
    old.put(&mut out);
    wire::put_request(&mut out, 1, &Request::Status).unwrap();
    line.push(&out);
    let (kind, _) = line.frame().expect("a hello");
    assert_eq!(kind, Kind::Hello);
    let (_, payload) = line.frame().expect("an answer");
    let Ok(Response::Status(status)) = wire::parse(1, &payload) else {
        panic!("{payload:?}");
    };
    assert!(status.sessions_live > 0 && status.stops_by.is_none());
}

#[test]
fn a_hello_of_another_age_is_told_in_one_sentence() {
    let env = lived_in();
    let mut line = Line::new(&env);
    let mut out = Vec::new();
    let other = Hello {
        lowest: 900,
        highest: 901,
        build: "99.0".into(),
    };
    other.put(&mut out);
    line.push(&out);
    // The supervisor's own hello is all that the other side needs to say it; whatever follows is an
    // end.
    let (kind, _) = line.frame().expect("a hello");
    assert_eq!(kind, Kind::Hello);
    line.until_hung_up();
    nothing_is_lost(&env);
}

#[test]
fn half_a_frame_then_silence_holds_up_nobody() {
    let env = lived_in();
    let half: Vec<_> = (0..50)
        .map(|n| {
            let mut line = if n % 2 == 0 {
                Line::greeted(&env)
            } else {
                Line::new(&env)
            };
            line.push(&[200, 0, 0, 0, if n % 2 == 0 { 2 } else { 1 }, b'p', b's']);
            line
        })
        .collect();
    nothing_is_lost(&env);
    drop(half);
    env.ok("has a");
}

#[test]
fn a_client_that_dies_mid_request_is_forgotten() {
    let env = lived_in();
    for cut in 1..40 {
        let mut out = Vec::new();
        Hello::ours().put(&mut out);
        let request = Request::Rename {
            target: "a".parse().unwrap(),
            name: "b".parse().unwrap(),
        };
        wire::put_request(&mut out, NEWEST, &request).unwrap();
        let short = out.len() - 1;
        Line::new(&env).push(&out[..cut.min(short)]);
    }
    nothing_is_lost(&env);
}

#[test]
fn a_client_that_never_reads_slows_nobody() {
    let env = lived_in();
    env.ok("spawn loud --shell 'seq 1000000; echo over; exec cat'");
    let follow = Request::Read {
        target: "loud".parse().unwrap(),
        read: ReadJournal {
            since: Some(0),
            follow: true,
            text: false,
            timeout: None,
        },
    };
    let memory = || env.json("status")["memory_bytes"].as_u64().unwrap();
    let before = memory();
    let mut deaf: Vec<_> = (0..10).map(|_| Line::greeted(&env)).collect();
    for line in &mut deaf {
        let mut out = Vec::new();
        wire::put_request(&mut out, NEWEST, &follow).unwrap();
        line.push(&out);
    }
    // The flood comes to its end, though ten who asked for all of it take nothing.
    env.ok("wait loud --text '^over$'");
    nothing_is_lost(&env);
    let kept = memory().saturating_sub(before);
    assert!(
        kept < 32 << 20,
        "{kept} bytes are kept for clients that do not read"
    );
    // What they are owed they get once they read.
    let late = env.run(env.psup("read loud --since 0 --text")).ended(0);
    assert!(late.text().ends_with("over\n"), "{}", late.bytes.len());
}

/// Two hundred thousand lines, of which each has a number and is as long as its like.
const MANY_LINES: &str = "seq -f 'line %070.0f' 200000; echo over; exec cat";
const MANY_BYTES: u64 = 200_000 * 77;

fn many_lines(format: Format) -> (TestEnv, Capture) {
    let env = TestEnv::new();
    let mut spawn = env.psup("spawn long --scrollback 300000 --shell");
    spawn.arg(MANY_LINES);
    assert_eq!(env.run(spawn).code, Some(0));
    env.ok("wait long --text '^over$'");
    let capture = Capture {
        extent: Extent::All,
        format,
        rows: false,
        at: None,
        budget: None,
    };
    (env, capture)
}

#[test]
fn others_are_answered_between_the_pieces_of_a_long_capture() {
    let (env, capture) = many_lines(Format::Json);
    let target: Target = "long".parse().unwrap();
    let (mut reader, mut other) = (Line::greeted(&env), Line::greeted(&env));
    let alive = Request::Alive(target.clone());
    let first = reader.ask(&Request::CaptureRows { target, capture });
    let Response::RowsHead(head) = first else {
        panic!("{first:?}")
    };
    assert_eq!(head.rows, 200_001);
    let (mut rows, mut pieces) = (0, 0);
    // Nothing is read but a piece after each answer, so the supervisor cannot be done with it.
    loop {
        assert_eq!(other.ask(&alive), Response::Done);
        let (_, payload) = reader.frame().expect("a piece");
        assert!(payload.len() < 4 * limits::BYTES_FRAME);
        match wire::parse(NEWEST, &payload).unwrap() {
            Response::Rows(piece) => rows += piece.text.matches('\n').count() as u64,
            Response::End { .. } => break,
            unexpected => panic!("{unexpected:?}"),
        }
        pieces += 1;
    }
    assert_eq!(rows, head.rows);
    assert!(pieces > 100, "{pieces} pieces");
}

/// Also for a client of version 1, which gets the capture in its format.
#[cfg(target_os = "linux")]
#[test]
fn a_long_capture_takes_no_more_memory_than_its_lines() {
    let (env, capture) = many_lines(Format::Json);
    let peak = || {
        let status = format!("/proc/{}/status", env.pid_of("worker_pid"));
        let status = std::fs::read_to_string(status).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM"));
        let kib = line.and_then(|line| line.split_whitespace().nth(1));
        kib.unwrap().parse::<u64>().unwrap() << 10
    };
    let before = peak();
    let target: Target = "long".parse().unwrap();
    let mut reader = Line::greeted(&env);
    let first = reader.ask(&Request::Capture { target, capture });
    assert!(matches!(first, Response::Captured(_)), "{first:?}");
    let mut bytes = 0;
    while let Some((Kind::Bytes, payload)) = reader.frame() {
        bytes += payload.len() as u64;
    }
    assert!(bytes > MANY_BYTES, "{bytes} bytes");
    let grown = peak() - before;
    assert!(grown < MANY_BYTES * 2, "{grown} bytes more");
}

#[test]
fn a_thousand_connections_leave_room_for_the_next() {
    let env = lived_in();
    let lines: Vec<_> = (0..1000)
        .map_while(|_| UnixStream::connect(env.socket()).ok())
        .collect();
    assert!(lines.len() > 500, "only {} connections", lines.len());
    nothing_is_lost(&env);
}

#[test]
fn twenty_thousand_random_frames_leave_it_serving() {
    let env = lived_in();
    let (guardian, worker) = (env.pid_of("guardian_pid"), env.pid_of("worker_pid"));
    let mut dice = Dice(0x5eed_5eed_5eed_5eed);
    let mut sent = 0;
    while sent < 20_000 {
        let mut line = if dice.below(8) == 0 {
            Line::new(&env)
        } else {
            Line::greeted(&env)
        };
        let mut out = Vec::new();
        for _ in 0..100 {
            put_random_frame(&mut dice, &mut out);
            sent += 1;
        }
        line.push(&out);
    }
    assert_eq!(
        (env.pid_of("guardian_pid"), env.pid_of("worker_pid")),
        (guardian, worker),
        "nobody died of it"
    );
    nothing_is_lost(&env);
}

/// A frame of any kind with a payload of any bytes; one in three is a real request with some of its
/// bytes changed.
fn put_random_frame(dice: &mut Dice, out: &mut Vec<u8>) {
    let kinds = [Kind::Hello, Kind::Request, Kind::Response, Kind::Bytes];
    if dice.below(3) > 0 {
        let n = dice.below(200);
        let payload: Vec<u8> = (0..n).map(|_| dice.below(256) as u8).collect();
        frame::put(out, kinds[dice.below(kinds.len())], &payload);
        return;
    }
    let target = || "a".parse().unwrap();
    let requests = [
        Request::Info(target()),
        Request::List(Filter::default()),
        Request::Status,
        Request::Events {
            targets: vec![target()],
            since: Some(0),
            follow: false,
        },
        Request::Resize {
            target: target(),
            size: psup_proto::Size::DEFAULT,
        },
    ];
    let from = out.len();
    wire::put_request(out, NEWEST, &requests[dice.below(requests.len())]).unwrap();
    // Only bytes of the payload, and never into a request that would end the session.
    let at = from + 6 + dice.below(8);
    if let Some(byte) = out.get_mut(at) {
        *byte ^= 1 << dice.below(8);
    }
}
