//! The client against a supervisor that says what it is told to, over a real socket: what is asked,
//! what is printed, how it ends.

#![allow(clippy::unwrap_used)]

mod answers;
mod breaks;
mod manual;
mod plain;
mod streams;
mod usage;

use crate::output::Out;
use crate::verbs::VERBS;
use crate::{answer, args};
use psup_link::{Connector, Place};
use psup_proto::condition::{Condition, ConditionHeld, Match, Quorum, Verdict, Waited};
use psup_proto::event::{EventKind, Happened};
use psup_proto::hello::{Hello, NEWEST};
use psup_proto::info::{Info, State};
use psup_proto::input::{Part, Sent};
use psup_proto::request::{IfExists, Selector};
use psup_proto::resources::ResourceLimits;
use psup_proto::response::{End, Spawned, Started, Stopped};
use psup_proto::rows::{Rows, RowsHead};
use psup_proto::spec::Restart;
use psup_proto::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::sync::Mutex;
use std::thread::{self, JoinHandle};

/// What the supervisor says: for each connection, for each request on it, some frames. Then it
/// hangs up.
type Talk = Vec<Vec<Say>>;

#[derive(Clone)]
enum Say {
    It(Response),
    Bytes(&'static [u8]),
}

struct Fake {
    talks: Mutex<VecDeque<Talk>>,
    serving: Mutex<Vec<JoinHandle<Vec<Request>>>>,
    /// One for each connection; the last for all that follow.
    hellos: Mutex<VecDeque<Hello>>,
}

#[derive(Clone, Default)]
struct Sink(Rc<RefCell<Vec<u8>>>);

/// How a command line ended.
struct Ran {
    code: u8,
    stdout: String,
    stderr: String,
    asked: Vec<Request>,
}

impl Connector for Fake {
    fn connect(&self, place: &Place, start: bool) -> Result<psup_link::Wire, Failure> {
        let Some(talk) = self.talks.lock().unwrap().pop_front() else {
            if !start {
                return Err(Failure::no_supervisor());
            }
            return Err(Failure::new(
                Code::Unreachable,
                format!("nobody at {}", place.profile),
            ));
        };
        let (ours, theirs) = UnixStream::pair().unwrap();
        let mut hellos = self.hellos.lock().unwrap();
        let hello = hellos.front().unwrap().clone();
        if hellos.len() > 1 {
            hellos.pop_front();
        }
        self.serving
            .lock()
            .unwrap()
            .push(thread::spawn(move || serve(theirs, &hello, talk)));
        Ok(ours.into())
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn serve(mut stream: UnixStream, hello: &Hello, talk: Talk) -> Vec<Request> {
    let mut asked = Vec::new();
    let mut decoder = Decoder::default();
    let mut buffer = [0; 4096];
    let mut says = talk.into_iter();
    let mut out = Vec::new();
    hello.put(&mut out);
    let version = hello.highest.min(NEWEST);
    while says.len() > 0 {
        let n = stream.read(&mut buffer).unwrap();
        if n == 0 {
            break;
        }
        decoder.push(&buffer[..n]);
        while let Some(frame) = decoder.next_frame().unwrap() {
            match frame.kind {
                Kind::Hello => continue,
                // A build of version 1 does not know this kind.
                Kind::VersionedRequest if hello.highest < 2 => {
                    let refusal = Failure::new(Code::Usage, "no frame is of kind 6");
                    wire::put_response(&mut out, 1, &Response::Failed(refusal)).unwrap();
                    stream.write_all(&out).unwrap();
                    return asked;
                }
                Kind::Upgrade => {
                    let upgrade_frame::UpgradeFrame { id, binary } =
                        upgrade_frame::UpgradeFrame::parse(frame.payload).unwrap();
                    asked.push(Request::Upgrade {
                        id,
                        binary: binary.to_vec(),
                    });
                }
                Kind::Request | Kind::VersionedRequest | Kind::Response | Kind::Bytes => {
                    asked.push(wire::parse_request(&frame).unwrap().unwrap());
                }
            }
            for say in says.next().unwrap_or_default() {
                match say {
                    Say::It(response) => wire::put_response(&mut out, version, &response).unwrap(),
                    Say::Bytes(bytes) => frame::put(&mut out, Kind::Bytes, bytes),
                }
            }
            // A client that has what it wanted need not hear the rest.
            let _ = stream.write_all(&out);
            out.clear();
        }
    }
    asked
}

fn words(line: &str) -> Vec<OsString> {
    let mut words = vec![OsString::from("psup")];
    let mut rest = line.trim();
    while !rest.is_empty() {
        let mut word = String::new();
        let mut quoted = false;
        let end = rest.find(|c| {
            quoted ^= c == '\'';
            if c == ' ' && !quoted {
                return true;
            }
            if c != '\'' {
                word.push(c);
            }
            false
        });
        words.push(word.into());
        rest = end.map_or("", |end| rest[end..].trim_start());
    }
    words
}

fn run_with(hello: Hello, line: &str, talks: Vec<Talk>) -> Ran {
    run_with_each(vec![hello], line, talks)
}

fn run_with_each(hellos: Vec<Hello>, line: &str, talks: Vec<Talk>) -> Ran {
    let fake = Fake {
        talks: Mutex::new(talks.into()),
        serving: Mutex::default(),
        hellos: Mutex::new(hellos.into()),
    };
    let (stdout, stderr) = (Sink::default(), Sink::default());
    let out = Out::to(Box::new(stdout.clone()), Box::new(stderr.clone()));
    let code = answer(&words(line), &fake, |_, _| Ok(()), out);
    let text = |sink: &Sink| String::from_utf8(sink.0.borrow().clone()).unwrap();
    let asked = std::mem::take(&mut *fake.serving.lock().unwrap())
        .into_iter()
        .flat_map(|thread| thread.join().unwrap())
        .collect();
    Ran {
        code,
        stdout: text(&stdout),
        stderr: text(&stderr),
        asked,
    }
}

fn run(line: &str, talks: Vec<Talk>) -> Ran {
    run_with(Hello::ours(), line, talks)
}

/// One connection, one request, these answers.
fn told(line: &str, says: Vec<Say>) -> Ran {
    run(line, vec![vec![says]])
}

fn it(response: Response) -> Vec<Say> {
    vec![Say::It(response)]
}

fn id(text: &str) -> SessionId {
    let target: Target = text.parse().unwrap();
    SessionId {
        name: target.name,
        life: target.life.unwrap(),
    }
}

fn exit(code: u8) -> Exit {
    Exit::new(Outcome::Code(code), 2_000)
}

fn info(state: State) -> Info {
    Info {
        id: id("web#1"),
        state,
        pid: state.is_live().then_some(42),
        foreground: None,
        cwd: b"/srv".to_vec(),
        command: vec![b"npm".to_vec(), b"run".to_vec(), b"dev server".to_vec()],
        size: Size::DEFAULT,
        offset: 10,
        kept_from: 0,
        title: String::new(),
        exit: (!state.is_live()).then(|| exit(3)),
        restarts: 0,
        next_start_ms: None,
        restart: Restart::No,
        on_boot: false,
        ttl: None,
        labels: BTreeMap::new(),
        started_ms: 1_000,
        idle: None,
        blocked: None,
        log: None,
        keyboard: None,
        attached: 0,
        resources: ResourceLimits::default(),
        unmet: Vec::new(),
        usage: None,
        restart_limit: None,
        owner: None,
    }
}

fn spawned(done: Started, ready: Option<Verdict>) -> Response {
    Response::Spawned(Spawned {
        id: id("web#2"),
        pid: 42,
        done,
        offset: 0,
        ready: ready.map(waited),
        state: State::Running,
        unmet: Vec::new(),
    })
}

fn waited(verdict: Verdict) -> Waited {
    Waited {
        verdict,
        offset: 77,
        exit: Some(exit(3)),
    }
}

fn found(text: &str) -> Match {
    Match {
        text: text.to_owned(),
        groups: vec![Some("g".to_owned()), None],
        line: format!("the {text} line"),
    }
}

fn refused(code: Code) -> Vec<Say> {
    it(Response::Failed(
        Failure::new(code, "no such luck").hint("try harder"),
    ))
}

fn head(offset: Offset) -> Say {
    Say::It(Response::Captured(Box::new(capture::Captured {
        offset,
        size: Size { cols: 80, rows: 24 },
        cursor: capture::Cursor {
            col: 2,
            row: 1,
            visible: true,
        },
        title: "t".into(),
        modes: vec!["bracketed-paste".into()],
        lines: 2,
        left_out: 3,
    })))
}

fn rows_head(offset: Offset) -> Say {
    Say::It(Response::RowsHead(Box::new(RowsHead {
        offset,
        size: Size { cols: 80, rows: 24 },
        cursor: capture::Cursor {
            col: 2,
            row: 1,
            visible: true,
        },
        title: "t".into(),
        cwd: Some("/srv".into()),
        modes: vec!["bracketed-paste".into()],
        rows: 2,
        left_out: 3,
    })))
}

fn end(next: Offset, why: End) -> Say {
    Say::It(Response::End { next, why })
}

fn reading(from: Offset) -> Say {
    Say::It(Response::Reading { from })
}
