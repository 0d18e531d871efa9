//! Who leaves everything by which a session could know him: terminal session, parent and
//! environment. Only a cgroup holds him, where the supervisor may make any; `status` says whether
//! it may.

use psup_harness::{TestEnv, is_alive, kill, skipped};
use std::path::PathBuf;

/// A session with an escapee, as `status` of the env says that it can have one ended.
fn with_escapee(env: &TestEnv, name: &str) -> Option<i32> {
    let escape =
        "setsid env -i PATH=$PATH sh -c \"sleep 1000 & echo \\$! > NAME.tmp; mv NAME.tmp NAME.pid\"; exec cat".replace("NAME", name);
    env.ok(&format!("spawn {name} --shell '{escape}'"));
    env.ok(&format!("wait {name} --file {name}.pid"));
    if env.json("status")["stops_by"] != "cgroup" {
        skipped("no cgroups can be made here");
        return None;
    }
    let pid = String::from_utf8(env.read(&format!("{name}.pid")))
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    assert!(is_alive(pid));
    Some(pid)
}

/// The directory of the cgroup in which a process is.
pub(crate) fn cgroup_of(pid: i32) -> PathBuf {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
    let mount = mounts
        .lines()
        .find(|line| line.split(' ').nth(2) == Some("cgroup2"))
        .unwrap();
    let cgroups = std::fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap();
    let own = cgroups
        .lines()
        .find_map(|line| line.strip_prefix("0::/"))
        .unwrap();
    PathBuf::from(mount.split(' ').nth(1).unwrap()).join(own)
}

fn until_gone(env: &TestEnv, pid: i32) {
    while is_alive(pid) {
        assert!(!env.left().is_zero(), "{pid} does not end");
        std::thread::yield_now();
    }
}

#[test]
fn a_stop_ends_who_left_session_parent_and_environment_and_nobody_else() {
    let env = TestEnv::new();
    let Some(stopped) = with_escapee(&env, "a") else {
        return;
    };
    let Some(other) = with_escapee(&env, "b") else {
        return;
    };
    let cgroup = cgroup_of(stopped);
    env.ok("stop a");
    assert!(!is_alive(stopped), "the escapee outlived its session");
    assert!(!cgroup.exists(), "its cgroup is left over");
    assert!(is_alive(other) && env.info("b")["state"] == "running");
    env.ok("stop b --grace 0s");
    assert!(
        !is_alive(other),
        "a stop without grace is a kill of the cgroup"
    );
}

#[test]
fn an_escapee_is_not_lost_when_a_worker_and_a_guardian_die_and_another_build_comes() {
    let env = TestEnv::new();
    let Some(escapee) = with_escapee(&env, "a") else {
        return;
    };
    env.kill_half("worker_pid");
    env.kill_half("guardian_pid");
    std::fs::copy(env!("CARGO_BIN_EXE_psup"), env.path("newer")).unwrap();
    env.ok("upgrade --binary newer");
    assert_eq!(env.json("status")["stops_by"], "cgroup");
    assert!(is_alive(escapee));
    env.ok("stop a");
    assert!(!is_alive(escapee), "the escapee outlived its session");
}

#[test]
fn no_cgroup_stays_behind_that_nobody_is_in() {
    let env = TestEnv::new();
    let Some(escapee) = with_escapee(&env, "a") else {
        return;
    };
    let shell = i32::try_from(env.info("a")["pid"].as_i64().unwrap()).unwrap();
    let cgroup = cgroup_of(escapee);
    env.kill_supervisor();
    env.ok("status --start");
    until_gone(&env, shell);
    assert_eq!(env.info("a")["state"], "orphaned");
    assert!(
        is_alive(escapee) && cgroup.exists(),
        "a process that nobody stopped runs on"
    );
    kill(escapee);
    until_gone(&env, escapee);
    env.kill_supervisor();
    env.ok("status --start");
    env.ok("list");
    assert!(!cgroup.exists(), "the next supervisor sweeps");

    // What ends by itself takes its cgroup with it, and the last one takes them all.
    env.ok("spawn b -- cat");
    let child = i32::try_from(env.info("b")["pid"].as_i64().unwrap()).unwrap();
    let (cgroup, guardian) = (cgroup_of(child), env.pid_of("guardian_pid"));
    env.ok("send b --key C-d");
    env.ok("wait b --exit");
    env.ok("list");
    assert!(!cgroup.exists());
    env.ok("shutdown");
    until_gone(&env, guardian);
    assert!(!cgroup.parent().unwrap().exists());
}
