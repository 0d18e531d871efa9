//! The part of a pane that is shown where the pane is larger than the terminal: the one with the
//! cursor in it.

use super::draw::Picture;
use crate::layout::Cell;
use unicode_width::UnicodeWidthChar;

/// Columns and rows that are left out at the left and above.
pub(super) type Pan = (i32, i32);

/// How far a pane that fills its window is moved in an area of columns and rows.
pub(super) fn of(cell: &Cell, area: (i32, i32), cursor: Option<(i32, i32)>) -> Pan {
    let (x, y) = cursor.unwrap_or_default();
    let along = |at: i32, size: i32, room: i32| {
        if size > room {
            (at + 1 - room).clamp(0, size - room)
        } else {
            0
        }
    };
    (along(x, cell.sx, area.0), along(y, cell.sy, area.1))
}

/// What is left of a picture.
pub(super) fn cut(picture: Picture, pan: Pan, area: (i32, i32)) -> Picture {
    let rows = picture.rows.iter().skip(pan.1.max(0) as usize);
    let rows = rows
        .take(area.1.max(0) as usize)
        .map(|row| clip(row, pan.0, area.0))
        .collect();
    let inside = |at: &(i32, i32)| (0..area.0).contains(&at.0) && (0..area.1).contains(&at.1);
    Picture {
        rows,
        cursor: picture
            .cursor
            .map(|(x, y)| (x - pan.0, y - pan.1))
            .filter(inside),
        ..picture
    }
}

/// Some columns of a row that has escape sequences in it, which all stay.
fn clip(row: &str, from: i32, width: i32) -> String {
    let mut out = String::with_capacity(row.len());
    let mut column = 0;
    let mut shown = false;
    let mut rest = row.chars();
    while let Some(c) = rest.next() {
        if c == '\x1b' {
            out.push(c);
            copy_sequence(&mut rest, &mut out);
            continue;
        }
        let wide = c.width().unwrap_or(0) as i32;
        if wide > 0 {
            let fits = column >= from && column + wide <= from + width;
            let halved = !fits && column + wide > from && column < from + width;
            column += wide;
            shown = fits;
            if halved {
                out.push(' ');
            }
        }
        if shown {
            out.push(c);
        }
    }
    out
}

/// The rest of a CSI or OSC sequence.
fn copy_sequence(rest: &mut std::str::Chars<'_>, out: &mut String) {
    let Some(kind) = rest.next() else { return };
    out.push(kind);
    let is_string = kind == ']';
    if !is_string && kind != '[' {
        return;
    }
    for c in rest.by_ref() {
        out.push(c);
        let ends = if is_string {
            c == '\x07' || c == '\\'
        } else {
            ('\x40'..='\x7e').contains(&c)
        };
        if ends {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_cut_out_of_a_row_and_its_styles_stay() {
        for (row, from, width, wanted) in [
            ("abcdef", 0, 3, "abc"),
            ("abcdef", 2, 3, "cde"),
            ("a\x1b[1mbc\x1b[mdef", 2, 2, "\x1b[1mc\x1b[md"),
            ("日本語", 1, 4, " 本 "),
            ("ae\u{301}x", 1, 1, "e\u{301}"),
            ("", 5, 5, ""),
        ] {
            assert_eq!(clip(row, from, width), wanted, "{row:?} {from} {width}");
        }
    }

    #[test]
    fn the_cursor_stays_in_sight() {
        let cell = Cell::pane(1, 120, 40);
        for (cursor, wanted) in [
            (Some((0, 0)), (0, 0)),
            (Some((100, 39)), (21, 17)),
            (Some((119, 10)), (40, 0)),
            (None, (0, 0)),
        ] {
            assert_eq!(of(&cell, (80, 23), cursor), wanted, "{cursor:?}");
        }
        assert_eq!(of(&cell, (120, 40), Some((119, 39))), (0, 0));
    }
}
