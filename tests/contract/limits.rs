//! Limits of one session: what holds where psup may make cgroups with controllers, and what is told
//! where it may not.
//!
//! Few machines that build psup let it: there the first tests are skipped, and
//! `tests/kills/limits` runs the same in a machine of its own.

use crate::escape::cgroup_of;
use psup_harness::{TestEnv, is_alive, skipped};

/// Whether a session with these limits starts here.
fn starts(env: &TestEnv, line: &str) -> bool {
    let done = env.run(env.psup(line));
    if done.code == Some(0) {
        return true;
    }
    assert!(done.err.contains("cannot be applied"), "{}", done.err);
    skipped(done.err.lines().next().unwrap_or_default());
    false
}

fn pid(env: &TestEnv, name: &str) -> i32 {
    i32::try_from(env.info(name)["pid"].as_i64().unwrap()).unwrap()
}

/// What a file of the cgroup of a process says.
fn cgroup_says(pid: i32, file: &str) -> String {
    let text = std::fs::read_to_string(cgroup_of(pid).join(file)).unwrap();
    text.trim().to_owned()
}

#[test]
fn a_session_that_runs_out_of_memory_ends_alone_and_its_exit_says_so() {
    let env = TestEnv::new();
    env.ok("spawn other -- cat");
    env.ok("hook add --all exit -- sh -c 'cat > told.tmp; mv told.tmp told'");
    let hog = "spawn hog --memory 32m --shell 'tail /dev/zero; echo lived'";
    if !starts(&env, hog) {
        return;
    }
    env.ok("wait hog --exit");
    let exit = &env.info("hog")["exit"];
    assert_eq!(
        (&exit["kind"], &exit["signal"]),
        (&"signal".into(), &"KILL".into())
    );
    assert_eq!(exit["oom"]["limit_bytes"], 32 << 20);
    assert!(!env.ok("read hog --text").contains("lived"));
    let list = env.ok("list --all");
    assert!(list.contains("killed: out of memory (limit 32m)"), "{list}");
    let events = env.jsons("events --since 0 --no-follow");
    let exited = events
        .iter()
        .find(|event| event["event"] == "exited")
        .unwrap();
    assert_eq!(exited["exit"]["oom"]["limit_bytes"], 32 << 20);
    env.ok("wait other --file told");
    let told: serde_json::Value = serde_json::from_slice(&env.read("told")).unwrap();
    assert_eq!(told["exit"]["oom"]["limit_bytes"], 32 << 20);
    assert_eq!(env.info("other")["state"], "running");
}

#[test]
fn an_exit_for_want_of_memory_is_known_to_the_worker_after_the_one_that_was_killed() {
    let env = TestEnv::new();
    let hog = "spawn hog --memory 32m --shell 'read go; tail /dev/zero'";
    if !starts(&env, hog) {
        return;
    }
    env.kill_half("worker_pid");
    env.kill_half("guardian_pid");
    env.ok("send hog now --enter");
    env.ok("wait hog --exit");
    assert_eq!(env.info("hog")["exit"]["oom"]["limit_bytes"], 32 << 20);
}

#[test]
fn limits_hold_for_every_life_of_a_session_and_are_part_of_its_spec() {
    let env = TestEnv::new();
    let with = "--memory 64m --pids 50 --cpu 50% --nice 5 -- cat";
    if !starts(&env, &format!("spawn web --restart always {with}")) {
        return;
    }
    let check = |pid: i32| {
        let says = |file| cgroup_says(pid, file);
        assert_eq!(says("memory.max"), (64 << 20).to_string());
        assert_eq!(
            (says("memory.oom.group"), says("pids.max")),
            ("1".into(), "50".into())
        );
        assert_eq!(says("cpu.max"), "50000 100000");
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        assert_eq!(stat.split(' ').nth(18), Some("5"), "{stat}");
    };
    let first = pid(&env, "web");
    check(first);
    assert_eq!(
        env.ok(&format!("ensure web --restart always {with}")),
        "unchanged web#1"
    );
    let other = env.no(
        4,
        "ensure web --restart always --memory 65m --pids 50 --cpu 50% --nice 5 -- cat",
    );
    assert!(other.contains("resource limits"), "{other}");
    env.ok("restart web");
    check(pid(&env, "web"));
    let events = env.stream("events web --json --since now");
    env.ok("signal web KILL");
    events.until("\"event\":\"restarted\"");
    check(pid(&env, "web"));
    env.kill_half("worker_pid");
    env.kill_half("guardian_pid");
    let info = env.info("web");
    assert_eq!(info["limits"]["memory_bytes"], 64 << 20);
    assert_eq!(info["usage"]["via"]["memory"], "cgroup");
    assert!(info["usage"]["pids"] == 1 && info["usage"]["memory_bytes"].as_u64().unwrap() > 0);
    check(pid(&env, "web"));
}

#[test]
fn a_limit_that_cannot_be_applied_starts_nothing_unless_that_is_allowed() {
    let env = TestEnv::new();
    let refused = env.run(env.psup("spawn a --memory 64m --pids 9 --shell 'echo > ran; cat'"));
    if refused.code == Some(0) {
        return skipped("limits can be applied here");
    }
    assert_eq!(refused.code, Some(1));
    for part in [
        "--memory cannot be applied: ",
        "--pids cannot",
        "`--best-effort`",
    ] {
        assert!(refused.err.contains(part), "{}", refused.err);
    }
    assert!(!env.path("ran").exists());
    env.no(3, "info a");
    let started = env.run(env.psup("--json spawn a --memory 64m --nice 7 --best-effort -- cat"));
    assert_eq!(started.code, Some(0), "{}", started.err);
    assert!(
        started.err.contains("warning: started without --memory: "),
        "{}",
        started.err
    );
    let spawned: serde_json::Value = serde_json::from_slice(&started.bytes).unwrap();
    assert_eq!(spawned["unmet"][0]["limit"], "memory");
    env.kill_half("worker_pid");
    let info = env.info("a");
    assert_eq!(info["limits"]["memory_bytes"], 64 << 20);
    assert_eq!(info["limits"]["unmet"], spawned["unmet"]);
    assert_eq!(
        info["limits"]["unmet"].as_array().unwrap().len(),
        1,
        "nice holds"
    );
    assert!(env.ok("info a").contains("not applied    memory: "));
}

#[test]
fn what_a_session_uses_is_told_with_where_it_comes_from() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done; echo up; exec cat'");
    env.ok("wait a --text up");
    let usage = &env.info("a")["usage"];
    assert!(usage["memory_bytes"].as_u64().unwrap() > 0, "{usage}");
    assert!(usage["pids"] == 1 && usage["cpu_ms"].is_u64(), "{usage}");
    for via in ["memory", "cpu", "pids"] {
        let via = usage["via"][via].as_str().unwrap();
        assert!(["cgroup", "processes"].contains(&via), "{usage}");
    }
    let leader = pid(&env, "a");
    assert!(
        env.jsons("list --json")[0]["usage"]["memory_bytes"]
            .as_u64()
            .unwrap()
            > 0
    );
    env.ok("stop a");
    assert!(!is_alive(leader));
    assert!(env.info("a")["usage"].is_null());
}

#[test]
fn a_priority_is_that_of_all_processes_of_the_session_and_bad_limits_are_told() {
    let env = TestEnv::new();
    env.ok("spawn a --nice 7 --shell 'echo $(nice) $(sh -c nice).; exec cat'");
    env.ok("wait a --text '^7 7[.]'");
    for (line, about) in [
        ("--nice 20", "-20..=19"),
        ("--cpu 50", "50% is half"),
        ("--memory 64", "unit"),
        ("--memory 10k", "the least is 1m"),
        ("--pids 0", "0 is not in"),
    ] {
        let told = env.no(2, &format!("spawn b {line} -- cat"));
        assert!(told.contains(about), "{line}: {told}");
    }
}
