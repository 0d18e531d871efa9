//! The screen: no bytes make it panic, whatever its size and however they are cut.

use psup_proto::Size;
use psup_screen::Screen;

/// Columns, rows and the length of a portion come first; a portion that ends in 0 is followed by a
/// resize.
pub(crate) fn check(data: &[u8]) {
    let [cols, rows, cut, bytes @ ..] = data else {
        return;
    };
    let size = |cols: u8, rows: u8| Size {
        cols: u16::from(cols).max(1),
        rows: u16::from(rows).max(1),
    };
    let mut screen = Screen::new(size(*cols, *rows), 100);
    for portion in bytes.chunks(usize::from(*cut).max(1)) {
        screen.feed(portion);
        if let [.., cols, rows, 0] = portion {
            screen.resize(size(*cols, *rows));
        }
    }
}
