//! Takeovers where something is short or out of order: descriptors that were let go, stopped
//! processes, stray signals, limits.

use nix::sys::signal::{Signal, kill as send};
use nix::unistd::Pid;
use psup_harness::{TestEnv, kill, skipped};
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
fn live_and_be_forgotten(env: &TestEnv, name: &str, options: &str) {
    env.ok(&format!("spawn {name} {options} -- true"));
    env.ok(&format!("wait {name} --exit"));
    env.ok(&format!("forget {name}"));
}

#[test]
fn a_forgotten_life_leaves_no_descriptor_behind() {
    let env = TestEnv::new();
    env.ok("spawn kept -- cat");
    let (guardian, worker) = (env.pid_of("guardian_pid"), env.pid_of("worker_pid"));
    let before = descriptors(guardian);
    for _ in 0..20 {
        live_and_be_forgotten(&env, "a", "--no-log");
        live_and_be_forgotten(&env, "b", "");
    }
    // The last release may be on its way.
    while descriptors(guardian) > before {
        assert!(
            !env.left().is_zero(),
            "{} more",
            descriptors(guardian) - before
        );
    }
    assert_eq!(env.pid_of("worker_pid"), worker);
}

#[test]
fn kills_in_turn_after_ends_and_forgets_are_all_answered() {
    let env = TestEnv::new();
    env.ok("spawn kept -- cat");
    for name in ["x", "y"] {
        env.ok(&format!("spawn {name} --no-log --shell 'echo said'"));
        env.ok(&format!("wait {name} --exit"));
    }
    for _ in 0..6 {
        for who in ["guardian_pid", "worker_pid"] {
            live_and_be_forgotten(&env, "a", "--no-log");
            env.kill_half(who);
        }
    }
    env.ok("send kept hello --enter");
    env.ok("wait kept --text hello");
    for name in ["x", "y"] {
        assert!(env.ok(&format!("read {name} --text")).contains("said"));
    }
    let log = env.ok("logs");
    assert!(!log.contains("a descriptor is lost"), "{log}");
}

#[test]
fn a_stopped_worker_and_a_killed_guardian_lose_nothing_in_either_order() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    for stop_first in [true, false, true, false] {
        let (guardian, worker) = (env.pid_of("guardian_pid"), env.pid_of("worker_pid"));
        if stop_first {
            signal(worker, Signal::SIGSTOP);
            kill(guardian);
        } else {
            kill(guardian);
            signal(worker, Signal::SIGSTOP);
        }
        env.until_replaced("guardian_pid", guardian);
        assert_eq!(env.info("a")["state"], "running");
    }
    env.ok("send a hello --enter");
    env.ok("wait a --text hello");
}

#[test]
fn stray_signals_end_no_session() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let both = [env.pid_of("guardian_pid"), env.pid_of("worker_pid")];
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
        env.ok("has a");
    }
    assert_eq!(both, [env.pid_of("guardian_pid"), env.pid_of("worker_pid")]);
    while !env.ok("logs").contains("is not obeyed") {
        assert!(!env.left().is_zero(), "nothing is logged");
    }
    env.ok("send a hello --enter");
    env.ok("wait a --text hello");
}

#[test]
fn a_takeover_needs_no_descriptor_that_connections_have() {
    let env = TestEnv::new();
    let limited = |line: &str| {
        let mut command = env.command("sh");
        let psup = env.psup(line);
        command
            .args(["-c", "ulimit -n 64; exec \"$0\" \"$@\""])
            .arg(psup.get_program())
            .args(psup.get_args());
        command
    };
    env.run(limited("spawn s0 -- cat")).ended(0);
    let mut sessions = 1;
    let refusal = loop {
        let told = env.run(env.psup(&format!("spawn s{sessions} -- cat")));
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
        let (pid, socket) = (env.pid_of(who), env.socket());
        let idle: Vec<UnixStream> = (0..500)
            .map_while(|_| UnixStream::connect(&socket).ok())
            .collect();
        assert_eq!(idle.len(), 500);
        kill(pid);
        // They go when their worker does, or when it has waited for their hello.
        drop(idle);
        env.until_replaced(who, pid);
        assert_eq!(env.jsons("list").len(), sessions);
        for n in 0..sessions {
            env.ok(&format!("send s{n} hello --enter"));
            env.ok(&format!("wait s{n} --text hello"));
        }
    }
}

/// A user of its own, whose processes nobody else counts.
const USER: u32 = 64_242;

/// Ends all of that user's processes, whatever happens to the test.
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
    let env = TestEnv::new();
    std::fs::set_permissions(env.path(""), std::fs::Permissions::from_mode(0o777)).unwrap();
    let program = env.path("program");
    std::fs::copy(env!("CARGO_BIN_EXE_psup"), &program).unwrap();
    let as_user = |line: &str| {
        let mut command = env.command("prlimit");
        command.args(["--nproc=150:150", "setpriv", "--clear-groups"]);
        command.args([format!("--reuid={USER}"), format!("--regid={USER}")]);
        command.arg(&program).args(env.psup(line).get_args());
        env.run(command).ended(0).text().to_owned()
    };
    let bombed = Bombed;
    // Takes every process that it may have, and tries on. It ends at once should the limit not
    // hold.
    env.write(
        "bomb",
        "test \"$(ulimit -p 2>/dev/null || ulimit -u)\" -le 150 && exec perl -e 'fork while 1'",
    );
    as_user("spawn quiet -- cat");
    as_user("spawn bomb --shell 'exec sh bomb'");
    let status: serde_json::Value = serde_json::from_str(&as_user("--json status")).unwrap();
    let pid = |who: &str| i32::try_from(status[who].as_i64().unwrap()).unwrap();
    while processes().len() < 120 {
        assert!(!env.left().is_zero(), "only {}", processes().len());
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
        assert!(!env.left().is_zero(), "{} are left", processes().len());
    }
    drop(bombed);
}
