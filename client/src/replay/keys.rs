//! The keys of a replay.

/// What a person wants of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Quit,
    Pause,
    Faster,
    Slower,
    /// By so many milliseconds.
    Seek(i64),
    /// To so many tenths of it.
    Tenth(u64),
    End,
    NextMarker,
    LastMarker,
}

/// Milliseconds that an arrow goes.
const STEP: i64 = 5_000;

/// The wishes in what was typed. Keys without a meaning are passed over.
pub(super) fn wishes(typed: &[u8]) -> Vec<Wish> {
    let mut wishes = Vec::new();
    let mut rest = typed;
    while let Some((first, after)) = rest.split_first() {
        if *first == 0x1b
            && let Some((wish, length)) = sequence(rest)
        {
            wishes.extend(wish);
            rest = &rest[length..];
            continue;
        }
        rest = after;
        wishes.extend(match first {
            b'q' | b'Q' | 3 | 4 | 0x1c => Some(Wish::Quit),
            b' ' => Some(Wish::Pause),
            b'+' | b'=' | b'k' => Some(Wish::Faster),
            b'-' | b'j' => Some(Wish::Slower),
            b'l' => Some(Wish::Seek(STEP)),
            b'h' => Some(Wish::Seek(-STEP)),
            b']' | b'n' => Some(Wish::NextMarker),
            b'[' | b'p' => Some(Wish::LastMarker),
            b'G' => Some(Wish::End),
            b'g' => Some(Wish::Tenth(0)),
            b'0'..=b'9' => Some(Wish::Tenth(u64::from(first - b'0'))),
            _ => None,
        });
    }
    wishes
}

/// An arrow, Home or End, or another sequence, which is passed over whole; and its length.
fn sequence(typed: &[u8]) -> Option<(Option<Wish>, usize)> {
    let kind = *typed.get(1)?;
    if !matches!(kind, b'[' | b'O') {
        return None;
    }
    let last = typed[2..]
        .iter()
        .position(|byte| (0x40..0x7f).contains(byte))?
        + 2;
    let wish = match (&typed[2..last], typed[last]) {
        (_, b'A') => Some(Wish::Faster),
        (_, b'B') => Some(Wish::Slower),
        (_, b'C') => Some(Wish::Seek(STEP)),
        (_, b'D') => Some(Wish::Seek(-STEP)),
        (_, b'H') | (b"1" | b"7", b'~') => Some(Wish::Tenth(0)),
        (_, b'F') | (b"4" | b"8", b'~') => Some(Wish::End),
        (b"5", b'~') => Some(Wish::Seek(-12 * STEP)),
        (b"6", b'~') => Some(Wish::Seek(12 * STEP)),
        _ => None,
    };
    Some((wish, last + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_mean_what_the_manual_says() {
        for (typed, wish) in [
            (&b" "[..], &[Wish::Pause][..]),
            (b"\x1b[A", &[Wish::Faster]),
            (b"\x1bOD", &[Wish::Seek(-STEP)]),
            (b"\x1b[6~", &[Wish::Seek(12 * STEP)]),
            (b"5q", &[Wish::Tenth(5), Wish::Quit]),
            (b"\x1b[1;5C]", &[Wish::Seek(STEP), Wish::NextMarker]),
            // Answers of the terminal and unknown keys.
            (b"\x1b[?1;2c\x1b[0nxy", &[]),
            (b"\x03", &[Wish::Quit]),
        ] {
            assert_eq!(wishes(typed), wish, "{typed:?}");
        }
    }
}
