//! What saves an agent calls and characters: waits on several sessions and for any input, reads of
//! the lines that matter, captures of the rows that changed, hints that lead on.

use crate::truth::is_here;
use psup_harness::{TestEnv, skipped};

/// What `wait --input` says the program waits for.
#[track_caller]
fn wants(env: &TestEnv, name: &str) -> String {
    let told = env.ok(&format!("wait {name} --input --timeout 60s"));
    told.split('\t').nth(1).unwrap().to_owned()
}

#[test]
fn a_wait_for_input_says_what_is_asked_for() {
    let env = TestEnv::new();
    env.write("long", "line\n".repeat(500));
    for (name, command, kind) in [
        (
            "question",
            "sh -c 'printf \"Overwrite? [y/N] \"; read x; exec sleep 1000'",
            "question",
        ),
        (
            "name",
            "sh -c 'printf \"Name: \"; read x; exec sleep 1000'",
            "question",
        ),
        (
            "password",
            "sh -c 'stty -echo; printf \"Password: \"; read x; exec sleep 1000'",
            "password",
        ),
        ("input", "cat", "input"),
        ("shell", "bash --norc", "prompt"),
        ("less", "less long", "pager"),
        ("more", "more long", "pager"),
    ] {
        let program = command.split(' ').next().unwrap();
        if !is_here(program) {
            skipped(&format!("there is no {program}"));
            continue;
        }
        env.ok(&format!("spawn {name} --size 80x20 -- {command}"));
        assert_eq!(wants(&env, name), kind, "{command}");
    }
    // Answered: nothing is asked for any more.
    let offset = env.ok("send question y --enter");
    env.no(
        124,
        &format!("wait question --since {offset} --input --timeout 500ms"),
    );
}

#[test]
fn a_wait_on_several_sessions_is_answered_by_the_first() {
    let env = TestEnv::new();
    for name in ["a-1", "a-2", "b"] {
        env.ok(&format!(
            "spawn {name} --shell 'stty -echo; read x; echo \"got $x\"; read x; exit 3'"
        ));
    }
    let waiter = env.start(env.psup("wait a-1 a-2 b --text 'got (.*)'"));
    env.ok("send a-2 it --enter --secret");
    let told = waiter.end().ended(0);
    assert!(told.text().starts_with("a-2\ttext\tgot it\t"), "{told}");
    let told = env.json("wait --glob 'a-*' --text 'got it'");
    assert_eq!(
        (told["id"].as_str(), told["verdict"].as_str()),
        (Some("a-2#1"), Some("held"))
    );
    // One that ends does not end the wait while another may still answer.
    let waiter = env.start(env.psup("--json wait a-1 a-2 --text 'got last'"));
    env.ok("send a-2 x --enter --secret");
    env.ok("wait a-2 --exit");
    env.ok("send a-1 last --enter --secret");
    assert_eq!(waiter.end().ended(0).jsons()[0]["id"], "a-1#1");
    env.no(124, "wait a-1 b --text never --timeout 50ms");
    assert!(env.ok("wait a-1 a-2 --exit").starts_with("a-2\texit\t"));
    assert_eq!(env.refused(6, "wait a-2 --text never"), "ended");
    assert_eq!(env.refused(3, "wait --glob 'z*' --exit"), "no-such-session");
    assert_eq!(env.refused(3, "wait b nobody --exit"), "no-such-session");
    assert_eq!(env.refused(2, "wait a-1 b --since 5 --exit"), "usage");
}

#[test]
fn since_now_leaves_out_what_is_on_the_screen() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'stty -echo; echo ready; exec cat'");
    env.ok("wait a --text ready");
    env.no(124, "wait a --since now --text ready --timeout 50ms");
    assert_eq!(env.ok("read a --since now"), "");
    assert_eq!(env.refused(2, "read a --since soon"), "usage");
}

#[test]
fn a_read_gives_the_lines_that_matter() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'seq 5000; printf \"10%%\\r20%%\\r100%%\\n\"; exec cat'");
    env.ok("wait a --text '^100%$'");
    assert_eq!(env.ok("read a --tail 3"), "4999\n5000\n100%");
    assert_eq!(
        env.ok("read a --grep '^4.99$'"),
        "4099\n4199\n4299\n4399\n4499\n4599\n4699\n4799\n4899\n4999"
    );
    assert_eq!(
        env.ok("read a --grep '^50$|^60$' --context 1"),
        "49\n50\n51\n--\n59\n60\n61"
    );
    assert_eq!(env.ok("read a --grep '^..50$' --tail 1"), "4950");
    assert_eq!(env.ok("read a --tail 100000").lines().count(), 5001);
    let told = env.run(env.psup("read a --budget 300")).ended(0);
    assert!(
        told.text().len() < 400 && told.text().starts_with("1\n2\n3\n"),
        "{told}"
    );
    assert!(told.text().ends_with("5000\n100%\n"), "{told}");
    let hint = told
        .err
        .split('`')
        .nth(1)
        .unwrap()
        .strip_prefix("psup ")
        .unwrap();
    let rest = env.ok(hint);
    let left_out = told
        .text()
        .lines()
        .find(|line| line.starts_with('['))
        .unwrap();
    assert!(
        rest.lines().count() > 4000 && left_out.contains("lines"),
        "{left_out}"
    );
    assert_eq!(
        env.run(env.psup("read a --grep nothing")).ended(1).text(),
        ""
    );
    assert_eq!(env.refused(2, "read a --grep '('"), "bad-pattern");
    let follower = env.stream("read a --tail 1 --follow");
    assert_eq!(follower.line(), "100%");
    env.ok("send a bye --enter");
    assert_eq!(
        (follower.line(), follower.line()),
        ("bye".into(), "bye".into())
    );
}

#[test]
fn a_search_that_finds_nothing_in_what_is_left_is_not_known() {
    let env = TestEnv::new();
    env.ok("spawn a --log-limit 64k --shell 'seq 300000; exec cat'");
    env.ok("wait a --text '^300000$'");
    assert_eq!(env.refused(1, "read a --grep '^12$'"), "gap");
    let told = env.run(env.psup("read a --tail 2")).ended(0);
    assert_eq!((told.text(), told.err.as_str()), ("299999\n300000\n", ""));
}

#[test]
fn a_capture_gives_the_rows_that_changed() {
    let env = TestEnv::new();
    env.ok(r#"spawn a --size 40x6 --shell 'stty -echo; printf "one\ntwo\nthree\n"; read x; printf "\033[2;1HTWO"; exec cat'"#);
    env.ok("wait a --text three");
    let offset = env.info("a")["offset"].to_string();
    assert_eq!(env.ok(&format!("capture a --changed-since {offset}")), "");
    env.ok("send a --enter --secret");
    env.ok("wait a --on screen --text TWO");
    assert_eq!(
        env.ok(&format!("capture a --changed-since {offset}")),
        "1\tTWO"
    );
    let told = env.json(&format!("capture a --changed-since {offset}"));
    assert_eq!(told["rows"], serde_json::json!([{"row": 1, "text": "TWO"}]));
    assert_eq!(told["offset"], env.info("a")["offset"]);
    assert_eq!(env.refused(2, "capture a --changed-since 1 --all"), "usage");
}

#[test]
fn words_of_other_programs_are_answered_with_the_command_that_does_it() {
    let env = TestEnv::new();
    for (line, hint) in [
        ("kill web", "`psup stop web`"),
        ("--quiet tail web", "`psup read web --tail 20`"),
        ("logs web", "`psup read web --text`"),
        ("new-session -s web", "`psup spawn web -- COMMAND`"),
        ("stop web --force", "`psup stop web --grace 0s`"),
        ("capture web --zoom 2", "`psup capture` has --all --format"),
    ] {
        let told = env.no(2, line);
        assert!(told.contains(hint), "{line}: {told}");
    }
}
