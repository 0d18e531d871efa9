//! Captures as a page of HTML that needs nothing else.

use super::paint::{escape, harmless, hex, paint};
use crate::line::{self, Run};
use crate::query::{BACKGROUND, FOREGROUND};
use crate::style::{Attrs, Style};
use crate::terminal::Terminal;
use std::fmt::Write;

pub(super) fn page(terminal: &Terminal, lines: &[String]) -> Vec<u8> {
    let mut out = "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>".to_owned();
    escape(&terminal.title, &mut out);
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "</title>\n<style>body{{background:{};margin:1em}}pre{{color:{};font:14px/1.25 monospace;margin:0}}a{{color:inherit}}</style></head>\n<body><pre>",
        hex(BACKGROUND),
        hex(FOREGROUND)
    );
    for styled in lines {
        for run in line::runs(styled) {
            span(&run, &mut out);
        }
        out.push('\n');
    }
    out.push_str("</pre></body></html>\n");
    out.into_bytes()
}

fn span(run: &Run, out: &mut String) {
    let link = run.link.map(|(_, uri)| uri).filter(|uri| harmless(uri));
    if let Some(uri) = link {
        out.push_str("<a href=\"");
        escape(uri, out);
        out.push_str("\">");
    }
    if run.style == Style::default() {
        escape(run.text, out);
    } else {
        let _ = write!(out, "<span style=\"{}\">", css(&run.style));
        escape(run.text, out);
        out.push_str("</span>");
    }
    if link.is_some() {
        out.push_str("</a>");
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
pub(super) fn decorations(style: &Style) -> String {
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
