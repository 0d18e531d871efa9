//! How wide a value is on a screen, and cutting and filling it by that: styles `#[…]` take no room,
//! and `##` before one is a sign for every two.

use super::modifiers::skip;
use unicode_width::UnicodeWidthChar;

enum Piece<'a> {
    /// Signs `#` of this width; alone, or to be read as pairs.
    Signs {
        width: usize,
        alone: bool,
    },
    Style(&'a str),
    Char(char, usize),
}

/// The pieces of a value; none from a style on that has no end.
fn pieces(value: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = value;
    while let Some(c) = rest.chars().next() {
        if c != '#' {
            pieces.extend(of_char(c).map(|width| Piece::Char(c, width)));
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let run = rest.len() - rest.trim_start_matches('#').len();
        let styled = rest[run..].starts_with('[') && run % 2 == 1;
        let width = if rest[run..].starts_with('[') {
            run / 2
        } else {
            run.div_ceil(2)
        };
        if width > 0 {
            pieces.push(Piece::Signs {
                width,
                alone: run == 1,
            });
        }
        rest = &rest[run..];
        if styled {
            let end = skip(rest, &[']']);
            if end == rest.len() {
                return pieces;
            }
            let from = value.len() - rest.len() - 1;
            pieces.push(Piece::Style(&value[from..=from + end + 1]));
            rest = &rest[end + 1..];
        }
    }
    pieces
}

fn of_char(c: char) -> Option<usize> {
    if c.is_ascii() {
        return (' '..='~').contains(&c).then_some(1);
    }
    c.width()
}

fn signs(out: &mut String, count: usize, alone: bool) {
    if count > 0 {
        out.push_str(&"#".repeat(if alone { 1 } else { 2 * count }));
    }
}

pub(super) fn width(value: &str) -> usize {
    let of = |piece: &Piece| match piece {
        Piece::Signs { width, .. } | Piece::Char(_, width) => *width,
        Piece::Style(_) => 0,
    };
    pieces(value).iter().map(of).sum()
}

/// At most `limit` columns from the left.
pub(super) fn left(value: &str, limit: usize) -> String {
    let mut out = String::new();
    let (mut at, mut signed) = (0, false);
    for piece in pieces(value) {
        // A style goes with the signs before it.
        if at >= limit && !(signed && matches!(piece, Piece::Style(_))) {
            break;
        }
        signed = matches!(piece, Piece::Signs { .. });
        match piece {
            Piece::Signs { width, alone } => {
                let fits = width.min(limit - at);
                signs(&mut out, fits, alone);
                at += fits;
            }
            Piece::Style(style) => out.push_str(style),
            Piece::Char(c, width) => {
                if at + width <= limit {
                    out.push(c);
                }
                at += width;
            }
        }
    }
    out
}

/// At most `limit` columns from the right, with every style on the way.
pub(super) fn right(value: &str, limit: usize) -> String {
    let Some(before) = width(value).checked_sub(limit).filter(|before| *before > 0) else {
        return value.to_owned();
    };
    let mut out = String::new();
    let mut at = 0;
    for piece in pieces(value) {
        match piece {
            Piece::Signs { width, alone } => {
                signs(
                    &mut out,
                    width.saturating_sub(before.saturating_sub(at)),
                    alone,
                );
                at += width;
            }
            Piece::Style(style) => out.push_str(style),
            Piece::Char(c, width) => {
                if at >= before {
                    out.push(c);
                }
                at += width;
            }
        }
    }
    out
}

/// The character of a row that stands in this column; a blank behind its end.
pub(crate) fn at_column(row: &str, column: usize) -> char {
    let mut at = 0;
    for c in row.trim_end_matches('\n').chars() {
        let width = of_char(c).unwrap_or(0);
        if (at..at + width).contains(&column) {
            return c;
        }
        at += width;
    }
    ' '
}

/// For a client that knows ASCII alone: a sign for every column.
pub(crate) fn sanitize(line: &str) -> String {
    let plain = |c: char| (' '..='~').contains(&c);
    let of = |c: char| {
        if plain(c) {
            c.to_string()
        } else {
            "_".repeat(if c.is_ascii() {
                1
            } else {
                c.width().unwrap_or(1)
            })
        }
    };
    line.chars().map(of).collect()
}

/// How much is missing to `columns`; styles are not known here and count as what they are.
pub(super) fn missing(value: &str, columns: usize) -> usize {
    columns.saturating_sub(value.chars().filter_map(of_char).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_take_no_room_and_wide_characters_two() {
        for (value, wide, three, last) in [
            ("abcdef", 6, "abc", "def"),
            ("#[fg=red]abcd", 4, "#[fg=red]abc", "#[fg=red]bcd"),
            ("日本語", 6, "日", "語"),
            ("##[x", 3, "##[x", "##[x"),
            ("#0123", 5, "#01", "123"),
            ("a\tb", 2, "ab", "a\tb"),
        ] {
            assert_eq!(
                (
                    width(value),
                    left(value, 3).as_str(),
                    right(value, 3).as_str()
                ),
                (wide, three, last),
                "{value}"
            );
        }
    }
}
