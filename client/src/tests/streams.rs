//! Answers of many pieces.

use super::*;
use psup_proto::rows::{Run, StyledRow};
use psup_proto::style::{Colour, Style};
use std::time::Duration;

#[test]
fn capture_prints_the_rows() {
    let says = || {
        let run = |length, fg| Run {
            length,
            style: Style {
                fg,
                ..Style::default()
            },
            link: None,
        };
        let rows = |text: &str, runs| Rows {
            text: text.to_owned(),
            styled: vec![StyledRow { row: 0, runs }],
            wraps: Vec::new(),
        };
        // A row may be cut anywhere.
        let first = rows(
            "é an",
            vec![run(2, Colour::Indexed(1)), run(3, Colour::Default)],
        );
        let second = rows("d  \n$ ls \n", Vec::new());
        vec![
            rows_head(5),
            Say::It(Response::Rows(first)),
            Say::It(Response::Rows(second)),
            end(5, End::Whole),
        ]
    };
    let ran = told("capture web", says());
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "é and\n$ ls\n"));
    assert_eq!(
        ran.stderr,
        "3 older lines are left out: they are not kept any more\n"
    );
    let ansi = told("capture web --all --format ansi", says()).stdout;
    assert_eq!(ansi, "\x1b[0;31mé\x1b[m and  \x1b[m\n$ ls \n");
    let json = told("capture web --json", says()).stdout;
    assert_eq!(json, told("capture web --format json", says()).stdout);
    insta::assert_snapshot!("capture-rows-json", json);
}

#[test]
fn capture_prints_the_screen_of_a_supervisor_of_version_1() {
    let says = || {
        vec![
            head(5),
            Say::Bytes(b"$ ls\n"),
            Say::Bytes("é\n".as_bytes()),
            Say::Bytes(b""),
            end(5, End::Whole),
        ]
    };
    let ran = told("capture web", says());
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "$ ls\né\n"));
    assert_eq!(
        ran.stderr,
        "3 older lines are left out: they are not kept any more\n"
    );
    let says = || {
        let document = r#"{"cwd":"/srv","modes":[],"lines":[{"text":"$ ls"},{"text":"é","runs":[{"text":"é","fg":"red"}]}]}"#;
        vec![
            head(5),
            Say::Bytes(&document.as_bytes()[..9]),
            Say::Bytes(&document.as_bytes()[9..]),
            Say::Bytes(b""),
            end(5, End::Whole),
        ]
    };
    let json = told("capture web --json", says()).stdout;
    assert_eq!(json, told("capture web --format json", says()).stdout);
    insta::assert_snapshot!("capture-json", json);
}

#[test]
fn json_pieces_keep_characters_whole_and_gaps_are_told() {
    let gap = || {
        Say::It(Response::Gap {
            from: 4,
            to: 8,
            reason: "not kept".into(),
        })
    };
    let says = || {
        vec![
            reading(0),
            Say::Bytes(b"a\xc3"),
            Say::Bytes(b"\xa9b"),
            gap(),
            Say::Bytes(b"\xff"),
            Say::Bytes(b"\xe2\x82"),
            Say::Bytes(b""),
            end(11, End::TimedOut),
        ]
    };
    let ran = told("read web --json", says());
    assert_eq!(ran.code, 124);
    insta::assert_snapshot!("read-json", ran.stdout);
    let ran = run(
        "read web --json",
        vec![
            vec![says()[..2].to_vec()],
            vec![vec![reading(2), Say::Bytes(b"\xa9"), end(3, End::Whole)]],
        ],
    );
    assert_eq!(
        ran.stdout,
        "{\"from\":0,\"next\":1,\"text\":\"a\"}\n{\"from\":1,\"next\":3,\"text\":\"é\"}\n"
    );
    let plain = told(
        "read web -q",
        vec![
            reading(0),
            Say::Bytes(b"abcd"),
            gap(),
            Say::Bytes(b"i"),
            end(9, End::Whole),
        ],
    );
    assert_eq!(
        (plain.stdout.as_str(), plain.stderr.as_str()),
        ("abcdi", "gap: bytes 4 to 8 are missing: not kept\n")
    );
}

#[test]
fn status_tells_what_is_survived() {
    let survival = |kill: &str, survives, fix: Option<&str>| status::Survival {
        kill: kill.into(),
        survives,
        evidence: "seen".into(),
        fix: fix.map(str::to_owned),
    };
    let status = status::Status {
        version: "1".into(),
        build: "b".into(),
        protocol: 1,
        guardian_pid: 10,
        worker_pid: 11,
        uptime: Duration::from_secs(90),
        worker_epoch: 2,
        guardian_epoch: 1,
        sessions_live: 3,
        sessions_kept: 4,
        connections: 1,
        memory_bytes: 3 << 20,
        run_dir: b"/run".to_vec(),
        state_dir: b"/state".to_vec(),
        safe_mode: true,
        rung: "double-fork".into(),
        survival: vec![
            survival("group", true, None),
            survival("cgroup", false, Some("do this")),
        ],
        stops_by: Some("bookkeeping".into()),
        worker_uptime: Some(Duration::from_secs(60)),
        kept: Some(keep::Kept {
            limits: keep::Keep::default(),
            count: 2,
            bytes: 3 << 19,
        }),
    };
    let says = || it(Response::Status(status.clone().into()));
    insta::assert_snapshot!("status", told("status", says()).stdout);
    insta::assert_snapshot!("status-json", told("status --json", says()).stdout);
    let info = || it(Response::Info(info(State::Running).into()));
    insta::assert_snapshot!("info", run("info web", vec![vec![info(), says()]]).stdout);
    insta::assert_snapshot!(
        "info-json",
        run("info web --json", vec![vec![info(), says()]]).stdout
    );
}
