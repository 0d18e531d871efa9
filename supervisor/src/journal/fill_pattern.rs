//! What unread memory looks like: bytes that never occur in UTF-8, by their place.
//!
//! Read into a poisoned window, data can be told from what was there before. Text always can. A
//! random byte looks like the poison of its place once in 256 times, which matters only for the
//! last ones of a read cut off by a kill: see [`Ring::recover`](super::ring::Ring) for how these
//! are told.

/// The pattern repeats after this many bytes.
const PERIOD: usize = 4096;

static TABLE: [u8; PERIOD] = table();

/// The poison at an offset.
pub(super) fn at(offset: u64) -> u8 {
    TABLE[offset as usize % PERIOD]
}

/// The poison from an offset on, as far as it goes without a wrap.
pub(super) fn from(offset: u64) -> &'static [u8] {
    &TABLE[offset as usize % PERIOD..]
}

/// Whether a byte never occurs in UTF-8.
pub(super) fn is_foreign_to_text(byte: u8) -> bool {
    matches!(byte, 0xC0 | 0xC1 | 0xF5..=0xFF)
}

const fn table() -> [u8; PERIOD] {
    let foreign = *b"\xC0\xC1\xF5\xF6\xF7\xF8\xF9\xFA\xFB\xFC\xFD\xFE\xFF";
    let mut table = [0; PERIOD];
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut i = 0;
    while i < PERIOD {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        table[i] = foreign[(random >> 33) as usize % foreign.len()];
        i += 1;
    }
    table
}
