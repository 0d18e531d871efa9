//! Words: what is between white space, or between separators.

use crate::copy::Page;
use crate::state::copy::Copy;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Space,
    Separator,
    Letter,
}

/// A place that walks through the page, past the ends of rows.
struct Walk<'p> {
    page: &'p Page,
    separators: &'p str,
    x: i32,
    y: i32,
}

impl Walk<'_> {
    fn sort(&self) -> Sort {
        let c = self.page.cell(self.x, self.y);
        // White space counts as such though it may stand among the separators.
        if matches!(c, ' ' | '\t') {
            Sort::Space
        } else if self.separators.contains(c) {
            Sort::Separator
        } else {
            Sort::Letter
        }
    }

    /// The last column that belongs to the row.
    fn end(&self) -> i32 {
        if self.page.wraps(self.y) {
            self.page.sx - 1
        } else {
            self.page.length(self.y)
        }
    }

    /// Into the next row where this one is over; false at the end of all.
    fn settles(&mut self) -> bool {
        while self.x > self.end() {
            if self.y >= self.page.last() {
                return false;
            }
            (self.x, self.y) = (0, self.y + 1);
        }
        true
    }

    fn skip(&mut self, sort: Sort) -> bool {
        self.x += 1;
        while self.settles() {
            if self.sort() != sort {
                return true;
            }
            self.x += 1;
        }
        false
    }
}

impl Copy {
    fn walk<'p>(&self, page: &'p Page, separators: &'p str) -> Walk<'p> {
        Walk {
            page,
            separators,
            x: self.x,
            y: self.row(),
        }
    }

    pub(super) fn next_word(&mut self, page: &Page, separators: &str) {
        let mut walk = self.walk(page, separators);
        if !walk.settles() {
            return;
        }
        let sort = walk.sort();
        if sort != Sort::Space {
            walk.skip(sort);
        }
        while walk.settles() && walk.sort() == Sort::Space {
            walk.x += 1;
        }
        let (x, y) = (walk.x, walk.y);
        self.go(x, y);
    }

    pub(super) fn next_word_end(&mut self, page: &Page, separators: &str) {
        let mut walk = self.walk(page, separators);
        if self.vi && walk.sort() != Sort::Space && walk.x < page.length(walk.y) {
            walk.x += 1;
        }
        while walk.settles() {
            let sort = walk.sort();
            if sort != Sort::Space {
                walk.skip(sort);
                break;
            }
            walk.x += 1;
        }
        let (x, y) = (walk.x, walk.y);
        self.go(x, y);
        if self.vi && self.x > 0 {
            self.x -= 1;
        }
    }

    /// The word under the cursor.
    pub(crate) fn word(&self, page: &Page, separators: &str) -> String {
        let is_word = |x: i32| {
            let c = page.cell(x, self.row());
            !matches!(c, ' ' | '\t') && !separators.contains(c)
        };
        if !is_word(self.x) || self.x >= page.length(self.row()) {
            return String::new();
        }
        let start = (0..=self.x)
            .rev()
            .take_while(|x| is_word(*x))
            .last()
            .unwrap_or(self.x);
        let end = (self.x..page.length(self.row()))
            .take_while(|x| is_word(*x))
            .last()
            .unwrap_or(self.x);
        page.text(self.row(), start, end + 1)
    }

    /// `already` looks for an earlier word though the cursor is in one.
    pub(super) fn previous_word(&mut self, page: &Page, separators: &str, already: bool) {
        let mut walk = self.walk(page, separators);
        if already || walk.sort() == Sort::Space {
            loop {
                if walk.x > 0 {
                    walk.x -= 1;
                    if walk.sort() != Sort::Space {
                        break;
                    }
                } else if walk.y == 0 {
                    return self.go(0, 0);
                } else {
                    walk.y -= 1;
                    walk.x = page.length(walk.y);
                }
            }
        }
        let sort = walk.sort();
        loop {
            let (x, y) = (walk.x, walk.y);
            if walk.x == 0 {
                if walk.y == 0 || !page.wraps(walk.y - 1) {
                    break;
                }
                walk.y -= 1;
                walk.x = page.sx;
            }
            walk.x -= 1;
            if walk.sort() != sort {
                (walk.x, walk.y) = (x, y);
                break;
            }
        }
        let (x, y) = (walk.x, walk.y);
        self.go(x, y);
    }
}
