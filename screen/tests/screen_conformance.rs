//! Recordings of real programs, drawn by psup and by real tmux, compared cell by cell: text,
//! colours and attributes; the cursor, the modes, the title and the history too.
//!
//! Needs tmux; where there is none it says so and checks nothing. `tests/recordings/record.py` made
//! the recordings. Each is compared at several places on its way, not only at its end. With
//! PSUP_BOIL set it tells what made the difference; with `-- --nocapture` it prints the figures
//! that docs/screen.md tells, vt100's too.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod terminals;

use psup_proto::Size;
use psup_proto::capture::Extent;
use terminals::{Cells, Recording, Step, Tmux, View, story};

/// Places at which a recording is compared, in parts of its length.
const CUTS: [usize; 4] = [25, 50, 75, 100];

#[test]
fn recordings_look_as_in_tmux() {
    let Some(tmux) = Tmux::start() else {
        println!("tmux is not installed: nothing compared");
        return;
    };
    let mut ours = Tally::default();
    let mut vt100 = Tally::default();
    let mut wrong = Vec::new();
    let mut joined = 0;
    for Recording { name, size, steps } in terminals::recordings() {
        for cut in CUTS {
            let part = terminals::part(&steps, cut);
            let expected = tmux.view(size, &part);
            let drawn = terminals::psup(size, &part);
            ours.add(&expected, &drawn.screen);
            if let [Step::Bytes(bytes)] = &part[..] {
                vt100.add(&expected, &terminals::vt100(size, bytes));
            }
            joined += usize::from(expected.lines != drawn.lines);
            if let Some(difference) = expected.difference(&drawn) {
                wrong.push(format!("{name} at {cut}%: {difference}"));
                if std::env::var_os("PSUP_BOIL").is_some() {
                    println!("{name} at {cut}%: {}", boiled(&tmux, size, &part));
                }
            }
        }
    }
    println!("psup  {ours}; joined otherwise in {joined}\nvt100 {vt100} (it knows no other sizes)");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_capture_of_a_recording_in_ansi_gives_its_screen() {
    for Recording { name, size, steps } in terminals::recordings() {
        for cut in CUTS {
            let screen = terminals::screen(size, &terminals::part(&steps, cut));
            let ansi = terminals::ansi(&screen, Extent::Screen, false);
            let again = terminals::screen(screen.size(), &[Step::Bytes(ansi)]);
            let (drawn, redrawn) = (terminals::view(&screen), terminals::view(&again));
            assert_eq!(
                terminals::difference(&drawn.screen, &redrawn.screen),
                None,
                "{name} at {cut}%"
            );
            assert_eq!(drawn.cursor, redrawn.cursor, "{name} at {cut}%");
        }
    }
}

#[test]
fn recordings_fit_every_size() {
    let sizes = [(1, 1), (1000, 1000), (1, 1000), (1000, 1), (2, 2), (80, 24)]
        .map(|(cols, rows)| Size { cols, rows });
    for Recording { name, size, steps } in terminals::recordings() {
        let mut screen = terminals::screen(size, &terminals::part(&steps, 10));
        for size in sizes {
            screen.resize(size);
            for step in terminals::part(&steps, 5) {
                if let Step::Bytes(bytes) = step {
                    screen.feed(&bytes);
                }
            }
            assert_eq!((screen.faults(), screen.size()), (0, size), "{name}");
        }
    }
}

/// The few pieces of a recording that make the difference.
fn boiled(tmux: &Tmux, size: Size, steps: &[Step]) -> String {
    let pieces = steps.iter().flat_map(|step| match step {
        Step::Bytes(bytes) => story::pieces(bytes).into_iter().map(Step::Bytes).collect(),
        Step::Resize(_) => vec![step.clone()],
    });
    let differs = |steps: &[Step]| {
        let steps = story::joined(steps);
        tmux.view(size, &steps)
            .difference(&terminals::psup(size, &steps))
            .is_some()
    };
    story::told(&story::joined(&story::boil_down(
        pieces.collect(),
        &differs,
    )))
}

/// Screens and cells that differ from tmux's.
#[derive(Default)]
struct Tally {
    screens: usize,
    text: usize,
    wrong: usize,
    cells: usize,
}

impl Tally {
    fn add(&mut self, expected: &View, drawn: &Cells) {
        self.screens += 1;
        self.wrong += usize::from(expected.screen != *drawn);
        let pairs = || expected.screen.iter().flatten().zip(drawn.iter().flatten());
        self.text += usize::from(pairs().any(|(a, b)| a.text != b.text));
        self.cells += pairs().filter(|(a, b)| a != b).count();
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let Self {
            screens,
            text,
            wrong,
            cells,
        } = self;
        write!(
            f,
            "{screens} screens, {wrong} differ ({text} in text), {cells} cells differ"
        )
    }
}
