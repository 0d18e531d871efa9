//! The parts of a send: as bytes, as text that is shown, and whether the terminal takes them.

use crate::keys;
use psup_proto::input::Part;
use psup_proto::{Code, Failure, limits};
use psup_screen::Modes;

pub(super) fn encode(part: Part, modes: &Modes, out: &mut Vec<u8>) {
    match part {
        Part::Text(text) | Part::Paste(text) => out.extend_from_slice(&text),
        Part::Key(key) => keys::encode(key, modes, out),
    }
}

/// The text that an echo shows: a key is an end of it.
pub(super) fn shown_text(parts: &[Part]) -> Vec<u8> {
    let texts = parts.iter().map(|part| match part {
        Part::Text(text) | Part::Paste(text) => text.as_slice(),
        Part::Key(_) => b"\r",
    });
    texts.collect::<Vec<_>>().concat()
}

/// The text that a program is going to show.
pub(super) fn typed_text(parts: &[Part]) -> Vec<u8> {
    let texts = parts.iter().filter_map(|part| match part {
        Part::Text(text) | Part::Paste(text) => Some(text.as_slice()),
        Part::Key(_) => None,
    });
    texts.collect::<Vec<_>>().concat()
}

pub(super) fn part_size(part: &Part) -> usize {
    match part {
        Part::Text(text) | Part::Paste(text) => text.len(),
        Part::Key(_) => 8,
    }
}

/// A terminal in canonical mode drops what does not fit in its line: such a send is refused, not
/// cut.
pub(super) fn fits_canonical(parts: &[Part]) -> Result<(), Failure> {
    let mut length = 0usize;
    for part in parts {
        match part {
            Part::Key(_) => length = 0,
            Part::Text(text) | Part::Paste(text) => {
                for line in text.split_inclusive(|&b| b == b'\n' || b == b'\r') {
                    length += line.len();
                    if length > limits::CANONICAL_LINE {
                        let message = format!(
                            "a line of {length} bytes is over the {} that the terminal takes at once",
                            limits::CANONICAL_LINE
                        );
                        return Err(Failure::new(Code::LineTooLong, message)
                            .hint("the program reads whole lines: break the line up, or hand the data over in a file"));
                    }
                    if line.ends_with(b"\n") || line.ends_with(b"\r") {
                        length = 0;
                    }
                }
            }
        }
    }
    Ok(())
}
