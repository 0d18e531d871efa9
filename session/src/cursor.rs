//! What stands before the cursor: prompts, half-typed lines.

use psup_screen::Screen;
use unicode_width::UnicodeWidthChar;

/// The part of the cursor's row that is written already.
pub(crate) fn left_of_cursor(screen: &Screen) -> String {
    let cursor = screen.cursor();
    let mut left = String::new();
    let mut width = 0;
    for c in screen
        .rows()
        .get(usize::from(cursor.row))
        .map(String::as_str)
        .unwrap_or_default()
        .chars()
    {
        width += c.width().unwrap_or(0);
        if width > usize::from(cursor.col) {
            break;
        }
        left.push(c);
    }
    left.extend(std::iter::repeat_n(
        ' ',
        usize::from(cursor.col).saturating_sub(width),
    ));
    left
}
