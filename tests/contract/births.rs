//! A session starts once, or not at all and says so, whatever is killed meanwhile. The commands
//! themselves record every start in a file, and that file is the judge.

use crate::house::House;
use std::sync::atomic::{AtomicBool, Ordering};

/// Rounds of the short form; `PSUP_STORM` makes it that many.
fn rounds() -> usize {
    std::env::var("PSUP_STORM").map_or(12, |rounds| rounds.parse().expect("a number of rounds"))
}

/// Kills halves of the supervisor until `over`; two of three kills hit `often`.
fn kill_until(house: &House, over: &AtomicBool, often: &str, seldom: &str) -> usize {
    let mut kills = 0;
    while !over.load(Ordering::Relaxed) {
        kills += 1;
        house.kill_half(if kills % 3 == 0 { seldom } else { often });
    }
    kills
}

/// How often each command says that it was started.
fn starts(house: &House, name: &str) -> usize {
    let text = String::from_utf8(house.read("starts")).unwrap();
    text.lines().filter(|line| *line == name).count()
}

#[test]
fn a_spawn_under_kills_happens_once_or_not_at_all_and_says_so() {
    for (often, seldom) in [
        ("worker_pid", "guardian_pid"),
        ("guardian_pid", "worker_pid"),
    ] {
        let house = House::new();
        house.ok("spawn first -- cat");
        let over = AtomicBool::new(false);
        let told = std::thread::scope(|scope| {
            let killer = scope.spawn(|| kill_until(&house, &over, often, seldom));
            let spawners: Vec<_> = (0..2)
                .map(|thread| {
                    let house = &house;
                    scope.spawn(move || {
                        let spawn = |n| {
                            let name = format!("s{thread}-{n}");
                            let line =
                                format!("spawn {name} --shell 'echo {name} >> starts; exec cat'");
                            (house.run(house.psup(&line)), name)
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
            house.ok(&format!("has {name}"));
            house.ok(&format!("stop {name}"));
            assert_eq!(starts(&house, &name), 1, "{name} under kills of {often}");
        }
    }
}

#[test]
fn a_restart_under_kills_happens_once_and_never_leaves_the_session_ended() {
    let house = House::new();
    house.ok("spawn r --shell 'echo r >> starts; exec cat'");
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let killer = scope.spawn(|| kill_until(&house, &over, "guardian_pid", "worker_pid"));
        let lives = (0..rounds())
            .map(|_| house.run(house.psup("restart r")))
            .collect::<Vec<_>>();
        over.store(true, Ordering::Relaxed);
        killer.join().unwrap();
        for told in lives {
            drop(told.ended(0));
        }
    });
    house.ok("has r");
    house.ok("stop r");
    // A life that is restarted at once may not have said that it was there.
    assert!(
        starts(&house, "r") <= rounds() + 1,
        "{} starts",
        starts(&house, "r")
    );
}

/// The answer to a stop came before the end was written down while the new worker still drew the
/// screen: the restart was refused as if the session ran, and left it ended.
#[test]
fn a_restart_begins_a_life_while_a_new_worker_draws_the_screen() {
    let house = House::new();
    house.ok("spawn a --ready prompt -- bash --norc");
    for round in 2..8 {
        house.kill_half("worker_pid");
        assert_eq!(house.ok("restart a"), format!("a#{round}"));
        house.ok("wait a --prompt");
    }
}
