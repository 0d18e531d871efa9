//! Nothing polls: a supervisor whose sessions do nothing is not woken.

use psup_harness::TestEnv;
use std::sync::mpsc;
use std::time::Duration;

/// So long nothing may happen. A timer that polls is shorter than this.
const WINDOW: Duration = Duration::from_secs(3);

/// How often each thread of a process has gone to sleep.
fn sleeps(pid: i32) -> Vec<(String, String)> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let mut found: Vec<_> = tasks
        .filter_map(|task| {
            let path = task.unwrap().path();
            // A thread may end between the two.
            let status = std::fs::read_to_string(path.join("status")).ok()?;
            let count = status
                .lines()
                .find(|line| line.starts_with("voluntary_ctxt_switches:"))?;
            Some((path.display().to_string(), count.to_owned()))
        })
        .collect();
    found.sort();
    found
}

#[test]
fn a_supervisor_with_idle_sessions_is_never_woken() {
    let env = TestEnv::new();
    for n in 0..20 {
        env.ok(&format!("spawn s{n} --shell 'echo up; exec cat'"));
        env.ok(&format!("wait s{n} --text up"));
    }
    // Parked waits and followers cost nothing either.
    let _parked = env.stream("wait s0 --text never");
    let _follower = env.stream("read s1 --follow --since 0");
    let pids = [env.pid_of("guardian_pid"), env.pid_of("worker_pid")];
    let (_nobody, silence) = mpsc::channel::<()>();
    // What has just been used is put away after a while; then it is quiet for good.
    loop {
        let before = pids.map(sleeps);
        let _ = silence.recv_timeout(WINDOW);
        let after = pids.map(sleeps);
        if before == after {
            return;
        }
        assert!(
            !env.left().is_zero(),
            "something wakes guardian or worker: {before:?}, {WINDOW:?} later {after:?}"
        );
    }
}
