//! A screen as bytes, so that it can be gone on with after a restart.

use super::grid::Grid;
use super::history::History;
use super::parser::Parser;
use super::terminal::Terminal;
use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::serde::{decode_from_slice, encode_to_vec};
use psup_proto::Size;

/// Changes with every change of what is written; bytes of another version are not read.
const VERSION: u8 = 1;
/// No screen is larger: 1000x1000 cells twice, each of at most ten bytes, and some text.
const LIMIT: usize = 32 << 20;
const CONFIG: Configuration<LittleEndian, Varint, Limit<LIMIT>> = bincode::config::standard().with_limit::<LIMIT>();

pub fn write(parser: &Parser, terminal: &Terminal) -> Option<Vec<u8>> {
    let mut bytes = encode_to_vec((VERSION, parser, terminal), CONFIG).ok()?;
    bytes.shrink_to_fit();
    Some(bytes)
}

/// `history` is an empty one with the limits that the session has now.
pub fn read(bytes: &[u8], history: &History) -> Option<(Parser, Terminal)> {
    if bytes.first() != Some(&VERSION) {
        return None;
    }
    let ((_, parser, mut terminal), read): ((u8, Parser, Terminal), usize) = decode_from_slice(bytes, CONFIG).ok()?;
    terminal.history.limit_as(history);
    (read == bytes.len() && is_sound(&terminal)).then_some((parser, terminal))
}

/// What the terminal relies on. Bytes may come from a torn file.
fn is_sound(terminal: &Terminal) -> bool {
    let (rows, cols) = (terminal.rows(), terminal.cols());
    let fits = u16::try_from(rows)
        .ok()
        .zip(u16::try_from(cols).ok())
        .and_then(|(rows, cols)| Size::new(cols, rows));
    let styles = terminal.tables.styles.len() as u32;
    let sound = |grid: &Grid| {
        (grid.len(), grid.cols()) == (rows, cols)
            && grid
                .rows()
                .all(|row| row.cells.len() <= cols && row.cells.iter().all(|cell| cell.style < styles))
    };
    fits.is_some()
        && sound(&terminal.grid)
        && terminal.behind.as_ref().is_none_or(sound)
        && terminal.tabs.len() == cols
        && terminal.cursor.row < rows
        && terminal.cursor.col <= cols
        && terminal.top <= terminal.bottom
        && terminal.bottom < rows
}
