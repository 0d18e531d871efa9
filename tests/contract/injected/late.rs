//! A program that lies where nobody answers, as on a file server that is gone: its exec takes as
//! long as that does. The pipe of a fault stands for it; a process born in its directory waits
//! there for a word.

use psup_harness::{TestEnv, is_alive};
use std::path::PathBuf;

/// A directory in which children tarry.
fn far(env: &TestEnv) -> PathBuf {
    let far = env.path("far");
    std::fs::create_dir(&far).unwrap();
    nix::unistd::mkfifo(
        &far.join("fault.tarry"),
        nix::sys::stat::Mode::from_bits_truncate(0o600),
    )
    .unwrap();
    far
}

/// The file server answers again. Returns once somebody has heard.
fn answers(env: &TestEnv) {
    let pipe = env.path("far").join("fault.tarry");
    drop(std::fs::File::options().write(true).open(&pipe).unwrap());
    std::fs::remove_file(pipe).unwrap();
}

/// Returns once a child is there that waits.
fn until_born(env: &TestEnv) {
    let dir = env.path("far");
    let waits = |entry: std::fs::DirEntry| {
        std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == dir)
    };
    while !std::fs::read_dir("/proc").unwrap().flatten().any(waits) {
        assert!(!env.left().is_zero(), "nobody is born");
        std::thread::yield_now();
    }
}

#[test]
fn a_program_that_cannot_be_reached_keeps_nobody_else_waiting() {
    let env = TestEnv::new();
    env.ok("spawn other -- cat");
    far(&env);
    let late = env.start(env.psup("spawn late --cwd far -- cat"));
    until_born(&env);
    env.ok("has other");
    env.ok("send other hello --enter");
    env.ok("wait other --text hello");
    env.ok("spawn third -- cat");
    let same = env.start(env.psup("ensure late --cwd far -- cat"));
    assert_eq!(
        env.jsons("list").len(),
        2,
        "what is not begun is not listed"
    );
    answers(&env);
    late.end().ended(0);
    assert!(
        same.end().ended(0).text().contains("late#1"),
        "one start for both"
    );
    env.ok("send late hello --enter");
    env.ok("wait late --text hello");
}

#[test]
fn what_is_wrong_with_a_program_is_told_however_late() {
    let env = TestEnv::new();
    far(&env);
    let late = env.start(env.psup("spawn late --cwd far -- ./nothing"));
    until_born(&env);
    answers(&env);
    let told = late.end().ended(1);
    assert!(
        told.err.contains("./nothing") && told.err.contains("No such file"),
        "{told}"
    );
    env.no(3, "has late");
}

#[test]
fn a_late_start_outlives_the_half_that_waits_for_it() {
    for who in ["worker_pid", "guardian_pid"] {
        let env = TestEnv::new();
        env.ok("spawn other -- cat");
        far(&env);
        let late = env.start(env.psup("spawn late --cwd far --shell 'echo up; exec cat'"));
        until_born(&env);
        env.kill_half(who);
        late.end().ended(0);
        answers(&env);
        env.ok("wait late --text up");
        assert_eq!(env.jsons("list").len(), 2, "nothing was started twice");
    }
}

#[test]
fn a_shutdown_waits_for_nobody_who_is_being_started() {
    let env = TestEnv::new();
    env.ok("spawn other -- cat");
    far(&env);
    let late = env.stream("spawn late --cwd far -- cat");
    until_born(&env);
    drop(late);
    let halves = [env.pid_of("guardian_pid"), env.pid_of("worker_pid")];
    env.ok("shutdown --force");
    while halves.into_iter().any(is_alive) {
        assert!(!env.left().is_zero(), "the supervisor does not end");
        std::thread::yield_now();
    }
}
