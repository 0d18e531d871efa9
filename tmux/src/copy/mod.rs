//! Copy mode: a pane's history and screen held still, a cursor in them, and what is selected.
//!
//! The mode is plain data in the state, so that any command can move in it: where it stands, and
//! the offset at which the pane was held still. The [`Page`] is read from the pane's journal up to
//! that offset whenever a command needs it. What the parts of the mode are called, and where the
//! cursor comes to rest, is tmux's.
//!
//! ```text
//!  row 0          ┌────────────┐
//!                 │ history    │
//!  top()          ├────────────┤ ┐
//!                 │   x ← row()│ │ rows shown; `back` is how far they are above the end
//!                 │            │ ┘
//!  above + sy - 1 └────────────┘
//! ```

mod moves;
mod page;
mod search;
mod selection;
mod words;

pub(crate) use page::Page;

/// What a command of the mode leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    Stay,
    Leave,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::state::copy::Copy;

    /// A pane of ten columns and three rows, one long line over two of them in its history.
    fn page() -> (Copy, Page) {
        let rows = ["one two", "abcdefghij", "klm", "", "  three", "four five"];
        let page = Page::new(rows.map(|row| (row, row == "abcdefghij")), 10, 6);
        let mut copy = Copy::new(0, 3, (10, 3), (9, 2));
        copy.x = 9;
        (copy, page)
    }

    fn check(commands: &str) -> String {
        let (mut copy, page) = page();
        for command in commands.split_whitespace() {
            copy.step(command, None, 1, &page, " -_@");
        }
        let text = copy
            .selected
            .map(|_| copy.text_of(&page))
            .unwrap_or_default();
        format!("{},{} back {} {text:?}", copy.x, copy.y, copy.back)
    }

    #[test]
    fn the_cursor_goes_where_tmux_has_it() {
        let mut wrong: Vec<String> = Vec::new();
        for (commands, wanted) in [
            ("", "9,2 back 0 \"\""),
            ("cursor-up", "7,1 back 0 \"\""),
            ("cursor-up cursor-up cursor-down", "7,1 back 0 \"\""),
            ("history-top", "0,0 back 3 \"\""),
            ("history-top end-of-line", "7,0 back 3 \"\""),
            ("history-top cursor-down end-of-line", "3,2 back 3 \"\""),
            (
                "history-top cursor-down end-of-line start-of-line",
                "0,1 back 3 \"\"",
            ),
            ("page-up", "7,2 back 1 \"\""),
            ("start-of-line next-word", "5,2 back 0 \"\""),
            ("start-of-line cursor-left", "7,1 back 0 \"\""),
            (
                "cursor-up start-of-line back-to-indentation",
                "2,1 back 0 \"\"",
            ),
            (
                "history-top begin-selection cursor-down end-of-line",
                "3,2 back 3 \"one two\\nabcdefghijklm\"",
            ),
            (
                "start-of-line begin-selection next-word-end",
                "4,2 back 0 \"four\"",
            ),
            ("cursor-up select-line", "7,1 back 0 \"  three\""),
        ] {
            wrong.extend(
                (check(commands) != wanted)
                    .then(|| format!("{commands}: {} not {wanted}", check(commands))),
            );
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
