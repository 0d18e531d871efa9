//! `psup doctor`: what is broken is told by the check that is for it, with a fix that works. The
//! checks of which a test cannot break the machine are held against broken values in
//! supervisor/src/doctor/checks/tests.rs.

use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
use psup_harness::{Outcome, TestEnv};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;

/// One check, as it is told.
#[track_caller]
fn check(env: &TestEnv, id: &str, more: &str) -> Value {
    let told = env.run(env.psup(&format!("--json doctor --only {id} {more}")));
    finding(&told)
}

/// The one finding of a doctor that ended as its severity asks for.
#[track_caller]
fn finding(told: &Outcome) -> Value {
    let finding: Value = serde_json::from_str(told.text().trim()).unwrap();
    let is_wrong = ["warning", "error"].contains(&finding["severity"].as_str().unwrap());
    assert_eq!(told.code, Some(i32::from(is_wrong)), "{told}");
    assert_eq!(
        finding["fix"].is_string(),
        is_wrong || finding["fix"].is_string()
    );
    finding
}

#[test]
fn a_doctor_starts_nothing_and_makes_nothing() {
    let env = TestEnv::new();
    assert_eq!(check(&env, "supervisor", "")["severity"], "info");
    env.run(env.psup("doctor --fix"));
    assert!(env.files().is_empty(), "{:?}", env.files());
    env.no(5, "status");
    env.no(5, "doctor --after-restart");
}

#[test]
fn every_check_is_told_with_id_severity_and_evidence() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let told = env.run(env.psup("--json doctor"));
    let all = told.jsons();
    assert!(all.len() >= 25, "{told}");
    for finding in &all {
        assert!(
            finding["evidence"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{finding}"
        );
        let page = include_str!("../../docs/doctor.md");
        let id = finding["check"].as_str().unwrap();
        assert!(
            page.contains(&format!("| `{id}` |")),
            "docs/doctor.md does not know {id}"
        );
    }
    for well in [
        "sandbox",
        "supervisor",
        "versions",
        "run-dir",
        "state-dir",
        "stale-files",
    ] {
        let found = all.iter().find(|finding| finding["check"] == well).unwrap();
        assert_eq!(found["severity"], "ok", "{found}");
    }
    let said = env.no(2, "doctor --only nonsense");
    assert!(said.contains("state-dir"), "{said}");
}

#[test]
fn a_directory_that_is_open_to_others_is_an_error_of_status_too_and_is_mended() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    assert_eq!(env.json("status")["errors"].as_array().unwrap().len(), 0);
    for (file, id) in [
        ("psup/run/default", "run-dir"),
        ("psup/state/default", "state-dir"),
    ] {
        fs::set_permissions(env.path(file), Permissions::from_mode(0o755)).unwrap();
        assert_eq!(check(&env, id, "")["severity"], "error");
        assert_eq!(env.json("status")["errors"][0], id);
        assert!(env.ok("status").contains(" doctor` tells what to do"));
        let mended = check(&env, id, "--fix");
        assert_eq!(mended["severity"], "ok");
        assert!(mended["fixed"].is_string(), "{mended}");
        assert_eq!(env.json("status")["errors"].as_array().unwrap().len(), 0);
    }
}

#[test]
fn a_state_directory_that_cannot_be_made_again_under_a_live_supervisor_is_an_error() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    // In one step, so that it is not made again before something is in the way.
    let in_the_way = env.write("in-the-way", "");
    renameat2(
        AT_FDCWD,
        &in_the_way,
        AT_FDCWD,
        &env.path("psup/state"),
        RenameFlags::RENAME_EXCHANGE,
    )
    .unwrap();
    env.ok("has a");
    let found = check(&env, "state-dir", "");
    assert_eq!(found["severity"], "error");
    assert_eq!(env.json("status")["errors"][0], "state-dir");
    fs::remove_file(env.path("psup/state")).unwrap();
    env.ok("has a");
    while check(&env, "state-dir", "")["severity"] == "error" {
        assert!(!env.left().is_zero(), "it is not made again");
    }
    let found = check(&env, "state-dir", "");
    assert_eq!(found["severity"], "info");
    assert!(
        found["evidence"].as_str().unwrap().contains("made again"),
        "{found}"
    );
}

#[test]
fn a_socket_without_a_supervisor_is_told_and_removed() {
    let env = TestEnv::new();
    env.ok("spawn a -- true");
    let socket = env.socket();
    env.ok("shutdown --force");
    drop(fs::remove_file(&socket));
    drop(UnixListener::bind(&socket).unwrap());
    assert_eq!(check(&env, "stale-files", "")["severity"], "warning");
    assert_eq!(check(&env, "stale-files", "--fix")["severity"], "ok");
    assert!(!socket.exists());
}

#[test]
fn sessions_of_a_killed_supervisor_are_an_error_until_one_is_started() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    env.kill_supervisor();
    let found = check(&env, "supervisor", "");
    assert_eq!(found["severity"], "error");
    assert!(
        found["evidence"].as_str().unwrap().contains("a#1"),
        "{found}"
    );
    run_first_command(&env, found["fix"].as_str().unwrap());
    assert_eq!(check(&env, "supervisor", "")["severity"], "ok");
    let found = check(&env, "lost", "");
    assert_eq!(found["severity"], "warning");
    run_first_command(&env, found["fix"].as_str().unwrap());
    assert_eq!(check(&env, "lost", "")["severity"], "ok");
}

/// What stands in the first backticks, from another directory and without our environment.
#[track_caller]
fn run_first_command(env: &TestEnv, fix: &str) {
    let command = fix.split('`').nth(1).unwrap();
    let mut shell = env.command("sh");
    shell
        .args(["-c", command])
        .current_dir("/")
        .env_remove("PSUP_DIR");
    env.run(shell).ended(0);
}

#[test]
fn after_a_restart_it_is_told_what_lived_what_was_lost_and_what_to_do() {
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    env.ok("spawn b --on-boot -- cat");
    env.kill_half("worker_pid");
    let report = env.json("doctor --after-restart");
    assert_eq!(report["restart"], "worker");
    assert_eq!(report["lived"], serde_json::json!(["a#1", "b#1"]));

    env.kill_supervisor();
    env.ok("status --start");
    let told = env.run(env.psup("--json doctor --after-restart")).ended(1);
    let report = told.jsons().remove(0);
    assert_eq!(report["restart"], "supervisor");
    assert_eq!(report["lived"], serde_json::json!([]));
    assert_eq!(report["restarted"], serde_json::json!(["b#2"]));
    assert_eq!(report["lost"][0]["id"], "a#1");
    assert_eq!(report["lost"][0]["reason"], "supervisor-killed");
    assert_eq!(report["lost"][1]["successor"], "b#2");
    let next = report["next"].to_string();
    assert!(next.contains("restart a"), "{next}");
    env.ok("restart a");
    env.ok("doctor --after-restart");
}

#[test]
#[cfg(target_os = "linux")]
fn a_sandbox_that_forbids_connect_is_told_and_not_taken_for_a_dead_supervisor() {
    use psup_harness::sandbox::{Forbidden, confine};
    let env = TestEnv::new();
    env.ok("spawn a -- cat");
    let guardian = env.pid_of("guardian_pid");
    let within = |line: &str| {
        let mut command = env.psup(line);
        confine(&mut command, &[Forbidden::Connect], libc::EPERM);
        env.run(command)
    };
    let found = finding(&within("--json doctor --only sandbox"));
    assert_eq!(found["severity"], "error");
    assert!(
        found["evidence"]
            .as_str()
            .unwrap()
            .contains("not permitted"),
        "{found}"
    );
    let found = finding(&within("--json doctor --only supervisor"));
    assert_eq!(found["severity"], "unknown");
    for line in ["has a", "list", "stop --all", "shutdown", "spawn b -- cat"] {
        let told = within(line).ended(5);
        assert!(
            told.err.contains("psup doctor --only sandbox"),
            "{line}: {told}"
        );
    }
    assert_eq!(env.pid_of("guardian_pid"), guardian);
    env.ok("has a");
}
