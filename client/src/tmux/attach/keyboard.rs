//! What was typed, as keys.

use psup_proto::input::Part;
use psup_proto::key::{Code, Key};

/// The first key of what was typed: its name, what a pane gets for it, and how many bytes it was.
pub fn next_key(bytes: &[u8]) -> (String, Part, usize) {
    const CURSOR: &[(&[u8], &str, Code)] = &[
        (b"\x1b[A", "Up", Code::Up),
        (b"\x1b[B", "Down", Code::Down),
        (b"\x1b[C", "Right", Code::Right),
        (b"\x1b[D", "Left", Code::Left),
        (b"\x1bOA", "Up", Code::Up),
        (b"\x1bOB", "Down", Code::Down),
        (b"\x1bOC", "Right", Code::Right),
        (b"\x1bOD", "Left", Code::Left),
        (b"\x1b[H", "Home", Code::Home),
        (b"\x1b[F", "End", Code::End),
    ];
    if let Some((sequence, name, code)) = CURSOR.iter().find(|(sequence, _, _)| bytes.starts_with(sequence)) {
        // The program may want them in another form than this terminal sends.
        return ((*name).to_owned(), Part::Key(Key::plain(*code)), sequence.len());
    }
    let first = bytes[0];
    let length = match first {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        // A sequence goes through in one piece.
        0x1b => bytes[1..].iter().position(|b| *b == 0x1b).map_or(bytes.len(), |at| at + 1),
        _ => 1,
    }
    .min(bytes.len());
    let raw = bytes[..length].to_vec();
    let name = match first {
        b'\r' => "Enter".to_owned(),
        b'\t' => "Tab".to_owned(),
        0x1b if length == 1 => "Escape".to_owned(),
        0x7f => "BSpace".to_owned(),
        b' ' => "Space".to_owned(),
        0 => "C-Space".to_owned(),
        1..=26 => format!("C-{}", char::from(first + 96)),
        _ => String::from_utf8_lossy(&raw).into_owned(),
    };
    (name, Part::Text(raw), length)
}
