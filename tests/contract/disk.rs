//! A state directory that is full or read-only: nothing is done that was not asked for, and nothing
//! is claimed that is not so.

use crate::faults::Small;
use crate::house::{House, kill};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A house whose state directory is a file system of its own, of this size.
fn on_small_disk(size: &str) -> Option<(House, Small)> {
    let house = House::new();
    let state = house.path("psup/state");
    std::fs::create_dir_all(&state).unwrap();
    let disk = Small::at(&state, size)?;
    // Private, as psup wants what it finds.
    for dir in [house.path("psup"), state] {
        std::fs::set_permissions(dir, PermissionsExt::from_mode(0o700)).unwrap();
    }
    Some((house, disk))
}

#[test]
fn exec_runs_what_is_asked_while_the_disk_is_full_or_read_only() {
    let Some((house, disk)) = on_small_disk("2m") else {
        return;
    };
    house.ok("spawn s -- bash --norc");
    house.ok("wait s --prompt");
    assert_eq!(house.ok("exec s -- 'echo one'"), "one");
    let filler = disk.fill();
    assert_eq!(house.ok("exec s -- 'echo two'"), "two");
    // Longer than what a file system has left in a block that is not full.
    let long = "x".repeat(100_000);
    assert_eq!(
        house.ok(&format!("exec s -- 'echo {long} | wc -c'")),
        "100001"
    );
    disk.read_only("default/sessions");
    assert_eq!(house.ok("exec s -- 'echo three'"), "three");
    drop(filler);
    house.ok("shutdown --force");
}

#[test]
fn exec_that_cannot_reach_the_shell_types_nothing() {
    let Some(memory) = Small::at(Path::new("/dev/shm"), "2m") else {
        return;
    };
    let house = House::new();
    house.ok("spawn s -- bash --norc");
    house.ok("wait s --prompt");
    assert_eq!(house.ok("exec s -- 'echo one'"), "one");
    let filler = memory.fill();
    let before = house.ok("capture s");
    for command in [
        "echo two".to_owned(),
        format!("echo two\n: {}", "x".repeat(100_000)),
    ] {
        let mut psup = house.psup("--json exec s --");
        psup.arg(command);
        let told = house.run(psup).ended(125);
        assert!(told.err.contains("nothing was typed"), "{told}");
    }
    assert_eq!(house.ok("capture s"), before);
    std::fs::remove_file(filler).unwrap();
    assert_eq!(house.ok("exec s -- 'echo three'"), "three");
    house.ok("shutdown --force");
}

#[test]
fn an_exit_on_a_full_disk_is_written_down_when_there_is_room_again() {
    let Some((house, disk)) = on_small_disk("2m") else {
        return;
    };
    house.ok("spawn a --on-boot --shell 'read x; exit 7'");
    house.ok("spawn b --no-log --shell 'read x; exit 8'");
    house.ok("spawn c --shell 'read x; exit 9'");
    let filler = disk.fill();
    for name in ["a", "b", "c"] {
        house.ok(&format!("send {name} --enter"));
        house.ok(&format!("wait {name} --exit"));
    }
    // One worker dies while the disk is full, and its successor finds the exits in the rings.
    house.kill_half("worker_pid");
    house.ok("wait a --exit");
    std::fs::remove_file(filler).unwrap();
    let dir = |name: &str| house.info(name)["log"].as_str().unwrap().to_owned();
    for name in ["a", "c"] {
        let record = format!("{}/life.json", dir(name));
        while !std::fs::read_to_string(&record)
            .unwrap()
            .contains("\"exit\":{")
        {
            assert!(
                !house.left().is_zero(),
                "the exit of {name} is never written down"
            );
            // Asking takes a while, and shows that the supervisor serves on.
            house.ok("status");
        }
    }
    kill(house.pid_of("worker_pid"));
    house.kill_supervisor();
    for (name, code) in [("a", 7), ("b", 8), ("c", 9)] {
        let info = house.info(name);
        assert_eq!(info["exit"]["code"], code, "{info}");
        assert_eq!(info["id"], format!("{name}#1"), "begun a second time");
    }
    house.ok("shutdown --force");
}

fn remove_state(house: &House) {
    let state = house.path("psup/state");
    // Whoever looks after the directory may be making it again at the same time.
    while let Err(error) = std::fs::remove_dir_all(&state) {
        assert!(
            error.kind() != std::io::ErrorKind::NotFound && !house.left().is_zero(),
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

fn session_files(house: &House) -> Vec<String> {
    let sessions = house.path("psup/state/default/sessions");
    let found = std::fs::read_dir(sessions).into_iter().flatten().flatten();
    found
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn a_removed_state_directory_costs_no_running_session_and_is_told() {
    let house = House::new();
    house.ok("spawn a --label k=v --env MINE=1 --shell 'seq 3000; exec cat'");
    house.ok("spawn plain --no-log -- cat");
    house.ok("spawn over --shell 'exit 3'");
    house.ok("wait over --exit");
    house.ok("spawn gone --shell 'exit 4'");
    house.ok("wait gone --exit");
    house.ok("forget gone");
    house.ok("wait a --text '^3000$'");
    let before = house.info("a");
    let output = house.ok("read a");
    remove_state(&house);
    let status = house.json("status");
    assert_eq!(
        status["survival"]["state-dir"]["survives"], true,
        "{status}"
    );
    assert!(house.ok("status").contains("was gone"));
    assert!(house.ok("events --no-follow").contains("state-lost"));
    for who in ["worker_pid", "guardian_pid", "worker_pid"] {
        house.kill_half(who);
        let info = house.info("a");
        for key in ["id", "pid", "labels", "command", "cwd", "size"] {
            assert_eq!(info[key], before[key], "{key}");
        }
    }
    assert_eq!(house.ok("read a"), output);
    assert_eq!(house.info("over")["exit"]["code"], 3);
    house.ok("send plain hello --enter");
    house.ok("wait plain --text hello");
    for (name, id) in [("over", "over#2"), ("gone", "gone#2")] {
        house.ok(&format!("spawn {name} -- cat"));
        assert_eq!(house.info(name)["id"], id);
    }
    // What is written from now on is in the new directory.
    house.ok("restart a");
    assert_eq!(house.info("a")["id"], "a#2");
    house.ok("wait a --text '^3000$'");
    house.ok("shutdown --force");
}

#[test]
fn a_worker_that_dies_before_it_notices_leaves_enough_to_go_on() {
    let house = House::new();
    house.ok("spawn a --label k=v --restart on-failure --env MINE=1 --shell 'seq 3000; exec cat'");
    house.ok("spawn gone --shell 'exit 4'");
    house.ok("wait gone --exit");
    house.ok("wait a --text '^3000$'");
    let (before, output) = (house.info("a"), house.ok("read a"));
    let worker = house.pid_of("worker_pid");
    let stop = nix::sys::signal::Signal::SIGSTOP;
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(worker), stop).unwrap();
    remove_state(&house);
    kill(worker);
    house.until_replaced("worker_pid", worker);
    let info = house.info("a");
    for key in ["id", "pid", "labels", "command", "cwd", "size", "restart"] {
        assert_eq!(info[key], before[key], "{key}");
    }
    assert_eq!(house.ok("read a"), output);
    let status = house.json("status");
    assert_eq!(
        status["survival"]["state-dir"]["survives"], true,
        "{status}"
    );
    house.ok("spawn gone -- cat");
    assert_eq!(house.info("gone")["id"], "gone#2");
    // It is begun again as it was, environment included.
    house.ok("restart a");
    let pid = house.info("a")["pid"].as_i64().unwrap();
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap();
    assert!(
        environment
            .split(|byte| *byte == 0)
            .any(|entry| entry == b"MINE=1")
    );
}

#[test]
fn an_upgrade_and_a_shutdown_after_the_loss_leave_nobody_behind() {
    let house = House::new();
    house.ok("spawn a -- cat");
    let pid = house.info("a")["pid"].as_i64().unwrap();
    remove_state(&house);
    house.ok("upgrade");
    assert_eq!(house.info("a")["pid"], pid);
    remove_state(&house);
    house.ok("shutdown --force");
    assert!(
        !crate::house::is_alive(i32::try_from(pid).unwrap()),
        "an orphan is left"
    );
}

#[test]
fn another_directory_in_the_place_of_the_state_directory_is_filled() {
    let house = House::new();
    house.ok("spawn a -- cat");
    let state = house.path("psup/state");
    std::fs::rename(&state, house.path("old")).unwrap();
    std::fs::create_dir(&state).unwrap();
    std::fs::set_permissions(&state, PermissionsExt::from_mode(0o700)).unwrap();
    house.ok("has a");
    assert_eq!(session_files(&house).len(), 1);
    house.kill_half("worker_pid");
    house.ok("has a");
    // Back comes the old one: what was there stays, what is known now is added.
    house.ok("spawn b -- cat");
    exchange(&house.path("old"), &state);
    house.ok("has b");
    house.kill_half("worker_pid");
    house.ok("has a");
    house.ok("has b");
}

#[test]
fn an_unmounted_state_directory_is_made_again_below() {
    let Some((house, disk)) = on_small_disk("4m") else {
        return;
    };
    house.ok("spawn a -- cat");
    drop(disk);
    house.ok("has a");
    assert_eq!(
        house.json("status")["survival"]["state-dir"]["survives"],
        true
    );
    house.kill_half("worker_pid");
    house.ok("has a");
}

#[test]
fn a_forgotten_session_leaves_nothing_on_disk_and_in_memory() {
    let house = House::new();
    house.ok("spawn keep -- cat");
    let files = || {
        let mut all = session_files(&house);
        all.extend(memory_files(&house));
        all.sort();
        all
    };
    let before = files();
    for round in 0..30 {
        // At once after the end: the log thread is still writing.
        let log = if round % 3 == 0 { "--no-log" } else { "" };
        house.ok(&format!("spawn a {log} --shell 'seq {}'", round * 500));
        house.ok("wait a --exit");
        house.ok("forget a");
        assert_eq!(files(), before, "round {round}");
    }
    house.ok("spawn s -- bash --norc");
    house.ok("wait s --prompt");
    house.ok("exec s -- 'echo one'");
    house.ok("stop s");
    house.ok("forget s");
    assert_eq!(files(), before);
}

/// The rings' directory as the processes of the supervisor have it: whatever they hold of it.
fn memory_files(house: &House) -> Vec<String> {
    let guardian = house.pid_of("guardian_pid");
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
