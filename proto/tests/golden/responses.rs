//! One response of each kind, with no field left at its default where that would hide it.

use psup_proto::attach::{Attached, Keyboard, Shared};
use psup_proto::capture::{Captured, Cursor, ScreenFacts};
use psup_proto::checkpoint::{CheckpointHead, RestoredSession, SessionCopy};
use psup_proto::condition::{ConditionHeld, Match, Verdict, Waited};
use psup_proto::event::{EventKind, Happened, Teller};
use psup_proto::exec::{Began, Doing, Executed, Ran};
use psup_proto::exit::OutOfMemory;
use psup_proto::hook::{Delivery, DeliveryState, Hook, HookEvent, HookInfo};
use psup_proto::info::{Blocked, BlockedOn, Info, Process, State};
use psup_proto::input::{Sent, Submit};
use psup_proto::keep::{Keep, Kept};
use psup_proto::metrics::{HookCounts, LiveSession, Metrics, ProcessUsage};
use psup_proto::owner::Owner;
use psup_proto::resources::{Measured, ResourceLimits, UnmetLimit, Usage, Via};
use psup_proto::response::{End, Spawned, Started, Stopped};
use psup_proto::restart::RestartLimit;
use psup_proto::rows::{Link, Rows, RowsHead, Run, StyledRow, Wrap};
use psup_proto::spec::Restart;
use psup_proto::status::{Status, Survival};
use psup_proto::style::{Attrs, Colour, Style};
use psup_proto::times::{ExecStart, Moment, OffsetAt, SizeChange, Timeline};
use psup_proto::{Code, Exit, Failure, Outcome, Response, SessionId, Size};
use std::collections::BTreeMap;
use std::time::Duration;

/// In the order of the wire.
#[allow(clippy::too_many_lines)] // It is a list.
pub(crate) fn all() -> Vec<Response> {
    vec![
        Response::Done,
        Response::Failed(
            Failure::new(Code::NoSuchSession, "no session named \"biuld\"")
                .hint("did you mean \"build\"?"),
        ),
        Response::Spawned(Spawned {
            id: id(),
            pid: 4242,
            done: Started::Restarted,
            offset: 70_000,
            ready: Some(waited()),
            state: State::Running,
            unmet: vec![unmet()],
        }),
        Response::Info(Box::new(info())),
        Response::Sessions(vec![info()]),
        Response::Stopped(vec![Stopped {
            id: id(),
            exit: Some(exit()),
            firm: true,
        }]),
        Response::Sent(Sent {
            offset: 1 << 33,
            submit: Some(Submit::Pending),
        }),
        Response::Waited(waited()),
        Response::Captured(Box::new(Captured {
            offset: 300,
            size: Size::DEFAULT,
            cursor: Cursor {
                col: 2,
                row: 39,
                visible: true,
            },
            title: "vim".into(),
            modes: vec!["alternate-screen".into()],
            lines: 40,
            left_out: 1000,
        })),
        Response::Reading { from: 12 },
        Response::Gap {
            from: 0,
            to: 65_536,
            reason: "log limit".into(),
        },
        Response::End {
            next: 80_000,
            why: End::SessionEnded,
        },
        Response::Happened(Happened {
            seq: 7,
            at_ms: 1_795_193_521_123,
            id: id(),
            offset: 12,
            what: EventKind::Exited { exit: exit() },
            by: Some(Teller {
                restart_nonce: 7,
                guardian_epoch: 1,
                worker_epoch: 2,
                request: Some(42),
            }),
        }),
        Response::Status(Box::new(status())),
        Response::Upgraded {
            from: "0.1.0".into(),
            to: "0.2.0".into(),
        },
        Response::Executed(Executed {
            ran: Ran::Code(7),
            from: 300,
            to: 70_000,
            via: "marks".into(),
        }),
        Response::Document {
            version: 7,
            value: Some(b"{}".to_vec()),
        },
        Response::Began(Began {
            from: 300,
            via: "marks".into(),
        }),
        Response::Doing(Doing {
            program: Some("less".into()),
            blocked: Some(Blocked {
                on: BlockedOn::Input,
                via: "kernel".into(),
            }),
        }),
        Response::WaitedFirst {
            id: id(),
            waited: waited(),
        },
        Response::ScreenFacts(Box::new(ScreenFacts {
            offset: 300,
            size: Size::DEFAULT,
            cursor: Cursor::default(),
            title: "vim".into(),
            modes: vec!["alternate-screen".into()],
            history: 1000,
        })),
        Response::Attached(Box::new(Attached {
            id: id(),
            offset: 300,
            scrollback: 1000,
            shared: shared(),
        })),
        Response::Shared(shared()),
        Response::PersonAnswered {
            viewer: 7,
            offset: 300,
        },
        Response::Hooks(vec![hook()]),
        Response::Timeline(Box::new(Timeline {
            moments: vec![moment()],
            sizes: vec![SizeChange {
                moment: moment(),
                size: Size::DEFAULT,
            }],
            execs: vec![ExecStart {
                moment: moment(),
                command: "make test".into(),
            }],
            next: Some(70_000),
        })),
        Response::OffsetAt(OffsetAt {
            offset: 300,
            cut_off: true,
        }),
        Response::RowsHead(Box::new(RowsHead {
            offset: 300,
            size: Size::DEFAULT,
            cursor: Cursor {
                col: 2,
                row: 39,
                visible: true,
            },
            title: "vim".into(),
            cwd: Some("/srv".into()),
            modes: vec!["alternate-screen".into()],
            rows: 40,
            left_out: 1000,
        })),
        Response::Rows(rows()),
        Response::Forgotten(vec![id()]),
        Response::CheckpointHead(Box::new(CheckpointHead {
            version: "0.1.0".into(),
            profile: "default".into(),
            boot_id: "b".into(),
            restart_nonce: 7,
            guardian_epoch: 1,
            worker_epoch: 2,
            lives: vec![id()],
            last: [("web".parse().unwrap(), 3)].into(),
        })),
        Response::SessionCopy(Box::new(SessionCopy {
            id: id(),
            state: State::Running,
            at_ms: 1_795_193_521_123,
            from: 0,
            end: 300,
            spec: b"{}".to_vec(),
            life: b"{}".to_vec(),
            events: b"{}".to_vec(),
            screen: Some((200, b"s".to_vec())),
        })),
        Response::Restored(vec![RestoredSession {
            was: id(),
            id: id(),
        }]),
        Response::Metrics(Box::new(metrics())),
    ]
}

fn metrics() -> Metrics {
    Metrics {
        version: "0.1.0".into(),
        build: "b".into(),
        profile: "default".into(),
        boot_id: "c".into(),
        restart_nonce: 7,
        rung: "cgroup".into(),
        started_ms: 1_795_193_521_123,
        worker_started_ms: 1_795_193_521_124,
        guardian_epoch: 1,
        worker_epoch: 2,
        safe_mode: true,
        connections: 3,
        sessions: vec![(State::Running, 4)],
        live_bytes: 5,
        ended_bytes: 6,
        output_bytes: 300,
        waits: 8,
        viewers: 9,
        events: vec![("started".into(), 10)],
        hooks: HookCounts {
            hooks: 1,
            due: 2,
            delivered: 3,
            failed: 4,
        },
        guardian: ProcessUsage {
            pid: 11,
            memory_bytes: 12,
            cpu_ms: 13,
        },
        worker: ProcessUsage::default(),
        checkpoint_ms: Some(14),
        live: vec![LiveSession {
            id: id(),
            output_bytes: 300,
            restarts: 1,
            waits: 2,
        }],
    }
}

fn moment() -> Moment {
    Moment {
        offset: 300,
        at_ms: 1_795_193_521_123,
    }
}

/// No `_`: a new variant does not compile until it has a name here, and then [`all`] lacks it.
pub(crate) fn name(response: &Response) -> &'static str {
    match response {
        Response::Done => "done",
        Response::Failed(_) => "failed",
        Response::Spawned(_) => "spawned",
        Response::Info(_) => "info",
        Response::Sessions(_) => "sessions",
        Response::Stopped(_) => "stopped",
        Response::Sent(_) => "sent",
        Response::Waited(_) => "waited",
        Response::Captured(_) => "captured",
        Response::Reading { .. } => "reading",
        Response::Gap { .. } => "gap",
        Response::End { .. } => "end",
        Response::Happened(_) => "happened",
        Response::Status(_) => "status",
        Response::Document { .. } => "document",
        Response::Upgraded { .. } => "upgraded",
        Response::Executed(_) => "executed",
        Response::Began(_) => "began",
        Response::Doing(_) => "doing",
        Response::WaitedFirst { .. } => "waited-first",
        Response::ScreenFacts(_) => "screen-facts",
        Response::Attached(_) => "attached",
        Response::Shared(_) => "shared",
        Response::PersonAnswered { .. } => "person-answered",
        Response::Hooks(_) => "hooks",
        Response::Forgotten(_) => "forgotten",
        Response::Timeline(_) => "timeline",
        Response::OffsetAt(_) => "offset-at",
        Response::RowsHead(_) => "rows-head",
        Response::Rows(_) => "rows",
        Response::CheckpointHead(_) => "checkpoint-head",
        Response::SessionCopy(_) => "session-copy",
        Response::Restored(_) => "restored",
        Response::Metrics(_) => "metrics",
    }
}

fn hook() -> HookInfo {
    HookInfo {
        number: 3,
        name: Some("web".parse().unwrap()),
        hook: Hook {
            on: HookEvent::Blocked(vec!["password".into()]),
            command: vec![b"notify".to_vec()],
            timeout: Duration::from_secs(30),
            tries: 10,
        },
        of_spec: true,
        due: 1,
        delivered: 7,
        failed: 2,
        last: Some(Delivery {
            event: 41,
            id: id(),
            state: DeliveryState::Retrying,
            tries: 3,
            reason: "exit code 1".into(),
            at_ms: 1_795_193_521_123,
        }),
    }
}

fn rows() -> Rows {
    let mut attrs = Attrs::BOLD;
    attrs.set_underline(3);
    let style = Style {
        fg: Colour::Indexed(200),
        bg: Colour::Rgb(1, 2, 3),
        line: Colour::Default,
        attrs,
    };
    let link = Link {
        uri: "https://example.com/a".into(),
        id: "1".into(),
    };
    Rows {
        text: "plain\nbold and not\nthe next row".into(),
        styled: vec![StyledRow {
            row: 1,
            runs: vec![
                Run {
                    length: 4,
                    style,
                    link: Some(link),
                },
                Run {
                    length: 8,
                    style: Style::default(),
                    link: None,
                },
            ],
        }],
        wraps: vec![Wrap { row: 1, blanks: 2 }],
    }
}

fn keyboard() -> Keyboard {
    Keyboard {
        viewer: 7,
        taken: true,
        typed: 12,
    }
}

fn shared() -> Shared {
    Shared {
        size: Size { cols: 80, rows: 24 },
        viewers: 2,
        keyboard: Some(keyboard()),
        question: Some("the code".into()),
    }
}

fn id() -> SessionId {
    SessionId {
        name: "web".parse().unwrap(),
        life: 3,
    }
}

fn unmet() -> UnmetLimit {
    UnmetLimit {
        limit: "cpu".into(),
        reason: "no".into(),
    }
}

fn usage() -> Usage {
    let measured = |value, via| Some(Measured { value, via });
    Usage {
        memory: measured(1 << 20, Via::Cgroup),
        cpu_ms: measured(300, Via::Cgroup),
        pids: measured(3, Via::Processes),
        read: measured(70_000, Via::Processes),
        written: None,
    }
}

fn exit() -> Exit {
    let outcome = Outcome::Signal {
        number: 9,
        core: true,
    };
    Exit {
        oom: Some(OutOfMemory {
            limit: Some(256 << 20),
        }),
        ..Exit::new(outcome, 1_795_193_521_123)
    }
}

fn waited() -> Waited {
    let found = Match {
        text: "port 80".into(),
        groups: vec![Some("80".into()), None],
        line: "on port 80".into(),
    };
    Waited {
        verdict: Verdict::Held(vec![ConditionHeld {
            condition: 1,
            found: Some(found),
            via: Some("marks".into()),
        }]),
        offset: 300,
        exit: Some(exit()),
    }
}

fn info() -> Info {
    Info {
        id: id(),
        state: State::Stopping,
        pid: Some(4242),
        foreground: Some(Process {
            pid: 4243,
            name: "vim".into(),
            command: vec![b"vim".to_vec(), b"a b".to_vec()],
        }),
        cwd: b"/srv".to_vec(),
        command: vec![b"sh".to_vec()],
        size: Size::DEFAULT,
        offset: 70_000,
        kept_from: 12,
        title: "vim".into(),
        exit: Some(exit()),
        restarts: 2,
        next_start_ms: Some(1_795_193_522_000),
        restart: Restart::Always,
        on_boot: true,
        ttl: Some(Duration::from_secs(3600)),
        labels: BTreeMap::from([("tier".into(), "front".into())]),
        started_ms: 1_795_193_520_000,
        idle: Some(Duration::from_millis(1500)),
        blocked: Some(Blocked {
            on: BlockedOn::Password,
            via: "kernel".into(),
        }),
        log: Some(b"/state/web#3".to_vec()),
        attached: 1,
        keyboard: Some(keyboard()),
        resources: ResourceLimits {
            memory: Some(256 << 20),
            pids: Some(64),
            cpu: Some(50),
            nice: Some(5),
            best_effort: true,
        },
        unmet: vec![unmet()],
        usage: Some(usage()),
        restart_limit: Some(RestartLimit {
            most: 5,
            within: Duration::from_secs(600),
        }),
        owner: Some(Owner {
            pid: 4711,
            started: 90_000,
        }),
    }
}

fn status() -> Status {
    Status {
        version: "0.1.0".into(),
        build: "0.1.0".into(),
        protocol: 1,
        guardian_pid: 100,
        worker_pid: 101,
        uptime: Duration::from_secs(5),
        worker_epoch: 3,
        guardian_epoch: 2,
        sessions_live: 1,
        sessions_kept: 4,
        connections: 2,
        memory_bytes: 12_000_000,
        run_dir: b"/run/user/0/psup/default".to_vec(),
        state_dir: b"/state".to_vec(),
        safe_mode: true,
        rung: "double-fork".into(),
        stops_by: None,
        worker_uptime: Some(Duration::from_secs(4)),
        kept: Some(Kept {
            limits: Keep {
                count: 1000,
                age: Some(Duration::from_secs(60)),
                bytes: None,
            },
            count: 3,
            bytes: 70_000,
        }),
        survival: vec![Survival {
            kill: "cgroup".into(),
            survives: false,
            evidence: "same cgroup as the starter".into(),
            fix: Some("psup service install".into()),
        }],
    }
}
