//! People at a session. The viewer's terminal is a session too, in which `psup attach` runs: so
//! what a person would see can be captured, and what they type can be sent.

use psup_harness::TestEnv;
use serde_json::Value;
use std::fmt::Write;

/// A viewer at `inner`, once it shows `text`.
pub(crate) fn viewer(env: &TestEnv, size: &str, flags: &str, text: &str) {
    let psup = env!("CARGO_BIN_EXE_psup");
    let script = format!(
        "stty -a >before; {psup} attach inner {flags}; code=$?; stty -a >after; echo code $code; exec cat"
    );
    env.write("view", script);
    env.ok(&format!("spawn outer --size {size} -- sh view"));
    env.ok(&format!("wait outer --text '{text}' --on screen"));
}

/// The rows of a session's screen with their styles.
#[track_caller]
pub(crate) fn rows(env: &TestEnv, name: &str) -> Vec<Value> {
    let screen = env.json(&format!("capture {name} --format json --rows"));
    screen["lines"]
        .as_array()
        .unwrap_or_else(|| panic!("{screen}"))
        .clone()
}

#[track_caller]
pub(crate) fn same_screens(env: &TestEnv) {
    env.ok("wait outer --idle 200ms --timeout 30s");
    assert_eq!(rows(env, "outer"), rows(env, "inner"));
    let cursor = |name| env.json(&format!("capture {name} --format json"))["cursor"].clone();
    assert_eq!(cursor("outer"), cursor("inner"));
}

/// The process that shows the session: the child of the one that attends to the terminal.
pub(crate) fn attaching(env: &TestEnv) -> i32 {
    let child = |pid: i32| -> i32 {
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        children.unwrap().trim().parse().unwrap()
    };
    let shell = env.info("outer")["pid"].as_i64().unwrap();
    child(child(i32::try_from(shell).unwrap()))
}

fn has(program: &str) -> bool {
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .any(|dir| dir.join(program).is_file());
    if !found {
        psup_harness::skipped(&format!("{program} is not installed"));
    }
    found
}

#[test]
fn a_viewer_sees_what_the_session_shows_and_types_into_it() {
    let env = TestEnv::new();
    env.ok("spawn inner --size 80x24 -- cat");
    env.ok("send inner 'here before' --enter");
    viewer(&env, "80x24", "", "here before");
    env.ok("send outer 'typed by a person' --enter");
    env.ok("wait inner --text 'typed by a person'");
    env.ok("wait outer --text 'typed by a person' --on screen");
    same_screens(&env);
    assert_eq!(env.info("inner")["attached"], 1);
    env.ok("send outer --key 'C-\\'");
    env.ok("wait outer --text 'code 0'");
    assert_eq!(
        env.read("before"),
        env.read("after"),
        "the terminal is as it was"
    );
    assert_eq!(env.info("inner")["state"], "running");
    env.ok("wait inner --idle 10ms");
    assert_eq!(env.info("inner")["attached"], 0);
}

#[test]
fn full_screen_programs_look_the_same_in_a_viewer_at_two_sizes() {
    let env = TestEnv::new();
    let mut text = String::new();
    for n in 1..500 {
        writeln!(text, "line {n} with some words").unwrap();
    }
    env.write("text", text);
    let programs = [
        (
            "vim",
            "vim -u NONE -N text",
            "line 15",
            "G",
            "line 499",
            "line 4",
        ),
        ("less", "less text", "line 15", "G", "line 499", "line 4"),
        (
            "fzf",
            "sh -c 'fzf <text'",
            "line 15",
            "499",
            "> line 499",
            "line 4",
        ),
    ];
    for ((program, command, shown, keys, then, later), (first, second)) in programs
        .into_iter()
        .flat_map(|program| [("80x24", "100x30"), ("132x50", "90x20")].map(|at| (program, at)))
    {
        if !has(program) {
            continue;
        }
        env.ok(&format!(
            "spawn inner --size {first} --env TERM=xterm-256color -- {command}"
        ));
        env.ok(&format!("wait inner --text '{shown}' --on screen"));
        viewer(&env, first, "", shown);
        same_screens(&env);
        env.ok(&format!("send outer {keys}"));
        env.ok(&format!("wait outer --text '{then}' --on screen"));
        same_screens(&env);
        for name in ["inner", "outer"] {
            env.ok(&format!("resize {name} {second}"));
        }
        env.ok("wait inner --idle 200ms");
        same_screens(&env);
        env.ok("send outer --key 'C-\\'");
        env.ok("wait outer --text 'code 0'");
        // And again: a second look begins where the first one ended.
        env.ok("stop outer");
        viewer(&env, second, "", later);
        same_screens(&env);
        env.ok("stop inner outer");
    }
}

#[test]
fn a_smaller_viewer_pans_a_larger_one_is_padded_and_the_session_keeps_its_size() {
    let env = TestEnv::new();
    env.ok("spawn inner --size 60x20 --shell 'seq 100; printf end; exec cat'");
    viewer(&env, "30x8", "", "end");
    env.ok("wait outer --text 'inner#1 is 60x20' --on screen");
    let shown = env.ok("capture outer --rows");
    assert_eq!(shown.lines().next(), Some("95"), "{shown}");
    assert_eq!(env.info("inner")["size"]["cols"], 60);
    env.ok("resize outer 90x30");
    env.ok("wait outer --gone 'inner#1 is' --on screen");
    env.ok("wait outer --idle 200ms");
    assert_eq!(rows(&env, "outer")[..20], rows(&env, "inner")[..]);
    // The line tells of the part that is shown, from the first picture on.
    env.ok("stop outer");
    viewer(&env, "59x8", "", "end");
    env.ok("wait outer --text 'the part from row 14' --on screen --timeout 30s");
}

#[test]
fn with_resize_the_session_has_the_viewers_size_until_it_leaves() {
    let env = TestEnv::new();
    env.ok("spawn inner --size 60x20 --shell 'echo up; exec cat'");
    let events = env.stream("events inner --json --since 0");
    viewer(&env, "90x30", "--resize", "up");
    events.until("\"cols\":90");
    env.ok("resize outer 100x40");
    events.until("\"cols\":100");
    env.ok("send outer --key 'C-\\'");
    events.until("\"cols\":60");
    // A viewer that is killed gives it back as well.
    env.ok("stop outer");
    viewer(&env, "90x30", "--resize", "up");
    events.until("\"cols\":90");
    env.ok("signal outer KILL");
    events.until("\"cols\":60");
}

#[test]
fn a_view_goes_on_when_either_half_of_the_supervisor_is_killed_and_no_key_is_lost() {
    let env = TestEnv::new();
    env.ok("spawn inner --size 80x24 --shell 'stty raw -echo; echo up; exec cat'");
    viewer(&env, "80x24", "", "up");
    for round in 0..5 {
        for who in ["worker_pid", "guardian_pid"] {
            let word = format!("<{round}{}>", &who[..1]);
            env.kill_half(who);
            env.ok(&format!("send outer '{word}'"));
            env.ok(&format!("wait inner --text '{word}' --timeout 30s"));
            env.ok(&format!(
                "wait outer --text '{word}' --on screen --timeout 30s"
            ));
        }
    }
    let all = env.ok("read inner --text");
    assert_eq!(all.matches('<').count(), 10, "typed once: {all}");
    same_screens(&env);
}

#[test]
fn a_viewer_that_is_killed_leaves_a_terminal_that_can_be_used() {
    let env = TestEnv::new();
    env.ok(
        "spawn inner --size 80x24 --shell 'printf \"\\033[?1049h\\033[?1003h\"; echo up; exec cat'",
    );
    viewer(&env, "80x24", "", "up");
    env.ok("wait outer --idle 100ms");
    psup_harness::kill(attaching(&env));
    env.ok("wait outer --text 'code 137'");
    assert_eq!(env.read("before"), env.read("after"));
    let modes = env.json("capture outer --format json")["modes"].clone();
    assert!(!modes.to_string().contains("mouse"), "{modes}");
}

#[test]
fn a_read_only_viewer_types_nothing() {
    let env = TestEnv::new();
    env.ok("spawn inner --size 80x24 --shell 'echo up; exec cat'");
    viewer(&env, "80x24", "--read-only", "up");
    env.ok("send outer 'not for you' --enter");
    env.ok("send outer --key 'C-\\'");
    env.ok("wait outer --text 'code 0'");
    assert_eq!(env.ok("read inner --text"), "up");
}

#[test]
fn what_programs_send_waits_for_a_person_or_is_told_that_one_has_the_keyboard() {
    let env = TestEnv::new();
    env.ok("spawn inner --size 80x24 --shell 'echo up; exec cat'");
    viewer(&env, "80x24", "--take", "up");
    let told = env.refused(1, "send inner machine --enter");
    assert_eq!(told, "keyboard-taken");
    assert_eq!(env.info("inner")["keyboard"]["taken"], true);
    env.ok("send outer person --enter");
    env.ok("wait inner --text person");
    env.ok("send outer --key 'C-\\'");
    env.ok("wait outer --text 'code 0'");
    env.ok("send inner machine --enter");
    env.ok("wait inner --text '(?m)^machine'");
    // Without --take a send waits until the person has been quiet for a while.
    env.ok("stop outer");
    viewer(&env, "80x24", "", "machine");
    // From the next event on, however late the stream begins.
    let known = env.jsons("events inner --no-follow");
    let last = known
        .last()
        .and_then(|event| event["seq"].as_u64())
        .unwrap();
    let events = env.stream(&format!("events inner --since {}", last + 1));
    env.ok("send outer 'half a '");
    events.until("keyboard-taken");
    env.ok("send inner 'not in it' --enter --timeout 30s");
    let text = env.ok("read inner --text");
    assert!(text.contains("half a not in it"), "{text}");
    let events = env.ok("events inner --no-follow");
    assert!(
        events.contains("keyboard-taken") && events.contains("typed 7 bytes"),
        "{events}"
    );
}

#[test]
fn a_person_types_the_secret_that_a_program_asks_for_and_nobody_is_told_it() {
    const SECRET: &str = "xyzzy-4711-plugh";
    let env = TestEnv::new();
    env.ok("spawn inner --size 80x24 --shell 'stty -echo; printf \"password: \"; read word; stty echo; echo got ${#word}; exec cat'");
    env.ok("wait inner --text password");
    assert_eq!(env.refused(1, "send inner guess --enter"), "secret-wanted");
    viewer(&env, "80x24", "", "password");
    let asked =
        env.start(env.psup("ask inner --why 'the word for the door' --secret --timeout 60s"));
    env.ok("wait outer --text 'psup ask: the word for the door' --on screen");
    env.ok(&format!("send outer {SECRET} --secret --enter"));
    asked.end().ended(0);
    env.ok("wait inner --text 'got 16'");
    for line in [
        "read inner",
        "events inner --no-follow",
        "logs",
        "info inner --json",
        "status --json",
    ] {
        let told = env.ok(line);
        assert!(!told.contains(SECRET), "psup {line}: {told}");
    }
    // The outer session's own terminal is raw, so nothing of it is in any journal or file here.
    for path in env.files() {
        let bytes = std::fs::read(&path).unwrap_or_default();
        let found = memchr::memmem::find(&bytes, SECRET.as_bytes());
        assert_eq!(found, None, "{}", path.display());
    }
}

#[test]
fn a_question_to_a_person_ends_with_its_time() {
    let env = TestEnv::new();
    env.ok("spawn inner -- cat");
    let told = env.no(124, "ask inner --why anything --timeout 200ms");
    assert!(told.contains("nobody has answered in time"), "{told}");
}

#[test]
fn what_cannot_be_attached_is_told_in_a_sentence() {
    let env = TestEnv::new();
    env.ok("spawn inner --shell 'echo up; exec cat'");
    assert!(
        env.no(2, "attach inner")
            .contains("attach needs a terminal")
    );
    let psup = env!("CARGO_BIN_EXE_psup");
    for (name, line, told) in [
        ("self", format!("{psup} attach self"), "would show itself"),
        (
            "unknown",
            format!("{psup} attach nobody"),
            "no session named",
        ),
        (
            "key",
            format!("{psup} attach inner --detach-key x"),
            "no key to detach with",
        ),
    ] {
        env.write(name, line);
        env.ok(&format!("spawn {name} -- sh {name}"));
        env.ok(&format!("wait {name} --exit"));
        let said = env.ok(&format!("read {name} --text"));
        assert!(said.contains(told), "{said}");
    }
    env.ok("stop inner");
    env.write("ended", format!("{psup} attach inner"));
    env.ok("spawn ended -- sh ended");
    env.ok("wait ended --exit");
    assert!(env.ok("read ended --text").contains("has ended"));
}

#[test]
fn the_viewers_terminal_is_asked_nothing_by_what_the_session_prints() {
    let env = TestEnv::new();
    env.write("hostile", "printf '\\033[c\\033[6n\\033[>q\\033]11;?\\007\\033P$qm\\033\\\\\\033]52;c;?\\007'; echo done; exec cat");
    env.ok("spawn inner --size 80x24 --shell 'echo up; read go; . ./hostile'");
    viewer(&env, "80x24", "", "up");
    env.ok("send outer go --enter");
    env.ok("wait outer --text done --on screen");
    let bytes = env.ok("read outer");
    for question in ["\x1b[c", "\x1b[6n", "\x1b[>q", "]11;?", "$qm", "52;c;?"] {
        assert!(!bytes.contains(question), "{question:?} reached the viewer");
    }
}

#[test]
fn a_viewer_that_does_not_read_slows_nobody() {
    let env = TestEnv::new();
    env.ok("spawn inner --size 80x24 --shell 'echo up; read go; head -c 50000000 /dev/zero | tr \"\\\\0\" x; echo; echo over'");
    viewer(&env, "80x24", "", "up");
    env.ok("send outer --enter");
    let child = nix::unistd::Pid::from_raw(attaching(&env));
    nix::sys::signal::kill(child, nix::sys::signal::Signal::SIGSTOP).unwrap();
    env.ok("wait inner --exit --timeout 100s");
    nix::sys::signal::kill(child, nix::sys::signal::Signal::SIGCONT).unwrap();
    env.ok("wait outer --text 'code 0' --timeout 100s");
}
