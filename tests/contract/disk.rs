//! A state directory that is full or read-only: nothing is done that was not asked for, and nothing
//! is claimed that is not so.

use psup_harness::{SmallDisk, TestEnv, kill};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// An environment whose state directory is a file system of its own, of this size.
fn on_small_disk(size: &str) -> Option<(TestEnv, SmallDisk)> {
    let env = TestEnv::new();
    let state = env.path("psup/state");
    std::fs::create_dir_all(&state).unwrap();
    let disk = SmallDisk::at(&state, &format!("size={size},mode=1777"))?;
    // Private, as psup wants what it finds.
    for dir in [env.path("psup"), state] {
        std::fs::set_permissions(dir, PermissionsExt::from_mode(0o700)).unwrap();
    }
    Some((env, disk))
}

#[test]
fn exec_runs_what_is_asked_while_the_disk_is_full_or_read_only() {
    let Some((env, disk)) = on_small_disk("size=2m,mode=1777") else {
        return;
    };
    env.ok("spawn s -- bash --norc");
    env.ok("wait s --prompt");
    assert_eq!(env.ok("exec s -- 'echo one'"), "one");
    let filler = disk.fill();
    assert_eq!(env.ok("exec s -- 'echo two'"), "two");
    // Longer than what a file system has left in a block that is not full.
    let long = "x".repeat(100_000);
    assert_eq!(
        env.ok(&format!("exec s -- 'echo {long} | wc -c'")),
        "100001"
    );
    disk.read_only("default/sessions");
    assert_eq!(env.ok("exec s -- 'echo three'"), "three");
    drop(filler);
    env.ok("shutdown --force");
}

#[test]
fn exec_runs_what_is_asked_while_shared_memory_is_full() {
    let Some(memory) = SmallDisk::at(Path::new("/dev/shm"), "size=2m,mode=1777") else {
        return;
    };
    let env = TestEnv::new();
    for (name, shell) in [("b", "bash --norc"), ("z", "zsh -f"), ("f", "fish -N")] {
        env.ok(&format!("spawn {name} -- {shell}"));
        env.ok(&format!("wait {name} --prompt"));
    }
    let filler = memory.fill();
    let long = "x".repeat(100_000);
    for (name, word) in [("b", "1"), ("b", &long), ("z", "2"), ("f", "3")] {
        let told = env.ok(&format!("exec {name} -- 'echo {word} | wc -c'"));
        assert_eq!(told.trim(), (word.len() + 1).to_string(), "{name}");
    }
    std::fs::remove_file(filler).unwrap();
    assert_eq!(env.ok("exec b -- 'echo three'"), "three");
    env.ok("stop --all");
    for dir in session_files(&env) {
        let left = env
            .path("psup/state/default/sessions")
            .join(dir)
            .join("command");
        assert!(!left.exists(), "{}", left.display());
    }
    env.ok("shutdown --force");
}

#[test]
fn exec_that_cannot_reach_the_shell_types_nothing() {
    let Some((env, disk)) = on_small_disk("size=2m,mode=1777") else {
        return;
    };
    let Some(memory) = SmallDisk::at(Path::new("/dev/shm"), "size=2m,mode=1777") else {
        return;
    };
    env.ok("spawn s -- bash --norc");
    env.ok("wait s --prompt");
    assert_eq!(env.ok("exec s -- 'echo one'"), "one");
    let filler = memory.fill();
    let other_filler = disk.fill();
    let before = env.ok("capture s");
    for command in [
        "echo two".to_owned(),
        format!("echo two\n: {}", "x".repeat(100_000)),
    ] {
        let mut psup = env.psup("--json exec s --");
        psup.arg(command);
        let told = env.run(psup).ended(125);
        assert!(told.err.contains("nothing was typed"), "{told}");
    }
    assert_eq!(env.ok("capture s"), before);
    std::fs::remove_file(filler).unwrap();
    assert_eq!(env.ok("exec s -- 'echo three'"), "three");
    std::fs::remove_file(other_filler).unwrap();
    env.ok("shutdown --force");
}

#[test]
fn an_exit_on_a_full_disk_is_written_down_when_there_is_room_again() {
    let Some((env, disk)) = on_small_disk("size=2m,mode=1777") else {
        return;
    };
    env.ok("spawn a --on-boot --shell 'read x; exit 7'");
    env.ok("spawn b --no-log --shell 'read x; exit 8'");
    env.ok("spawn c --shell 'read x; exit 9'");
    let filler = disk.fill();
    for name in ["a", "b", "c"] {
        env.ok(&format!("send {name} --enter"));
        env.ok(&format!("wait {name} --exit"));
    }
    // One worker dies while the disk is full, and its successor finds the exits in the rings.
    env.kill_half("worker_pid");
    env.ok("wait a --exit");
    std::fs::remove_file(filler).unwrap();
    let dir = |name: &str| env.info(name)["log"].as_str().unwrap().to_owned();
    for name in ["a", "c"] {
        let record = format!("{}/life.json", dir(name));
        while !std::fs::read_to_string(&record)
            .unwrap()
            .contains("\"exit\":{")
        {
            assert!(
                !env.left().is_zero(),
                "the exit of {name} is never written down"
            );
            // Asking takes a while, and shows that the supervisor serves on.
            env.ok("status");
        }
    }
    kill(env.pid_of("worker_pid"));
    env.kill_supervisor();
    env.ok("status --start");
    for (name, code) in [("a", 7), ("b", 8), ("c", 9)] {
        let info = env.info(name);
        assert_eq!(info["exit"]["code"], code, "{info}");
        assert_eq!(info["id"], format!("{name}#1"), "begun a second time");
    }
    env.ok("shutdown --force");
}

fn remove_state(env: &TestEnv) {
    let state = env.path("psup/state");
    // Anyone who looks after the directory may be making it again at the same time.
    while let Err(error) = std::fs::remove_dir_all(&state) {
        assert!(
            error.kind() != std::io::ErrorKind::NotFound && !env.left().is_zero(),
            "{error}"
        );
    }
}

/// Two directories change places, in one step.
fn exchange(one: &Path, other: &Path) {
    let [one, other] = [one, other]
        .map(|path| std::ffi::CString::new(path.as_os_str().as_encoded_bytes()).unwrap());
    let (here, how) = (libc::AT_FDCWD, libc::RENAME_EXCHANGE);
    // SAFETY: a system call on two strings that outlive it.
    let done = unsafe { libc::renameat2(here, one.as_ptr(), here, other.as_ptr(), how) };
    assert_eq!(done, 0, "{}", std::io::Error::last_os_error());
}

fn session_files(env: &TestEnv) -> Vec<String> {
    let sessions = env.path("psup/state/default/sessions");
    let found = std::fs::read_dir(sessions).into_iter().flatten().flatten();
    found
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn a_removed_state_directory_costs_no_running_session_and_is_told() {
    let env = TestEnv::new();
    env.ok("spawn a --label k=v --env MINE=1 --shell 'seq 3000; exec cat'");
    env.ok("spawn plain --no-log -- cat");
    env.ok("spawn over --shell 'exit 3'");
    env.ok("wait over --exit");
    env.ok("spawn gone --shell 'exit 4'");
    env.ok("wait gone --exit");
    env.ok("forget gone");
    env.ok("wait a --text '^3000$'");
    let before = env.info("a");
    let output = env.ok("read a");
    remove_state(&env);
    let status = env.json("status");
    assert_eq!(
        status["survival"]["state-dir"]["survives"], true,
        "{status}"
    );
    assert!(env.ok("status").contains("was gone"));
    assert!(env.ok("events --no-follow").contains("state-lost"));
    for who in ["worker_pid", "guardian_pid", "worker_pid"] {
        env.kill_half(who);
        let info = env.info("a");
        for key in ["id", "pid", "labels", "command", "cwd", "size"] {
            assert_eq!(info[key], before[key], "{key}");
        }
    }
    assert_eq!(env.ok("read a"), output);
    assert_eq!(env.info("over")["exit"]["code"], 3);
    env.ok("send plain hello --enter");
    env.ok("wait plain --text hello");
    for (name, id) in [("over", "over#2"), ("gone", "gone#2")] {
        env.ok(&format!("spawn {name} -- cat"));
        assert_eq!(env.info(name)["id"], id);
    }
    // What is written from now on is in the new directory.
    env.ok("restart a");
    assert_eq!(env.info("a")["id"], "a#2");
    env.ok("wait a --text '^3000$'");
    env.ok("shutdown --force");
}

#[test]
fn a_worker_that_dies_before_it_notices_leaves_enough_to_go_on() {
    let env = TestEnv::new();
    env.ok("spawn a --label k=v --restart on-failure --env MINE=1 --shell 'seq 3000; exec cat'");
    env.ok("spawn gone --shell 'exit 4'");
    env.ok("wait gone --exit");
    env.ok("wait a --text '^3000$'");
    let (before, output) = (env.info("a"), env.ok("read a"));
    let worker = env.pid_of("worker_pid");
    let stop = nix::sys::signal::Signal::SIGSTOP;
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(worker), stop).unwrap();
    remove_state(&env);
    kill(worker);
    env.until_replaced("worker_pid", worker);
    let info = env.info("a");
    for key in ["id", "pid", "labels", "command", "cwd", "size", "restart"] {
        assert_eq!(info[key], before[key], "{key}");
    }
    assert_eq!(env.ok("read a"), output);
    let status = env.json("status");
    assert_eq!(
        status["survival"]["state-dir"]["survives"], true,
        "{status}"
    );
    env.ok("spawn gone -- cat");
    assert_eq!(env.info("gone")["id"], "gone#2");
    // It is begun again as it was, environment included.
    env.ok("restart a");
    let pid = env.info("a")["pid"].as_i64().unwrap();
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap();
    assert!(
        environment
            .split(|byte| *byte == 0)
            .any(|entry| entry == b"MINE=1")
    );
}

#[test]
fn an_upgrade_and_a_shutdown_after_the_loss_leave_nobody_behind() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let pid = env.info("a")["pid"].as_i64().unwrap();
    remove_state(&env);
    env.ok("upgrade");
    assert_eq!(env.info("a")["pid"], pid);
    remove_state(&env);
    env.ok("shutdown --force");
    assert!(
        !psup_harness::is_alive(i32::try_from(pid).unwrap()),
        "an orphan is left"
    );
}

#[test]
fn another_directory_in_the_place_of_the_state_directory_is_filled() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let state = env.path("psup/state");
    std::fs::rename(&state, env.path("old")).unwrap();
    std::fs::create_dir(&state).unwrap();
    std::fs::set_permissions(&state, PermissionsExt::from_mode(0o700)).unwrap();
    env.ok("has a");
    assert_eq!(session_files(&env).len(), 1);
    env.kill_half("worker_pid");
    env.ok("has a");
    // Back comes the old one: what was there stays, what is known now is added.
    env.ok("spawn b -- cat");
    exchange(&env.path("old"), &state);
    env.ok("has b");
    env.kill_half("worker_pid");
    env.ok("has a");
    env.ok("has b");
}

#[test]
fn an_unmounted_state_directory_is_made_again_below() {
    let Some((env, disk)) = on_small_disk("4m") else {
        return;
    };
    env.ok("spawn a -- cat");
    drop(disk);
    env.ok("has a");
    assert_eq!(
        env.json("status")["survival"]["state-dir"]["survives"],
        true
    );
    env.kill_half("worker_pid");
    env.ok("has a");
}

#[test]
fn a_forgotten_session_leaves_nothing_on_disk_and_in_memory() {
    let env = TestEnv::new();
    env.ok("spawn keep -- cat");
    let files = || {
        let mut all = session_files(&env);
        all.extend(memory_files(&env));
        all.sort();
        all
    };
    let before = files();
    for round in 0..30 {
        // At once after the end: the log thread is still writing.
        let log = if round % 3 == 0 { "--no-log" } else { "" };
        env.ok(&format!("spawn a {log} --shell 'seq {}'", round * 500));
        env.ok("wait a --exit");
        env.ok("forget a");
        assert_eq!(files(), before, "round {round}");
    }
    env.ok("spawn s -- bash --norc");
    env.ok("wait s --prompt");
    env.ok("exec s -- 'echo one'");
    env.ok("stop s");
    env.ok("forget s");
    assert_eq!(files(), before);
}

/// The rings' directory as the processes of the supervisor have it: whatever they hold of it.
fn memory_files(env: &TestEnv) -> Vec<String> {
    let guardian = env.pid_of("guardian_pid");
    let fds = std::fs::read_dir(format!("/proc/{guardian}/fd")).unwrap();
    let links = fds
        .flatten()
        .filter_map(|fd| std::fs::read_link(fd.path()).ok());
    let rings: Vec<_> = links.filter(|link| is_ring(link)).collect();
    let dirs: std::collections::BTreeSet<_> =
        rings.iter().filter_map(|ring| ring.parent()).collect();
    assert_eq!(dirs.len(), 1, "{rings:?}");
    let there = dirs
        .into_iter()
        .flat_map(|dir| std::fs::read_dir(dir).unwrap().flatten());
    let there = there.map(|entry| entry.path().display().to_string());
    // One file of ids is written now and then.
    let there = there.filter(|path| !path.contains("lives."));
    there
        .chain(rings.iter().map(|ring| format!("held {}", ring.display())))
        .collect()
}

fn is_ring(link: &Path) -> bool {
    let name = link
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let key = name.split(' ').next().unwrap_or_default();
    key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit())
}
