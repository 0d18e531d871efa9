//! Draws a file in portions as a terminal gives them: for counting instructions (benches/instructions).

#![allow(clippy::unwrap_used)]

use psup_proto::Size;
use psup_supervisor::session::screen::Screen;

fn main() {
    let path = std::env::args_os().nth(1).unwrap();
    let bytes = std::fs::read(path).unwrap();
    let mut screen = Screen::new(Size { cols: 80, rows: 24 }, 10_000);
    // A driver's turn after a few full reads.
    for portion in bytes.chunks(16 << 10) {
        screen.feed(portion);
    }
    assert_eq!(screen.fed(), bytes.len() as u64);
}
