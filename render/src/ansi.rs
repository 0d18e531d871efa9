//! Captures as text with control sequences.

use psup_proto::Size;
use psup_proto::capture::Cursor;
use psup_proto::rows::{Link, Row, RowBuf, RowsHead};
use psup_proto::style::Style;
use std::io::Write;

/// The style and the link that what is written next would have.
#[derive(Default)]
struct Pen {
    style: Style,
    link: Option<Link>,
}

/// The screen, such that feeding it to a screen of this size gives this screen: its cells, its
/// wraps and its cursor.
pub(crate) struct Redraw {
    size: Size,
    cursor: Cursor,
    /// No more than a screen has.
    rows: Vec<RowBuf>,
}

/// A line that can be shown anywhere: it ends in the default style.
pub(crate) fn line(row: Row<'_>, out: &mut Vec<u8>) {
    let mut pen = Pen::default();
    pen.write(row, out);
    if !row.runs.is_empty() {
        pen.change(pen.style, None, out);
        out.extend_from_slice(b"\x1b[m");
    }
    out.push(b'\n');
}

impl Redraw {
    pub(crate) fn new(head: &RowsHead) -> Self {
        Self {
            size: head.size,
            cursor: head.cursor,
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, row: Row<'_>) {
        self.rows.push(row.into());
    }

    pub(crate) fn end(self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\x1b[m\x1b[H\x1b[2J");
        let mut pen = Pen::default();
        let is_used = |row: &RowBuf| !row.text.is_empty();
        let last = self.rows.iter().rposition(is_used).unwrap_or(0);
        let mut goes_on = false;
        for (at, row) in self.rows.iter().enumerate().take(last + 1) {
            let is_blank = row.text.is_empty();
            // The row before wraps only if something follows it.
            if std::mem::replace(&mut goes_on, row.wrap.is_some()) && is_blank && row.wrap.is_none()
            {
                pen.reset(out);
                out.push(b' ');
            }
            pen.write(row.as_row(), out);
            // A row that is full, or whose last column a wide character did not fit, goes on by
            // itself.
            let blanks = match row.wrap {
                Some(_) if is_blank => self.size.cols,
                wrap => wrap.unwrap_or(0),
            };
            if blanks > 0 {
                pen.reset(out);
                out.extend(std::iter::repeat_n(b' ', blanks.into()));
            }
            if row.wrap.is_none() && at < last {
                pen.reset(out);
                out.extend_from_slice(b"\r\n");
            }
        }
        pen.reset(out);
        let Cursor { col, row, visible } = self.cursor;
        let shown = if visible { 'h' } else { 'l' };
        // Writing to a Vec cannot fail.
        let _ = write!(out, "\x1b[{};{}H\x1b[?25{shown}", row + 1, col + 1);
    }
}

impl Pen {
    fn write(&mut self, row: Row<'_>, out: &mut Vec<u8>) {
        for (text, style, link) in row.stretches() {
            self.change(style, link, out);
            out.extend_from_slice(text.as_bytes());
        }
    }

    fn reset(&mut self, out: &mut Vec<u8>) {
        self.change(Style::default(), None, out);
    }

    /// The sequences that lead to a style and a link.
    fn change(&mut self, style: Style, link: Option<&Link>, out: &mut Vec<u8>) {
        if style != self.style {
            let mut sgr = String::new();
            style.write_sgr(&mut sgr);
            out.extend_from_slice(sgr.as_bytes());
            self.style = style;
        }
        if link != self.link.as_ref() {
            let (id, uri) = link.map_or(("", ""), |link| (&link.id, &link.uri));
            let id = if id.is_empty() {
                String::new()
            } else {
                format!("id={id}")
            };
            let _ = write!(out, "\x1b]8;{id};{uri}\x1b\\");
            self.link = link.cloned();
        }
    }
}
