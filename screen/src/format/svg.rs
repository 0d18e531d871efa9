//! Captures as a picture in SVG that needs nothing but a monospace font.

use super::html::decorations;
use super::paint::{escape, harmless, hex, paint};
use crate::line::{self, Run};
use crate::query::{BACKGROUND, FOREGROUND};
use crate::style::{Attrs, Style};
use crate::terminal::Terminal;
use crate::width;
use std::fmt::Write;

/// A cell in pixels, and where in it text stands.
const WIDTH: usize = 9;
const HEIGHT: usize = 18;
const BASE: usize = 14;

/// `cursor` is the place of the cursor among the lines, where it is to be seen.
pub(super) fn picture(
    terminal: &Terminal,
    lines: &[String],
    cursor: Option<(usize, usize)>,
) -> Vec<u8> {
    let widest = lines
        .iter()
        .map(|styled| columns(&line::plain(styled)))
        .max()
        .unwrap_or(0);
    let (width, height) = (
        WIDTH * widest.max(terminal.cols()),
        HEIGHT * lines.len().max(1),
    );
    let mut out = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n<g font-family=\"monospace\" font-size=\"15\" fill=\"{}\" xml:space=\"preserve\">\n",
        hex(BACKGROUND),
        hex(FOREGROUND)
    );
    for (row, styled) in lines.iter().enumerate() {
        let mut col = 0;
        for run in line::runs(styled) {
            stretch(&run, row, col, &mut out);
            col += columns(run.text);
        }
    }
    if let Some((row, col)) = cursor {
        let _ = writeln!(
            out,
            "<rect x=\"{}\" y=\"{}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" fill-opacity=\"0.5\"/>",
            col * WIDTH,
            row * HEIGHT
        );
    }
    out.push_str("</g></svg>\n");
    out.into_bytes()
}

fn stretch(run: &Run, row: usize, col: usize, out: &mut String) {
    let paint = paint(&run.style);
    let (x, y, width) = (col * WIDTH, row * HEIGHT, columns(run.text) * WIDTH);
    if let Some(bg) = paint.bg {
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\" fill=\"{}\"/>",
            hex(bg)
        );
    }
    if run.text.trim_matches(' ').is_empty() && decorations(&run.style).is_empty() {
        return;
    }
    let link = run.link.map(|(_, uri)| uri).filter(|uri| harmless(uri));
    if let Some(uri) = link {
        out.push_str("<a href=\"");
        escape(uri, out);
        out.push_str("\">");
    }
    // The length keeps text on its cells whatever the font's own width is.
    let _ = write!(
        out,
        "<text x=\"{x}\" y=\"{}\" textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\"{}>",
        y + BASE,
        attributes(&run.style)
    );
    escape(run.text, out);
    out.push_str("</text>");
    out.push_str(if link.is_some() { "</a>\n" } else { "\n" });
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

pub(super) fn columns(text: &str) -> usize {
    width::each(text).map(|(_, width)| width).sum()
}
