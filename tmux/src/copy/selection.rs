//! What is selected: its ends, and its text.

use crate::copy::Page;
use crate::state::copy::{Copy, Moves, Selected};

impl Copy {
    pub(super) fn select(&mut self, command: &str, page: &Page, separators: &str) -> Option<()> {
        match command {
            "begin-selection" => self.begin(false),
            "stop-selection" => {
                if let Some(selected) = &mut self.selected {
                    selected.moves = Moves::Nothing;
                    selected.lines = false;
                }
            }
            "clear-selection" => self.selected = None,
            "other-end" => self.other_end(),
            "rectangle-on" => self.rectangle = true,
            "rectangle-off" => self.rectangle = false,
            "rectangle-toggle" => self.rectangle = !self.rectangle,
            "select-line" => {
                self.rectangle = false;
                self.go_to_start_of_line(page);
                self.begin(true);
                self.go_to_end_of_line(page);
            }
            "select-word" => {
                self.rectangle = false;
                self.previous_word(page, separators, false);
                self.begin(false);
                self.next_word_end(page, separators);
            }
            _ => return None,
        }
        Some(())
    }

    pub(super) fn begin(&mut self, lines: bool) {
        let here = (self.x, self.row());
        self.selected = Some(Selected {
            start: here,
            end: here,
            moves: Moves::End,
            lines,
        });
    }

    /// The moving end of the selection is where the cursor is.
    pub(super) fn drag(&mut self) {
        let here = (self.x, self.row());
        if let Some(selected) = &mut self.selected {
            match selected.moves {
                Moves::Nothing => {}
                Moves::Start => selected.start = here,
                Moves::End => selected.end = here,
            }
        }
    }

    fn other_end(&mut self) {
        let Some(selected) = &mut self.selected else {
            return;
        };
        let (moves, (x, y)) = match selected.moves {
            Moves::End => (Moves::Start, selected.start),
            Moves::Start | Moves::Nothing => (Moves::End, selected.end),
        };
        selected.moves = moves;
        if y < self.top() {
            (self.back, self.y) = (self.above - y, 0);
        } else if y >= self.top() + self.sy {
            (self.back, self.y) = (self.above - y + self.sy - 1, self.sy - 1);
        } else {
            self.y = y - self.top();
        }
        self.x = x;
    }

    /// Which columns of a row are selected.
    pub(crate) fn marked(&self, page: &Page, y: i32) -> Option<(i32, i32)> {
        let selected = self.selected?;
        let by_row = |(x, y): (i32, i32)| (y, x);
        let (start, end) = (
            by_row(selected.start).min(by_row(selected.end)),
            by_row(selected.start).max(by_row(selected.end)),
        );
        if y < start.0 || y > end.0 {
            return None;
        }
        let (left, right) = (
            selected.start.0.min(selected.end.0),
            selected.start.0.max(selected.end.0),
        );
        let from = match () {
            () if self.rectangle => left,
            () if y == start.0 => start.1,
            () => 0,
        };
        let to = match () {
            () if self.rectangle => right,
            () if y == end.0 => end.1 + i32::from(self.vi),
            () => page.length(y),
        };
        Some((from, to))
    }

    /// What a copy of the selection holds; rows that are one line are joined.
    pub(crate) fn text_of(&self, page: &Page) -> String {
        let Some(selected) = self.selected else {
            return String::new();
        };
        let by_row = |(x, y): (i32, i32)| (y, x);
        let (start, end) = if by_row(selected.end) < by_row(selected.start) {
            (selected.end, selected.start)
        } else {
            (selected.start, selected.end)
        };
        let keeps_last = i32::from(self.vi);
        let length = page.length(end.1);
        let last_end = end.0.min(length) + keeps_last;
        let (mut first, mut rest, mut last, mut whole) = (start.0, 0, last_end, self.sx);
        if self.rectangle {
            let fixed = match selected.moves {
                Moves::End => selected.start.0,
                Moves::Start | Moves::Nothing => selected.end.0,
            };
            if fixed < self.x {
                (first, rest, last, whole) =
                    (fixed, fixed, self.x + keeps_last, self.x + keeps_last);
            } else {
                (first, rest, last, whole) = (self.x, self.x, fixed + 1, fixed + 1);
            }
        }
        let mut out = String::new();
        for y in start.1..=end.1 {
            let from = if y == start.1 { first } else { rest };
            let to = if y == end.1 { last } else { whole };
            out.push_str(&page.text(y, from, to));
            let joins = page.wraps(y) && to >= page.length(y);
            if !joins {
                out.push('\n');
            }
        }
        // A selection that takes in the end of its last line keeps it, in vi's way.
        let keeps_end = self.vi && last > length;
        if !keeps_end && out.ends_with('\n') && !(page.wraps(end.1) && last == length) {
            out.pop();
        }
        out
    }
}
