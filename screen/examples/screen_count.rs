//! Draws a file in the batches in which a flood is drawn: for counting instructions
//! (benches/instructions).

#![allow(clippy::unwrap_used)]

use psup_proto::Size;
use psup_screen::Screen;

/// As much as a session lets gather before it draws.
const BATCH: usize = 64 << 10;

fn main() {
    let path = std::env::args_os().nth(1).unwrap();
    let bytes = std::fs::read(path).unwrap();
    let mut screen = Screen::new(Size { cols: 80, rows: 24 }, 10_000);
    for portion in bytes.chunks(BATCH) {
        screen.feed(portion);
    }
    assert_eq!(screen.fed(), bytes.len() as u64);
}
