//! A guardian that runs and does nothing: it is not dead, so it does not hang up, and not stopped,
//! so no signal helps.

use psup_harness::{TestEnv, is_alive, kill};

#[test]
fn a_guardian_that_is_deaf_is_ended_and_replaced_and_nothing_is_lost() {
    let env = TestEnv::new();
    env.ok("spawn a --shell 'echo up; exec cat'");
    env.ok("wait a --text up");
    let (guardian, worker) = (env.pid_of("guardian_pid"), env.pid_of("worker_pid"));
    let state = env.json("status")["state_dir"].as_str().unwrap().to_owned();
    std::fs::write(format!("{state}/fault.deaf"), "").unwrap();
    // It is told of another session, and hears no more.
    env.ok("spawn b -- cat");
    env.until_replaced("guardian_pid", guardian);
    assert!(!is_alive(guardian));
    assert_eq!(
        env.pid_of("guardian_pid"),
        worker,
        "its worker has taken its place"
    );
    assert!(env.ok("logs").contains("does not listen and is ended"));
    // Both sessions are held again, also the one that it was told of last.
    kill(env.pid_of("worker_pid"));
    for name in ["a", "b"] {
        env.ok(&format!("send {name} hello --enter"));
        env.ok(&format!("wait {name} --text hello"));
    }
}
