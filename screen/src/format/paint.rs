//! Styles as the colours that pictures are painted in.

use crate::query::{BACKGROUND, FOREGROUND, rgb};
use crate::style::{Attrs, Colour, Style};

pub(super) type Rgb = (u8, u8, u8);

pub(super) struct Paint {
    pub fg: Rgb,
    /// `None`: what is behind everything.
    pub bg: Option<Rgb>,
    pub line: Rgb,
}

/// Inverse, dim and hidden are colours here; bold leaves the colour as it is.
pub(super) fn paint(style: &Style) -> Paint {
    let attrs = style.attrs;
    let mut fg = rgb(style.fg, FOREGROUND);
    let mut bg = (style.bg != Colour::Default).then(|| rgb(style.bg, BACKGROUND));
    if attrs.has(Attrs::INVERSE) {
        (fg, bg) = (bg.unwrap_or(BACKGROUND), Some(fg));
    }
    if attrs.has(Attrs::DIM) {
        let behind = bg.unwrap_or(BACKGROUND);
        let mix = |a: u8, b: u8| ((u16::from(a) * 3 + u16::from(b) * 2) / 5) as u8;
        fg = (
            mix(fg.0, behind.0),
            mix(fg.1, behind.1),
            mix(fg.2, behind.2),
        );
    }
    if attrs.has(Attrs::HIDDEN) {
        fg = bg.unwrap_or(BACKGROUND);
    }
    Paint {
        fg,
        bg,
        line: rgb(style.line, fg),
    }
}

pub(super) fn hex((r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Text as HTML and SVG write it.
pub(super) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
}

/// Links that a picture may carry: others could run something in the program that opens it.
pub(super) fn harmless(uri: &str) -> bool {
    ["http://", "https://", "file://", "ftp://", "mailto:"]
        .iter()
        .any(|scheme| uri.starts_with(scheme))
}
