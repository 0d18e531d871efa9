//! Styles as the colours that pictures are painted in.

use psup_proto::style::{Attrs, Colour, Style};
use psup_screen::palette::{BACKGROUND, FOREGROUND, rgb};
use psup_screen::width;

pub(crate) type Rgb = (u8, u8, u8);

pub(crate) struct Paint {
    pub fg: Rgb,
    /// `None`: what is behind everything.
    pub bg: Option<Rgb>,
    pub line: Rgb,
}

/// Inverse, dim and hidden are colours here; bold leaves the colour as it is.
pub(crate) fn paint(style: &Style) -> Paint {
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

pub(crate) fn hex((r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Text as HTML and SVG write it.
pub(crate) fn escape(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            b'"' => out.extend_from_slice(b"&quot;"),
            _ => out.push(byte),
        }
    }
}

/// The columns that text takes.
pub(crate) fn columns(text: &str) -> usize {
    width::each(text).map(|(_, width)| width).sum()
}

/// Links that a picture may carry: others could run something in the program that opens it.
pub(crate) fn harmless(uri: &str) -> bool {
    ["http://", "https://", "file://", "ftp://", "mailto:"]
        .iter()
        .any(|scheme| uri.starts_with(scheme))
}
