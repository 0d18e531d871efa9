//! Layouts as tmux writes them, with their checksum.

use super::Kind;
use crate::layout::{Cell, Way};
use std::fmt::Write;

/// `bb62,80x24,0,0{40x24,0,0,1,39x24,41,0,2}`
pub(crate) fn dump(root: &Cell) -> String {
    let mut text = String::new();
    write_cell(root, &mut text);
    format!("{:04x},{text}", checksum(&text))
}

fn write_cell(cell: &Cell, text: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(text, "{}x{},{},{}", cell.sx, cell.sy, cell.x, cell.y);
    match &cell.kind {
        Kind::Pane(pane) => drop(write!(text, ",{pane}")),
        Kind::Split(way, cells) => {
            let (open, close) = if *way == Way::LeftRight {
                ('{', '}')
            } else {
                ('[', ']')
            };
            text.push(open);
            for (at, cell) in cells.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write_cell(cell, text);
            }
            text.push(close);
        }
    }
}

fn checksum(text: &str) -> u16 {
    text.bytes().fold(0u16, |sum, byte| {
        sum.rotate_right(1).wrapping_add(byte.into())
    })
}

/// Reads what [`dump`] wrote; the panes are put into its cells in order. The error is tmux's.
pub(crate) fn parse(text: &str, panes: &[u32]) -> Result<Cell, String> {
    let invalid = || "invalid layout".to_owned();
    let (sum, rest) = text.split_once(',').ok_or_else(invalid)?;
    if u16::from_str_radix(sum, 16) != Ok(checksum(rest)) {
        return Err(invalid());
    }
    let mut left = rest;
    let mut root = read_cell(&mut left)
        .filter(|_| left.is_empty())
        .ok_or_else(invalid)?;
    let cells = root.leaves().len();
    if cells < panes.len() {
        return Err(format!("have {} panes but need {cells}", panes.len()));
    }
    for _ in panes.len()..cells {
        let last = root.leaves().last().map(|cell| cell.kind.clone());
        if let Some(Kind::Pane(number)) = last {
            root.remove(number);
        }
    }
    let mut next = panes.iter();
    root.map(&mut |pane| *pane = next.next().copied().unwrap_or_default());
    root.place();
    Ok(root)
}

/// Cells are numbered again, since what stands there are the panes of another day.
fn read_cell(left: &mut &str) -> Option<Cell> {
    let sx = number(left)?;
    *left = left.strip_prefix('x')?;
    let sy = number(left)?;
    *left = left.strip_prefix(',')?;
    let x = number(left)?;
    *left = left.strip_prefix(',')?;
    let y = number(left)?;
    // A number behind it is the pane's, if no size begins with it.
    if let Some(after) = left.strip_prefix(',') {
        let mut rest = after;
        if number(&mut rest).is_some() && !rest.starts_with('x') {
            *left = rest;
        }
    }
    let (way, close) = match left.chars().next() {
        Some('{') => (Way::LeftRight, '}'),
        Some('[') => (Way::TopBottom, ']'),
        _ => {
            let kind = Kind::Pane(left.len() as u32);
            return Some(Cell { sx, sy, x, y, kind });
        }
    };
    let mut cells = Vec::new();
    loop {
        *left = &left[1..];
        cells.push(read_cell(left)?);
        match left.chars().next()? {
            ',' => {}
            c if c == close => break,
            _ => return None,
        }
    }
    *left = &left[1..];
    let kind = Kind::Split(way, cells);
    Some(Cell { sx, sy, x, y, kind })
}

fn number(left: &mut &str) -> Option<i32> {
    let end = left
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(left.len());
    let (digits, rest) = left.split_at(end);
    *left = rest;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::Wish;
    use super::*;

    #[test]
    fn layout_strings_read_back() {
        let mut root = Cell::pane(0, 80, 24);
        let wish = |way| Wish {
            way,
            size: None,
            before: false,
            full: false,
        };
        assert!(root.divide(0, 1, wish(Way::LeftRight)));
        assert!(root.divide(1, 2, wish(Way::TopBottom)));
        let text = dump(&root);
        assert_eq!(
            text,
            "d67e,80x24,0,0{40x24,0,0,0,39x24,41,0[39x12,41,0,1,39x11,41,13,2]}"
        );
        assert_eq!(parse(&text, &[0, 1, 2]), Ok(root.clone()));
        assert_eq!(
            parse(&text.replace("40x24", "41x24"), &[0, 1, 2]),
            Err("invalid layout".to_owned())
        );
        root.remove(0);
        assert_eq!(
            root.leaves()
                .iter()
                .map(|c| (c.sx, c.sy))
                .collect::<Vec<_>>(),
            [(80, 12), (80, 11)]
        );
    }
}
