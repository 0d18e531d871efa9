//! The screen as programs and people meet it: frames, answers, the keyboard, what it tells.

use crate::house::House;

/// Draws frame after frame in one letter each, every one of them in two pieces.
const FRAMES: &str = r"
import os, itertools
for letter in itertools.cycle(b'ABCDEFGHIJKLMNOPQRSTUVWXYZ'):
    frame = b'\x1b[?2026h\x1b[H' + b'\r\n'.join(bytes([letter]) * 30 for _ in range(12)) + b'\x1b[?2026l'
    os.write(1, frame[:100])
    os.write(1, frame[100:])
";

#[test]
fn a_capture_never_shows_half_a_frame() {
    let house = House::new();
    house.write("frames.py", FRAMES);
    house.ok("spawn a -- python3 frames.py");
    house.ok("wait a --text A");
    for _ in 0..30 {
        let shown = house.ok("capture a");
        let first = shown.chars().next().unwrap();
        assert!(shown.chars().all(|c| c == first || c == '\n'), "half a frame: {shown}");
    }
}

#[test]
fn a_frame_that_is_never_finished_is_shown() {
    let house = House::new();
    house.write("hung", r"printf 'before\033[?2026hhalf'; exec cat");
    house.ok("spawn a -- sh hung");
    house.ok("wait a --since 0 --text half");
    assert_eq!(house.ok("capture a").trim_end(), "beforehalf");
}
