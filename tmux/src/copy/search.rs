//! Search: for text as it stands or for a pattern, without regard to case as long as the text has
//! no capital.

use crate::copy::Page;
use crate::format;
use crate::state::copy::{Copy, Search};

impl Copy {
    pub(super) fn seek(&mut self, command: &str, argument: Option<&str>, page: &Page) {
        if let Some(text) = argument.filter(|text| !text.is_empty()) {
            let special = text.contains(|c| "^$*+()?[].\\".contains(c));
            self.search = Some(Search {
                text: text.to_owned(),
                forward: command.starts_with("search-forward"),
                regex: special && !command.ends_with("-text") && !command.ends_with("-incremental"),
            });
        } else if let Some(search) = &mut self.search {
            match command {
                "search-forward" | "search-forward-text" => search.forward = true,
                "search-backward" | "search-backward-text" => search.forward = false,
                _ => {}
            }
        }
        let Some(search) = self.search.clone() else {
            return;
        };
        let forward = search.forward != (command == "search-reverse");
        let Some(finder) = Finder::new(&search) else {
            return;
        };
        let found = if forward {
            finder.after(page, self.x + i32::from(self.vi), self.row())
        } else {
            finder.before(page, self.x, self.row())
        };
        if let Some((x, y, length)) = found {
            self.found = Some(finder.count(page));
            let behind = if forward && !self.vi { length } else { 0 };
            self.show(x, y);
            self.x += behind;
        }
    }
}

enum Finder {
    Text(Vec<char>, bool),
    Pattern(regex_automata::meta::Regex),
}

impl Finder {
    fn new(search: &Search) -> Option<Self> {
        let folds = !search.text.chars().any(char::is_uppercase);
        if search.regex {
            return format::regex(&search.text, folds).map(Self::Pattern);
        }
        Some(Self::Text(search.text.chars().collect(), folds))
    }

    /// Where in a row it begins, by columns, and how many columns it is long.
    fn all(&self, page: &Page, y: i32) -> Vec<(i32, i32)> {
        let columns = page.columns(y);
        let chars: Vec<char> = columns.iter().map(|x| page.cell(*x, y)).collect();
        let end = |at: usize| columns.get(at).copied().unwrap_or_else(|| page.length(y));
        match self {
            Self::Text(text, folds) => {
                let same = |a: &char, b: &char| {
                    a == b || (*folds && a.to_lowercase().eq(b.to_lowercase()))
                };
                let here = |at: &usize| {
                    chars[*at..].len() >= text.len()
                        && text.iter().zip(&chars[*at..]).all(|(a, b)| same(a, b))
                };
                (0..chars.len())
                    .filter(here)
                    .map(|at| (columns[at], end(at + text.len()) - columns[at]))
                    .collect()
            }
            Self::Pattern(regex) => {
                let line: String = chars.iter().collect();
                let at = |byte: usize| line[..byte].chars().count();
                regex
                    .find_iter(&line)
                    .filter(|found| !found.is_empty())
                    .map(|found| {
                        (
                            columns[at(found.start())],
                            end(at(found.end())) - columns[at(found.start())],
                        )
                    })
                    .collect()
            }
        }
    }

    fn count(&self, page: &Page) -> u32 {
        (0..=page.last())
            .map(|y| self.all(page, y).len() as u32)
            .sum()
    }

    /// The first from a place on, else the first there is.
    fn after(&self, page: &Page, x: i32, y: i32) -> Option<(i32, i32, i32)> {
        let rows = (y..=page.last()).chain(0..=y);
        let mut first = true;
        for row in rows {
            let from = if std::mem::take(&mut first) { x } else { 0 };
            if let Some((at, length)) = self.all(page, row).into_iter().find(|(at, _)| *at >= from)
            {
                return Some((at, row, length));
            }
        }
        None
    }

    /// The last before a place, else the last there is.
    fn before(&self, page: &Page, x: i32, y: i32) -> Option<(i32, i32, i32)> {
        let rows = (0..=y).rev().chain((y..=page.last()).rev());
        let mut first = true;
        for row in rows {
            let to = if std::mem::take(&mut first) {
                x
            } else {
                i32::MAX
            };
            if let Some((at, length)) = self
                .all(page, row)
                .into_iter()
                .rev()
                .find(|(at, _)| *at < to)
            {
                return Some((at, row, length));
            }
        }
        None
    }
}
