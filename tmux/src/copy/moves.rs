//! Where the cursor goes by each command.

use crate::copy::{Page, Then};
use crate::state::copy::{Copy, Jump, Moves};

impl Copy {
    /// Does one command so many times; `None` where it is none of those that only move and select.
    pub(crate) fn step(
        &mut self,
        command: &str,
        argument: Option<&str>,
        times: i64,
        page: &Page,
        separators: &str,
    ) -> Option<Then> {
        let once = |copy: &mut Self| copy.once(command, argument, page, separators);
        let repeats = matches!(
            command,
            "cursor-up"
                | "cursor-down"
                | "cursor-left"
                | "cursor-right"
                | "cursor-down-and-cancel"
                | "page-up"
                | "page-down"
                | "page-down-and-cancel"
                | "halfpage-up"
                | "halfpage-down"
                | "halfpage-down-and-cancel"
                | "scroll-up"
                | "scroll-down"
                | "scroll-down-and-cancel"
                | "next-word"
                | "next-word-end"
                | "next-space"
                | "next-space-end"
                | "previous-word"
                | "previous-space"
                | "next-paragraph"
                | "previous-paragraph"
                | "search-again"
                | "search-reverse"
                | "jump-again"
                | "jump-reverse"
                | "select-line"
        );
        let times = if repeats { times.clamp(1, 10_000) } else { 1 };
        for time in 0..times {
            if command == "select-line" && time > 0 {
                self.down(page, false);
                self.go_to_end_of_line(page);
                self.drag();
            } else if once(self)? == Then::Leave {
                return Some(Then::Leave);
            }
        }
        Some(Then::Stay)
    }

    fn once(
        &mut self,
        command: &str,
        argument: Option<&str>,
        page: &Page,
        separators: &str,
    ) -> Option<Then> {
        if !command.starts_with("search-") {
            self.found = None;
        }
        let spaces = "";
        match command {
            "cursor-up" => self.up(page, false),
            "cursor-down" => self.down(page, false),
            "cursor-down-and-cancel" => {
                let before = self.y;
                self.down(page, false);
                if self.y == before && self.back == 0 {
                    return Some(Then::Leave);
                }
            }
            "cursor-left" => self.left(page),
            "cursor-right" => self.right(page),
            "start-of-line" => self.go_to_start_of_line(page),
            "end-of-line" => self.go_to_end_of_line(page),
            "back-to-indentation" => self.go_to_indentation(page),
            "page-up" => self.page_up(page, self.sy - 2),
            "halfpage-up" => self.page_up(page, self.sy / 2),
            "page-down" | "page-down-and-cancel" => {
                return Some(self.page_down(page, self.sy - 2, command.ends_with("cancel")));
            }
            "halfpage-down" | "halfpage-down-and-cancel" => {
                return Some(self.page_down(page, self.sy / 2, command.ends_with("cancel")));
            }
            "scroll-up" => self.up(page, true),
            "scroll-down" | "scroll-down-and-cancel" => {
                self.down(page, true);
                if self.back == 0 && (self.ends_at_bottom || command.ends_with("cancel")) {
                    return Some(Then::Leave);
                }
            }
            "history-top" => (self.x, self.y, self.back) = (0, 0, self.above),
            "history-bottom" => {
                (self.y, self.back) = (self.sy - 1, 0);
                self.x = page.length(self.row());
            }
            "top-line" => (self.x, self.y) = (0, 0),
            "middle-line" => (self.x, self.y) = (0, (self.sy - 1) / 2),
            "bottom-line" => (self.x, self.y) = (0, self.sy - 1),
            "goto-line" => self.go_to_line(argument.unwrap_or_default()),
            "next-word" => self.next_word(page, separators),
            "next-word-end" => self.next_word_end(page, separators),
            "next-space" => self.next_word(page, spaces),
            "next-space-end" => self.next_word_end(page, spaces),
            "previous-word" => self.previous_word(page, separators, true),
            "previous-space" => self.previous_word(page, spaces, true),
            "next-paragraph" => self.next_paragraph(page),
            "previous-paragraph" => self.previous_paragraph(page),
            "set-mark" => {
                let here = (self.x, self.row());
                self.mark = here;
            }
            "jump-to-mark" => {
                let here = (self.x, self.row());
                let mark = std::mem::replace(&mut self.mark, here);
                self.show(mark.0, mark.1);
            }
            "toggle-position" => self.hides_position = !self.hides_position,
            _ if command.starts_with("jump-") => self.jump(command, argument, page),
            _ if command.starts_with("search-") => self.seek(command, argument, page),
            _ => self.select(command, page, separators)?,
        }
        self.drag();
        Some(Then::Stay)
    }

    pub(super) fn in_text(&self) -> bool {
        self.selected.is_none() || !self.rectangle
    }

    fn remember(&mut self, page: &Page) {
        let length = page.length(self.row());
        if self.in_text() && self.x != length {
            (self.last_x, self.last_length) = (self.x, length);
        }
    }

    /// Back to the remembered column, as far as the row goes.
    fn fit(&mut self, page: &Page) {
        if !self.in_text() {
            return;
        }
        let length = page.length(self.row());
        if (self.x >= self.last_length && self.x != length) || self.x > length {
            self.x = length;
        }
        if self
            .selected
            .is_some_and(|s| s.lines && s.moves == Moves::End)
        {
            self.x = length;
        }
    }

    pub(super) fn up(&mut self, page: &Page, scrolls: bool) {
        self.remember(page);
        if self.in_text() {
            self.x = self.last_x;
        }
        if scrolls || self.y == 0 {
            self.back = (self.back + 1).min(self.above);
        } else {
            self.y -= 1;
        }
        self.fit(page);
    }

    pub(super) fn down(&mut self, page: &Page, scrolls: bool) {
        self.remember(page);
        if self.in_text() {
            self.x = self.last_x;
        }
        if scrolls || self.y == self.sy - 1 {
            self.back = (self.back - 1).max(0);
        } else {
            self.y += 1;
        }
        self.fit(page);
    }

    fn page_up(&mut self, page: &Page, rows: i32) {
        let rows = if self.sy > 2 { rows } else { 1 };
        self.remember(page);
        self.x = self.last_x;
        if self.back + rows > self.above {
            self.back = self.above;
            self.y = if self.y < rows { 0 } else { self.y - rows };
        } else {
            self.back += rows;
        }
        self.fit_to_line(page);
    }

    fn page_down(&mut self, page: &Page, rows: i32, leaves: bool) -> Then {
        let rows = if self.sy > 2 { rows } else { 1 };
        self.remember(page);
        self.x = self.last_x;
        if self.back < rows {
            self.back = 0;
            self.y = (self.y + rows).min(self.sy - 1);
        } else {
            self.back -= rows;
        }
        self.fit_to_line(page);
        self.drag();
        if self.back == 0 && (leaves || self.ends_at_bottom) {
            Then::Leave
        } else {
            Then::Stay
        }
    }

    fn fit_to_line(&mut self, page: &Page) {
        let length = page.length(self.row());
        if self.in_text() && ((self.x >= self.last_length && self.x != length) || self.x > length) {
            self.go_to_end_of_line(page);
        }
    }

    fn left(&mut self, page: &Page) {
        let (mut x, y) = (self.x, self.row());
        while x > 0 && page.is_half(x, y) {
            x -= 1;
        }
        if x == 0 && y > 0 {
            self.go(page.length(y - 1), y - 1);
        } else if x > 0 {
            self.go(x - 1, y);
            while self.x > 0 && page.is_half(self.x, y) {
                self.x -= 1;
            }
        }
    }

    fn right(&mut self, page: &Page) {
        let (mut x, y) = (self.x, self.row());
        let length = if self.in_text() {
            page.length(y)
        } else {
            self.sx
        };
        if x >= length && y < page.last() {
            self.go(0, y + 1);
        } else if x < length {
            x += 1;
            while x < length && page.is_half(x, y) {
                x += 1;
            }
            self.go(x, y);
        }
    }

    pub(super) fn go_to_start_of_line(&mut self, page: &Page) {
        let mut y = self.row();
        while y > 0 && page.wraps(y - 1) {
            y -= 1;
        }
        self.go(0, y);
    }

    pub(super) fn go_to_end_of_line(&mut self, page: &Page) {
        let mut y = self.row();
        while y < page.last() && page.wraps(y) {
            y += 1;
        }
        let x = if self.in_text() {
            page.length(y)
        } else {
            self.sx
        };
        self.go(x, y);
    }

    fn go_to_indentation(&mut self, page: &Page) {
        self.go_to_start_of_line(page);
        let y = self.row();
        let x = (0..page.length(y)).find(|x| !matches!(page.cell(*x, y), ' ' | '\t'));
        self.x = x.unwrap_or(0);
    }

    fn go_to_line(&mut self, number: &str) {
        let Ok(line) = number.parse::<i32>() else {
            return;
        };
        self.back = if line < 0 || line > self.above {
            self.above
        } else {
            line
        };
    }

    fn next_paragraph(&mut self, page: &Page) {
        let mut y = self.row();
        while y < page.last() && page.length(y) == 0 {
            y += 1;
        }
        while y < page.last() && page.length(y) > 0 {
            y += 1;
        }
        self.show(page.length(y), y);
    }

    fn previous_paragraph(&mut self, page: &Page) {
        let mut y = self.row();
        while y > 0 && page.length(y) == 0 {
            y -= 1;
        }
        while y > 0 && page.length(y) > 0 {
            y -= 1;
        }
        self.show(0, y);
    }

    fn jump(&mut self, command: &str, argument: Option<&str>, page: &Page) {
        if let Some(to) = argument.and_then(|a| a.chars().next()) {
            self.jump = Some(Jump {
                to,
                forward: command.ends_with("forward"),
                before: command.starts_with("jump-to-"),
            });
        }
        let Some(jump) = self.jump else { return };
        let forward = jump.forward != (command == "jump-reverse");
        let y = self.row();
        let far = i32::from(jump.before) + 1;
        let found = if forward {
            (self.x + far..page.length(y)).find(|x| page.cell(*x, y) == jump.to)
        } else {
            (0..(self.x - far + 1).max(0))
                .rev()
                .find(|x| page.cell(*x, y) == jump.to)
        };
        if let Some(x) = found {
            let short = if forward { -1 } else { 1 };
            self.x = x + if jump.before { short } else { 0 };
        }
    }

    /// To a place of the page, by as little scrolling as can be.
    pub(super) fn go(&mut self, x: i32, y: i32) {
        if y < self.top() {
            (self.back, self.y) = ((self.above - y).min(self.above), 0);
        } else if y >= self.top() + self.sy {
            self.back = (self.above - (y - self.sy + 1)).max(0);
            self.y = self.sy - 1;
        } else {
            self.y = y - self.top();
        }
        self.x = x;
    }

    /// To a place of the page, with some rows around it where it was out of sight.
    pub(super) fn show(&mut self, x: i32, y: i32) {
        self.x = x;
        if y >= self.top() && y < self.top() + self.sy {
            self.y = y - self.top();
            return;
        }
        let gap = self.sy / 4;
        let top = if y < self.sy {
            0
        } else if y > self.above + self.sy - gap {
            self.above
        } else {
            y + gap - self.sy
        };
        (self.y, self.back) = (y - top, self.above - top);
    }
}
