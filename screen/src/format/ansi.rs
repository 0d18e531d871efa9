//! Captures as text with control sequences.

use crate::line;
use crate::style::Style;
use crate::terminal::Terminal;
use std::fmt::Write;

/// Lines that can be shown anywhere: each ends in the default style.
pub(super) fn lines(lines: &[String]) -> Vec<u8> {
    let mut text = String::new();
    for styled in lines {
        text.push_str(styled);
        if styled.contains('\x1b') {
            if line::runs(styled)
                .last()
                .is_some_and(|run| run.link.is_some())
            {
                text.push_str("\x1b]8;;\x1b\\");
            }
            text.push_str("\x1b[m");
        }
        text.push('\n');
    }
    text.into_bytes()
}

/// The screen, such that feeding it to a screen of this size gives this screen: its cells, its
/// wraps and its cursor.
pub(super) fn redraw(terminal: &Terminal) -> Vec<u8> {
    let mut text = "\x1b[m\x1b[H\x1b[2J".to_owned();
    let mut pen = Style::default();
    let last = terminal
        .grid
        .rows()
        .rposition(|row| !row.cells.is_empty())
        .unwrap_or(0);
    let mut goes_on = false;
    for (at, row) in terminal.grid.rows().enumerate().take(last + 1) {
        // The row before wraps only if something follows it.
        if std::mem::replace(&mut goes_on, row.wrapped) && row.cells.is_empty() && !row.wrapped {
            terminal.tables.push_style(pen, Style::default(), &mut text);
            pen = Style::default();
            text.push(' ');
        }
        // A row that is full, or whose last column a wide character did not fit, goes on by itself.
        let blank = row.wrapped && row.cells.is_empty();
        let blanks = if blank {
            terminal.cols()
        } else {
            terminal.lacks(at)
        };
        pen = terminal.tables.push_row(&row.cells, blanks, pen, &mut text);
        if !row.wrapped && at < last {
            terminal.tables.push_style(pen, Style::default(), &mut text);
            pen = Style::default();
            text.push_str("\r\n");
        }
    }
    terminal.tables.push_style(pen, Style::default(), &mut text);
    let cursor = terminal.cursor;
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "\x1b[{};{}H",
        cursor.row + 1,
        cursor.col.min(terminal.cols() - 1) + 1
    );
    text.push_str(if terminal.drawing.cursor_visible {
        "\x1b[?25h"
    } else {
        "\x1b[?25l"
    });
    text.into_bytes()
}
