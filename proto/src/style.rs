//! How text looks: colours, attributes, and the SGR that says so.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Colour {
    #[default]
    Default,
    Indexed(u8),
    Rgb(u8, u8, u8),
}

/// A set of attributes, the kind of underline among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attrs(u16);

/// The look of a stretch of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Style {
    pub fg: Colour,
    pub bg: Colour,
    /// The colour of underlines.
    pub line: Colour,
    pub attrs: Attrs,
}

impl Attrs {
    pub const BOLD: Self = Self(1);
    pub const DIM: Self = Self(1 << 1);
    pub const ITALIC: Self = Self(1 << 2);
    pub const BLINK: Self = Self(1 << 3);
    pub const INVERSE: Self = Self(1 << 4);
    pub const HIDDEN: Self = Self(1 << 5);
    pub const STRIKE: Self = Self(1 << 6);
    pub const OVERLINE: Self = Self(1 << 7);

    /// Each single attribute: its word, the SGR parameter that sets it.
    pub const NAMES: [(Self, &'static str, u8); 8] = [
        (Self::BOLD, "bold", 1),
        (Self::DIM, "dim", 2),
        (Self::ITALIC, "italic", 3),
        (Self::BLINK, "blink", 5),
        (Self::INVERSE, "inverse", 7),
        (Self::HIDDEN, "hidden", 8),
        (Self::STRIKE, "strike", 9),
        (Self::OVERLINE, "overline", 53),
    ];

    #[inline]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed.
    #[inline]
    pub fn underline(self) -> u8 {
        (self.0 >> 8) as u8
    }

    #[inline]
    pub fn bits(self) -> u16 {
        self.0
    }

    #[inline]
    pub fn set(&mut self, other: Self) {
        self.0 |= other.0;
    }

    #[inline]
    pub fn clear(&mut self, other: Self) {
        self.0 &= !other.0;
    }

    #[inline]
    pub fn set_underline(&mut self, kind: u8) {
        self.0 = self.0 & 0xff | u16::from(kind) << 8;
    }
}

impl Style {
    /// The SGR that makes this style out of any other.
    pub fn write_sgr(&self, out: &mut String) {
        out.push_str("\x1b[");
        self.write_params(out);
        out.push('m');
    }

    /// The parameters of [`write_sgr`](Self::write_sgr): none for the default style, else `0;…`.
    pub fn write_params(&self, out: &mut String) {
        if *self == Self::default() {
            return;
        }
        out.push('0');
        if self.attrs != Attrs::default() {
            for (attr, _, code) in Attrs::NAMES {
                if self.attrs.has(attr) {
                    parameter(out, code);
                }
            }
            match self.attrs.underline() {
                0 => {}
                1 => out.push_str(";4"),
                kind => {
                    out.push_str(";4:");
                    number(out, kind);
                }
            }
        }
        write_colour(out, self.fg, 30);
        write_colour(out, self.bg, 40);
        write_colour(out, self.line, 50);
    }
}

/// `base` is 30 for the foreground, 40 for the background, 50 for underlines, which have no short
/// forms.
fn write_colour(out: &mut String, colour: Colour, base: u8) {
    match colour {
        Colour::Default => {}
        Colour::Indexed(n @ 0..8) if base < 50 => parameter(out, base + n),
        Colour::Indexed(n @ 8..16) if base < 50 => parameter(out, base + 52 + n),
        Colour::Indexed(n) => {
            parameter(out, base + 8);
            parameter(out, 5);
            parameter(out, n);
        }
        Colour::Rgb(r, g, b) => {
            parameter(out, base + 8);
            parameter(out, 2);
            for n in [r, g, b] {
                parameter(out, n);
            }
        }
    }
}

fn parameter(out: &mut String, n: u8) {
    out.push(';');
    number(out, n);
}

/// Written by hand: lines that leave the screen are full of these, and the formatting machinery
/// costs more than the rest of them.
fn number(out: &mut String, n: u8) {
    if n >= 100 {
        out.push((b'0' + n / 100).into());
    }
    if n >= 10 {
        out.push((b'0' + n / 10 % 10).into());
    }
    out.push((b'0' + n % 10).into());
}
