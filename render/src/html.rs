//! Captures as a page of HTML that needs nothing else.

use crate::paint::{escape, harmless, hex, paint};
use psup_proto::rows::{Link, Row};
use psup_proto::style::{Attrs, Style};
use psup_screen::palette::{BACKGROUND, FOREGROUND};
use std::fmt::Write as _;
use std::io::Write as _;

pub(crate) fn begin(title: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>");
    escape(title, out);
    // Writing to a Vec or a String cannot fail, here and below.
    let _ = write!(
        out,
        "</title>\n<style>body{{background:{};margin:1em}}pre{{color:{};font:14px/1.25 monospace;margin:0}}a{{color:inherit}}</style></head>\n<body><pre>",
        hex(BACKGROUND),
        hex(FOREGROUND)
    );
}

pub(crate) fn line(row: Row<'_>, out: &mut Vec<u8>) {
    for (text, style, link) in row.stretches() {
        span(text, &style, link, out);
    }
    out.push(b'\n');
}

pub(crate) fn end(out: &mut Vec<u8>) {
    out.extend_from_slice(b"</pre></body></html>\n");
}

fn span(text: &str, style: &Style, link: Option<&Link>, out: &mut Vec<u8>) {
    let link = link.map(|link| &link.uri).filter(|uri| harmless(uri));
    if let Some(uri) = link {
        out.extend_from_slice(b"<a href=\"");
        escape(uri, out);
        out.extend_from_slice(b"\">");
    }
    if *style == Style::default() {
        escape(text, out);
    } else {
        let _ = write!(out, "<span style=\"{}\">", css(style));
        escape(text, out);
        out.extend_from_slice(b"</span>");
    }
    if link.is_some() {
        out.extend_from_slice(b"</a>");
    }
}

fn css(style: &Style) -> String {
    let paint = paint(style);
    let mut css = format!("color:{}", hex(paint.fg));
    if let Some(bg) = paint.bg {
        let _ = write!(css, ";background:{}", hex(bg));
    }
    if style.attrs.has(Attrs::BOLD) {
        css.push_str(";font-weight:bold");
    }
    if style.attrs.has(Attrs::ITALIC) {
        css.push_str(";font-style:italic");
    }
    let decorations = decorations(style);
    if !decorations.is_empty() {
        let kind = ["solid", "solid", "double", "wavy", "dotted", "dashed"]
            [usize::from(style.attrs.underline().min(5))];
        let _ = write!(
            css,
            ";text-decoration:{decorations} {kind} {}",
            hex(paint.line)
        );
    }
    css
}

/// The lines through, over and under text, as CSS names them.
pub(crate) fn decorations(style: &Style) -> String {
    let lines = [
        (style.attrs.underline() > 0, "underline"),
        (style.attrs.has(Attrs::STRIKE), "line-through"),
        (style.attrs.has(Attrs::OVERLINE), "overline"),
    ];
    let set: Vec<&str> = lines
        .iter()
        .filter(|(set, _)| *set)
        .map(|(_, name)| *name)
        .collect();
    set.join(" ")
}
