//! A storm of kills under full output: every byte compared, every exit as it was.
//!
//! Twenty kills in an ordinary run; `PSUP_STORM=1300` (`just storm`) makes it that many, with the more output for them
//! to hit, and says how long psup took to answer after each.

use crate::house::{House, kill};
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// Output of each session for each kill: more than a terminal, a ring window or a frame holds.
const BYTES_PER_KILL: usize = 60_000;

#[test]
fn kills_in_turn_under_full_output_lose_no_byte_and_no_exit() {
    let storm = std::env::var("PSUP_STORM")
        .ok()
        .map(|rounds| rounds.parse().expect("a number of kills"));
    let rounds: usize = storm.unwrap_or(20);
    let house = House::with_time(Duration::from_secs(120 + rounds as u64));
    let outputs = outputs(rounds * BYTES_PER_KILL, if storm.is_some() { 8 } else { 4 });
    for (n, output) in outputs.iter().enumerate() {
        house.write(&format!("output{n}"), output);
        let code = 30 + n;
        house.ok(&format!("spawn s{n} --log-limit 4g --shell 'stty raw -echo; cat output{n}; exit {code}'"));
    }
    let mut answers = Vec::new();
    for round in 0..rounds {
        // Of four kills one hits the guardian; the worker that takes its place is then hit itself.
        let pid = house.pid_of(if round % 4 == 3 { "guardian_pid" } else { "worker_pid" });
        let killed = Instant::now();
        kill(pid);
        house.ok("info s0");
        answers.push(killed.elapsed());
    }
    for (n, output) in outputs.iter().enumerate() {
        house.ok(&format!("wait s{n} --exit"));
        assert_eq!(house.info(&format!("s{n}"))["exit"]["code"], 30 + n);
        let read = house.run(house.psup(&format!("read s{n}"))).ended(0).bytes;
        let differs = read.iter().zip(output).position(|(a, b)| a != b);
        assert!(
            read == *output,
            "s{n}: {} bytes of {}, the first that differs at {differs:?}",
            read.len(),
            output.len()
        );
    }
    if storm.is_some() {
        tell(&mut answers);
    }
}

/// Lines of text and bytes of every value, by turns.
fn outputs(bytes: usize, sessions: usize) -> Vec<Vec<u8>> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    let mut text = String::with_capacity(bytes + 20);
    for n in 0.. {
        if text.len() >= bytes {
            break;
        }
        write!(text, "line {n} of many\r\n").expect("a string takes it");
    }
    let each = |n: usize| {
        if n.is_multiple_of(2) {
            text.clone().into_bytes()
        } else {
            (0..bytes).map(|_| random()).collect()
        }
    };
    (0..sessions).map(each).collect()
}

fn tell(answers: &mut [Duration]) {
    answers.sort_unstable();
    let (median, p99) = (answers[answers.len() / 2], answers[answers.len() * 99 / 100]);
    let line = format!(
        "{} kills; from a kill to the end of the next command: median {median:.1?}, p99 {p99:.1?}",
        answers.len()
    );
    drop(writeln!(std::io::stderr(), "{line}"));
}
