//! Output that kills the process that draws it. Only a build with the feature `fault-injection` has
//! any: its worker aborts when it is to draw `ESC _ p s u p : a b o r t ESC \`, and panics at `p a
//! n i c`.

use psup_harness::TestEnv;

const POISON: &str = r"printf '\033_psup:abort\033\\'";

#[test]
fn output_that_kills_the_worker_twice_is_skipped_on_the_screen_and_kept_in_the_journal() {
    is_skipped(POISON);
}

/// A panic took only the session's own task: the session was told to have been forgotten while its
/// program ran on.
#[test]
fn output_at_which_the_worker_panics_twice_is_skipped_as_well() {
    let env = is_skipped(&POISON.replace("abort", "panic"));
    assert!(env.ok("logs").contains("a fault that was asked for"));
}

fn is_skipped(poison: &str) -> TestEnv {
    let env = TestEnv::new();
    let guardian_and_session =
        format!("echo before; read x; {poison}; read x; echo after; exec cat");
    env.ok(&format!("spawn a --shell \"{guardian_and_session}\""));
    env.ok("wait a --text before");
    let epoch = env.json("status")["worker_epoch"].as_u64().unwrap();
    env.ok("send a --enter");
    // What follows is not to be in one piece with it: all of a piece is skipped.
    while env.json("status")["worker_epoch"].as_u64().unwrap() < epoch + 2 {
        assert!(!env.left().is_zero(), "nobody dies of it");
        // Each that draws it may break down with the worker.
        drop(env.run(env.psup("capture a")));
    }
    env.ok("send a --enter");
    env.ok("wait a --text after");
    let capture = env.ok("capture a");
    assert!(
        capture.contains("before") && capture.contains("after"),
        "{capture}"
    );
    let status = env.json("status");
    assert_eq!(
        status["worker_epoch"].as_u64().unwrap() - epoch,
        2,
        "it died of it twice, not again"
    );
    assert_eq!(status["safe_mode"], false);
    let read = env.run(env.psup("read a")).ended(0).bytes;
    let word = if poison.contains("abort") {
        b"\x1b_psup:abort\x1b"
    } else {
        b"\x1b_psup:panic\x1b"
    };
    assert!(
        read.windows(13).any(|w| w == word),
        "the journal has all of it"
    );
    env
}

#[test]
fn a_supervisor_that_cannot_draw_goes_on_without_screens_and_says_so() {
    let env = TestEnv::new();
    let filler = "head -c 3000 /dev/zero | tr '\\0' x";
    let many = format!("for i in 1 2 3 4; do {POISON}; {filler}; done");
    env.ok(&format!(
        "spawn a --shell \"echo before; read x; {many}; exec cat\""
    ));
    env.ok("wait a --text before");
    env.ok("send a --enter");
    // Each of these may break down with the worker that tries it.
    let refusal = loop {
        let told = env.run(env.psup("--json capture a"));
        if told.err.contains("\"unsupported\"") {
            break told.err;
        }
        assert!(!env.left().is_zero(), "no safe mode: {told}");
    };
    assert!(refusal.contains("no screens"), "{refusal}");
    assert_eq!(env.json("status")["safe_mode"], true);
    env.ok("send a hello --enter");
    env.ok("wait a --text hello --on output --since 0");
    assert_eq!(env.info("a")["state"], "running");
}
