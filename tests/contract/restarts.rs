//! How often a session is started again, and the process that it belongs to.

use psup_harness::{TestEnv, is_alive};
use std::process::Command;

#[test]
fn a_session_that_meets_its_restart_limit_is_given_up_and_told_everywhere() {
    let env = TestEnv::new();
    env.ok("status --start");
    let events = env.stream("events --json --since 0");
    env.ok("hook add --all crash-loop -- sh -c 'cat > told.tmp; mv told.tmp told'");
    env.ok("spawn a --restart always --restart-limit 2/10m --shell 'echo out of order; exit 3'");
    let given_up = events.until("\"event\":\"crash-looping\"");
    assert!(given_up.contains("\"id\":\"a#3\"") && given_up.contains("\"restarts\":2"));
    let info = env.info("a");
    assert_eq!(
        (&info["state"], &info["exit"]["code"]),
        (&"crash-looping".into(), &3.into())
    );
    assert!(info["next_start_ms"].is_null());
    assert_eq!(info["restart_limit"]["most"], 2);
    assert!(env.ok("info a").contains("restart limit  2/10m"));
    let list = env.ok("list");
    assert!(list.contains("crash-looping (exit 3)"), "{list}");
    env.ok("spawn b -- cat");
    env.ok("wait b --file told");
    let told: serde_json::Value = serde_json::from_slice(&env.read("told")).unwrap();
    assert_eq!((&told["id"], &told["restarts"]), (&"a#3".into(), &2.into()));
    assert_eq!(told["lines"][0], "out of order");
    let doctor = env.run(env.psup("doctor --only crash-loop"));
    assert_eq!(doctor.code, Some(1), "{doctor}");
    // The next worker does not begin it, and one that does begins to count again.
    env.kill_half("worker_pid");
    assert_eq!(env.info("a")["id"], "a#3");
    assert_eq!(env.info("a")["state"], "crash-looping");
    assert_eq!(env.ok("restart a"), "a#4");
    events.until("\"event\":\"crash-looping\"");
    assert_eq!(env.info("a")["id"], "a#6");
    env.ok("stop a");
    assert_eq!(env.info("a")["state"], "ended");
    assert!(!env.ok("list").contains("a#") && !env.ok("list").contains("crash"));
}

#[test]
fn a_restart_limit_needs_a_restart_and_is_part_of_the_spec() {
    let env = TestEnv::new();
    let told = env.no(2, "spawn a --restart-limit 2/10m -- cat");
    assert!(told.contains("--restart on-failure"), "{told}");
    assert!(
        env.no(2, "spawn a --restart always --restart-limit 2 -- cat")
            .contains("5/10m")
    );
    env.ok("spawn a --restart always --restart-limit 2/10m -- cat");
    let told = env.no(4, "ensure a --restart always --restart-limit 3/10m -- cat");
    assert!(told.contains("restart-limit"), "{told}");
}

/// A process that lasts until it is killed.
fn owner() -> std::process::Child {
    Command::new("sleep").arg("1000").spawn().unwrap()
}

#[test]
fn a_session_ends_when_its_owner_has_gone_whatever_is_killed_before() {
    let env = TestEnv::new();
    let mut owner = owner();
    env.ok("status --start");
    let events = env.stream("events --json --since 0");
    env.ok(&format!(
        "spawn a --owner {} --restart always -- cat",
        owner.id()
    ));
    env.ok("spawn b -- cat");
    assert_eq!(env.info("a")["owner"], owner.id());
    env.kill_half("worker_pid");
    env.kill_half("guardian_pid");
    let child = i32::try_from(env.info("a")["pid"].as_i64().unwrap()).unwrap();
    assert!(is_alive(child));
    owner.kill().unwrap();
    owner.wait().unwrap();
    events.until("\"event\":\"owner-gone\"");
    events.until("\"event\":\"exited\"");
    env.ok("wait a --exit");
    assert!(!is_alive(child));
    let info = env.info("a");
    assert!(
        info["state"] == "ended" && info["next_start_ms"].is_null(),
        "{info}"
    );
    assert_eq!(env.info("b")["state"], "running");
    let told = env.no(1, "restart a");
    assert!(told.contains("there is no process"), "{told}");
}

#[test]
fn the_process_that_calls_psup_owns_with_self_and_another_of_its_pid_does_not() {
    let env = TestEnv::new();
    env.ok("spawn shell -- sh");
    env.ok("wait shell --input");
    let psup = psup_harness::psup();
    env.ok(&format!(
        "send shell '{} spawn a --owner self -- cat; echo done.' --enter",
        psup.display()
    ));
    env.ok("wait shell --text '^done.'");
    let shell = &env.info("shell")["pid"];
    assert_eq!(env.info("a")["owner"], *shell);
    let child = i32::try_from(env.info("a")["pid"].as_i64().unwrap()).unwrap();
    env.ok("stop shell");
    env.ok("wait a --exit");
    assert!(!is_alive(child));
    for (line, code) in [("--owner me", 2), ("--owner 0", 2), ("--owner 4194304", 1)] {
        env.no(code, &format!("spawn c {line} -- cat"));
    }
}
