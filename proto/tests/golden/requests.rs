//! One request of each kind, with no field left at its default where that would hide it.

use psup_proto::attach::{AskPerson, Attach};
use psup_proto::capture::{Capture, Extent, Format};
use psup_proto::checkpoint::{CheckpointRequest, Restore};
use psup_proto::condition::{Condition, MatchOn, Quorum, Wait};
use psup_proto::exec::{Exec, Run};
use psup_proto::hook::{AddHook, Hook, HookEvent, HookRequest};
use psup_proto::input::{Part, Send};
use psup_proto::keep::{Ended, ForgetEnded, SetKeep};
use psup_proto::owner::Owner;
use psup_proto::request::{Filter, IfExists, Read, Selector, Spawn, Stop};
use psup_proto::resources::ResourceLimits;
use psup_proto::restart::RestartLimit;
use psup_proto::spec::Restart;
use psup_proto::{Moment, Request, Size, Spec, Target};
use std::collections::BTreeMap;
use std::time::Duration;

/// In the order of the wire.
#[allow(clippy::too_many_lines)]
pub(crate) fn all() -> Vec<Request> {
    vec![
        Request::Spawn(Box::new(spawn())),
        Request::Info(target("web")),
        Request::List(Filter {
            all: true,
            glob: Some("web-*".into()),
            labels: vec![("tier".into(), "front".into())],
        }),
        Request::Stop(Stop {
            which: Selector::Named(vec![target("web"), target("db#3")]),
            signal: Some(15),
            grace: Some(Duration::from_millis(2500)),
        }),
        Request::Signal {
            target: target("web"),
            signal: 10,
        },
        Request::Restart {
            target: target("web"),
            id: 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef,
        },
        Request::Forget(target("web#1")),
        Request::Rename {
            target: target("web"),
            name: "www".parse().unwrap(),
        },
        Request::Resize {
            target: target("web"),
            size: Size {
                cols: 300,
                rows: 50,
            },
        },
        Request::Send {
            target: target("web"),
            send: send(),
        },
        Request::Wait {
            target: target("web"),
            wait: wait(),
        },
        Request::Capture {
            target: target("web"),
            capture: Capture {
                extent: Extent::Last(30),
                format: Format::Json,
                rows: true,
                at: Some(1 << 33),
                budget: Some(4000),
            },
        },
        Request::Read {
            target: target("web"),
            read: Read {
                since: Some(70_000),
                follow: true,
                text: true,
                timeout: Some(Duration::from_secs(30)),
            },
        },
        Request::Events {
            targets: vec![target("web")],
            since: Some(7),
            follow: true,
        },
        Request::Status,
        Request::Logs { follow: true },
        Request::Shutdown { force: true },
        Request::Upgrade {
            id: 7,
            binary: b"/usr/bin/psup".to_vec(),
        },
        Request::Exec {
            target: target("web"),
            exec: Exec {
                command: b"make\ntest".to_vec(),
                timeout: Some(Duration::from_secs(60)),
            },
        },
        Request::PutDocument {
            key: "tmux-default".parse().unwrap(),
            version: 7,
            value: Some(b"{}".to_vec()),
        },
        Request::GetDocument {
            key: "tmux-default".parse().unwrap(),
            beyond: Some(7),
        },
        Request::ListBrief(Filter {
            all: false,
            glob: None,
            labels: vec![],
        }),
        Request::Run {
            target: target("web"),
            run: Run {
                exec: Exec {
                    command: b"make".to_vec(),
                    timeout: Some(Duration::from_secs(60)),
                },
                text: true,
            },
        },
        Request::WaitFirst {
            which: Selector::Glob("web-*".into()),
            wait: Wait {
                conditions: vec![Condition::Input],
                ..wait()
            },
        },
        Request::Alive(target("web")),
        Request::ScreenFacts(target("web#3")),
        Request::Attach(Attach {
            target: target("web"),
            viewer: 7,
            types: true,
            take: true,
            original: Some(Size { cols: 80, rows: 24 }),
        }),
        Request::AskPerson(AskPerson {
            target: target("web"),
            why: "the code".into(),
            secret: true,
            timeout: Some(Duration::from_secs(60)),
        }),
        Request::ViewerResize {
            target: target("web"),
            viewer: 7,
            size: Size { cols: 80, rows: 24 },
        },
        Request::Hook(HookRequest::Add(Box::new(AddHook {
            id: 44,
            name: Some("web".parse().unwrap()),
            hook: hook(),
            cwd: b"/srv".to_vec(),
            env: vec![(b"PATH".to_vec(), b"/bin".to_vec())],
            umask: 0o022,
        }))),
        Request::Timeline {
            target: target("web"),
            since: 300,
        },
        Request::OffsetAt {
            target: target("web"),
            at_ms: 1_795_193_521_123,
        },
        Request::CaptureRows {
            target: target("web"),
            capture: Capture {
                extent: Extent::All,
                format: Format::Ansi,
                rows: false,
                at: Some(300),
                budget: None,
            },
        },
        Request::ForgetEnded(ForgetEnded {
            which: Ended::Glob("ci-*".into()),
            older: Some(Duration::from_secs(7200)),
        }),
        Request::SetKeep(SetKeep {
            count: Some(20_000),
            age: Some(None),
            bytes: None,
        }),
        Request::Checkpoint(CheckpointRequest::Session(target("web#3"))),
        Request::Restore(Restore::Output {
            id: 45,
            number: 2,
            at: 300,
            bytes: b"out".to_vec(),
            moments: vec![Moment {
                offset: 300,
                at_ms: 1_795_193_521_123,
            }],
        }),
        Request::Metrics,
    ]
}

/// No `_`: a new variant does not compile until it has a name here, and then [`all`] lacks it.
pub(crate) fn name(request: &Request) -> &'static str {
    match request {
        Request::Spawn(_) => "spawn",
        Request::Info(_) => "info",
        Request::List(_) => "list",
        Request::Stop(_) => "stop",
        Request::Signal { .. } => "signal",
        Request::Restart { .. } => "restart",
        Request::Forget(_) => "forget",
        Request::Rename { .. } => "rename",
        Request::Resize { .. } => "resize",
        Request::Send { .. } => "send",
        Request::Wait { .. } => "wait",
        Request::Capture { .. } => "capture",
        Request::Read { .. } => "read",
        Request::Events { .. } => "events",
        Request::Status => "status",
        Request::Logs { .. } => "logs",
        Request::Shutdown { .. } => "shutdown",
        Request::Upgrade { .. } => "upgrade",
        Request::Exec { .. } => "exec",
        Request::PutDocument { .. } => "keep",
        Request::GetDocument { .. } => "fetch",
        Request::ListBrief(_) => "brief",
        Request::Run { .. } => "run",
        Request::WaitFirst { .. } => "wait-first",
        Request::Alive(_) => "alive",
        Request::ScreenFacts(_) => "screen-facts",
        Request::Attach(_) => "attach",
        Request::AskPerson(_) => "ask-person",
        Request::ViewerResize { .. } => "viewer-resize",
        Request::Hook(_) => "hook",
        Request::ForgetEnded(_) => "forget-ended",
        Request::SetKeep(_) => "set-keep",
        Request::Timeline { .. } => "timeline",
        Request::OffsetAt { .. } => "offset-at",
        Request::CaptureRows { .. } => "capture-rows",
        Request::Checkpoint(_) => "checkpoint",
        Request::Restore(_) => "restore",
        Request::Metrics => "metrics",
    }
}

fn target(text: &str) -> Target {
    text.parse().unwrap()
}

fn spawn() -> Spawn {
    let var = |key: &str, value: &str| (key.as_bytes().to_vec(), value.as_bytes().to_vec());
    Spawn {
        id: 42,
        name: "web".parse().unwrap(),
        spec: Spec {
            command: vec![b"sh".to_vec(), b"-c".to_vec(), b"echo \xff".to_vec()],
            cwd: b"/srv".to_vec(),
            env: vec![var("PATH", "/bin"), var("PORT", "80")],
            asked_env: vec![var("PORT", "80")],
            size: Size::DEFAULT,
            scrollback: 100_000,
            restart: Restart::OnFailure,
            on_boot: true,
            labels: BTreeMap::from([("tier".into(), "front".into())]),
            log_limit: Some(64 << 20),
            ttl: Some(Duration::from_secs(3600)),
            umask: 0o022,
            integration: true,
            hooks: vec![hook()],
            resources: ResourceLimits {
                memory: Some(256 << 20),
                pids: Some(64),
                cpu: Some(50),
                nice: Some(-5),
                best_effort: true,
            },
            restart_limit: Some(RestartLimit {
                most: 5,
                within: Duration::from_secs(600),
            }),
            owner: Some(Owner {
                pid: 4711,
                started: 90_000,
            }),
        },
        how: IfExists::Ensure,
        ready: Some(wait()),
    }
}

fn hook() -> Hook {
    Hook {
        on: HookEvent::Match("error: .*".into()),
        command: vec![b"sh".to_vec(), b"-c".to_vec(), b"cat".to_vec()],
        timeout: Duration::from_secs(30),
        tries: 10,
    }
}

fn send() -> Send {
    Send {
        id: 43,
        parts: vec![
            Part::Text(b"ls".to_vec()),
            Part::Key("C-M-Left".parse().unwrap()),
            Part::Key("F5".parse().unwrap()),
            Part::Paste(b"two\nlines".to_vec()),
        ],
        more: true,
        submit: true,
        viewer: Some(7),
        secret: true,
        patience: Some(Duration::from_secs(30)),
    }
}

fn wait() -> Wait {
    Wait {
        conditions: vec![
            Condition::Text("ready".into()),
            Condition::Gone("busy".into()),
            Condition::Prompt,
            Condition::Idle(Duration::from_millis(500)),
            Condition::Exit,
            Condition::Port(8080),
            Condition::File(b"/run/flag".to_vec()),
        ],
        quorum: Quorum::All,
        on: MatchOn::Screen,
        since: Some(12),
        fail: Some("error".into()),
        timeout: Some(Duration::from_secs(10)),
        settle: true,
    }
}
