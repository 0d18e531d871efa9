//! How many columns a character takes, and which one a line drawing byte means.

use unicode_width::UnicodeWidthChar;

/// The zero-width joiner: it ties the character behind it to the one before.
pub const ZWJ: char = '\u{200d}';

/// 0, 1 or 2 columns; `None` for what is no character to draw.
pub fn of(c: char) -> Option<usize> {
    match c {
        // The second is an invisible hint to some, a hyphen to terminals.
        ' '..='~' | '\u{ad}' => Some(1),
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
