//! What was typed, as keys: tmux's name for each, and what a pane gets for it.

use crate::keys::{Code, Input, Key};

pub(super) struct Typed {
    pub name: String,
    pub part: Input,
    pub mouse: Option<Mouse>,
    /// How many bytes it was.
    pub length: usize,
}

/// A mouse's event, as terminals report it in the SGR form.
#[derive(Clone, Copy)]
pub(super) struct Mouse {
    pub button: u32,
    /// From 0.
    pub x: i32,
    pub y: i32,
    pub released: bool,
}

/// Where the text after `ESC[200~` ends; it is one key, whatever stands in it.
const PASTE: &[u8] = b"\x1b[200~";
const PASTED: &[u8] = b"\x1b[201~";

/// The first key of what was typed.
pub(super) fn next(bytes: &[u8]) -> Typed {
    if bytes.starts_with(PASTE) {
        let end = bytes
            .windows(PASTED.len())
            .position(|w| w == PASTED)
            .map_or(bytes.len(), |at| at + PASTED.len());
        return raw(bytes, "Paste", end);
    }
    match bytes {
        [0x1b, b'[', rest @ ..] if !rest.is_empty() => sequence(bytes, rest),
        [0x1b, b'O', last, ..] => named(bytes, final_key(*last), (false, false, false), 3),
        [0x1b, _, ..] if bytes[1] != 0x1b => {
            let key = next(&bytes[1..]);
            let length = key.length + 1;
            let part = match key.part {
                Input::Key(key) => Input::Key(Key { meta: true, ..key }),
                Input::Text(_) => Input::Text(bytes[..length].to_vec()),
            };
            Typed {
                name: format!("M-{}", key.name),
                part,
                mouse: None,
                length,
            }
        }
        _ => plain(bytes),
    }
}

fn raw(bytes: &[u8], name: &str, length: usize) -> Typed {
    Typed {
        name: name.to_owned(),
        part: Input::Text(bytes[..length].to_vec()),
        mouse: None,
        length,
    }
}

fn plain(bytes: &[u8]) -> Typed {
    let first = bytes[0];
    let length = match first {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        _ => 1,
    }
    .min(bytes.len());
    let name = match first {
        b'\r' => "Enter".to_owned(),
        b'\t' => "Tab".to_owned(),
        0x1b => "Escape".to_owned(),
        0x7f => "BSpace".to_owned(),
        b' ' => "Space".to_owned(),
        0 => "C-Space".to_owned(),
        1..=26 => format!("C-{}", char::from(first + 96)),
        28..=31 => format!("C-{}", char::from(first + 64)),
        _ => String::from_utf8_lossy(&bytes[..length]).into_owned(),
    };
    raw(bytes, &name, length)
}

/// `ESC [`, numbers, a letter.
fn sequence(bytes: &[u8], rest: &[u8]) -> Typed {
    let Some(end) = rest.iter().position(|b| (0x40..=0x7e).contains(b)) else {
        return raw(bytes, "Unknown", bytes.len());
    };
    let length = end + 3;
    let text = String::from_utf8_lossy(&rest[..end]).into_owned();
    let last = rest[end];
    if let (Some(numbers), b'M' | b'm') = (text.strip_prefix('<'), last) {
        return mouse(bytes, numbers, last == b'm', length);
    }
    let mut numbers = text.split(';').map(|n| n.parse::<u32>().unwrap_or(0));
    let (first, second) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let bits = second.saturating_sub(1);
    let modifiers = (bits & 4 != 0, bits & 2 != 0, bits & 1 != 0);
    let key = match last {
        b'~' => numbered(first),
        b'I' => return raw(bytes, "FocusIn", length),
        b'Z' => Some(("BTab", Code::BackTab)),
        other => final_key(other),
    };
    named(bytes, key, modifiers, length)
}

fn named(
    bytes: &[u8],
    key: Option<(&str, Code)>,
    (ctrl, meta, shift): (bool, bool, bool),
    length: usize,
) -> Typed {
    let Some((name, code)) = key else {
        return raw(bytes, "Unknown", length);
    };
    let prefix = |held: bool, word: &str| if held { word.to_owned() } else { String::new() };
    Typed {
        name: format!(
            "{}{}{}{name}",
            prefix(ctrl, "C-"),
            prefix(meta, "M-"),
            prefix(shift, "S-")
        ),
        // The program may want it in another form than this terminal sends.
        part: Input::Key(Key {
            ctrl,
            meta,
            shift,
            ..Key::plain(code)
        }),
        mouse: None,
        length,
    }
}

fn final_key(last: u8) -> Option<(&'static str, Code)> {
    Some(match last {
        b'A' => ("Up", Code::Up),
        b'B' => ("Down", Code::Down),
        b'C' => ("Right", Code::Right),
        b'D' => ("Left", Code::Left),
        b'H' => ("Home", Code::Home),
        b'F' => ("End", Code::End),
        b'P' => ("F1", Code::Function(1)),
        b'Q' => ("F2", Code::Function(2)),
        b'R' => ("F3", Code::Function(3)),
        b'S' => ("F4", Code::Function(4)),
        _ => return None,
    })
}

fn numbered(number: u32) -> Option<(&'static str, Code)> {
    const FUNCTIONS: [&str; 12] = [
        "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12",
    ];
    let function = |at: u32| Some((*FUNCTIONS.get(at as usize - 1)?, Code::Function(at as u8)));
    match number {
        1 | 7 => Some(("Home", Code::Home)),
        2 => Some(("IC", Code::Insert)),
        3 => Some(("DC", Code::Delete)),
        4 | 8 => Some(("End", Code::End)),
        5 => Some(("PPage", Code::PageUp)),
        6 => Some(("NPage", Code::PageDown)),
        11..=15 => function(number - 10),
        17..=21 => function(number - 11),
        23 | 24 => function(number - 12),
        _ => None,
    }
}

fn mouse(bytes: &[u8], numbers: &str, released: bool, length: usize) -> Typed {
    let mut numbers = numbers.split(';').map(|n| n.parse::<i32>().unwrap_or(0));
    let mut number = || numbers.next().unwrap_or(0);
    let (button, x, y) = (number() as u32, number() - 1, number() - 1);
    let word = match (button & 0x40 != 0, button & 0x20 != 0, button & 3) {
        (true, _, 0) => "WheelUp".to_owned(),
        (true, _, _) => "WheelDown".to_owned(),
        (false, true, 3) => "MouseMove".to_owned(),
        (false, true, at) => format!("MouseDrag{}", at + 1),
        (false, false, at) if released => format!("MouseUp{}", at + 1),
        (false, false, at) => format!("MouseDown{}", at + 1),
    };
    Typed {
        mouse: Some(Mouse {
            button,
            x,
            y,
            released,
        }),
        ..raw(bytes, &word, length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_tmux_s_names() {
        let names = |bytes: &[u8]| {
            let (mut rest, mut names) = (bytes, Vec::new());
            while !rest.is_empty() {
                let key = next(rest);
                names.push(key.name);
                rest = &rest[key.length..];
            }
            names.join(" ")
        };
        for (bytes, wanted) in [
            (&b"a\x02c\r\t \x7f"[..], "a C-b c Enter Tab Space BSpace"),
            (
                b"\x1b[A\x1bOB\x1b[1;5C\x1b[1;3D\x1b[5~\x1b[Z",
                "Up Down C-Right M-Left PPage BTab",
            ),
            (b"\x1bx\x1b", "M-x Escape"),
            ("é漢".as_bytes(), "é 漢"),
            (b"\x1b[200~a\x02b\x1b[201~c", "Paste c"),
            (
                b"\x1b[<0;3;4M\x1b[<0;3;4m\x1b[<64;1;1M",
                "MouseDown1 MouseUp1 WheelUp",
            ),
        ] {
            assert_eq!(names(bytes), wanted, "{bytes:?}");
        }
    }
}
