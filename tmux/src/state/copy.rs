//! Copy mode as data: where it stands, and the offset at which the pane was held still.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Copy {
    /// The pane as its journal ended here.
    pub at: u64,
    /// Rows of history above the screen, and the size of what is shown.
    pub above: i32,
    pub sx: i32,
    pub sy: i32,
    /// How many rows the view is above the end.
    pub back: i32,
    pub x: i32,
    pub y: i32,
    /// The column that the cursor returns to when a row is long enough, and that row's length.
    pub last_x: i32,
    pub last_length: i32,
    pub selected: Option<Selected>,
    /// Columns instead of text between two places.
    pub rectangle: bool,
    pub search: Option<Search>,
    /// How many places the last search matches, while they are shown.
    pub found: Option<u32>,
    pub mark: (i32, i32),
    pub jump: Option<Jump>,
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
pub(crate) struct Selected {
    pub start: (i32, i32),
    pub end: (i32, i32),
    /// The end that the cursor moves.
    pub moves: Moves,
    /// All of the rows between them.
    pub lines: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Moves {
    Nothing,
    Start,
    End,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Search {
    pub text: String,
    pub forward: bool,
    pub regex: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Jump {
    pub to: char,
    pub forward: bool,
    /// Up to the character instead of onto it.
    pub before: bool,
}

impl Copy {
    pub(crate) fn new(at: u64, above: i32, (sx, sy): (i32, i32), cursor: (i32, i32)) -> Self {
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
    pub(crate) fn top(&self) -> i32 {
        self.above - self.back
    }

    /// The cursor's row in the page.
    pub(crate) fn row(&self) -> i32 {
        self.top() + self.y
    }
}
