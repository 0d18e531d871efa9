//! Copy mode: a pane's history and screen held still, a cursor in them, and what is selected.
//!
//! The mode is plain data in the state, so that any command can move in it: where it stands, and the offset at which the pane was held
//! still. The [`Page`] is read from the pane's journal up to that offset whenever a command needs it. What the parts of the mode are called,
//! and where the cursor comes to rest, is tmux's.
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

pub use page::Page;

use psup_proto::Offset;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// The pane as its journal ended here.
    pub at: Offset,
    /// Rows of history above the screen, and the size of what is shown.
    pub above: i32,
    pub sx: i32,
    pub sy: i32,
    /// How many rows the view is above the end.
    pub back: i32,
    pub x: i32,
    pub y: i32,
    /// The column that the cursor returns to when a row is long enough, and that row's length.
    last_x: i32,
    last_length: i32,
    pub selected: Option<Selected>,
    /// Columns instead of text between two places.
    pub rectangle: bool,
    pub search: Option<Search>,
    /// How many places the last search matches, while they are shown.
    pub found: Option<u32>,
    mark: (i32, i32),
    jump: Option<Jump>,
    /// It is over when the view comes to the end.
    pub ends_at_bottom: bool,
    pub hides_position: bool,
    /// Lines to be shown instead of the pane: what a command printed.
    pub text: Option<Vec<String>>,
    /// vi's way with the ends of selections and searches, instead of emacs'.
    pub vi: bool,
}

/// A selection, by columns and rows of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selected {
    pub start: (i32, i32),
    pub end: (i32, i32),
    /// The end that the cursor moves.
    pub moves: Moves,
    /// All of the rows between them.
    lines: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Moves {
    Nothing,
    Start,
    End,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    pub text: String,
    forward: bool,
    regex: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Jump {
    to: char,
    forward: bool,
    /// Up to the character instead of onto it.
    before: bool,
}

/// What a command of the mode leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    Stay,
    Leave,
}

impl Copy {
    pub fn new(at: Offset, above: i32, (sx, sy): (i32, i32), cursor: (i32, i32)) -> Self {
        Self {
            at,
            above,
            sx,
            sy,
            x: cursor.0.min(sx - 1),
            y: cursor.1.clamp(0, sy - 1),
            ..Self::default()
        }
    }

    /// The page's row that is shown first.
    pub fn top(&self) -> i32 {
        self.above - self.back
    }

    /// The cursor's row in the page.
    pub fn row(&self) -> i32 {
        self.top() + self.y
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A pane of ten columns and three rows, one long line over two of them in its history.
    fn page() -> (Copy, Page) {
        let rows = ["one two", "abcdefghij", "klm", "", "  three", "four five"];
        let joined = ["one two", "abcdefghijklm", "", "  three", "four five"];
        let page = Page::new(&rows, &joined, 10, 6);
        let mut copy = Copy::new(0, 3, (10, 3), (9, 2));
        copy.x = 9;
        (copy, page)
    }

    fn check(commands: &str) -> String {
        let (mut copy, page) = page();
        for command in commands.split_whitespace() {
            copy.step(command, None, 1, &page, " -_@");
        }
        let text = copy.selected.map(|_| copy.text_of(&page)).unwrap_or_default();
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
            ("history-top cursor-down end-of-line start-of-line", "0,1 back 3 \"\""),
            ("page-up", "7,2 back 1 \"\""),
            ("start-of-line next-word", "5,2 back 0 \"\""),
            ("start-of-line cursor-left", "7,1 back 0 \"\""),
            ("cursor-up start-of-line back-to-indentation", "2,1 back 0 \"\""),
            (
                "history-top begin-selection cursor-down end-of-line",
                "3,2 back 3 \"one two\\nabcdefghijklm\"",
            ),
            ("start-of-line begin-selection next-word-end", "4,2 back 0 \"four\""),
            ("cursor-up select-line", "7,1 back 0 \"  three\""),
        ] {
            wrong.extend((check(commands) != wanted).then(|| format!("{commands}: {} not {wanted}", check(commands))));
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
