//! `psup top` on a terminal of its own, which is a session too, in another supervisor: so that it
//! does not show itself, and what it draws can be captured.

use psup_harness::{TestEnv, kill, psup};

/// `psup top FLAGS` in the session `outer`, once it shows `text`.
fn top(env: &TestEnv, outer: &TestEnv, size: &str, flags: &str, text: &str) {
    let script = format!(
        "export PSUP_DIR={}; stty -a >before; {} top {flags}; code=$?; stty -a >after; \
         echo code $code; exec cat",
        env.path("psup").display(),
        psup().display()
    );
    outer.write("top", script);
    outer.ok(&format!("spawn outer --size {size} -- sh top"));
    shows(outer, text);
}

#[track_caller]
fn shows(outer: &TestEnv, text: &str) {
    outer.ok(&format!(
        "wait outer --text '{text}' --on screen --timeout 30s"
    ));
}

fn keys(outer: &TestEnv, keys: &str) {
    outer.ok(&format!("send outer {keys}"));
}

#[track_caller]
fn is_left(outer: &TestEnv, code: i32) {
    shows(outer, &format!("code {code}"));
    assert_eq!(
        outer.read("before"),
        outer.read("after"),
        "the modes are as they were"
    );
    let screen = outer.json("capture outer --format json");
    assert_eq!(screen["cursor"]["visible"], true, "{screen}");
    assert!(
        !screen["modes"].to_string().contains("alternate"),
        "{screen}"
    );
}

#[test]
fn sessions_come_and_go_and_the_selected_one_s_screen_is_followed_at_two_sizes() {
    let (env, outer) = (TestEnv::new(), TestEnv::new());
    env.ok("spawn build --size 100x30 --shell 'echo compiling; exec cat'");
    for size in ["80x24", "132x50"] {
        top(&env, &outer, size, "", "compiling");
        shows(&outer, "build#1 · 100x30");
        env.ok("send build 'more output' --enter");
        shows(&outer, "more output");
        env.ok("spawn web --shell 'echo hello; exec cat'");
        shows(&outer, "2 sessions");
        keys(&outer, "j");
        shows(&outer, "hello");
        keys(&outer, "/bui --enter");
        shows(&outer, "1 shown");
        shows(&outer, "compiling");
        env.ok("stop web");
        shows(&outer, "1 session ");
        let info = env.info("build");
        assert_eq!(info["attached"], 0, "nobody is told of a viewer: {info}");
        assert_eq!(info["size"]["cols"], 100);
        keys(&outer, "q");
        is_left(&outer, 0);
        outer.ok("stop outer");
    }
    let events = env.ok("events build --no-follow");
    assert!(
        !events.contains("attached") && !events.contains("resized"),
        "{events}"
    );
}

#[test]
fn a_session_is_attached_stopped_restarted_and_read() {
    let (env, outer) = (TestEnv::new(), TestEnv::new());
    env.ok("spawn a --shell 'seq 300; exec cat'");
    top(&env, &outer, "80x24", "", "300");
    keys(&outer, "--key Enter");
    outer.ok("wait outer --gone 'Enter attach' --on screen");
    keys(&outer, "'typed in it' --enter");
    env.ok("wait a --text 'typed in it'");
    keys(&outer, "--key 'C-\\'");
    shows(&outer, "detached from a#1");
    keys(&outer, "l");
    shows(&outer, "journal of a#1");
    outer.ok("wait outer --gone reading --on screen");
    keys(&outer, "g");
    shows(&outer, "^1$");
    keys(&outer, "q");
    shows(&outer, "Enter attach");
    keys(&outer, "x");
    shows(&outer, "stop a#1. y/n");
    keys(&outer, "n");
    shows(&outer, "Enter attach");
    assert_eq!(env.info("a")["state"], "running");
    keys(&outer, "ry");
    shows(&outer, "restarted a#1 as a#2");
    shows(&outer, "a#2 · ");
    keys(&outer, "xy");
    shows(&outer, "stopped a#2");
    keys(&outer, "a");
    shows(&outer, "a#1");
    keys(&outer, "q");
    is_left(&outer, 0);
}

#[test]
fn it_is_there_again_when_the_supervisor_is_and_rests_while_nothing_happens() {
    let (env, outer) = (TestEnv::new(), TestEnv::new());
    env.ok("spawn quiet -- cat");
    top(&env, &outer, "80x24", "", "quiet#1");
    env.kill_half("worker_pid");
    env.ok("spawn second -- cat");
    shows(&outer, "2 sessions");
    env.kill_half("guardian_pid");
    env.ok("spawn third -- cat");
    shows(&outer, "3 sessions");
    outer.ok("wait outer --idle 1s");
    let before = (wakes(&outer), outer.info("outer")["offset"].clone());
    // It is the clock of this test: psup says when a second of silence is over.
    assert_eq!(
        outer
            .run(outer.psup("wait outer --text nothing --timeout 2s"))
            .ended(124)
            .text(),
        ""
    );
    assert_eq!(
        (wakes(&outer), outer.info("outer")["offset"].clone()),
        before
    );
    outer.ok("resize outer 40x10");
    shows(&outer, "third");
    outer.ok("resize outer 9x3");
    outer.ok("wait outer --idle 200ms");
    outer.ok("resize outer 80x24");
    env.ok("shutdown --force");
    shows(&outer, "no supervisor is running");
    env.ok("spawn back -- cat");
    shows(&outer, "back#1");
    keys(&outer, "--key C-c");
    is_left(&outer, 0);
}

#[test]
fn the_terminal_is_given_back_whatever_ends_it() {
    let (env, outer) = (TestEnv::new(), TestEnv::new());
    env.ok("spawn a -- cat");
    for (signal, code) in [("TERM", 143), ("KILL", 137)] {
        top(&env, &outer, "80x24", "", "a#1");
        let pid = processes(&outer)[1];
        if signal == "KILL" {
            kill(pid);
        } else {
            drop(env.run({
                let mut command = env.command("kill");
                command.args(["-TERM", &pid.to_string()]);
                command
            }));
        }
        is_left(&outer, code);
        outer.ok("stop outer");
    }
    assert!(env.no(2, "top").contains("needs a terminal"));
}

/// The process that attends to the terminal, and the one that draws.
fn processes(outer: &TestEnv) -> [i32; 2] {
    let child = |pid: i32| -> i32 {
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        children
            .unwrap()
            .split_whitespace()
            .next()
            .unwrap()
            .parse()
            .unwrap()
    };
    let shell = i32::try_from(outer.info("outer")["pid"].as_i64().unwrap()).unwrap();
    let attends = child(shell);
    [attends, child(attends)]
}

/// How often the threads of both were woken.
fn wakes(outer: &TestEnv) -> u64 {
    let mut sum = 0;
    for pid in processes(outer) {
        for task in std::fs::read_dir(format!("/proc/{pid}/task")).unwrap() {
            let status = std::fs::read_to_string(task.unwrap().path().join("status")).unwrap();
            for line in status.lines().filter(|line| line.contains("ctxt_switches")) {
                sum += line
                    .split_whitespace()
                    .next_back()
                    .unwrap()
                    .parse::<u64>()
                    .unwrap();
            }
        }
    }
    sum
}
