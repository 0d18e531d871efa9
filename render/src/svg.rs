//! Captures as a picture in SVG that needs nothing but a monospace font.

use crate::html::decorations;
use crate::paint::{columns, escape, harmless, hex, paint};
use crate::too_large;
use psup_proto::Failure;
use psup_proto::rows::{Link, Row, RowsHead};
use psup_proto::style::{Attrs, Style};
use psup_screen::palette::{BACKGROUND, FOREGROUND};
use std::fmt::Write as _;
use std::io::Write as _;

/// A cell in pixels, and where in it text stands.
const WIDTH: usize = 9;
const HEIGHT: usize = 18;
const BASE: usize = 14;
/// No viewer shows a picture that is so high.
const ROWS: u64 = 1 << 20;

pub(crate) struct Picture {
    /// The place of the cursor among the rows, where it is to be seen.
    cursor: Option<(usize, usize)>,
    row: usize,
}

impl Picture {
    pub(crate) fn begin(
        head: &RowsHead,
        cursor: Option<(usize, usize)>,
        out: &mut Vec<u8>,
    ) -> Result<Self, Failure> {
        if head.rows > ROWS {
            return Err(too_large(&format!("{ROWS} rows"))
                .hint("capture fewer lines, or take html, text or json"));
        }
        let width = WIDTH * usize::from(head.size.cols);
        let height = HEIGHT * head.rows.max(1) as usize;
        // Writing to a Vec or a String cannot fail, here and below.
        let _ = write!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n<g font-family=\"monospace\" font-size=\"15\" fill=\"{}\" xml:space=\"preserve\">\n",
            hex(BACKGROUND),
            hex(FOREGROUND)
        );
        Ok(Self { cursor, row: 0 })
    }

    pub(crate) fn row(&mut self, row: Row<'_>, out: &mut Vec<u8>) {
        let mut col = 0;
        for (text, style, link) in row.stretches() {
            let width = columns(text);
            stretch((text, &style, link), (self.row, col, width), out);
            col += width;
        }
        self.row += 1;
    }

    pub(crate) fn end(self, out: &mut Vec<u8>) {
        if let Some((row, col)) = self.cursor {
            let _ = writeln!(
                out,
                "<rect x=\"{}\" y=\"{}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" fill-opacity=\"0.5\"/>",
                col * WIDTH,
                row * HEIGHT
            );
        }
        out.extend_from_slice(b"</g></svg>\n");
    }
}

/// A stretch of text that begins at a row and a column, and takes so many columns.
fn stretch(
    (text, style, link): (&str, &Style, Option<&Link>),
    (row, col, columns): (usize, usize, usize),
    out: &mut Vec<u8>,
) {
    let paint = paint(style);
    let (x, y, width) = (col * WIDTH, row * HEIGHT, columns * WIDTH);
    if let Some(bg) = paint.bg {
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\" fill=\"{}\"/>",
            hex(bg)
        );
    }
    if text.trim_matches(' ').is_empty() && decorations(style).is_empty() {
        return;
    }
    let link = link.map(|link| &link.uri).filter(|uri| harmless(uri));
    if let Some(uri) = link {
        out.extend_from_slice(b"<a href=\"");
        escape(uri, out);
        out.extend_from_slice(b"\">");
    }
    // The length keeps text on its cells whatever the font's own width is.
    let _ = write!(
        out,
        "<text x=\"{x}\" y=\"{}\" textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\"{}>",
        y + BASE,
        attributes(style)
    );
    escape(text, out);
    out.extend_from_slice(b"</text>");
    out.extend_from_slice(if link.is_some() { b"</a>\n" } else { b"\n" });
}

fn attributes(style: &Style) -> String {
    let paint = paint(style);
    let mut out = String::new();
    if paint.fg != FOREGROUND {
        let _ = write!(out, " fill=\"{}\"", hex(paint.fg));
    }
    if style.attrs.has(Attrs::BOLD) {
        out.push_str(" font-weight=\"bold\"");
    }
    if style.attrs.has(Attrs::ITALIC) {
        out.push_str(" font-style=\"italic\"");
    }
    let decorations = decorations(style);
    if !decorations.is_empty() {
        let _ = write!(out, " text-decoration=\"{decorations}\"");
    }
    out
}
