//! The fuzz targets, a few thousand inputs of them, the same in each run: what is found here needs
//! no fuzzer to see.
//!
//! `scripts/fuzz` runs the same targets under libFuzzer for as long as one likes.

#[path = "../fuzz/src/screen.rs"]
mod screen;
#[path = "../fuzz/src/wire.rs"]
mod wire;

use psup_harness::Dice;

#[test]
fn no_bytes_make_the_decoder_panic() {
    let golden = include_str!("../proto/tests/golden/v2/requests.txt")
        .lines()
        .chain(include_str!("../proto/tests/golden/v2/responses.txt").lines());
    let frames: Vec<Vec<u8>> = golden
        .map(|line| unhex(line.split_once(' ').expect("a name and a frame").1))
        .collect();
    let mut dice = Dice(0x5eed);
    for _ in 0..20_000 {
        let mut input = vec![dice.below(256) as u8];
        for _ in 0..=dice.below(3) {
            input.extend_from_slice(&frames[dice.below(frames.len())]);
        }
        for _ in 0..dice.below(4) {
            let at = dice.below(input.len());
            input[at] ^= 1 << dice.below(8);
        }
        input.truncate(input.len() - dice.below(3));
        wire::check(&input);
    }
}

#[test]
fn what_fuzzing_found_is_read_and_written_again() {
    // A request of version 2 in a frame of version 1, which asks for it in another way.
    wire::check(&unhex("01040000000219016300"));
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| (byte as char).to_digit(16).expect("a hex digit") as u8;
    text.as_bytes()
        .chunks(2)
        .map(|pair| digit(pair[0]) << 4 | digit(pair[1]))
        .collect()
}

/// What breaks screens: sequences cut short, wide characters at the edge, emoji with selectors,
/// numbers without end.
const PIECES: &[&[u8]] = &[
    b"\x1b[",
    b"\x1b]",
    b"\x1bP",
    b"\x1b\\",
    b"\x07",
    b"\x18",
    b"?1049h",
    b"?1049l",
    b"?6h",
    b"?7l",
    b"4h",
    b"24;80H",
    b"999;999H",
    b"0;0r",
    b"5;2r",
    b"2J",
    b"3J",
    b"K",
    b"L",
    b"M",
    b"P",
    b"@",
    b"X",
    b"b",
    b"S",
    b"T",
    b"38;5;300m",
    b"38;2;1;2m",
    b"58;2;1;2;3m",
    b"m",
    b"4294967296A",
    b"\xe2\x9d\xa4\xef\xb8\x8f",
    b"\xe6\x96\x87",
    b"\xcc\x81",
    b"\xff\xfe",
    b"\xf0\x9f\x91",
    b"\r",
    b"\n",
    b"\r\n",
    b"\t",
    b"\x08",
    b"\x0e",
    b"\x0f",
    b"\x1bD",
    b"\x1bM",
    b"\x1bE",
    b"\x1bc",
    b"\x1b(0",
    b"\x1bH",
    b"\x1b#8",
    b"x",
    b"words and words ",
    b"\x00",
];

#[test]
fn no_bytes_make_the_screen_panic() {
    let mut dice = Dice(0x5eed);
    for _ in 0..3_000 {
        let mut input = vec![
            dice.below(90) as u8,
            dice.below(30) as u8,
            1 + dice.below(64) as u8,
        ];
        for _ in 0..dice.below(120) {
            input.extend_from_slice(PIECES[dice.below(PIECES.len())]);
        }
        screen::check(&input);
    }
}
