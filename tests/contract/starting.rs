//! The supervisor starts itself on first use: once, however many ask, whatever an earlier one left
//! behind.

use psup_harness::{TestEnv, is_alive, kill};
use std::os::unix::net::UnixListener;

#[test]
fn forty_starters_at_once_make_one_supervisor() {
    let env = TestEnv::new();
    let starters: Vec<_> = (0..40)
        .map(|n| env.start(env.psup(&format!("--json spawn s{n} -- cat"))))
        .collect();
    for starter in starters {
        starter.end().ended(0);
    }
    assert_eq!(env.jsons("list").len(), 40);
    assert_eq!(env.json("status")["sessions_live"], 40);
}

#[test]
fn of_forty_who_spawn_one_name_one_gets_it() {
    let env = TestEnv::new();
    let starters: Vec<_> = (0..40)
        .map(|_| env.start(env.psup("spawn a -- cat")))
        .collect();
    let codes: Vec<_> = starters.into_iter().map(|s| s.end().code).collect();
    assert_eq!(
        codes.iter().filter(|c| **c == Some(0)).count(),
        1,
        "{codes:?}"
    );
    assert_eq!(
        codes.iter().filter(|c| **c == Some(4)).count(),
        39,
        "{codes:?}"
    );
}

#[test]
fn forty_who_ensure_one_name_share_it() {
    let env = TestEnv::new();
    let starters: Vec<_> = (0..40)
        .map(|_| env.start(env.psup("ensure a -- cat")))
        .collect();
    let told: Vec<_> = starters
        .into_iter()
        .map(|s| s.end().ended(0).text().trim().to_owned())
        .collect();
    assert_eq!(
        told.iter().filter(|t| *t == "started a#1").count(),
        1,
        "{told:?}"
    );
    assert_eq!(
        told.iter().filter(|t| *t == "unchanged a#1").count(),
        39,
        "{told:?}"
    );
}

#[test]
fn a_stale_socket_left_by_a_crash_heals_by_itself() {
    let env = TestEnv::new();
    env.ok("spawn a -- true");
    let socket = env.socket();
    env.ok("shutdown --force");
    // Bound and left: connecting is refused, as after a crash.
    drop(std::fs::remove_file(&socket));
    drop(UnixListener::bind(&socket).unwrap());
    assert_eq!(env.ok("ensure b -- cat"), "started b#1");
}

#[test]
fn a_supervisor_killed_to_the_last_process_starts_again_and_says_what_was_lost() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo last words; exec cat'");
    env.ok("wait a --text 'last words'");
    let (guardian, worker) = (env.pid_of("guardian_pid"), env.pid_of("worker_pid"));
    // Stopped first, so that neither can replace the other between the two kills.
    for pid in [guardian, worker] {
        nix::sys::signal::kill(
            nix::unistd::Pid::from_raw(pid),
            nix::sys::signal::Signal::SIGSTOP,
        )
        .unwrap();
    }
    kill(guardian);
    kill(worker);
    assert_eq!(env.refused(3, "info a"), "no-such-session");
    env.ok("status --start");
    let lost = env.info("a");
    assert_eq!(lost["state"], "lost");
    assert_eq!(env.ok("read a --text"), "last words");
    env.ok("restart a");
    assert_eq!(env.info("a")["id"], "a#2");
}

/// A session that ignores the end of its terminal, and a supervisor that is killed to the last
/// process.
fn orphaned(env: &TestEnv, how: &str) -> i32 {
    env.write(
        "stay",
        "trap '' HUP; echo $$ >> starts; exec 3<> fifo; read x <&3",
    );
    nix::unistd::mkfifo(
        &env.path("fifo"),
        nix::sys::stat::Mode::from_bits_truncate(0o600),
    )
    .unwrap();
    env.ok(&format!("spawn a {how} --ready file=starts -- sh stay"));
    let pid = i32::try_from(env.info("a")["pid"].as_i64().unwrap()).unwrap();
    env.kill_supervisor();
    env.ok("status --start");
    pid
}

#[test]
fn what_outlives_a_killed_supervisor_is_told_and_never_doubled_and_ended_by_a_stop() {
    let env = TestEnv::new();
    let pid = orphaned(&env, "--on-boot --restart always");
    let info = env.info("a");
    assert_eq!(
        (info["state"].as_str(), info["pid"].as_i64()),
        (Some("orphaned"), Some(pid.into()))
    );
    assert_eq!(info["exit"]["kind"], "lost");
    assert_eq!(env.jsons("list").len(), 1);
    for refused in ["ensure a -- sh stay", "spawn a -- sh stay"] {
        let said = env.no(4, refused);
        assert!(
            said.contains(&pid.to_string()) && said.contains("psup stop a"),
            "{said}"
        );
    }
    env.no(1, "forget a");
    // The next worker knows of it too.
    env.kill_half("worker_pid");
    assert_eq!(env.info("a")["state"], "orphaned");
    env.ok("stop a");
    assert!(!is_alive(pid));
    assert_eq!(env.info("a")["state"], "lost");
    assert_eq!(
        env.read("starts"),
        format!("{pid}\n").into_bytes(),
        "it was started once"
    );
    assert_eq!(env.ok("ensure a -- sh stay"), "restarted a#2");
}

#[test]
fn a_session_that_is_to_come_back_does_so_when_what_outlived_its_supervisor_has_ended() {
    let env = TestEnv::new();
    let pid = orphaned(&env, "--on-boot");
    assert_eq!(env.info("a")["state"], "orphaned");
    let events = env.stream("--json events a --since 0");
    kill(pid);
    events.until("\"a#2\"");
    assert_eq!(env.info("a")["id"], "a#2");
}

#[test]
fn asking_where_no_supervisor_runs_is_answered() {
    let env = TestEnv::new();
    assert_eq!(env.refused(5, "status"), "unreachable");
    assert_eq!(env.ok("shutdown"), "");
    for asks in [
        "info a",
        "has a",
        "read a",
        "capture a",
        "wait a --exit",
        "wait a b --exit",
        "stop a",
        "send a x",
        "events a",
        "signal a INT",
    ] {
        let said = env.no(3, asks);
        assert!(said.contains("psup status --start"), "{asks}: {said}");
    }
    assert_eq!(env.jsons("list --all").len(), 0);
    assert_eq!(env.ok("stop --all"), "");
    assert_eq!(env.ok("events"), "");
    assert!(env.files().is_empty(), "a question makes nothing");
    assert_eq!(env.json("status --start")["sessions_live"], 0);
}

#[test]
fn two_profiles_do_not_see_each_other() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    env.ok("--profile other spawn b -- cat");
    env.no(3, "has b");
    env.no(3, "--profile other has a");
    let mut by_variable = env.psup("has b");
    by_variable.env("PSUP_PROFILE", "other");
    env.run(by_variable).ended(0);
    env.ok("--profile other shutdown --force");
    env.ok("has a");
    env.no(2, "--profile ../up list");
}

#[test]
fn the_directory_is_private_and_a_foreign_one_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let dir = env.socket().parent().unwrap().to_owned();
    assert_eq!(
        std::fs::metadata(dir).unwrap().permissions().mode() & 0o077,
        0
    );
    let open = env.path("open/run");
    std::fs::create_dir_all(&open).unwrap();
    std::fs::set_permissions(&open, PermissionsExt::from_mode(0o777)).unwrap();
    assert!(
        env.no(5, "--dir open spawn a -- cat").contains("chmod 700"),
        "the fix is told"
    );
}

#[test]
fn a_path_longer_than_a_socket_address_works() {
    let env = TestEnv::new();
    let deep = env.path(&"d".repeat(100)).join("e".repeat(100));
    std::fs::create_dir_all(&deep).unwrap();
    let dir = format!("--dir {}/psup", deep.display());
    env.ok(&format!("{dir} spawn a -- cat"));
    env.ok(&format!("{dir} has a"));
    env.ok(&format!("{dir} shutdown --force"));
}

#[test]
fn the_callers_pipes_are_at_their_end_when_spawn_returns() {
    let env = TestEnv::new();
    let mut spawn = env.command("sh");
    // The same pipe as stdout, stderr and a stray descriptor; `run` returns when all of them are
    // closed.
    spawn.args([
        "-c",
        r#"exec 9>&1; "$0" spawn a -- cat; echo returned"#,
        env!("CARGO_BIN_EXE_psup"),
    ]);
    let told = env.run(spawn).ended(0);
    assert_eq!(told.text(), "a#1\nreturned\n");
    env.ok("has a");
}

#[test]
fn a_vanished_socket_is_bound_again() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo up; exec cat'");
    let guardian = env.pid_of("guardian_pid");
    std::fs::remove_file(env.socket()).unwrap();
    env.ok("has a");
    assert_eq!(
        env.pid_of("guardian_pid"),
        guardian,
        "the same supervisor, not a second one"
    );
}
