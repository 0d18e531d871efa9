//! Recordings of real programs, drawn by psup and by real tmux, compared cell by cell: text, colours and attributes.
//!
//! Needs tmux; where there is none it says so and checks nothing. `tests/recordings/record.py` made the recordings. Each is compared at
//! several places on its way, not only at its end. With `-- --nocapture` it prints the figures that docs/screen.md tells, vt100's too.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod terminals;

use psup_proto::Size;
use std::path::Path;
use terminals::{Cells, Tmux};

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
    for (name, size, bytes) in recordings() {
        for cut in CUTS {
            let part = &bytes[..bytes.len() * cut / 100];
            let expected = tmux.draw(size, part);
            ours.add(&expected, &terminals::psup(size, part));
            vt100.add(&expected, &terminals::vt100(size, part));
            if let Some(difference) = terminals::difference(&expected, &terminals::psup(size, part)) {
                wrong.push(format!("{name} at {cut}%: {difference}"));
            }
        }
    }
    println!("psup  {ours}\nvt100 {vt100}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
    fn add(&mut self, expected: &Cells, drawn: &Cells) {
        self.screens += 1;
        self.wrong += usize::from(expected != drawn);
        let pairs = || expected.iter().flatten().zip(drawn.iter().flatten());
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
        write!(f, "{screens} screens, {wrong} differ ({text} in text), {cells} cells differ")
    }
}

fn recordings() -> Vec<(String, Size, Vec<u8>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let mut found: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "gz"))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().trim_end_matches(".out.gz").to_owned();
            let size = name.rsplit('-').next().unwrap().parse().unwrap();
            let output = std::process::Command::new("gzip").arg("-dc").arg(&path).output().unwrap();
            (name, size, output.stdout)
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}
