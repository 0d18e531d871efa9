//! A person at a session while psup's processes are killed, round after round: no key and no byte
//! is lost. `PSUP_ATTACH_KILLS` says how many rounds; a few where nobody says.

use crate::attach::{attaching, same_screens, viewer};
use psup_harness::{TestEnv, kill};
use std::time::Duration;

fn rounds() -> u32 {
    let asked = std::env::var("PSUP_ATTACH_KILLS").ok();
    asked.and_then(|rounds| rounds.parse().ok()).unwrap_or(3)
}

/// The words that a round types: the session gives back what comes in, so its journal tells which
/// keys have arrived, and in which order.
fn word(round: u32, who: &str) -> String {
    format!("<{round}{who}>")
}

#[test]
fn a_worker_a_guardian_and_a_client_that_are_killed_lose_no_key_and_no_byte() {
    let env = TestEnv::with_time(Duration::from_secs(60 + 20 * u64::from(rounds())));
    env.ok("spawn inner --size 80x24 --shell 'stty raw -echo; echo up; exec cat'");
    viewer(&env, "80x24", "", "up");
    let mut typed = String::new();
    for round in 0..rounds() {
        for who in ["worker_pid", "guardian_pid"] {
            let pid = env.pid_of(who);
            // What is typed while nobody serves is typed once somebody does.
            let word = word(round, who);
            env.ok(&format!("send outer '{word}'"));
            kill(pid);
            env.until_replaced(who, pid);
            typed.push_str(&word);
            env.ok(&format!("wait inner --text '{word}' --timeout 60s"));
        }
        let word = word(round, "client");
        env.ok(&format!("send outer '{word}'"));
        env.ok(&format!("wait inner --text '{word}' --timeout 60s"));
        typed.push_str(&word);
        kill(attaching(&env));
        env.ok("wait outer --text 'code 137'");
        assert_eq!(env.read("before"), env.read("after"));
        env.ok("stop outer");
        viewer(&env, "80x24", "", &word);
        same_screens(&env);
    }
    let all = env.ok("read inner");
    let from = all.find('<').unwrap_or(all.len());
    assert_eq!(&all[from..], typed, "each key once, in order");
}
