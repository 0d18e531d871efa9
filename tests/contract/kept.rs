//! What is kept of ended sessions: as many as the limits say, until somebody drops them.

use psup_harness::TestEnv;

/// Sessions that have ended, in this order.
fn ended(env: &TestEnv, names: &[&str]) {
    for name in names {
        env.ok(&format!("spawn {name} -- true"));
        env.ok(&format!("wait {name} --exit"));
    }
}

fn all(env: &TestEnv) -> Vec<String> {
    let ids = env.jsons("list --all").into_iter();
    ids.map(|info| info["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn several_are_forgotten_by_name_pattern_and_age_and_none_that_runs() {
    let env = TestEnv::new();
    env.ok("spawn live -- cat");
    ended(&env, &["a", "b", "ci-1", "ci-2", "d", "e"]);
    env.ok("forget a b");
    assert!(env.no(1, "forget d live").contains("`psup stop live`"));
    env.no(3, "forget d nobody");
    assert_eq!(env.ok("forget --glob ci-* --older 1h"), "");
    assert_eq!(all(&env), ["ci-1#1", "ci-2#1", "d#1", "e#1", "live#1"]);
    assert_eq!(env.ok("forget --glob ci-* --older 0s"), "ci-1#1\nci-2#1");
    assert_eq!(env.jsons("forget --all")[1]["id"], "e#1");
    assert_eq!(all(&env), ["live#1"]);
    assert_eq!(env.ok("forget --all"), "");
    for wrong in ["forget", "forget a --all", "forget --all --keep 3"] {
        env.no(2, wrong);
    }
    assert_eq!(env.ok("spawn a -- true"), "a#2", "an id never comes back");
}

#[test]
fn what_will_be_started_again_is_not_forgotten() {
    let env = TestEnv::new();
    env.ok("spawn again --restart always -- false");
    env.ok("forget --keep 0");
    let events = env.stream("--json events --since 0");
    // Between two lives there is none that runs.
    for _ in 0..3 {
        events.until("restarted");
    }
    env.ok("info again");
    env.ok("stop again");
    env.kill_half("worker_pid");
    while !all(&env).is_empty() {
        assert!(!env.left().is_zero(), "what was stopped is not forgotten");
    }
}

#[test]
fn the_oldest_ends_go_when_there_are_more_than_the_limit_and_the_limit_stays() {
    let env = TestEnv::new();
    ended(&env, &["s1", "s2"]);
    assert_eq!(env.json("status")["ended"]["most"], 1000);
    env.ok("forget --keep 3 --keep-age forever --keep-bytes unlimited");
    let events = env.stream("--json events --since 0");
    ended(&env, &["s3", "s4", "s5"]);
    for gone in ["s1#1", "s2#1"] {
        let line = events.until("forgotten");
        assert!(line.contains(gone), "{line}");
    }
    env.kill_half("worker_pid");
    let told = env.json("status");
    assert_eq!(told["ended"]["most"], 3);
    assert!(told["ended"]["most_age_ms"].is_null(), "{told}");
    assert_eq!(all(&env), ["s3#1", "s4#1", "s5#1"]);
    ended(&env, &["s1"]);
    assert!(events.until("forgotten").contains("s3#1"));
    assert_eq!(env.info("s1")["id"], "s1#2");
    // Their files go with them.
    let dirs = std::fs::read_dir(env.path("psup/state/default/sessions")).unwrap();
    let left = |dir: &std::fs::DirEntry| !dir.path().to_string_lossy().ends_with(".gone");
    assert_eq!(dirs.flatten().filter(left).count(), 3);
}

#[test]
fn ended_sessions_go_by_age_and_by_bytes() {
    let env = TestEnv::new();
    ended(&env, &["old"]);
    env.ok("spawn large -- head -c 200000 /dev/urandom");
    env.ok("wait large --exit");
    let events = env.stream("--json events --since 0");
    env.ok("forget --keep-bytes 100k");
    assert!(events.until("forgotten").contains("old#1"));
    assert!(events.until("forgotten").contains("large#1"));
    ended(&env, &["young"]);
    env.ok("forget --keep-age 1s");
    assert!(events.until("forgotten").contains("young#1"));
}
