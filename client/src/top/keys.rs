//! The keys of `psup top`, out of what a terminal sends for them.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Char(char),
    Enter,
    Escape,
    Backspace,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Interrupt,
}

/// The keys in what was typed. Sequences without a meaning are passed over whole.
pub(super) fn read(typed: &[u8]) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut rest = typed;
    while let Some(first) = rest.first() {
        let (key, length) = match first {
            0x1b => sequence(rest),
            b'\r' | b'\n' => (Some(Key::Enter), 1),
            0x7f | 0x08 => (Some(Key::Backspace), 1),
            0x03 | 0x04 | 0x1c => (Some(Key::Interrupt), 1),
            0x0e => (Some(Key::Down), 1),
            0x10 => (Some(Key::Up), 1),
            0x06 => (Some(Key::PageDown), 1),
            0x02 => (Some(Key::PageUp), 1),
            _ => character(rest),
        };
        keys.extend(key);
        rest = &rest[length.min(rest.len())..];
    }
    keys
}

fn character(typed: &[u8]) -> (Option<Key>, usize) {
    let length = match typed[0] {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        _ => 1,
    };
    let text = typed
        .get(..length)
        .and_then(|c| std::str::from_utf8(c).ok());
    let visible = text
        .and_then(|text| text.chars().next())
        .filter(|c| !c.is_control());
    (visible.map(Key::Char), length)
}

/// A key that begins with Escape, or that key itself.
fn sequence(typed: &[u8]) -> (Option<Key>, usize) {
    let is_one = matches!(typed.get(1), Some(b'[' | b'O'));
    let end = typed
        .iter()
        .skip(2)
        .position(|byte| (0x40..=0x7e).contains(byte));
    let (true, Some(end)) = (is_one, end) else {
        return (Some(Key::Escape), 1);
    };
    let length = end + 3;
    let key = match (typed[length - 1], &typed[2..length - 1]) {
        (b'A', _) => Some(Key::Up),
        (b'B', _) => Some(Key::Down),
        (b'H', _) | (b'~', b"1" | b"7") => Some(Key::Home),
        (b'F', _) | (b'~', b"4" | b"8") => Some(Key::End),
        (b'~', b"5") => Some(Key::PageUp),
        (b'~', b"6") => Some(Key::PageDown),
        _ => None,
    };
    (key, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_what_terminals_send_for_them() {
        for (typed, keys) in [
            (&b"jk"[..], vec![Key::Char('j'), Key::Char('k')]),
            (
                b"\x1b[A\x1bOB\x1b[5~",
                vec![Key::Up, Key::Down, Key::PageUp],
            ),
            (b"\x1b[1~\x1b[F", vec![Key::Home, Key::End]),
            (b"\x1b", vec![Key::Escape]),
            (b"\x1b[200~x", vec![Key::Char('x')]),
            ("é\r".as_bytes(), vec![Key::Char('é'), Key::Enter]),
            (b"\xff\x7f\x03", vec![Key::Backspace, Key::Interrupt]),
            (b"\xe4", vec![]),
        ] {
            assert_eq!(read(typed), keys, "{typed:?}");
        }
    }
}
