//! The parameters of a control sequence: numbers, some of which were not given.

use serde::{Deserialize, Serialize};

/// Parameters, at most [`Params::MOST`] of them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Params {
    values: [u16; Params::MOST],
    /// Bit n: parameter n was given.
    given: u32,
    /// Bit n: a colon stands before parameter n, so it belongs to the one before.
    colon: u32,
    len: u8,
    over: bool,
}

impl Params {
    pub(crate) const MOST: usize = 32;

    /// The parameters that `text` begins with.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let mut params = Self::default();
        params.read(text);
        params
    }

    /// Takes the parameters that `text` begins with in the place of these; how many bytes they are.
    pub(crate) fn read(&mut self, text: &[u8]) -> usize {
        self.clear();
        let (mut value, mut given) = (0_u32, false);
        let mut length = text.len();
        for (at, &byte) in text.iter().enumerate() {
            match byte {
                b'0'..=b'9' => {
                    value = (value * 10 + u32::from(byte - b'0')).min(u32::from(u16::MAX));
                    given = true;
                }
                b':' | b';' => {
                    self.put(value as u16, given);
                    self.next(byte);
                    (value, given) = (0, false);
                }
                _ => {
                    length = at;
                    break;
                }
            }
        }
        if length > 0 {
            self.put(value as u16, given);
        }
        length
    }

    /// There are so many that the parser drops the sequence.
    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// A parameter that was given.
    pub(crate) fn get(&self, n: usize) -> Option<u16> {
        (n < self.len() && self.given & (1 << n) != 0).then(|| self.values[n])
    }

    /// A parameter, or 0.
    pub(crate) fn or_zero(&self, n: usize) -> u16 {
        self.get(n).unwrap_or(0)
    }

    /// A count: absent and 0 both mean 1.
    pub(crate) fn count(&self, n: usize) -> usize {
        usize::from(self.or_zero(n).max(1))
    }

    /// Whether parameter n is a part of the one before it.
    pub(crate) fn joined(&self, n: usize) -> bool {
        n < self.len() && self.colon & (1 << n) != 0
    }

    /// Values stay where they are: one that was not given is never looked at.
    pub(crate) fn clear(&mut self) {
        (self.given, self.colon, self.len, self.over) = (0, 0, 0, false);
    }

    /// One byte more, of a sequence that comes in pieces.
    pub(crate) fn push(&mut self, byte: u8) {
        self.len = self.len.max(1);
        let value = self.or_zero(self.len() - 1);
        match byte {
            b'0'..=b'9' => self.put(
                value
                    .saturating_mul(10)
                    .saturating_add(u16::from(byte - b'0')),
                true,
            ),
            _ => self.next(byte),
        }
    }

    /// Gives the last parameter its value.
    fn put(&mut self, value: u16, given: bool) {
        self.len = self.len.max(1);
        let at = self.len() - 1;
        self.values[at] = value;
        self.given |= u32::from(given) << at;
    }

    /// Begins another parameter, after this separator.
    fn next(&mut self, separator: u8) {
        if self.len() == Self::MOST {
            self.over = true;
        } else {
            self.colon |= u32::from(separator == b':') << self.len;
            self.len += 1;
        }
    }
}
