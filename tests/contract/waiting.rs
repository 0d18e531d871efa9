//! Waits: questions parked until the journal, the screen, the clock or the exit can answer them.

use crate::talk::resident;
use crate::truth::is_here;
use psup_harness::{TestEnv, skipped};
use std::net::TcpListener;

/// The three fields of each line that `wait` prints.
fn told(text: &str) -> Vec<[String; 3]> {
    text.lines()
        .map(|line| {
            line.split('\t')
                .map(str::to_owned)
                .collect::<Vec<_>>()
                .try_into()
                .unwrap()
        })
        .collect()
}

#[test]
fn wait_prints_which_condition_held_the_match_and_the_offset() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo http://127.0.0.1:8080/x; exec cat'");
    let held = told(&env.ok("wait a --text 'http://\\S+'"));
    assert_eq!(held[0][0], "text");
    assert_eq!(held[0][1], "http://127.0.0.1:8080/x");
    assert!(held[0][2].parse::<u64>().unwrap() >= 23);
}

#[test]
fn a_match_has_groups_and_its_line_in_json() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo listening on port 8123 now; exec cat'");
    let told = env.json("wait a --text 'port (\\d+)( never)?'");
    assert_eq!(told["verdict"], "held");
    assert_eq!(told["held"][0]["condition"], "text");
    assert_eq!(told["held"][0]["match"]["text"], "port 8123");
    assert_eq!(
        told["held"][0]["match"]["groups"],
        serde_json::json!(["8123", null])
    );
    assert_eq!(
        told["held"][0]["match"]["line"],
        "listening on port 8123 now"
    );
}

#[test]
fn without_since_the_present_screen_counts_too() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo here; exec cat'");
    env.ok("wait a --text here");
    env.ok("wait a --text here --timeout 30s");
    let offset = env.info("a")["offset"].as_u64().unwrap();
    env.no(
        124,
        &format!("wait a --since {offset} --text here --timeout 50ms"),
    );
}

#[test]
fn a_wait_since_an_offset_finds_what_came_before_the_question() {
    let env = TestEnv::new();
    env.ok("spawn a --size 80x5 --shell 'stty -echo; echo up; while read x; do echo \"got $x\"; seq 100; done'");
    env.ok("wait a --text up");
    let offset = env.ok("send a first --enter --secret");
    env.ok(&format!("wait a --since {offset} --text '^100$'"));
    // Scrolled away by now; the journal has it.
    env.ok(&format!(
        "wait a --since {offset} --text 'got first' --timeout 30s"
    ));
}

#[test]
fn gone_waits_for_something_to_leave_the_screen() {
    let env = TestEnv::new();
    env.ok(r#"spawn a --shell 'echo working; read x; printf "\033[2J\033[Hdone"; exec cat'"#);
    env.ok("wait a --text working");
    env.no(124, "wait a --gone working --timeout 50ms");
    let waiter = env.start(env.psup("wait a --gone working"));
    env.ok("send a --enter");
    assert!(waiter.end().ended(0).text().starts_with("gone\t"));
}

#[test]
fn idle_waits_for_quiet() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'seq 1000; exec cat'");
    assert!(env.ok("wait a --idle 100ms").starts_with("idle\t"));
    assert!(
        env.ok("read a --text").ends_with("1000"),
        "quiet only after all of it"
    );
}

#[test]
fn exit_waits_for_the_end_and_tells_how_it_was() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'read x; exit 9'");
    let waiter = env.start(env.psup("--json wait a --exit"));
    env.ok("send a --enter");
    let told = waiter.end().ended(0).jsons();
    assert_eq!(told[0]["exit"]["code"], 9);
    assert!(
        env.ok("wait a --exit").starts_with("exit\t"),
        "an end that was is an end"
    );
}

#[test]
fn the_last_output_before_exit_is_never_dropped() {
    let env = TestEnv::new();
    for n in 0..25 {
        env.ok(&format!(
            "spawn s{n} --shell 'seq 3000; printf \"last words\"'"
        ));
    }
    for n in 0..25 {
        env.ok(&format!("wait s{n} --exit"));
        let read = env.ok(&format!("read s{n} --text"));
        assert!(
            read.ends_with("3000\nlast words"),
            "s{n} ended with {:?}",
            &read[read.len().saturating_sub(40)..]
        );
    }
}

#[test]
fn port_waits_for_a_listener() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    assert!(
        env.ok(&format!("wait a --port {port}"))
            .starts_with("port\t")
    );
    drop(listener);
    env.no(124, &format!("wait a --port {port} --timeout 50ms"));
    let waiter = env.start(env.psup(&format!("wait a --port {port}")));
    let _again = TcpListener::bind(("127.0.0.1", port)).unwrap();
    waiter.end().ended(0);
}

#[test]
fn file_waits_for_something_at_a_path_of_the_callers() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'read x; mkdir deep; touch deep/flag; exec cat'");
    env.no(124, "wait a --file deep/flag --timeout 50ms");
    let waiter = env.start(env.psup("wait a --file deep/flag"));
    env.ok("send a --enter");
    assert!(waiter.end().ended(0).text().starts_with("file\t"));
}

#[test]
fn any_is_the_first_to_hold_and_all_is_each_of_them() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo one; read x; echo two; exec cat'");
    assert!(
        env.ok("wait a --text one --text two --any")
            .starts_with("text\tone\t")
    );
    env.no(124, "wait a --text one --text two --all --timeout 50ms");
    env.ok("send a --enter");
    let held = told(&env.ok("wait a --text one --text two --all"));
    assert_eq!(
        held.iter().map(|h| h[1].as_str()).collect::<Vec<_>>(),
        ["one", "two"]
    );
}

#[test]
fn a_fail_pattern_that_matches_first_is_six() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo error: no such thing; exec cat'");
    assert_eq!(
        env.refused(6, "wait a --text success --fail 'error: (.*)'"),
        "fail-matched"
    );
    assert!(
        env.no(6, "wait a --text success --fail 'error: .*'")
            .contains("no such thing")
    );
}

#[test]
fn a_session_that_ends_before_the_condition_is_six() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'read x; exit 2'");
    let waiter = env.start(env.psup("--json wait a --text never"));
    env.ok("send a --enter");
    let told = waiter.end().ended(6);
    assert!(told.err.contains("\"ended\""), "{told}");
    env.no(6, "wait a --text never");
    env.ok("wait a --text never --exit --any");
}

#[test]
fn a_pattern_matches_however_the_output_was_cut() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'stty -echo -icanon min 1; echo up; exec cat'");
    env.ok("wait a --text up");
    for c in "needle é".chars() {
        env.ok(&format!("send a '{c}'"));
    }
    env.ok("wait a --text 'needle é'");
}

#[test]
fn a_pattern_looks_at_lines_without_their_control_sequences_or_at_the_screen() {
    let env = TestEnv::new();
    env.ok(r#"spawn a --shell 'printf "re\033[1mady\033[0m\r\nxxxx\rsay\r\n"; exec cat'"#);
    env.ok("wait a --text ready");
    env.ok("wait a --on screen --text '^sayx$'");
}

#[test]
fn a_hundred_waits_on_one_session_are_all_answered() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'read x; echo go; exec cat'");
    let waiters: Vec<_> = (0..100)
        .map(|_| env.start(env.psup("wait a --text '^go$'")))
        .collect();
    env.ok("send a --enter");
    for waiter in waiters {
        waiter.end().ended(0);
    }
}

#[test]
fn a_wait_whose_asker_left_holds_nothing() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    drop(env.stream("wait a --text never"));
    env.ok("send a hello --enter");
    env.ok("wait a --text hello");
}

/// What is typed into a shell or a REPL stands in the output as well; a wait for what the program
/// writes is not answered by it.
#[test]
fn a_wait_after_a_send_is_not_answered_by_the_echo_of_what_was_typed() {
    let env = TestEnv::new();
    for (name, command, typed, answer) in [
        ("cat", "cat", "done", "^done$"),
        ("bash", "bash --norc", "sleep 0.2; echo done", "done"),
        ("integrated", "bash", "sleep 0.2; echo done", "done"),
        ("zsh", "zsh -f", "sleep 0.2; echo done", "done"),
        ("fish", "fish --no-config", "sleep 0.2; echo done", "done"),
        ("dash", "dash", "sleep 0.2; echo done", "done"),
        (
            "python3",
            "python3 -q",
            "import time; time.sleep(0.2); print(1, 'done')",
            "done",
        ),
        (
            "node",
            "node",
            "setTimeout(() => console.log(1, 'done'), 200); 0",
            "done",
        ),
    ] {
        let program = command.split(' ').next().unwrap();
        if !is_here(program) {
            skipped(&format!("there is no {program}"));
            continue;
        }
        env.ok(&format!("spawn {name} --size 60x20 -- {command}"));
        if program != "cat" {
            env.ok(&format!("wait {name} --prompt --timeout 60s"));
        }
        for long in ["", "                                                  "] {
            let since = {
                let mut send = env.psup(&format!("send {name}"));
                send.arg(typed.replace("; ", &format!("; {long}")))
                    .arg("--enter");
                env.run(send).ended(0)
            };
            let since: u64 = since.text().trim().parse().unwrap();
            let told = env.json(&format!(
                "wait {name} --since {since} --text '{answer}' --timeout 60s"
            ));
            let line = told["held"][0]["match"]["line"]
                .as_str()
                .unwrap()
                .to_owned();
            assert!(
                line.ends_with("done") && !line.contains("echo") && !line.contains('('),
                "{command}: {line:?}"
            );
        }
    }
}

/// Without `--since` the screen counts, but not the echo on it.
#[test]
fn an_echo_on_the_screen_is_no_answer_either() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'read x; read y; echo \"got $x\"; exec cat'");
    env.ok("send a ready --enter");
    env.no(124, "wait a --text ready --timeout 300ms");
    env.no(124, "wait a --on screen --text ready --timeout 300ms");
    let waiter = env.start(env.psup("wait a --text ready"));
    env.ok("send a now --enter");
    assert!(waiter.end().ended(0).text().starts_with("text\tready\t"));
    env.ok("wait a --text 'got ready'");
}

/// A program that does not echo and says what it was told has answered.
#[test]
fn an_answer_that_repeats_what_was_typed_is_an_answer() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'stty -echo; echo up; exec cat'");
    env.ok("wait a --text up");
    let since = env.ok("send a hello --enter --secret");
    env.ok(&format!(
        "wait a --since {since} --text '^hello$' --timeout 60s"
    ));
}

#[test]
fn many_waits_with_large_patterns_keep_no_memory() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'stty -echo; read x; seq 20000; exec cat'");
    let worker = env.pid_of("worker_pid");
    let before = resident(worker);
    let pattern = |i: usize| format!(r"({0})({0})x{i}|^20000$", r"\w{6}");
    let waits: Vec<_> = (0..50)
        .map(|i| {
            let mut wait = env.psup("wait a --timeout 100s --text");
            wait.arg(pattern(i));
            env.start(wait)
        })
        .collect();
    env.ok("send a --enter --secret");
    for wait in waits {
        wait.end().ended(0);
    }
    // What waits leave behind is given back within a second or so.
    env.no(124, "wait a --text never --timeout 2s");
    let after = resident(worker);
    assert!(
        after < before + (8 << 20),
        "{before} bytes before the waits, {after} after them"
    );
    assert_eq!(env.refused(2, r"wait a --text '\w{500}'"), "bad-pattern");
}
