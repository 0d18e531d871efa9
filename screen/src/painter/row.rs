//! A row of styled text by its columns: pieces of it, how wide it is, what two rows have in common.

use crate::line;
use crate::style::Style;
use crate::width;
use std::fmt::Write;

/// The columns `[from, from + count)` of a styled row. Half of a wide character is a blank.
pub(super) fn cut(row: &str, from: usize, count: usize) -> String {
    if from == 0 && row.len() <= count {
        return row.to_owned();
    }
    let mut piece = String::new();
    let (mut at, to) = (0, from + count);
    let mut pen = Style::default();
    let mut open = None;
    for run in line::runs(row) {
        let mut begun = false;
        for (c, width) in width::each(run.text) {
            let inside = at >= from && at + width <= to;
            let half = width == 2 && (at + 1 == from || at + 1 == to);
            if (inside && (width > 0 || !piece.is_empty())) || half {
                if !begun {
                    if run.style != pen {
                        run.style.write_sgr(&mut piece);
                        pen = run.style;
                    }
                    if run.link != open {
                        link(run.link, &mut piece);
                        open = run.link;
                    }
                    begun = true;
                }
                piece.push(if half { ' ' } else { c });
            }
            at += width;
        }
    }
    if open.is_some() {
        link(None, &mut piece);
    }
    piece
}

fn link(to: Option<(&str, &str)>, out: &mut String) {
    let (id, uri) = to.unwrap_or_default();
    out.push_str("\x1b]8;");
    if !id.is_empty() {
        out.push_str("id=");
        out.push_str(id);
    }
    let _ = write!(out, ";{uri}\x1b\\");
}

pub(super) fn columns(row: &str) -> usize {
    let widths = line::runs(row).map(|run| width::each(run.text).map(|(_, w)| w).sum::<usize>());
    widths.sum()
}

/// How many characters at the beginning are the same plain ASCII, in the default style.
pub(super) fn plain_prefix(old: &str, new: &str) -> usize {
    let same = old
        .bytes()
        .zip(new.bytes())
        .take_while(|(a, b)| a == b && (b' '..=b'~').contains(b));
    let length = same.count();
    // What combines with the last of them would be torn off.
    let next = new[length..].chars().next();
    length - usize::from(length > 0 && next.is_some_and(|c| !c.is_ascii()))
}
