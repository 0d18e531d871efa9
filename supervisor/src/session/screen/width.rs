//! How many columns a character takes, and which one a line drawing byte means.

use unicode_width::UnicodeWidthChar;

/// The zero-width joiner: it ties the character behind it to the one before.
pub const ZWJ: char = '\u{200d}';

/// 0, 1 or 2 columns; `None` for what is no character to draw.
pub fn of(c: char) -> Option<usize> {
    match c {
        // The second is an invisible hint to some, a hyphen to terminals.
        ' '..='~' | '\u{ad}' => Some(1),
        // What most text outside ASCII is made of, without a look at the tables.
        'à'..='ÿ' | '─'..='╿' => Some(1),
        '一'..='鿿' | '가'..='힣' | 'ぁ'..='ん' | 'ァ'..='ヺ' => Some(2),
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => None,
        _ => Some(c.width().unwrap_or(0).min(2)),
    }
}

/// DEC's line drawing set.
pub fn line_drawing(byte: u8) -> char {
    const SET: [char; 31] = [
        '◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼', '⎺', '⎻', '─', '⎼', '⎽', '├', '┤', '┴', '┬', '│', '≤',
        '≥', 'π', '≠', '£', '·',
    ];
    match byte {
        0x60..=0x7e => SET[usize::from(byte - 0x60)],
        _ => byte.into(),
    }
}
