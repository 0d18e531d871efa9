//! How fast the screen draws, next to others, in one run: the bare `vte` parser, vt100 with and
//! without its rows taken away as they scroll.
//!
//! `cargo run --release -p psup-screen --example screen_bench [-- KIND...]`, all kinds unless some
//! are named; `drain` before them measures `cat` on a terminal instead, tmux among the readers;
//! every figure is MB/s of what a PTY master reads, the best of several rounds, the drawers taking
//! turns.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod corpus;
mod drain;

use psup_proto::Size;
use psup_screen::Screen;
use std::hint::black_box;
use std::time::Instant;

/// What one read of a busy terminal gives when reads are gathered.
const READ: usize = 64 << 10;
const ROUNDS: usize = 5;

type Drawer = (&'static str, fn(Size, &[u8]));

const DRAWERS: [Drawer; 4] = [
    ("vte", vte),
    ("vt100", vt100_alone),
    ("vt100+rows", vt100_harvested),
    ("psup", psup),
];

fn main() {
    let mut wanted: Vec<String> = std::env::args().skip(1).collect();
    if wanted.first().is_some_and(|first| first == "drain") {
        return drain::all(&wanted.split_off(1));
    }
    for size in [
        Size { cols: 80, rows: 24 },
        Size {
            cols: 200,
            rows: 50,
        },
    ] {
        println!("\n{size}, MB/s");
        print!("{:<12}", "");
        for (name, _) in DRAWERS {
            print!("{name:>12}");
        }
        println!("{:>14}{:>14}", "psup/vte", "psup/vt100");
        for (name, bytes) in corpus::all(size) {
            if wanted.is_empty() || wanted.iter().any(|kind| kind == name) {
                row(name, size, &bytes);
            }
        }
    }
    memory();
}

fn row(name: &str, size: Size, bytes: &[u8]) {
    let mut best = [f64::INFINITY; DRAWERS.len()];
    for _ in 0..ROUNDS {
        for (best, (name, draw)) in best.iter_mut().zip(DRAWERS) {
            if std::env::var("ONLY").is_ok_and(|only| only != name) {
                continue;
            }
            let begin = Instant::now();
            draw(size, bytes);
            *best = best.min(begin.elapsed().as_secs_f64());
        }
    }
    let speed = best.map(|seconds| bytes.len() as f64 / 1e6 / seconds);
    print!("{name:<12}");
    for speed in speed {
        print!("{speed:>12.0}");
    }
    println!("{:>14.2}{:>14.2}", speed[3] / speed[0], speed[3] / speed[1]);
}

fn psup(size: Size, bytes: &[u8]) {
    let mut screen = Screen::new(size, 100_000);
    for read in bytes.chunks(READ) {
        screen.feed(read);
        screen.take_signs();
    }
    assert_eq!(screen.faults(), 0);
}

struct Nothing(u64);

impl vte::Perform for Nothing {
    fn print(&mut self, c: char) {
        self.0 = self.0.wrapping_add(c.into());
    }
}

fn vte(_: Size, bytes: &[u8]) {
    let mut parser = vte::Parser::new();
    let mut nothing = Nothing(0);
    for read in bytes.chunks(READ) {
        parser.advance(&mut nothing, read);
    }
    black_box(nothing.0);
}

fn vt100_alone(size: Size, bytes: &[u8]) {
    let mut parser = vt100::Parser::new(
        size.rows.try_into().unwrap(),
        size.cols.try_into().unwrap(),
        0,
    );
    let bytes = without_variants(bytes);
    for read in bytes.chunks(READ) {
        parser.process(read);
    }
}

/// Rows as they leave the screen, written as text with SGR.
#[derive(Default)]
struct Rows {
    text: String,
    state: vt100::capture::BasicFormattedCaptureState,
}

impl vt100::Callbacks for Rows {
    fn on_scroll(&mut self, row: vt100::capture::RowContents<'_>, _: bool) {
        // Writing to a String cannot fail.
        let _ = row.write_formatted_basic(&mut self.text, &mut self.state);
        if self.text.len() > 1 << 20 {
            self.text.clear();
        }
    }
}

fn vt100_harvested(size: Size, bytes: &[u8]) {
    let mut parser = vt100::Parser::new_with_callbacks(
        size.rows.try_into().unwrap(),
        size.cols.try_into().unwrap(),
        0,
        Rows::default(),
    );
    let bytes = without_variants(bytes);
    for read in bytes.chunks(READ) {
        parser.process(read);
    }
    black_box(&parser.callbacks().text);
}

/// vt100 panics on some characters made wide by U+FE0F; without any of them nothing is copied.
fn without_variants(bytes: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.contains('\u{fe0f}') => text.replace('\u{fe0f}', "").into_bytes().into(),
        _ => bytes.into(),
    }
}

/// What screens hold: empty, after a shell's prompt, after a million lines, and that one once it is
/// quiet.
fn memory() {
    let size = Size { cols: 80, rows: 24 };
    let mut screen = Screen::new(size, 100_000);
    println!("\nbytes held at {size}: empty {}", screen.memory());
    screen.feed(b"user@host:~$ ls\r\na  b  c\r\nuser@host:~$ ");
    println!("at a prompt {}", screen.memory());
    let line = format!("{}\r\n", "x".repeat(79));
    for _ in 0..1_000_000 {
        screen.feed(line.as_bytes());
    }
    println!("after 1,000,000 lines of 79 {}", screen.memory());
    screen.shrink();
    println!(
        "the same, shrunk {}; its checkpoint {}",
        screen.memory(),
        screen.checkpoint().unwrap().len()
    );
}
