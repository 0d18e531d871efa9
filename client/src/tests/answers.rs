//! One question, one answer: what is asked for and what is printed.

use super::*;

#[test]
fn spawn_asks_for_what_the_flags_say() {
    let ran = told(
        "spawn web --shell 'a && b' --cwd / --env A=1 --env A=2 --clear-env --size 80x24 --scrollback 10 --restart on-failure --on-boot \
         --label k=v --no-log --ttl 1h --ready text=up --ready port=80 --timeout 5s",
        it(spawned(Started::Started, Some(Verdict::Held(vec![])))),
    );
    let Request::Spawn(spawn) = &ran.asked[0] else {
        panic!("{:?}", ran.asked)
    };
    let spec = &spawn.spec;
    assert_eq!(
        spec.command,
        ["/bin/sh", "-c", "a && b"].map(|a| a.as_bytes().to_vec())
    );
    assert_eq!(
        (spec.cwd.as_slice(), spec.var("A")),
        (&b"/"[..], Some(&b"2"[..]))
    );
    assert_eq!(spec.asked_env, [(b"A".to_vec(), b"2".to_vec())]);
    assert!(spec.var("CARGO_MANIFEST_DIR").is_none() && spec.var("PATH").is_some());
    assert_eq!(
        (
            spec.size.to_string().as_str(),
            spec.scrollback,
            spec.restart
        ),
        ("80x24", 10, Restart::OnFailure)
    );
    assert_eq!(
        (spec.on_boot, spec.log_limit, spawn.how),
        (true, None, IfExists::New)
    );
    let ready = spawn.ready.as_ref().unwrap();
    assert_eq!(
        ready.conditions,
        [Condition::Text("up".into()), Condition::Port(80)]
    );
    assert_eq!(ready.quorum, Quorum::All);
    assert_eq!(ran.code, 0);
}

#[test]
fn a_session_that_was_started_but_not_ready_is_told_and_not_ready() {
    for (verdict, code) in [(Verdict::TimedOut, 124), (Verdict::Ended, 6)] {
        let ran = told(
            "spawn web --ready exit -- x",
            it(spawned(Started::Started, Some(verdict))),
        );
        assert_eq!((ran.code, ran.stdout.as_str()), (code, "web#2\n"));
        assert!(ran.stderr.starts_with("error: "));
    }
}

#[test]
fn ensure_says_what_it_did() {
    for (done, word) in [
        (Started::Started, "started"),
        (Started::Restarted, "restarted"),
        (Started::Unchanged, "unchanged"),
        (Started::Replaced, "replaced"),
    ] {
        assert_eq!(
            told("ensure web -- x", it(spawned(done, None))).stdout,
            format!("{word} web#2\n")
        );
        let json = told("ensure web --replace --json -- x", it(spawned(done, None)));
        let wanted = format!(
            "{{\"id\":\"web#2\",\"name\":\"web\",\"pid\":42,\"done\":\"{word}\",\"state\":\"running\",\"offset\":0,\"ready\":null,\"unmet\":[]}}\n"
        );
        assert_eq!(json.stdout, wanted);
    }
}

#[test]
fn has_answers_by_its_exit_code() {
    let has = |line: &str, says| {
        let ran = told(line, says);
        (ran.code, ran.stdout, ran.stderr)
    };
    let none = String::new;
    assert_eq!(has("has web", it(Response::Done)), (0, none(), none()));
    let ended = || it(Response::Info(info(State::Ended).into()));
    let asked_twice = |line: &str, says| {
        let ran = run(line, vec![vec![refused(Code::NotRunning), says]]);
        (ran.code, ran.stdout, ran.stderr)
    };
    // The child is gone, its last output is not yet read.
    let draining = it(Response::Info(info(State::Draining).into()));
    assert_eq!(asked_twice("has web", draining), (0, none(), none()));
    assert_eq!(
        asked_twice("has web", ended()),
        (1, none(), "session \"web#1\" has ended: exit 3\n".into())
    );
    assert_eq!(asked_twice("has web -q", ended()), (1, none(), none()));
    assert_eq!(
        has("has web -q", refused(Code::NoSuchSession)),
        (3, none(), none())
    );
    assert_eq!(
        has("has web --json", ended()).1,
        "{\"id\":\"web#1\",\"live\":false,\"state\":\"ended\"}\n"
    );
}

#[test]
fn list_is_a_table_or_objects() {
    let sessions = || {
        it(Response::Sessions(vec![
            info(State::Running),
            info(State::Ended),
        ]))
    };
    let ran = told("list --all", sessions());
    let lines: Vec<Vec<&str>> = ran
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(lines[0], ["NAME", "STATE", "PID", "AGE", "IDLE", "COMMAND"]);
    assert_eq!(
        (lines[1][0], lines[1][1], lines[1][2]),
        ("web#1", "running", "42")
    );
    assert_eq!(lines[2][..4], ["web#1", "exit", "3", "-"]);
    assert!(
        ran.stdout
            .lines()
            .nth(1)
            .unwrap()
            .ends_with("npm run 'dev server'")
    );
    insta::assert_snapshot!("list-json", told("list --json", sessions()).stdout);
}

#[test]
fn a_supervisor_too_old_for_a_brief_list_is_asked_for_a_whole_one() {
    let sessions = it(Response::Sessions(vec![info(State::Running)]));
    let ran = run("list", vec![vec![refused(Code::Usage)], vec![sessions]]);
    assert!(
        ran.stdout.contains("web") && ran.code == 0,
        "{}",
        ran.stderr
    );
    assert!(
        matches!(ran.asked[..], [Request::ListBrief(_), Request::List(_)]),
        "{:?}",
        ran.asked
    );
}

#[test]
fn stop_prints_what_it_stopped() {
    let stopped = |exit, firm| Stopped {
        id: id("web#1"),
        exit,
        firm,
    };
    let all = Response::Stopped(vec![
        stopped(Some(exit(0)), false),
        stopped(Some(exit(1)), true),
        stopped(None, false),
    ]);
    let ran = told("stop web --signal int", it(all.clone()));
    assert_eq!(
        ran.stdout,
        "stopped web#1 exit 0\nstopped web#1 exit 1 after the grace\n"
    );
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (0, "web#1 had ended already\n")
    );
    let Request::Stop(stop) = &ran.asked[0] else {
        panic!("{:?}", ran.asked)
    };
    assert_eq!(
        (&stop.which, stop.signal),
        (&Selector::Named(vec!["web".parse().unwrap()]), Some(2))
    );
    insta::assert_snapshot!("stop-json", told("stop --all --json", it(all)).stdout);
    // Nothing runs where no supervisor runs.
    assert_eq!(run("stop --all", vec![]).stderr, "nothing to stop\n");
    assert_eq!(run("stop web", vec![]).code, 3);
}

#[test]
fn send_types_in_portions_and_tells_the_first_offset() {
    let sent = |offset| {
        it(Response::Sent(Sent {
            offset,
            submit: None,
        }))
    };
    let ran = told("send web -- ls -la", sent(7));
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "7\n"));
    let Request::Send { send, .. } = &ran.asked[0] else {
        panic!("{:?}", ran.asked)
    };
    assert_eq!(
        send.parts,
        [Part::Text(b"ls".to_vec()), Part::Text(b"-la".to_vec())]
    );
    assert!(!send.more);

    let long = "x".repeat(limits::SEND_CHUNK + 1);
    let ran = run(
        &format!("send web {long} --enter"),
        vec![vec![sent(7), sent(9)]],
    );
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "7\n"));
    let sends: Vec<_> = ran
        .asked
        .iter()
        .map(|r| {
            if let Request::Send { send, .. } = r {
                (send.id, send.more)
            } else {
                panic!()
            }
        })
        .collect();
    assert_eq!((sends[0].1, sends[1].1), (true, false));
    assert_ne!(sends[0].0, sends[1].0);
}

#[test]
fn wait_tells_which_condition_held_with_its_match_and_offset() {
    let held = |condition, found| ConditionHeld {
        condition,
        found,
        via: None,
    };
    let verdict = Verdict::Held(vec![
        held(1, Some(found("a\tb"))),
        held(0, None),
        held(2, None),
    ]);
    let line = "wait web --idle 2s --text a.b --exit --all";
    let ran = told(line, it(Response::Waited(waited(verdict.clone()))));
    assert_eq!(
        ran.stdout,
        "text\ta\\tb\t77\nidle\t2s\t77\nexit\texit 3\t77\n"
    );
    let Request::Wait { wait, .. } = &ran.asked[0] else {
        panic!("{:?}", ran.asked)
    };
    let words: Vec<_> = wait.conditions.iter().map(Condition::word).collect();
    assert_eq!(
        (words, wait.quorum),
        (vec!["idle", "text", "exit"], Quorum::All)
    );
    insta::assert_snapshot!(
        "wait-json",
        told(
            &format!("{line} --json"),
            it(Response::Waited(waited(verdict)))
        )
        .stdout
    );
    for (verdict, code, says) in [
        (
            Verdict::Ended,
            6,
            "session \"web\" ended before the condition came true: exit 3",
        ),
        (
            Verdict::Failed(found("oops")),
            6,
            "the fail pattern matched first: the oops line",
        ),
        (Verdict::TimedOut, 124, "timed out"),
    ] {
        let ran = told("wait web --text x", it(Response::Waited(waited(verdict))));
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""));
        assert!(ran.stderr.contains(says), "{}", ran.stderr);
    }
}

#[test]
fn shutdown_of_nothing_is_done() {
    let ran = run("shutdown", vec![]);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (0, "no supervisor is running\n")
    );
}
