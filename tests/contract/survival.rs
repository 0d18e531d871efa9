//! Survival: what is killed, and what lives on.

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use psup_harness::{TestEnv, kill};
use std::os::unix::process::CommandExt;

/// A session that writes numbers, is asked for more, and ends with a code of its own.
fn counting(env: &TestEnv) {
    env.ok("spawn count --shell 'seq 20000; read x; seq 20001 40000; read x; exit 77'");
    env.ok("wait count --text '^20000$'");
}

/// Every number once, and the exit as it was.
fn nothing_was_lost(env: &TestEnv) {
    env.ok("send count --enter");
    env.ok("wait count --text '^40000$'");
    env.ok("send count --enter");
    env.ok("wait count --exit");
    assert_eq!(env.info("count")["exit"]["code"], 77);
    let read = env.ok("read count --text");
    let numbers: Vec<u32> = read.lines().filter_map(|line| line.parse().ok()).collect();
    assert!(
        numbers.iter().copied().eq(1..=40_000),
        "{} numbers",
        numbers.len()
    );
}

#[test]
fn a_killed_worker_loses_no_session_no_byte_and_no_exit() {
    let env = TestEnv::new();
    counting(&env);
    let (guardian, worker) = (env.pid_of("guardian_pid"), env.pid_of("worker_pid"));
    kill(worker);
    assert_eq!(env.info("count")["state"], "running");
    assert_eq!(env.pid_of("guardian_pid"), guardian);
    assert_ne!(env.pid_of("worker_pid"), worker);
    nothing_was_lost(&env);
}

#[test]
fn a_killed_guardian_loses_no_session_no_byte_and_no_exit() {
    let env = TestEnv::new();
    counting(&env);
    let guardian = env.pid_of("guardian_pid");
    kill(guardian);
    assert_eq!(env.info("count")["state"], "running");
    env.until_replaced("guardian_pid", guardian);
    nothing_was_lost(&env);
}

#[test]
fn an_exit_while_the_worker_is_dead_is_kept() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo up; read x; exit 42'");
    env.ok("wait a --text up");
    let worker = env.pid_of("worker_pid");
    env.ok("send a --enter");
    kill(worker);
    env.ok("wait a --exit");
    assert_eq!(env.info("a")["exit"]["code"], 42);
}

#[test]
fn a_wait_goes_on_over_the_death_of_the_worker() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo up; read x; echo go; exec cat'");
    env.ok("wait a --text up");
    let waiter = env.start(env.psup("wait a --text '^go$'"));
    kill(env.pid_of("worker_pid"));
    env.ok("send a --enter");
    waiter.end().ended(0);
}

#[test]
fn whatever_a_session_is_called_the_next_worker_finds_it() {
    let env = TestEnv::new();
    for n in 0..12 {
        env.ok(&format!("spawn s{n} -- cat"));
    }
    env.ok("rename s3 other");
    let asked = [
        ("has other", 0),
        ("has s3", 3),
        ("has none", 3),
        ("has s7", 0),
        ("has s7#2", 3),
        ("list", 0),
    ];
    for (line, code) in asked {
        for who in ["worker_pid", "guardian_pid"] {
            let pid = env.pid_of(who);
            kill(pid);
            env.run(env.psup(line)).ended(code);
            // The next kill is to hit its successor.
            env.until_replaced(who, pid);
        }
    }
    assert_eq!(env.jsons("list").len(), 12);
}

/// A dozen connections lost were taken for a supervisor that is gone, however far apart they were.
#[test]
fn a_wait_goes_on_over_any_number_of_deaths() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo up; read x; echo go; exec cat'");
    env.ok("wait a --text up");
    let waiter = env.start(env.psup("wait a --text '^go$'"));
    for _ in 0..15 {
        // Its connection, and that of the question.
        while env.json("status")["connections"] != 2 {}
        env.kill_half("worker_pid");
    }
    env.ok("send a --enter");
    waiter.end().ended(0);
}

#[test]
fn a_read_that_follows_goes_on_over_the_death_of_the_worker() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'seq 1000; read x; seq 1001 2000'");
    let follower = env.start(env.psup("read a --follow --text"));
    env.ok("wait a --text '^1000$'");
    kill(env.pid_of("worker_pid"));
    env.ok("send a --enter");
    let told = follower.end().ended(0);
    let numbers: Vec<u32> = told.text().lines().filter_map(|l| l.parse().ok()).collect();
    assert!(
        numbers.iter().copied().eq(1..=2000),
        "{} numbers",
        numbers.len()
    );
}

/// What an exec tool starts: a shell that spawns a session and goes on until it is killed.
const EXEC_SESSION: &str = r#"echo $$; "$0" spawn kept -- cat; sleep 1000 & exec sleep 1000"#;

#[test]
fn a_session_outlives_the_kill_of_its_starters_process_group() {
    let env = TestEnv::new();
    let mut shell = env.command("sh");
    shell
        .args(["-c", EXEC_SESSION, env!("CARGO_BIN_EXE_psup")])
        .process_group(0);
    let shell = env.follow(shell);
    shell.until("kept#1");
    killpg(Pid::from_raw(shell.pid()), Signal::SIGKILL).unwrap();
    drop(shell);
    env.ok("has kept");
    env.ok("send kept hello --enter");
    env.ok("wait kept --text hello");
}

#[test]
fn a_session_outlives_the_kill_of_its_starters_whole_session() {
    let env = TestEnv::new();
    let mut shell = env.command("setsid");
    shell.args(["-w", "sh", "-c", EXEC_SESSION, env!("CARGO_BIN_EXE_psup")]);
    let shell = env.follow(shell);
    let leader = shell.line().parse().unwrap();
    shell.until("kept#1");
    // The background child may begin a moment after the line that says so.
    while session_of(leader).len() < 2 {
        assert!(!env.left().is_zero(), "the shell has no background child");
        std::thread::yield_now();
    }
    // In rounds: the shell may have forked between the look and the kill.
    loop {
        let left = session_of(leader);
        if left.is_empty() {
            break;
        }
        assert!(
            !env.left().is_zero(),
            "something of the starter's session cannot be killed"
        );
        left.into_iter().for_each(kill);
        std::thread::yield_now();
    }
    drop(shell);
    env.ok("has kept");
}

/// Every process of a session (field 6 of `/proc/PID/stat`, after the name in brackets).
fn session_of(leader: i32) -> Vec<i32> {
    let belongs = |pid: &i32| -> Option<bool> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
        Some(fields.first() != Some(&"Z") && fields.get(3)?.parse() == Ok(leader))
    };
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|e| e.file_name().to_str()?.parse().ok());
    pids.filter(|pid| belongs(pid) == Some(true)).collect()
}

#[test]
fn no_process_of_the_supervisor_carries_the_starters_marker() {
    let env = TestEnv::new();
    let mut spawn = env.psup("spawn a --clear-env -- cat");
    spawn.env("RUNNER_TRACKING_ID", "github_1234");
    env.run(spawn).ended(0);
    for who in ["guardian_pid", "worker_pid"] {
        let environ = std::fs::read(format!("/proc/{}/environ", env.pid_of(who))).unwrap();
        assert!(
            !String::from_utf8_lossy(&environ).contains("RUNNER_TRACKING_ID"),
            "{who}"
        );
    }
}

#[test]
fn pkill_by_the_binarys_name_hits_what_restarts() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let name = |pid: i32| {
        std::fs::read_to_string(format!("/proc/{pid}/comm"))
            .unwrap()
            .trim()
            .to_owned()
    };
    assert_eq!(name(env.pid_of("guardian_pid")), "ptyguard");
    assert_eq!(name(env.pid_of("worker_pid")), "psup");
}

#[test]
fn after_a_shutdown_nobody_listens() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let socket = env.socket();
    env.ok("shutdown --force");
    assert!(std::os::unix::net::UnixStream::connect(socket).is_err());
}

#[test]
fn a_stopped_guardian_is_told_to_go_on() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let (guardian, worker) = (env.pid_of("guardian_pid"), env.pid_of("worker_pid"));
    nix::sys::signal::kill(Pid::from_raw(guardian), Signal::SIGSTOP).unwrap();
    let is_stopped = || {
        let stat = std::fs::read_to_string(format!("/proc/{guardian}/stat")).unwrap();
        stat.rsplit(") ").next().unwrap().starts_with('T')
    };
    while !is_stopped() {
        std::thread::yield_now();
    }
    while is_stopped() {
        assert!(!env.left().is_zero(), "nobody tells the guardian to go on");
        env.ok("has a");
    }
    // It does what it is for again.
    kill(worker);
    env.ok("send a hello --enter");
    env.ok("wait a --text hello");
    assert_eq!(env.pid_of("guardian_pid"), guardian);
}

/// Nobody was left to notice: a stopped guardian starts no worker, and only a worker tells it to go
/// on.
#[test]
fn a_stopped_guardian_whose_worker_is_dead_is_roused_by_who_asks() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    for promoted in [false, true] {
        if promoted {
            env.kill_half("guardian_pid");
        }
        let (guardian, worker) = (env.pid_of("guardian_pid"), env.pid_of("worker_pid"));
        nix::sys::signal::kill(Pid::from_raw(guardian), Signal::SIGSTOP).unwrap();
        kill(worker);
        env.ok("send a hello --enter");
        env.ok("wait a --text hello");
        assert_eq!(env.pid_of("guardian_pid"), guardian);
        assert_ne!(env.pid_of("worker_pid"), worker);
    }
}

#[test]
fn a_stopped_worker_is_told_to_go_on() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let worker = env.pid_of("worker_pid");
    nix::sys::signal::kill(Pid::from_raw(worker), Signal::SIGSTOP).unwrap();
    env.ok("send a hello --enter");
    env.ok("wait a --text hello");
    assert_eq!(env.pid_of("worker_pid"), worker, "the same worker goes on");
}
