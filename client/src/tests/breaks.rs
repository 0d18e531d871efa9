//! Connections that break: asked again where that does no harm, nothing lost and nothing told
//! twice.

use super::*;

#[test]
fn a_lost_connection_is_made_again_where_that_does_no_harm() {
    let sent = it(Response::Sent(Sent {
        offset: 7,
        submit: None,
    }));
    // Heard but not answered, then told to ask again, then answered: three times the same id.
    let ran = run(
        "send web hi",
        vec![vec![vec![]], vec![refused(Code::Retry)], vec![sent]],
    );
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (0, "7\n", "")
    );
    assert_eq!(ran.asked.len(), 3);
    assert!(ran.asked.iter().all(|request| *request == ran.asked[0]));

    let ran = run(
        "signal web TERM",
        vec![vec![vec![]], vec![it(Response::Done)]],
    );
    assert_eq!((ran.code, ran.asked.len()), (1, 1));
    assert!(ran.stderr.contains("is not known"), "{}", ran.stderr);
    let ran = run(
        "signal web TERM",
        vec![vec![refused(Code::Retry)], vec![it(Response::Done)]],
    );
    assert_eq!((ran.code, ran.asked.len()), (0, 2));
}

#[test]
fn a_wait_asked_again_has_the_time_that_is_left() {
    let held = it(Response::Waited(waited(Verdict::Held(vec![]))));
    let ran = run(
        "wait web --exit --timeout 1h",
        vec![vec![vec![]], vec![held]],
    );
    let timeouts: Vec<_> = ran
        .asked
        .iter()
        .map(|r| {
            if let Request::Wait { wait, .. } = r {
                wait.timeout.unwrap()
            } else {
                panic!()
            }
        })
        .collect();
    assert!(timeouts[1] < timeouts[0]);
}

#[test]
fn a_capture_that_broke_off_goes_on_at_the_offset_it_shows() {
    let first = vec![vec![head(5), Say::Bytes(b"$ l")]];
    let second = vec![vec![
        head(5),
        Say::Bytes(b"$ ls\n"),
        Say::Bytes(b""),
        end(5, End::Whole),
    ]];
    let ran = run("capture web -q", vec![first, second]);
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (0, "$ ls\n", "")
    );
    assert_eq!(asked_again_at(&ran), Some(5));
}

#[test]
fn a_capture_that_broke_off_between_rows_gives_each_row_once() {
    let piece = |text: &str| {
        Say::It(Response::Rows(Rows {
            text: text.to_owned(),
            ..Rows::default()
        }))
    };
    let first = vec![vec![rows_head(5), piece("$ ls\na"), piece("b\nc")]];
    let second = vec![vec![
        rows_head(5),
        piece("$ ls\nab\ncd"),
        piece("\n\ne\n"),
        end(5, End::Whole),
    ]];
    let ran = run("capture web -q", vec![first, second]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "$ ls\nab\ncd\n\ne\n"));
    assert_eq!(asked_again_at(&ran), Some(5));
}

fn asked_again_at(ran: &Ran) -> Option<Offset> {
    match &ran.asked[1] {
        Request::CaptureRows { capture, .. } => capture.at,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_read_goes_on_where_it_broke_off() {
    let first = vec![vec![reading(10), Say::Bytes(b"abc")]];
    let second = vec![vec![
        reading(13),
        Say::Bytes(b"de"),
        Say::Bytes(b""),
        end(15, End::SessionEnded),
    ]];
    let ran = run(
        "read web --follow --since 10",
        vec![first.clone(), second.clone()],
    );
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (0, "abcde", "")
    );
    let since: Vec<_> = ran
        .asked
        .iter()
        .map(|r| {
            if let Request::Read { read, .. } = r {
                read.since
            } else {
                panic!()
            }
        })
        .collect();
    assert_eq!(since, [Some(10), Some(13)]);
    let json = run("read web --follow --json", vec![first, second]).stdout;
    assert_eq!(
        json,
        "{\"from\":10,\"next\":13,\"text\":\"abc\"}\n{\"from\":13,\"next\":15,\"text\":\"de\"}\n"
    );
}

#[test]
fn text_that_broke_off_is_not_told_twice() {
    let first = vec![vec![
        reading(10),
        Say::Bytes(b"one\n"),
        reading(20),
        Say::Bytes(b"two\n"),
    ]];
    let second = vec![vec![
        reading(20),
        Say::Bytes(b"two\nthree\n"),
        end(40, End::Whole),
    ]];
    let ran = run("read web --text", vec![first, second]);
    assert_eq!(ran.stdout, "one\ntwo\nthree\n");
    let Request::Read { read, .. } = &ran.asked[1] else {
        panic!("{:?}", ran.asked)
    };
    assert_eq!(read.since, Some(20));
}

#[test]
fn events_are_told_once_though_the_connection_breaks() {
    let happened = |seq, what| {
        Say::It(Response::Happened(Happened {
            seq,
            at_ms: 1_000,
            id: id("web#1"),
            offset: 5,
            what,
            by: Some(psup_proto::event::Teller {
                restart_nonce: 7,
                guardian_epoch: 1,
                worker_epoch: 2,
                request: None,
            }),
        }))
    };
    let first = vec![vec![
        happened(7, EventKind::Started { pid: 1 }),
        happened(
            8,
            EventKind::Title {
                title: "a\x1bb".into(),
            },
        ),
    ]];
    let second = || {
        vec![vec![
            happened(
                8,
                EventKind::Title {
                    title: String::new(),
                },
            ),
            happened(9, EventKind::Exited { exit: exit(3) }),
            Say::It(Response::Done),
        ]]
    };
    let ran = run("events", vec![first, second()]);
    insta::assert_snapshot!("events", ran.stdout);
    let Request::Events { since, .. } = &ran.asked[1] else {
        panic!("{:?}", ran.asked)
    };
    assert_eq!(*since, Some(8));
    insta::assert_snapshot!(
        "events-json",
        run("events --json --no-follow", vec![second()]).stdout
    );
}

#[test]
fn a_supervisor_that_speaks_another_protocol_is_told_in_one_sentence() {
    let hello = Hello {
        lowest: 40,
        highest: 41,
        build: "9.9".into(),
    };
    let ran = run_with(hello, "has web", vec![vec![it(Response::Done)]]);
    assert_eq!(ran.code, 5);
    assert!(ran.stderr.contains("9.9"), "{}", ran.stderr);
}

/// It has not read what it was asked, so that even what must not be done twice is asked again.
#[test]
fn a_supervisor_of_version_1_is_asked_again_in_its_version() {
    let old = Hello {
        lowest: 1,
        highest: 1,
        build: "0.1.0".into(),
    };
    let ran = run_with(
        old,
        "forget web",
        vec![vec![vec![]], vec![it(Response::Done)]],
    );
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(ran.asked, [Request::Forget("web".parse().unwrap())]);
}

#[test]
fn a_supervisor_of_another_protocol_is_upgraded_all_the_same() {
    let other = Hello {
        lowest: 40,
        highest: 41,
        build: "9.9".into(),
    };
    // Asked in our words, then in those that never change; the third time it is the new build that
    // answers.
    let hellos = vec![other.clone(), other, Hello::ours()];
    let upgraded = Response::Upgraded {
        from: "9.9".into(),
        to: "1".into(),
    };
    let talks = vec![vec![vec![]], vec![vec![]], vec![vec![]], vec![it(upgraded)]];
    let ran = run_with_each(hellos, "upgrade --binary /p", talks);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (0, "9.9 -> 1\n"),
        "{}",
        ran.stderr
    );
    let ids: Vec<_> = ran
        .asked
        .iter()
        .map(|r| {
            if let Request::Upgrade { id, .. } = r {
                *id
            } else {
                panic!()
            }
        })
        .collect();
    assert!(
        ids.len() == 4 && ids.iter().all(|id| *id == ids[0]),
        "the same id each time: {ids:?}"
    );
}

#[test]
fn a_supervisor_that_never_comes_back_is_given_up() {
    // The listener hangs up before it says hello.
    let ran = run("has web", vec![vec![]; 12]);
    assert_eq!(ran.code, 5);
    assert!(
        ran.stderr
            .starts_with("error: the connection to the supervisor was lost\n"),
        "{}",
        ran.stderr
    );
}

/// An upgrade a second, and a machine so busy that no answer is ready before the next: a dozen
/// connections lost were taken for a supervisor that is gone.
#[test]
fn a_supervisor_that_says_hello_may_be_killed_any_number_of_times() {
    let mut talks = vec![vec![vec![]]; 40];
    talks.push(vec![it(Response::Done)]);
    let ran = run("has web", talks);
    assert_eq!(
        (ran.code, ran.asked.len(), ran.stderr.as_str()),
        (0, 41, "")
    );
}
