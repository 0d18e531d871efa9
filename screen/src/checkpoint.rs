//! A screen as bytes, so that it can be gone on with after a restart.

use super::history::History;
use super::parser::Parser;
use super::table::Mix;
use super::terminal::Terminal;
use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::serde::{decode_from_slice, encode_to_vec};
use std::hash::Hasher;

/// Changes with every change of what is written; bytes of another version are not read.
const VERSION: u8 = 1;
/// No screen is larger: 1000x1000 cells twice, each of at most ten bytes, and some text.
const LIMIT: usize = 32 << 20;
const CONFIG: Configuration<LittleEndian, Varint, Limit<LIMIT>> =
    bincode::config::standard().with_limit::<LIMIT>();
/// The last bytes are a checksum of the others: a file may be torn.
const SUM: usize = 8;

pub(crate) fn write(parser: &Parser, terminal: &Terminal) -> Option<Vec<u8>> {
    let mut bytes = encode_to_vec((VERSION, parser, terminal), CONFIG).ok()?;
    bytes.extend_from_slice(&sum(&bytes));
    bytes.shrink_to_fit();
    Some(bytes)
}

/// `history` is an empty one with the limits that the session has now.
pub(crate) fn read(bytes: &[u8], history: &History) -> Option<(Parser, Terminal)> {
    let (bytes, told) = bytes.split_at_checked(bytes.len().checked_sub(SUM)?)?;
    if bytes.first() != Some(&VERSION) || told != sum(bytes) {
        return None;
    }
    let ((_, parser, mut terminal), _): ((u8, Parser, Terminal), usize) =
        decode_from_slice(bytes, CONFIG).ok()?;
    terminal.history.limit_as(history);
    Some((parser, terminal))
}

fn sum(bytes: &[u8]) -> [u8; SUM] {
    let mut mix = Mix::default();
    mix.write(bytes);
    mix.write_usize(bytes.len());
    mix.finish().to_le_bytes()
}
