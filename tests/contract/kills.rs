//! What is promised in `psup status` is what happens: the matrix of the ways in which starters are
//! killed, with tmux beside it.
//!
//! Here where the tests run; `just kills` runs it inside of a systemd too, as root and as a user.

use psup_harness::{TestEnv, skipped};
use std::io::Write as _;

#[test]
fn every_kill_of_a_starter_ends_as_status_had_promised() {
    let env = TestEnv::new();
    let matrix = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kills/matrix");
    let mut python = env.command("sh");
    python.args(["-c", "command -v python3"]);
    if env.run(python).code != Some(0) {
        return skipped("there is no python3 to kill with");
    }
    let mut kills = env.command("python3");
    kills.args([matrix, env!("CARGO_BIN_EXE_psup")]);
    let told = env.run(kills);
    drop(std::io::stderr().write_all(&told.bytes));
    told.ended(0);
}
