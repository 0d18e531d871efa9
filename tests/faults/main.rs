//! Random histories of commands over random faults, against a model that knows what may be told.
//!
//! A history is a list of [`step::Step`]s, made from a seed: sessions are spawned, talked to, ended, restarted, renamed and forgotten,
//! while processes of the supervisor are killed, stopped and signalled, disks fill up, directories vanish and descriptors run out.
//! [`model::Model`] says what each answer may be; [`bed::Bed`] does the steps with the real binary and compares. docs/promise.md
//! says fault by fault what is promised.
//!
//! ```sh
//! cargo test --test faults                          # the short form, with seeds 1, 2, 3 …
//! PSUP_SEED=17 cargo test --test faults             # one history again
//! PSUP_STEPS=history cargo test --test faults       # a history from a file: delete lines of it to shrink it
//! PSUP_FAULTS_HOURS=1 cargo test --test faults      # the long form, with new seeds (`just faults 1`)
//! ```

// The long form prints how far it is.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod answer;
mod bed;
mod check;
mod inject;
mod model;
mod step;
mod talk;

use bed::Bed;
use psup_harness::Dice;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use step::Step;

/// Steps in one history.
const STEPS: usize = 30;
/// What the short form may take; a history that has begun is brought to its end.
const SHORT: Duration = Duration::from_secs(45);

/// How often each kind of step was done.
type Tally = BTreeMap<String, usize>;

#[test]
fn random_histories_over_random_faults_keep_every_promise() {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let mut tally = Tally::new();
    if let Some(file) = variable("PSUP_STEPS") {
        let text = std::fs::read_to_string(file).unwrap();
        let steps: Vec<Step> = text
            .lines()
            .filter(|line| !line.is_empty())
            .map(|line| line.parse().unwrap())
            .collect();
        return kept(run(Source::Written(steps.into()), "PSUP_STEPS", &mut tally));
    }
    if let Some(seed) = variable("PSUP_SEED") {
        return kept(random_history(seed.parse().expect("a number"), &mut tally));
    }
    let hours: Option<f64> =
        variable("PSUP_FAULTS_HOURS").map(|hours| hours.parse().expect("a number of hours"));
    let time = hours.map_or(SHORT, |hours| Duration::from_secs_f64(hours * 3600.0));
    // New histories in each long run, the same in each short one.
    let first = hours.map_or(1, |_| u64::from(std::process::id()) * 10_000);
    let begun = Instant::now();
    let (mut seeds, mut broken) = (0, Vec::new());
    while begun.elapsed() < time {
        if let Err(why) = random_history(first + seeds, &mut tally) {
            // Told at once: the long form is far from its end.
            eprintln!("{why}\n");
            broken.push(first + seeds);
        }
        seeds += 1;
    }
    let steps: usize = tally.values().sum();
    eprintln!(
        "{seeds} histories from PSUP_SEED={first} on, {steps} steps in {:.0?}",
        begun.elapsed()
    );
    for (kind, times) in tally {
        eprintln!("  {kind}: {times}");
    }
    assert!(broken.is_empty(), "broken by these seeds: {broken:?}");
}

fn random_history(seed: u64, tally: &mut Tally) -> Result<(), String> {
    let source = Source::Random(seeded(seed), STEPS);
    run(source, &format!("PSUP_SEED={seed}"), tally)
}

#[track_caller]
fn kept(promise: Result<(), String>) {
    if let Err(why) = promise {
        panic!("{why}");
    }
}

/// Where the steps of a history come from.
enum Source {
    Random(Dice, usize),
    Written(std::collections::VecDeque<Step>),
}

/// One history, in a directory of its own. What breaks a promise is told with all that led to it.
fn run(mut source: Source, name: &str, tally: &mut Tally) -> Result<(), String> {
    let mut bed = Bed::new();
    let mut history: Vec<Step> = Vec::new();
    loop {
        let step = match &mut source {
            Source::Random(dice, left) => left.checked_sub(1).map(|less| {
                *left = less;
                Step::random(dice, &bed.model, history.is_empty())
            }),
            Source::Written(steps) => steps.pop_front(),
        };
        let is_last = step.is_none();
        let step = step.unwrap_or(Step::Check);
        *tally.entry(step.kind()).or_default() += 1;
        history.push(step.clone());
        if let Err(why) = bed.perform(&step) {
            let lines: Vec<String> = history.iter().map(ToString::to_string).collect();
            bed.keep_evidence();
            return Err(format!(
                "{name} breaks a promise: {why}\nafter these steps:\n{}",
                lines.join("\n")
            ));
        }
        if is_last {
            return Ok(());
        }
    }
}

/// Neighbouring seeds make histories that have nothing in common.
fn seeded(seed: u64) -> Dice {
    let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Dice((mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9) | 1)
}
