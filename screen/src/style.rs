//! How a cell looks: colours and attributes, what SGR says about them, and the SGR that says it
//! again.

use super::params::Params;
use psup_proto::style::Style as Look;
pub(crate) use psup_proto::style::{Attrs, Colour};
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

/// In three words instead of field by field: a style is looked up at every change of colour.
impl Hash for Style {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let pair = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
        state.write_u64(pair(colour_number(self.fg), colour_number(self.bg)));
        state.write_u64(pair(colour_number(self.line), self.link));
        state.write_u16(self.attrs.bits());
    }
}

fn colour_number(colour: Colour) -> u32 {
    match colour {
        Colour::Default => 0,
        Colour::Indexed(n) => 1 << 24 | u32::from(n),
        Colour::Rgb(r, g, b) => u32::from_be_bytes([2, r, g, b]),
    }
}

impl Style {
    pub(crate) const PLACES: usize = 16;

    /// One of so many places, another one for nearly every style that a program uses.
    pub(crate) fn place(&self) -> usize {
        (colour_number(self.fg) + 3 * colour_number(self.bg) + 5 * u32::from(self.attrs.bits()))
            as usize
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
            22 => {
                self.attrs.clear(Attrs::BOLD);
                self.attrs.clear(Attrs::DIM);
            }
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

    /// The look alone.
    pub(crate) fn look(&self) -> Look {
        Look {
            fg: self.fg,
            bg: self.bg,
            line: self.line,
            attrs: self.attrs,
        }
    }

    /// The SGR that makes this style out of any other, the hyperlink aside.
    pub(crate) fn write_sgr(&self, out: &mut String) {
        self.look().write_sgr(out);
    }

    /// The parameters of [`write_sgr`](Self::write_sgr): none for the default style, else `0;…`.
    pub(crate) fn write_params(&self, out: &mut String) {
        self.look().write_params(out);
    }
}
