//! How a cell looks: colours and attributes, what SGR says about them, and the SGR that says it
//! again.

use super::params::Params;
use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};

/// Everything about the look of a cell. Two cells that look the same have equal styles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Style {
    pub fg: Colour,
    pub bg: Colour,
    /// The colour of underlines.
    pub line: Colour,
    pub attrs: Attrs,
    /// The hyperlink, by its place in the screen's table; 0 is none.
    pub link: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Colour {
    #[default]
    Default,
    Indexed(u8),
    Rgb(u8, u8, u8),
}

/// A set of attributes, the kind of underline among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attrs(u16);

/// In three words instead of field by field: a style is looked up at every change of colour.
impl Hash for Style {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let pair = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
        state.write_u64(pair(self.fg.number(), self.bg.number()));
        state.write_u64(pair(self.line.number(), self.link));
        state.write_u16(self.attrs.0);
    }
}

impl Colour {
    fn number(self) -> u32 {
        match self {
            Self::Default => 0,
            Self::Indexed(n) => 1 << 24 | u32::from(n),
            Self::Rgb(r, g, b) => u32::from_be_bytes([2, r, g, b]),
        }
    }
}

impl Attrs {
    pub(crate) const BOLD: Self = Self(1);
    pub(crate) const DIM: Self = Self(1 << 1);
    pub(crate) const ITALIC: Self = Self(1 << 2);
    pub(crate) const BLINK: Self = Self(1 << 3);
    pub(crate) const INVERSE: Self = Self(1 << 4);
    pub(crate) const HIDDEN: Self = Self(1 << 5);
    pub(crate) const STRIKE: Self = Self(1 << 6);
    pub(crate) const OVERLINE: Self = Self(1 << 7);

    /// Each single attribute: its word, the SGR parameter that sets it.
    pub(crate) const NAMES: [(Self, &'static str, u8); 8] = [
        (Self::BOLD, "bold", 1),
        (Self::DIM, "dim", 2),
        (Self::ITALIC, "italic", 3),
        (Self::BLINK, "blink", 5),
        (Self::INVERSE, "inverse", 7),
        (Self::HIDDEN, "hidden", 8),
        (Self::STRIKE, "strike", 9),
        (Self::OVERLINE, "overline", 53),
    ];

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// 0 none, 1 single, 2 double, 3 curly, 4 dotted, 5 dashed.
    pub(crate) fn underline(self) -> u8 {
        (self.0 >> 8) as u8
    }

    fn set(&mut self, other: Self) {
        self.0 |= other.0;
    }

    fn clear(&mut self, other: Self) {
        self.0 &= !other.0;
    }

    fn set_underline(&mut self, kind: u8) {
        self.0 = self.0 & 0xff | u16::from(kind) << 8;
    }
}

impl Style {
    pub(crate) const PLACES: usize = 16;

    /// One of so many places, another one for nearly every style that a program uses.
    pub(crate) fn place(&self) -> usize {
        (self.fg.number() + 3 * self.bg.number() + 5 * u32::from(self.attrs.0)) as usize
            % Self::PLACES
    }

    /// What erasing leaves: the background only.
    pub(crate) fn erased(self) -> Self {
        Self {
            bg: self.bg,
            ..Self::default()
        }
    }

    /// Does what `CSI m` says.
    pub(crate) fn reset(&mut self) {
        *self = Self {
            link: self.link,
            ..Self::default()
        };
    }

    /// Does what `CSI params m` says. The hyperlink is not SGR's to change.
    pub(crate) fn apply(&mut self, params: &Params) {
        if params.len() == 0 {
            self.reset();
        }
        let mut at = 0;
        while at < params.len() {
            let first = at;
            at += 1;
            while params.joined(at) {
                at += 1;
            }
            if at > first + 1 {
                self.apply_joined(params, first, at);
            } else if matches!(params.get(first), Some(38 | 48 | 58)) {
                at = self.apply_colour(params, first);
            } else {
                self.apply_one(params.or_zero(first));
            }
        }
    }

    fn apply_one(&mut self, code: u16) {
        let low = (code % 10) as u8;
        match code {
            0 => self.reset(),
            1 => self.attrs.set(Attrs::BOLD),
            2 => self.attrs.set(Attrs::DIM),
            3 => self.attrs.set(Attrs::ITALIC),
            4 => self.attrs.set_underline(1),
            5 | 6 => self.attrs.set(Attrs::BLINK),
            7 => self.attrs.set(Attrs::INVERSE),
            8 => self.attrs.set(Attrs::HIDDEN),
            9 => self.attrs.set(Attrs::STRIKE),
            21 => self.attrs.set_underline(2),
            22 => self.attrs.clear(Attrs(Attrs::BOLD.0 | Attrs::DIM.0)),
            23 => self.attrs.clear(Attrs::ITALIC),
            24 => self.attrs.set_underline(0),
            25 => self.attrs.clear(Attrs::BLINK),
            27 => self.attrs.clear(Attrs::INVERSE),
            28 => self.attrs.clear(Attrs::HIDDEN),
            29 => self.attrs.clear(Attrs::STRIKE),
            30..=37 => self.fg = Colour::Indexed(low),
            39 => self.fg = Colour::Default,
            40..=47 => self.bg = Colour::Indexed(low),
            49 => self.bg = Colour::Default,
            53 => self.attrs.set(Attrs::OVERLINE),
            55 => self.attrs.clear(Attrs::OVERLINE),
            59 => self.line = Colour::Default,
            90..=97 => self.fg = Colour::Indexed(8 + low),
            100..=107 => self.bg = Colour::Indexed(8 + low),
            _ => {}
        }
    }

    /// `38;5;n` and `38;2;r;g;b`: gives the place behind it. As in tmux, a colour out of range is
    /// skipped number by number.
    fn apply_colour(&mut self, params: &Params, first: usize) -> usize {
        let byte = |n: usize| params.get(n).and_then(|v| u8::try_from(v).ok());
        match params.get(first + 1) {
            Some(5) => {
                self.set_colour(params.or_zero(first), byte(first + 2).map(Colour::Indexed));
                first + 3
            }
            Some(2) => match (byte(first + 2), byte(first + 3), byte(first + 4)) {
                (Some(r), Some(g), Some(b)) => {
                    self.set_colour(params.or_zero(first), Some(Colour::Rgb(r, g, b)));
                    first + 5
                }
                _ => first + 2,
            },
            _ => first + 2,
        }
    }

    /// `4:3`, `38:5:n`, `38:2:r:g:b` and `38:2:space:r:g:b`.
    fn apply_joined(&mut self, params: &Params, first: usize, end: usize) {
        let byte = |n: usize| {
            (n < end)
                .then(|| params.get(n))
                .flatten()
                .and_then(|v| u8::try_from(v).ok())
        };
        match (params.or_zero(first), params.get(first + 1)) {
            (4, Some(kind @ 0..=5)) => self.attrs.set_underline(kind as u8),
            (target @ (38 | 48 | 58), Some(5)) => {
                self.set_colour(target, byte(first + 2).map(Colour::Indexed));
            }
            (target @ (38 | 48 | 58), Some(2)) => {
                let red = if end - first == 5 {
                    first + 2
                } else {
                    first + 3
                };
                if let (Some(r), Some(g), Some(b)) = (byte(red), byte(red + 1), byte(red + 2)) {
                    self.set_colour(target, Some(Colour::Rgb(r, g, b)));
                }
            }
            _ => {}
        }
    }

    fn set_colour(&mut self, target: u16, colour: Option<Colour>) {
        match target {
            38 => self.fg = colour.unwrap_or_default(),
            48 => self.bg = colour.unwrap_or_default(),
            _ => self.line = colour.unwrap_or(self.line),
        }
    }

    /// The SGR that makes this style out of any other, the hyperlink aside.
    pub(crate) fn write_sgr(&self, out: &mut String) {
        out.push_str("\x1b[");
        self.write_params(out);
        out.push('m');
    }

    /// The parameters of [`write_sgr`](Self::write_sgr): none for the default style, else `0;…`.
    pub(crate) fn write_params(&self, out: &mut String) {
        if (Self { link: 0, ..*self }) == Self::default() {
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
