//! How many columns a character takes, and which one a line drawing byte means.

use unicode_width::UnicodeWidthChar;

/// The zero-width joiner: it ties the character behind it to the one before.
pub const ZWJ: char = '\u{200d}';

/// How many bytes come first that are made of nothing but ideographs, syllables and kana: three
/// bytes each, never without a width, so nobody has to decode them.
pub(crate) fn ideographs(text: &[u8]) -> usize {
    let plain = |c: &&[u8]| match c {
        [0xe4..=0xe9 | 0xeb | 0xec, 0x80..=0xbf, 0x80..=0xbf] => true,
        [0xe3, second, third] => matches!(
            (second, third),
            (0x81, 0x81..=0xbf) | (0x82, 0x80..=0x96 | 0x9b..=0xbf) | (0x83, 0x80..=0xbf)
        ),
        _ => false,
    };
    text.chunks_exact(3).take_while(plain).count() * 3
}

/// 0, 1 or 2 columns; `None` for what is no character to draw.
#[allow(clippy::match_same_arms)] // Grouped by why, not by width.
pub(crate) fn of(c: char) -> Option<usize> {
    match c {
        // What most text is made of, without a look at the tables; and a hyphen that some call an
        // invisible hint, terminals do not.
        ' '..='~' | 'à'..='ÿ' | '─'..='╿' | '\u{ad}' => Some(1),
        '一'..='鿿' | '가'..='힣' | 'ぁ'..='ん' | 'ァ'..='ヺ' => Some(2),
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => None,
        '\u{2028}' | '\u{2029}' => None,
        // Where the tables and the C library (so tmux, and the programs that count with it) differ:
        // vowel signs that take a column of their own, signs that are narrow there, numbers in
        // squares that are wide.
        '\u{605}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{9be}' | '\u{9d7}'
        | '\u{b3e}' | '\u{b57}' | '\u{bbe}' | '\u{bd7}' => Some(1),
        '\u{cc0}' | '\u{cc2}' | '\u{cc7}' | '\u{cc8}' | '\u{cca}' | '\u{ccb}' | '\u{cd5}'
        | '\u{cd6}' | '\u{d3e}' | '\u{d4e}' | '\u{d57}' => Some(1),
        '\u{dcf}' | '\u{ddf}' | '\u{1715}' | '\u{1734}' | '\u{17a4}' | '\u{17d8}' | '\u{1b35}'
        | '\u{1b3b}' | '\u{1b3d}' => Some(1),
        '\u{1b43}'
        | '\u{1b44}'
        | '\u{1baa}'
        | '\u{1bf2}'
        | '\u{1bf3}'
        | '\u{a953}'
        | '\u{a9c0}'
        | '☰'..='☷'
        | '⚊'..='⚏' => Some(1),
        '\u{3248}'..='\u{324f}' => Some(2),
        _ => Some(c.width().unwrap_or(0).min(2)),
    }
}

/// Characters with the columns each takes: what a joiner ties to the one before takes none,
/// whatever it would take alone.
pub fn each(text: &str) -> impl Iterator<Item = (char, usize)> {
    let mut joining = false;
    text.chars().map(move |c| {
        let joined = std::mem::replace(&mut joining, c == ZWJ);
        (c, if joined { 0 } else { of(c).unwrap_or(0) })
    })
}

/// DEC's line drawing set.
pub(crate) fn line_drawing(byte: u8) -> char {
    const SET: [char; 31] = [
        '◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼', '⎺', '⎻', '─',
        '⎼', '⎽', '├', '┤', '┴', '┬', '│', '≤', '≥', 'π', '≠', '£', '·',
    ];
    match byte {
        0x60..=0x7e => SET[usize::from(byte - 0x60)],
        _ => byte.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_for_an_ideograph_has_a_width_and_joins_nothing() {
        for c in '\u{80}'..=char::MAX {
            let taken = ideographs(c.encode_utf8(&mut [0; 4]).as_bytes()) > 0;
            assert!(
                !taken || c.len_utf8() == 3 && of(c).is_some_and(|width| width > 0),
                "{c:?}"
            );
        }
    }
}
