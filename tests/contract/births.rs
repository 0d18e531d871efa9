//! A session starts once, or not at all and says so, whatever is killed meanwhile. The commands
//! themselves record every start in a file, and that file is the judge.

use psup_harness::TestEnv;
use std::sync::atomic::{AtomicBool, Ordering};

/// Rounds of the short form; `PSUP_STORM` makes it that many.
fn rounds() -> usize {
    std::env::var("PSUP_STORM").map_or(12, |rounds| rounds.parse().expect("a number of rounds"))
}

/// Kills halves of the supervisor until `over`; two of three kills hit `often`.
fn kill_until(env: &TestEnv, over: &AtomicBool, often: &str, seldom: &str) -> usize {
    let mut kills = 0;
    while !over.load(Ordering::Relaxed) {
        kills += 1;
        env.kill_half(if kills % 3 == 0 { seldom } else { often });
    }
    kills
}

/// How often each command says that it was started.
fn starts(env: &TestEnv, name: &str) -> usize {
    let text = String::from_utf8(env.read("starts")).unwrap();
    text.lines().filter(|line| *line == name).count()
}

#[test]
fn a_spawn_under_kills_happens_once_or_not_at_all_and_says_so() {
    for (often, seldom) in [
        ("worker_pid", "guardian_pid"),
        ("guardian_pid", "worker_pid"),
    ] {
        let env = TestEnv::new();
        env.ok("spawn first -- cat");
        let over = AtomicBool::new(false);
        let told = std::thread::scope(|scope| {
            let killer = scope.spawn(|| kill_until(&env, &over, often, seldom));
            let spawners: Vec<_> = (0..2)
                .map(|thread| {
                    let env = &env;
                    scope.spawn(move || {
                        let spawn = |n| {
                            let name = format!("s{thread}-{n}");
                            let line =
                                format!("spawn {name} --shell 'echo {name} >> starts; exec cat'");
                            (env.run(env.psup(&line)), name)
                        };
                        (0..rounds()).map(spawn).collect::<Vec<_>>()
                    })
                })
                .collect();
            let told: Vec<_> = spawners
                .into_iter()
                .flat_map(|s| s.join().unwrap())
                .collect();
            over.store(true, Ordering::Relaxed);
            assert!(killer.join().unwrap() > 0);
            told
        });
        for (told, name) in told {
            told.ended(0);
            env.ok(&format!("has {name}"));
            env.ok(&format!("stop {name}"));
            assert_eq!(starts(&env, &name), 1, "{name} under kills of {often}");
        }
    }
}

#[test]
fn a_restart_under_kills_happens_once_and_never_leaves_the_session_ended() {
    let env = TestEnv::new();
    env.ok("spawn r --shell 'echo r >> starts; exec cat'");
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let killer = scope.spawn(|| kill_until(&env, &over, "guardian_pid", "worker_pid"));
        let lives = (0..rounds())
            .map(|_| env.run(env.psup("restart r")))
            .collect::<Vec<_>>();
        over.store(true, Ordering::Relaxed);
        killer.join().unwrap();
        for told in lives {
            drop(told.ended(0));
        }
    });
    env.ok("has r");
    env.ok("stop r");
    // A life that is restarted at once may not have said that it was there.
    assert!(
        starts(&env, "r") <= rounds() + 1,
        "{} starts",
        starts(&env, "r")
    );
}

/// The answer to a stop came before the end was written down while the new worker still drew the
/// screen: the restart was refused as if the session ran, and left it ended.
#[test]
fn a_restart_begins_a_life_while_a_new_worker_draws_the_screen() {
    let env = TestEnv::new();
    env.ok("spawn a --ready prompt -- bash --norc");
    for round in 2..8 {
        env.kill_half("worker_pid");
        assert_eq!(env.ok("restart a"), format!("a#{round}"));
        env.ok("wait a --prompt");
    }
}
