//! Full disks, full memory, vanished directories, escapees: each is told, and costs nobody else
//! anything.
//!
//! Those that need a file system of their own mount it where only this test's thread and what it
//! starts can see it, which only root may.

use psup_harness::{SmallDisk, TestEnv};
use std::path::{Path, PathBuf};

#[test]
fn a_full_disk_blocks_no_child_and_what_is_missing_is_told() {
    let env = TestEnv::new();
    let state = env.path("psup/state");
    std::fs::create_dir_all(&state).unwrap();
    // Private, as psup wants what it finds.
    for dir in [env.path("psup"), state.clone()] {
        std::fs::set_permissions(dir, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    }
    let Some(disk) = SmallDisk::at(&state, "size=1m,mode=1777") else {
        return;
    };
    std::fs::set_permissions(&state, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    env.ok("spawn a --shell 'seq 500000; exit 7'");
    env.ok("spawn b --shell 'echo up; exec cat'");
    env.ok("wait a --text '^500000$'");
    env.ok("send b hello --enter");
    env.ok("wait b --text hello");
    assert!(
        env.ok("capture a").contains("500000"),
        "the screen shows the end"
    );
    let full = std::process::Command::new("df")
        .arg(&state)
        .output()
        .unwrap();
    assert!(
        env.ok("logs").contains("cannot be written"),
        "{}",
        String::from_utf8_lossy(&full.stdout)
    );
    let told = env.run(env.psup("read a")).ended(0);
    assert!(
        told.err.contains("gap") || told.err.contains("not kept"),
        "what is missing is told: {}",
        told.err
    );
    assert!(
        told.bytes.len() < 3_000_000,
        "{} bytes on a disk of one megabyte",
        told.bytes.len()
    );
    env.ok("wait a --exit");
    assert_eq!(env.info("a")["exit"]["code"], 7);
    env.ok("shutdown --force");
    drop(disk);
}

#[test]
fn full_shared_memory_refuses_new_sessions_and_loses_nothing_of_the_old() {
    let env = TestEnv::new();
    let Some(memory) = SmallDisk::at(Path::new("/dev/shm"), "size=512k,mode=1777") else {
        return;
    };
    env.ok("spawn a --shell 'stty -echo; read x; seq 100000; exec cat'");
    let filler = PathBuf::from("/dev/shm/filler");
    // As much as goes in.
    drop(std::fs::write(&filler, vec![1; 1 << 20]));
    let refused = env.run(env.psup("spawn b -- cat")).ended(1);
    assert!(refused.err.contains("No space left"), "{refused}");
    env.ok("send a --enter --secret");
    std::fs::remove_file(filler).unwrap();
    env.ok("wait a --text '^100000$'");
    let told = env.run(env.psup("read a --text")).ended(0);
    let numbers: Vec<u32> = told
        .text()
        .lines()
        .filter_map(|line| line.parse().ok())
        .collect();
    let first = numbers
        .iter()
        .zip(1..)
        .position(|(got, wanted)| *got != wanted);
    assert!(
        numbers.iter().copied().eq(1..=100_000),
        "{} numbers, differs at {first:?} {:?}: {}",
        numbers.len(),
        first.map(|f| &numbers[f..f + 3]),
        told.err
    );
    env.ok("spawn b -- cat");
    env.ok("shutdown --force");
    drop(memory);
}

#[test]
fn a_vanished_run_directory_is_made_again() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo up; exec cat'");
    env.ok("wait a --text up");
    let guardian = env.pid_of("guardian_pid");
    // In one step: one that empties a directory first is overtaken by the socket that is bound
    // again in it.
    std::fs::rename(env.socket().parent().unwrap(), env.path("away")).unwrap();
    env.ok("send a hello --enter");
    env.ok("wait a --text hello");
    assert_eq!(
        env.pid_of("guardian_pid"),
        guardian,
        "the same supervisor, not a second one"
    );
}

#[test]
fn a_session_whose_record_is_gone_goes_on_running() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo up; exec cat'");
    env.ok("wait a --text up");
    let info = env.info("a");
    let dir = Path::new(info["log"].as_str().unwrap()).to_owned();
    for name in ["life.json", "spec.json"] {
        std::fs::remove_file(dir.join(name)).unwrap();
        for who in ["worker_pid", "guardian_pid"] {
            env.kill_half(who);
            assert_eq!(env.info("a")["pid"], info["pid"]);
        }
        assert!(dir.join(name).exists());
    }
    env.ok("send a hello --enter");
    env.ok("wait a --text hello");
}

#[test]
fn a_stop_ends_who_escaped_before_it_was_asked() {
    let env = TestEnv::new();
    // A daemon as it should be: a session of its own, and its parent has gone.
    env.ok("spawn a --shell 'setsid sh -c \"sh -c \\\"echo \\\\$\\\\$ > daemon; exec sleep 1000\\\" & sleep 0.1\"; echo gone; exec cat'");
    env.ok("wait a --text gone");
    env.ok("wait a --file daemon");
    let daemon: i32 = loop {
        let text = String::from_utf8(env.read("daemon")).unwrap();
        if let Ok(pid) = text.trim().parse() {
            break pid;
        }
    };
    let alive = || {
        Path::new(&format!("/proc/{daemon}/cwd"))
            .read_link()
            .is_ok()
    };
    assert!(alive());
    env.ok("stop a");
    assert!(!alive(), "the daemon outlived its session");
}
