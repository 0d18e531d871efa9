//! Captures: the screen as text, stamped with the offset it shows.

use crate::{Offset, Size};
use serde::{Deserialize, Serialize};

/// What to capture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    pub extent: Extent,
    pub format: Format,
    /// Physical rows instead of logical lines.
    pub rows: bool,
    /// The screen as it was when the journal ended here.
    pub at: Option<Offset>,
    /// At most this many characters: the newest lines that fit.
    pub budget: Option<u64>,
}

/// How far back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Extent {
    /// What is on the screen.
    Screen,
    /// The last lines of scrollback and screen together.
    Last(u32),
    /// All that is kept.
    All,
    /// Rows by their place, the first of the screen is 0 and those that have scrolled away are
    /// negative; both ends belong to it. Blank rows count, and `left_out` tells how many rows there
    /// are above the screen.
    Rows { first: i64, last: i64 },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    #[default]
    Text,
    Ansi,
    Json,
    Html,
    Svg,
    Png,
}

/// What stands before a capture's bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captured {
    /// The capture shows exactly the first `offset` bytes.
    pub offset: Offset,
    pub size: Size,
    pub cursor: Cursor,
    pub title: String,
    /// The modes that are set, by their names.
    pub modes: Vec<String>,
    /// Lines in the capture.
    pub lines: u64,
    /// Older lines that were asked for and are left out: they did not fit the budget, or are not
    /// kept any more.
    pub left_out: u64,
}

/// What there is to know of a screen besides its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScreenFacts {
    /// The screen after exactly the first `offset` bytes.
    pub offset: Offset,
    pub size: Size,
    pub cursor: Cursor,
    pub title: String,
    /// The modes that are set, by their names.
    pub modes: Vec<String>,
    /// Rows that have scrolled away and are kept.
    pub history: u64,
}

impl Capture {
    /// No row, for a supervisor of version 1: what stands before it are the screen's facts.
    pub const NOTHING: Self = Self {
        extent: Extent::Rows { first: 0, last: -1 },
        format: Format::Text,
        rows: true,
        at: None,
        budget: None,
    };

    /// Whether what is made of it needs the rows as they stand instead of joined lines: pictures
    /// have the shape of the screen.
    pub fn is_by_rows(&self) -> bool {
        let by_format = match self.format {
            Format::Svg | Format::Png => true,
            Format::Text | Format::Ansi | Format::Json | Format::Html => false,
        };
        self.rows || by_format || self.is_redraw() || matches!(self.extent, Extent::Rows { .. })
    }

    /// Whether the bytes draw the screen again, wherever they are written: its cells, its wraps and
    /// its cursor.
    pub fn is_redraw(&self) -> bool {
        self.format == Format::Ansi
            && self.extent == Extent::Screen
            && !self.rows
            && self.budget.is_none()
    }
}

impl From<Captured> for ScreenFacts {
    /// Of a capture of [nothing](Capture::NOTHING), which leaves out the history.
    fn from(head: Captured) -> Self {
        Self {
            offset: head.offset,
            size: head.size,
            cursor: head.cursor,
            title: head.title,
            modes: head.modes,
            history: head.left_out,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// From 0, from the left.
    pub col: u16,
    /// From 0, from the top of the screen.
    pub row: u16,
    pub visible: bool,
}
