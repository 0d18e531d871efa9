//! Policies: what happens to a session when nobody is asking.

use psup_harness::TestEnv;
use std::net::TcpListener;

#[test]
fn on_failure_begins_a_new_life_after_a_failure_only() {
    let env = TestEnv::new();
    env.write("work", "echo life >> lives; [ $(wc -l < lives) -ge 3 ]");
    env.ok("spawn a --restart on-failure -- sh work");
    let events = env.stream("--json events a --since 0");
    events.until("restarted");
    events.until("restarted");
    events.until("exited");
    assert_eq!(env.read("lives"), b"life\nlife\nlife\n");
    let info = env.info("a");
    assert_eq!(
        (&info["id"], &info["state"], &info["restarts"]),
        (&"a#3".into(), &"ended".into(), &2.into())
    );
    assert_eq!(info["exit"]["code"], 0);
}

#[test]
fn always_begins_a_new_life_after_success_too() {
    let env = TestEnv::new();
    env.ok("spawn a --restart always --shell 'echo life; read x'");
    env.ok("wait a --text life");
    let events = env.stream("--json events a --since 0");
    env.ok("send a --enter");
    events.until("restarted");
    env.ok("wait a --text life");
    assert_eq!(env.info("a")["id"], "a#2");
}

#[test]
fn lives_that_fail_at_once_are_spaced_by_a_growing_back_off() {
    let env = TestEnv::new();
    env.ok("spawn a --restart always -- false");
    let events = env.stream("--json events a --since 0");
    let mut gaps = Vec::new();
    let mut ended = 0;
    while gaps.len() < 3 {
        let event: serde_json::Value = serde_json::from_str(&events.line()).unwrap();
        let at = event["at_ms"].as_u64().unwrap();
        match event["event"].as_str().unwrap() {
            "exited" => ended = at,
            "restarted" => gaps.push(at - ended),
            _ => {}
        }
    }
    // The first and the third: a busy machine may stretch a short one past its neighbour.
    assert!(
        gaps[2] > gaps[0],
        "milliseconds between an end and the next life: {gaps:?}"
    );
    env.ok("stop a");
}

#[test]
fn a_restart_is_tried_until_the_program_is_there_again() {
    let env = TestEnv::with_time(std::time::Duration::from_secs(40));
    let work = env.write("work", "#!/bin/sh\necho life\nread x\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    std::fs::set_permissions(&work, mode).unwrap();
    env.ok("spawn a --restart always -- ./work");
    let logs = env.stream("logs --follow");
    let events = env.stream("--json events a --since 0");
    std::fs::rename(&work, env.path("away")).unwrap();
    env.ok("wait a --text life");
    env.ok("send a --enter");
    logs.until("cannot begin the next life");
    logs.until("cannot begin the next life");
    assert!(
        env.info("a")["next_start_ms"].is_u64(),
        "another try is due"
    );
    // The process that takes over goes on trying.
    env.kill_half("worker_pid");
    env.kill_half("guardian_pid");
    std::fs::rename(env.path("away"), &work).unwrap();
    events.until("restarted");
    env.ok("wait a --text life");
    env.ok("stop a");
}

#[test]
fn a_stop_is_never_followed_by_a_restart() {
    let env = TestEnv::new();
    env.ok("spawn a --restart always -- cat");
    env.ok("stop a");
    let info = env.info("a");
    assert_eq!(
        (&info["state"], &info["next_start_ms"]),
        (&"ended".into(), &serde_json::Value::Null)
    );
    assert_eq!(info["id"], "a#1");
}

#[test]
fn a_session_whose_next_life_is_due_can_be_stopped() {
    let env = TestEnv::new();
    env.ok("spawn a --restart always -- false");
    let events = env.stream("--json events a --since 0");
    events.until("restarted");
    env.ok("stop a");
    let info = env.info("a");
    assert_eq!(
        (&info["state"], &info["next_start_ms"]),
        (&"ended".into(), &serde_json::Value::Null)
    );
}

#[test]
fn a_session_is_stopped_when_its_ttl_has_passed() {
    let env = TestEnv::new();
    env.ok("spawn a --ttl 100ms --restart always -- cat");
    env.ok("wait a --exit");
    assert_eq!(env.info("a")["state"], "ended");
}

#[test]
fn spawn_returns_when_the_session_is_ready() {
    let env = TestEnv::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    env.ok("spawn text --ready 'text=on port \\d+' --shell 'echo on port 80; exec cat'");
    assert!(env.ok("read text --text").contains("on port 80"));
    env.ok(&format!("spawn port --ready port={port} -- cat"));
    env.ok("spawn file --ready file=flag --shell 'touch flag; exec cat'");
    env.ok("spawn idle --ready idle=100ms --shell 'echo up; exec cat'");
    env.ok("spawn exit --ready exit --shell 'exit 3'");
    assert_eq!(env.info("exit")["exit"]["code"], 3);
    assert_eq!(
        env.ok("ensure text --ready 'text=on port' --shell 'echo on port 80; exec cat'"),
        "unchanged text#1"
    );
}

#[test]
fn a_session_that_does_not_get_ready_is_told_and_left_running() {
    let env = TestEnv::new();
    env.run(env.psup("spawn a --ready text=never --timeout 50ms -- cat"))
        .ended(124);
    env.ok("has a");
    env.run(env.psup("spawn b --ready text=never -- true"))
        .ended(6);
}

#[test]
fn on_boot_is_recorded() {
    let env = TestEnv::new();
    env.ok("spawn a --on-boot -- cat");
    assert_eq!(env.info("a")["on_boot"], true);
}

#[test]
fn a_log_is_kept_up_to_its_limit_and_the_rest_is_a_gap_that_is_told() {
    let env = TestEnv::new();
    env.ok("spawn a --log-limit 64k --shell 'seq 300000; exec cat'");
    env.ok("wait a --text '^300000$'");
    let info = env.info("a");
    let (kept_from, end) = (
        info["kept_from"].as_u64().unwrap(),
        info["offset"].as_u64().unwrap(),
    );
    assert!(kept_from > 0 && end > 2_000_000, "{info}");
    let told = env.run(env.psup("read a --since 0")).ended(0);
    assert!(told.text().ends_with("299999\r\n300000\r\n"));
    assert_eq!(told.bytes.len() as u64, end - kept_from);
    assert!(
        told.err.contains('0') && told.err.contains(&kept_from.to_string()),
        "the gap is told: {}",
        told.err
    );
    let on_disk = std::path::Path::new(info["log"].as_str().unwrap());
    let bytes: u64 = std::fs::read_dir(on_disk)
        .unwrap()
        .map(|f| f.unwrap().metadata().unwrap().len())
        .sum();
    assert!(bytes < 1 << 20, "{bytes} bytes of log for a limit of 64k");
}

#[test]
fn a_session_without_a_log_leaves_none() {
    let env = TestEnv::new();
    env.ok("spawn a --no-log --shell 'echo up; exec cat'");
    env.ok("wait a --text up");
    assert_eq!(env.info("a")["log"], serde_json::Value::Null);
    assert_eq!(env.ok("read a --text"), "up");
}

#[test]
fn what_ended_can_still_be_read_after_a_restart_of_the_name() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo first life; exit 1'");
    env.ok("wait a --exit");
    env.ok("spawn a --shell 'echo second life; exec cat'");
    env.ok("wait a --text second");
    assert_eq!(env.ok("read a#1 --text"), "first life");
    assert_eq!(env.info("a#1")["exit"]["code"], 1);
}

/// Sessions whose first output is gone: one that runs, one that has ended.
fn forgetful(env: &TestEnv) -> [&'static str; 2] {
    env.ok("spawn runs --log-limit 64k --shell 'seq 300000; exec cat'");
    env.ok("spawn ended --log-limit 64k --shell 'seq 300000'");
    env.ok("wait runs --text '^300000$'");
    env.ok("wait ended --exit");
    ["runs", "ended"]
}

#[test]
fn a_search_over_bytes_that_are_gone_is_not_known_and_never_no() {
    let env = TestEnv::new();
    for name in forgetful(&env) {
        assert_eq!(
            env.refused(
                1,
                &format!("wait {name} --since 0 --text '^12$' --timeout 30s")
            ),
            "gap"
        );
        assert_eq!(
            env.refused(
                1,
                &format!("wait {name} --since 0 --exit --fail '^12$' --idle 1h")
            ),
            "gap"
        );
        env.ok(&format!(
            "wait {name} --since 0 --text '^299999$' --timeout 30s"
        ));
    }
}

#[test]
fn a_read_of_what_is_kept_begins_where_a_line_begins_and_says_what_is_gone() {
    let env = TestEnv::new();
    for name in forgetful(&env) {
        for text in ["", " --text"] {
            let told = env.run(env.psup(&format!("read {name}{text}"))).ended(0);
            let all = told.text().to_owned();
            let lines: Vec<u32> = all
                .lines()
                .map(|line| line.trim().parse().unwrap())
                .collect();
            assert_eq!(
                lines[0] + u32::try_from(lines.len()).unwrap() - 1,
                300_000,
                "no line is cut"
            );
            assert!(told.err.starts_with("gap: bytes 0 to "), "{}", told.err);
            let gap = &env.jsons(&format!("read {name}{text}"))[0]["gap"];
            assert_eq!(gap["from"], 0, "{gap}");
        }
    }
}

#[test]
fn a_capture_counts_the_lines_that_are_left_out() {
    let env = TestEnv::new();
    for name in forgetful(&env) {
        for extent in ["--all", "--all --budget 2000", "-n 300000"] {
            let capture = env.json(&format!("capture {name} {extent}"));
            let (there, out) = (
                capture["lines"].as_array().unwrap().len() as u64,
                capture["left_out"].as_u64().unwrap(),
            );
            assert_eq!(
                (there + out, capture["lines"][there as usize - 1].as_str()),
                (300_000, Some("300000")),
                "{name} {extent}"
            );
        }
        assert_eq!(env.json(&format!("capture {name} -n 5"))["left_out"], 0);
    }
}
