//! Takeovers where something is short or out of order: descriptors that were let go, stopped
//! processes, stray signals, limits.

use crate::house::{House, kill, skipped};
use nix::sys::signal::{Signal, kill as send};
use nix::unistd::Pid;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

fn signal(pid: i32, signal: Signal) {
    send(Pid::from_raw(pid), signal).unwrap();
}

fn descriptors(pid: i32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .count()
}

/// One life from its beginning until nothing of it is left.
fn live_and_be_forgotten(house: &House, name: &str, options: &str) {
    house.ok(&format!("spawn {name} {options} -- true"));
    house.ok(&format!("wait {name} --exit"));
    house.ok(&format!("forget {name}"));
}

#[test]
fn a_forgotten_life_leaves_no_descriptor_behind() {
    let house = House::new();
    house.ok("spawn kept -- cat");
    let (guardian, worker) = (house.pid_of("guardian_pid"), house.pid_of("worker_pid"));
    let before = descriptors(guardian);
    for _ in 0..20 {
        live_and_be_forgotten(&house, "a", "--no-log");
        live_and_be_forgotten(&house, "b", "");
    }
    // The last release may be on its way.
    while descriptors(guardian) > before {
        assert!(
            !house.left().is_zero(),
            "{} more",
            descriptors(guardian) - before
        );
    }
    assert_eq!(house.pid_of("worker_pid"), worker);
}

#[test]
fn kills_in_turn_after_ends_and_forgets_are_all_answered() {
    let house = House::new();
    house.ok("spawn kept -- cat");
    for name in ["x", "y"] {
        house.ok(&format!("spawn {name} --no-log --shell 'echo said'"));
        house.ok(&format!("wait {name} --exit"));
    }
    for _ in 0..6 {
        for who in ["guardian_pid", "worker_pid"] {
            live_and_be_forgotten(&house, "a", "--no-log");
            house.kill_half(who);
        }
    }
    house.ok("send kept hello --enter");
    house.ok("wait kept --text hello");
    for name in ["x", "y"] {
        assert!(house.ok(&format!("read {name} --text")).contains("said"));
    }
    let log = house.ok("logs");
    assert!(!log.contains("a descriptor is lost"), "{log}");
}

#[test]
fn a_stopped_worker_and_a_killed_guardian_lose_nothing_in_either_order() {
    let house = House::new();
    house.ok("spawn a -- cat");
    for stop_first in [true, false, true, false] {
        let (guardian, worker) = (house.pid_of("guardian_pid"), house.pid_of("worker_pid"));
        if stop_first {
            signal(worker, Signal::SIGSTOP);
            kill(guardian);
        } else {
            kill(guardian);
            signal(worker, Signal::SIGSTOP);
        }
        house.until_replaced("guardian_pid", guardian);
        assert_eq!(house.info("a")["state"], "running");
    }
    house.ok("send a hello --enter");
    house.ok("wait a --text hello");
}

#[test]
fn stray_signals_end_no_session() {
    let house = House::new();
    house.ok("spawn a -- cat");
    let both = [house.pid_of("guardian_pid"), house.pid_of("worker_pid")];
    for stray in [
        Signal::SIGTERM,
        Signal::SIGHUP,
        Signal::SIGINT,
        Signal::SIGUSR1,
        Signal::SIGQUIT,
    ] {
        for pid in both {
            signal(pid, stray);
        }
        house.ok("has a");
    }
    assert_eq!(
        both,
        [house.pid_of("guardian_pid"), house.pid_of("worker_pid")]
    );
    while !house.ok("logs").contains("is not obeyed") {
        assert!(!house.left().is_zero(), "nothing is logged");
    }
    house.ok("send a hello --enter");
    house.ok("wait a --text hello");
}

#[test]
fn a_takeover_needs_no_descriptor_that_connections_have() {
    let house = House::new();
    let limited = |line: &str| {
        let mut command = house.command("sh");
        let psup = house.psup(line);
        command
            .args(["-c", "ulimit -n 64; exec \"$0\" \"$@\""])
            .arg(psup.get_program())
            .args(psup.get_args());
        command
    };
    house.run(limited("spawn s0 -- cat")).ended(0);
    let mut sessions = 1;
    let refusal = loop {
        let told = house.run(house.psup(&format!("spawn s{sessions} -- cat")));
        if told.code != Some(0) {
            break told.err;
        }
        sessions += 1;
    };
    assert!(sessions >= 13, "{sessions}: {refusal}");
    assert!(
        refusal.contains("64 files") && refusal.contains("ulimit"),
        "{refusal}"
    );
    for who in ["guardian_pid", "worker_pid", "guardian_pid"] {
        let (pid, socket) = (house.pid_of(who), house.socket());
        let idle: Vec<UnixStream> = (0..500)
            .map_while(|_| UnixStream::connect(&socket).ok())
            .collect();
        assert_eq!(idle.len(), 500);
        kill(pid);
        // They go when their worker does, or when it has waited for their hello.
        drop(idle);
        house.until_replaced(who, pid);
        assert_eq!(house.jsons("list").len(), sessions);
        for n in 0..sessions {
            house.ok(&format!("send s{n} hello --enter"));
            house.ok(&format!("wait s{n} --text hello"));
        }
    }
}

/// A user of its own, whose processes nobody else counts.
const USER: u32 = 64_242;

/// Ends all of that user's processes, whatever becomes of the test.
struct Bombed;

impl Drop for Bombed {
    fn drop(&mut self) {
        for round in 0.. {
            let left = processes();
            if left.is_empty() {
                return;
            }
            for pid in left {
                let _ = send(
                    Pid::from_raw(pid),
                    if round < 3 {
                        Signal::SIGSTOP
                    } else {
                        Signal::SIGKILL
                    },
                );
            }
        }
    }
}

/// Who is there of that user, the dead included.
fn processes() -> Vec<i32> {
    use std::os::unix::fs::MetadataExt;
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let of_user = entries.filter(|entry| {
        entry
            .metadata()
            .is_ok_and(|metadata| metadata.uid() == USER)
    });
    of_user
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

#[test]
fn a_session_that_forks_without_end_hinders_no_takeover_and_no_stop() {
    if !nix::unistd::geteuid().is_root() {
        return skipped(
            "only root can be another user, and a limit of processes counts all of a user's",
        );
    }
    let house = House::new();
    std::fs::set_permissions(house.path(""), std::fs::Permissions::from_mode(0o777)).unwrap();
    let program = house.path("program");
    std::fs::copy(env!("CARGO_BIN_EXE_psup"), &program).unwrap();
    let as_user = |line: &str| {
        let mut command = house.command("prlimit");
        command.args(["--nproc=150:150", "setpriv", "--clear-groups"]);
        command.args([format!("--reuid={USER}"), format!("--regid={USER}")]);
        command.arg(&program).args(house.psup(line).get_args());
        house.run(command).ended(0).text().to_owned()
    };
    let bombed = Bombed;
    // Takes every process that it may have, and tries on. It ends at once should the limit not
    // hold.
    house.write(
        "bomb",
        "test \"$(ulimit -p 2>/dev/null || ulimit -u)\" -le 150 && exec perl -e 'fork while 1'",
    );
    as_user("spawn quiet -- cat");
    as_user("spawn bomb --shell 'exec sh bomb'");
    let status: serde_json::Value = serde_json::from_str(&as_user("--json status")).unwrap();
    let pid = |who: &str| i32::try_from(status[who].as_i64().unwrap()).unwrap();
    while processes().len() < 120 {
        assert!(!house.left().is_zero(), "only {}", processes().len());
    }
    let began = Instant::now();
    kill(pid("worker_pid"));
    as_user("has quiet");
    kill(pid("guardian_pid"));
    as_user("has quiet");
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
    as_user("stop bomb --grace 1s");
    as_user("has quiet");
    as_user("shutdown --force");
    while !processes().is_empty() {
        assert!(!house.left().is_zero(), "{} are left", processes().len());
    }
    drop(bombed);
}
