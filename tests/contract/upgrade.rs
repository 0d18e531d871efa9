//! `psup upgrade`: another build in the place of the running one, and back where it does not come
//! up.

use psup_harness::TestEnv;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// A copy of the binary, as a later build would be.
fn copy(env: &TestEnv) -> PathBuf {
    let copy = env.path("newer");
    std::fs::copy(env!("CARGO_BIN_EXE_psup"), &copy).unwrap();
    copy
}

/// A program that answers as a psup when it is asked, and does as `guardian` and `worker` say in
/// these roles.
fn impostor(env: &TestEnv, guardian: &str, worker: &str) {
    let psup = env!("CARGO_BIN_EXE_psup");
    let script = format!(
        "#!/bin/bash\ncase \"$1\" in __probe) exec {psup} __probe;; __worker) {worker};; *) {guardian};; esac\n"
    );
    let path = env.write("impostor", script);
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
}

/// A session that works, and a supervisor whose two processes are known.
struct Before {
    guardian: i32,
    child: i64,
}

fn before(env: &TestEnv) -> Before {
    env.ok("spawn kept --shell 'echo up; exec cat'");
    env.ok("wait kept --text up");
    Before {
        guardian: env.pid_of("guardian_pid"),
        child: env.info("kept")["pid"].as_i64().unwrap(),
    }
}

impl Before {
    fn session_is_untouched(&self, env: &TestEnv) {
        let info = env.info("kept");
        assert_eq!(
            (info["id"].as_str(), info["pid"].as_i64()),
            (Some("kept#1"), Some(self.child))
        );
        env.ok("send kept hello --enter");
        env.ok("wait kept --text hello");
    }
}

#[test]
fn an_upgrade_under_full_output_loses_no_byte_and_no_exit() {
    let env = TestEnv::new();
    let copy = copy(&env);
    let before = before(&env);
    env.ok("spawn load --log-limit 1g --shell 'stty raw; seq 1000000; read x; exit 9'");
    let worker = env.pid_of("worker_pid");
    assert_eq!(env.ok("upgrade --binary newer"), "0.1.0 -> 0.1.0");
    assert_eq!(
        env.pid_of("guardian_pid"),
        before.guardian,
        "the guardian becomes the new build in place"
    );
    assert_ne!(env.pid_of("worker_pid"), worker);
    let image = std::fs::read_link(format!("/proc/{}/exe", before.guardian)).unwrap();
    assert_eq!(image, copy);
    env.ok("wait load --text '^1000000$'");
    env.ok("send load --raw-hex 0a");
    env.ok("wait load --exit");
    assert_eq!(env.info("load")["exit"]["code"], 9);
    let numbers: Vec<u32> = env
        .ok("read load --text")
        .lines()
        .filter_map(|line| line.trim().parse().ok())
        .collect();
    assert!(
        numbers.iter().copied().eq(1..=1_000_000),
        "{} numbers",
        numbers.len()
    );
    before.session_is_untouched(&env);
}

/// The old worker has gone and the new one is not there yet: for that moment the guardian had
/// everything alone.
#[test]
fn a_guardian_killed_in_the_middle_of_an_upgrade_loses_no_session() {
    let env = TestEnv::new();
    copy(&env);
    let before = before(&env);
    for _ in 0..12 {
        let (guardian, worker) = (env.pid_of("guardian_pid"), env.pid_of("worker_pid"));
        let upgrade = env.start(env.psup("upgrade --binary newer"));
        while is_running(worker) {
            assert!(!env.left().is_zero(), "the old worker does not finish");
            std::hint::spin_loop();
        }
        psup_harness::kill(guardian);
        // Answered as done by the build that is there then, or as taken back.
        drop(upgrade.outcome());
        env.until_replaced("guardian_pid", guardian);
        assert_eq!(env.info("kept")["pid"].as_i64(), Some(before.child));
    }
    before.session_is_untouched(&env);
}

/// Whether a process is there and not a zombie.
fn is_running(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(") ")
        .next()
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['Z', 'X']))
}

#[test]
fn a_wait_and_a_follower_go_on_over_an_upgrade() {
    let env = TestEnv::new();
    copy(&env);
    let before = before(&env);
    let waiter = env.start(env.psup("wait kept --text '^later$'"));
    env.ok("upgrade --binary newer");
    env.ok("send kept later --enter");
    waiter.end().ended(0);
    before.session_is_untouched(&env);
}

#[test]
fn what_is_no_psup_is_refused_before_anything_changes() {
    let env = TestEnv::new();
    let before = before(&env);
    let worker = env.pid_of("worker_pid");
    env.write("text", "hello\n");
    let executable = env.write("executable-text", "hello\n");
    std::fs::set_permissions(executable, PermissionsExt::from_mode(0o755)).unwrap();
    for binary in ["/bin/false", "text", "executable-text", "missing", "."] {
        assert_eq!(
            env.refused(1, &format!("upgrade --binary {binary}")),
            "cannot-start",
            "{binary}"
        );
    }
    assert_eq!(
        (env.pid_of("guardian_pid"), env.pid_of("worker_pid")),
        (before.guardian, worker)
    );
    before.session_is_untouched(&env);
}

#[test]
fn a_program_that_others_may_change_is_refused_before_any_of_it_runs() {
    let env = TestEnv::new();
    let before = before(&env);
    for (mode, why) in [
        (0o4755, "setuid"),
        (0o2755, "setgid"),
        (0o757, "everybody may write"),
    ] {
        let script = env.write("theirs", "#!/bin/sh\ntouch ran\n");
        std::fs::set_permissions(script, PermissionsExt::from_mode(mode)).unwrap();
        let said = env.no(1, "upgrade --binary theirs");
        assert!(said.contains(why), "{said}");
    }
    let script = env.write("foreign", "#!/bin/sh\ntouch ran\n");
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    // Only root can give a file away.
    if nix::unistd::geteuid().is_root() {
        nix::unistd::chown(&script, Some(65_533.into()), None).unwrap();
        let said = env.no(1, "upgrade --binary foreign");
        assert!(said.contains("belongs to user 65533"), "{said}");
    }
    assert!(!env.path("ran").exists());
    before.session_is_untouched(&env);
}

#[test]
fn a_build_of_another_protocol_is_refused_with_both_versions() {
    let env = TestEnv::new();
    let before = before(&env);
    let script = "#!/bin/sh\necho '{\"psup\":\"9.0.0\",\"protocol\":[7,9],\"guardian\":1}'\n";
    std::fs::set_permissions(env.write("later", script), PermissionsExt::from_mode(0o755)).unwrap();
    let said = env.no(5, "upgrade --binary later");
    assert!(
        said.contains("protocol 7-9") && said.contains("9.0.0"),
        "{said}"
    );
    before.session_is_untouched(&env);
}

#[test]
fn a_build_whose_guardian_ends_is_taken_back() {
    let env = TestEnv::new();
    let before = before(&env);
    impostor(&env, "exit 1", "exit 1");
    assert_eq!(env.refused(1, "upgrade --binary impostor"), "cannot-start");
    before.session_is_untouched(&env);
}

#[test]
fn a_build_whose_guardian_does_nothing_is_ended_and_taken_back() {
    let env = TestEnv::new();
    let before = before(&env);
    impostor(&env, "exec sleep 1000", "exit 1");
    assert_eq!(env.refused(1, "upgrade --binary impostor"), "cannot-start");
    assert!(
        !std::path::Path::new(&format!("/proc/{}/environ", before.guardian)).exists()
            || env.pid_of("guardian_pid") != before.guardian
    );
    before.session_is_untouched(&env);
}

#[test]
fn a_build_whose_worker_ends_is_taken_back() {
    let env = TestEnv::new();
    let before = before(&env);
    let psup = env!("CARGO_BIN_EXE_psup");
    impostor(&env, &format!("exec -a ptyguard {psup}"), "exit 3");
    assert_eq!(env.refused(1, "upgrade --binary impostor"), "cannot-start");
    assert_eq!(env.pid_of("guardian_pid"), before.guardian);
    before.session_is_untouched(&env);
}

#[test]
fn a_build_whose_worker_ends_after_its_hello_is_taken_back() {
    let env = TestEnv::new();
    let before = before(&env);
    let psup = env!("CARGO_BIN_EXE_psup");
    // The worker serves, and breaks down a moment later by its own doing.
    let worker = format!("{{ sleep 0.2; kill -ABRT $$; }} & exec {psup} __worker");
    impostor(&env, &format!("exec -a ptyguard {psup}"), &worker);
    assert_eq!(env.refused(1, "upgrade --binary impostor"), "cannot-start");
    assert_eq!(env.pid_of("guardian_pid"), before.guardian);
    before.session_is_untouched(&env);
}

#[test]
fn a_binary_that_was_replaced_or_removed_still_restarts() {
    let env = TestEnv::new();
    let copy = copy(&env);
    let before = before(&env);
    env.ok("upgrade --binary newer");
    std::fs::remove_file(&copy).unwrap();
    for who in ["worker_pid", "guardian_pid", "worker_pid"] {
        let pid = env.pid_of(who);
        psup_harness::kill(pid);
        before.session_is_untouched(&env);
        // The next kill is to leave one of two.
        env.until_replaced(who, pid);
    }
}

#[test]
fn without_a_supervisor_there_is_nothing_to_upgrade() {
    let env = TestEnv::new();
    assert_eq!(env.refused(5, "upgrade"), "unreachable");
}
