//! Lines that have left the screen, as text.
//!
//! A line is a logical one: rows that the edge had cut are joined again. It is kept as UTF-8 with
//! the SGR and OSC 8 sequences that style it, each line from the default style on, in pages; the
//! oldest page goes when there are more lines than the session keeps or more bytes than this memory
//! may hold. What has gone can be had again by drawing the journal once more.
//!
//! Lines of a flood are kept as the program wrote them, and brought into that form for anyone who
//! asks: hardly ever somebody does.

use super::grid::Row;
use super::page::{self, Page};
use super::style::Style;
use super::tables::Tables;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// A page is closed at the end of the line that makes it as long. Pages are what is forgotten at
/// once, so they are small against the budget.
const PAGE: usize = 16 << 10;
/// A line that makes a page as long as this goes on in the next one.
const PAGE_MOST: usize = 4 * PAGE;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct History {
    /// Closed pages, the oldest first. A checkpoint goes without them.
    #[serde(skip)]
    pages: VecDeque<Page>,
    last: Page,
    /// Lines forgotten.
    forgotten: u64,
    /// Lines that the program itself cleared: they are not missed.
    cleared: u64,
    /// Lines that were never drawn here, because the journal does not have them any more.
    #[serde(skip)]
    undrawn: u64,
    /// Finished lines in all pages.
    kept: u64,
    /// Bytes in closed pages.
    #[serde(skip)]
    bytes: usize,
    most_lines: u64,
    most_bytes: usize,
    /// The last line is not finished: its end is still on the screen.
    open: bool,
    /// The style at the end of an open line.
    pen: Style,
}

impl History {
    /// A line up to this length is never cut between pages.
    pub(crate) const LINE: usize = PAGE;

    pub(crate) fn new(most_lines: u32, most_bytes: usize) -> Self {
        Self {
            pages: VecDeque::new(),
            last: Page::default(),
            forgotten: 0,
            cleared: 0,
            undrawn: 0,
            kept: 0,
            bytes: 0,
            most_lines: most_lines.into(),
            most_bytes,
            open: false,
            pen: Style::default(),
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// The style that the end of an open line is written in; the default one at the beginning of a
    /// line.
    pub(crate) fn pen(&self) -> Style {
        if self.open {
            self.pen
        } else {
            Style::default()
        }
    }

    /// The number of the first line that is kept.
    pub(crate) fn start(&self) -> u64 {
        self.forgotten
    }

    /// The number that the next finished line gets.
    pub(crate) fn end(&self) -> u64 {
        self.forgotten + self.kept
    }

    /// Takes a row that leaves the screen, and so many blanks that it lacks at its end.
    pub(crate) fn keep(&mut self, row: &Row, blanks: usize, tables: &Tables) {
        if !row.cells.is_empty() || row.wrapped {
            let pen = self.pen();
            self.extend(|text| tables.push_row(&row.cells, blanks, pen, text));
        }
        if !row.wrapped {
            self.finish();
        }
    }

    /// Appends to the open line, or begins one: `write` adds text without any `\n` and gives the
    /// style at its end.
    pub(crate) fn extend(&mut self, write: impl FnOnce(&mut String) -> Style) {
        self.pen = write(&mut self.last.text);
        self.open = true;
        self.turn(PAGE_MOST);
    }

    /// Ends the open line; without one, an empty line is added.
    pub(crate) fn finish(&mut self) {
        self.last.text.push('\n');
        self.last.ends += 1;
        self.kept += 1;
        self.open = false;
        self.pen = Style::default();
        self.turn(PAGE);
    }

    /// Takes a whole line, its `\n` at the end.
    pub(crate) fn append(&mut self, line: &str) {
        self.last.text.push_str(line);
        self.last.ends += 1;
        self.kept += 1;
        self.turn(PAGE);
    }

    /// Takes whole lines as the program wrote them, which are simple (`simple.rs`) and begin in a
    /// style.
    pub(crate) fn append_unwritten(&mut self, lines: &[u8], ends: u32, style: Style) {
        if !self.last.text.is_empty() {
            self.close();
        }
        self.kept += u64::from(ends);
        self.shelve(Page {
            text: String::new(),
            ends,
            unwritten: Some((lines.into(), style)),
        });
    }

    /// Takes the last line back, to be shown again.
    pub(crate) fn pop(&mut self) -> Option<String> {
        let mut line = String::new();
        // The end of the last finished line goes first, so that what remains to be found is the end
        // of the line before.
        if !self.open {
            self.reach_back();
            self.last.text.pop()?;
            self.last.ends -= 1;
            self.kept -= 1;
        }
        loop {
            let from = self.last.text.rfind('\n').map_or(0, |at| at + 1);
            line.insert_str(0, &self.last.text[from..]);
            self.last.text.truncate(from);
            if from > 0 || self.pages.is_empty() {
                break;
            }
            self.reach_back();
            if self.last.text.ends_with('\n') {
                break;
            }
        }
        self.open = false;
        self.pen = Style::default();
        Some(line)
    }

    /// Gives the last `count` lines, an open one among them, the oldest first.
    pub(crate) fn each(&self, count: u64, mut give: impl FnMut(&str)) {
        let mut skip = self.kept + u64::from(self.open) - count.min(self.len());
        // The beginning of a line whose end is in a later page.
        let mut begun = String::new();
        for page in self.pages.iter().chain([&self.last]) {
            if page.ends > 0 && skip >= page.ends.into() {
                skip -= u64::from(page.ends);
                begun.clear();
                begun.push_str(page.text.rsplit('\n').next().unwrap_or_default());
                continue;
            }
            let whole = page.text();
            let mut text = &*whole;
            while let Some((line, rest)) = text.split_once('\n') {
                text = rest;
                if skip > 0 {
                    skip -= 1;
                } else if begun.is_empty() {
                    give(line);
                } else {
                    begun.push_str(line);
                    give(&begun);
                }
                begun.clear();
            }
            begun.push_str(text);
        }
        if self.open && skip == 0 {
            give(&begun);
        }
    }

    /// A copy of the last `count` lines, an open one among them: whole pages, but for the first.
    pub(crate) fn last_lines(&self, count: u64) -> VecDeque<Page> {
        let (first, place) = self.begin_of_last(count);
        let pages = self.pages.iter().chain([&self.last]).skip(first);
        page::begun_at(pages.cloned().collect(), place)
    }

    /// As [`last_lines`](Self::last_lines), in the place of the history.
    pub(crate) fn into_last_lines(mut self, count: u64) -> VecDeque<Page> {
        let (first, place) = self.begin_of_last(count);
        let mut pages = std::mem::take(&mut self.pages);
        pages.push_back(self.last);
        pages.drain(..first);
        page::begun_at(pages, place)
    }

    /// The page in which the last `count` lines begin, and where in its text.
    fn begin_of_last(&self, count: u64) -> (usize, usize) {
        let mut skip = self.kept + u64::from(self.open) - count.min(self.len());
        let mut place = (0, 0);
        for (number, page) in self.pages.iter().chain([&self.last]).enumerate() {
            if skip == 0 {
                break;
            }
            let ends = u64::from(page.ends);
            if ends > skip {
                let text = page.text();
                let mut ends = memchr::memchr_iter(b'\n', text.as_bytes());
                let end = ends.nth(skip as usize - 1);
                return (number, end.map_or(0, |end| end + 1));
            }
            skip -= ends;
            place = match page.text.rfind('\n') {
                Some(end) => (number, end + 1),
                None if page.unwritten.is_some() => (number + 1, 0),
                None => place,
            };
        }
        place
    }

    /// How many lines there are, an open one among them. What is in memory may be a little more
    /// than the session keeps.
    pub(crate) fn len(&self) -> u64 {
        self.kept.min(self.most_lines) + u64::from(self.open)
    }

    /// How many lines have left the screen that are not here any more, those left out that the
    /// program cleared.
    pub(crate) fn missed(&self) -> u64 {
        self.undrawn + self.forgotten - self.cleared + self.kept.saturating_sub(self.most_lines)
    }

    /// Lines are missing, and nobody knows how many.
    pub(crate) fn lack(&mut self) {
        self.forgotten += 1;
    }

    /// Another history of the same session has had all lines.
    pub(crate) fn count_as(&mut self, other: &Self) {
        let (here, there) = (self.missed() + self.kept, other.missed() + other.kept);
        self.undrawn += there.saturating_sub(here);
    }

    pub(crate) fn clear(&mut self) {
        self.forgotten += self.kept;
        self.cleared = self.forgotten;
        self.pages.clear();
        self.last = Page::default();
        (self.kept, self.bytes, self.open) = (0, 0, false);
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes + self.last.text.len()
    }

    /// Forgets old pages until no more than so many bytes are left, and gives back what was
    /// reserved.
    pub(crate) fn shrink(&mut self, bytes: usize) {
        self.forget(bytes);
        self.last.text.shrink_to_fit();
        self.pages.shrink_to_fit();
    }

    /// Whether memory has the last `count` lines, or all that the session asked to be kept and the
    /// program has not cleared.
    pub(crate) fn reaches(&self, count: u64) -> bool {
        self.forgotten == self.cleared || self.kept >= count.min(self.most_lines)
    }

    /// After a checkpoint was read: takes another history's limits over, and the closed pages are
    /// forgotten.
    pub(crate) fn limit_as(&mut self, other: &Self) {
        self.forgotten += self.kept.saturating_sub(self.last.ends.into());
        self.kept = self.last.ends.into();
        self.most_lines = other.most_lines;
        self.most_bytes = other.most_bytes;
        self.forget(self.most_bytes);
    }

    /// Links have got other numbers.
    pub(crate) fn relink(&mut self, links: &[u32]) {
        self.pen.link = links[self.pen.link as usize];
    }

    /// Makes the last page the open one again when nothing is in the open one.
    fn reach_back(&mut self) {
        if self.last.text.is_empty()
            && let Some(page) = self.pages.pop_back()
        {
            self.bytes -= page.len();
            self.last = page;
            self.last.write();
        }
    }

    fn turn(&mut self, length: usize) {
        if self.last.text.len() < length {
            return;
        }
        self.close();
        self.last.text.reserve(PAGE + PAGE / 8);
    }

    fn close(&mut self) {
        let mut page = std::mem::take(&mut self.last);
        page.text.shrink_to_fit();
        self.shelve(page);
    }

    fn shelve(&mut self, page: Page) {
        self.bytes += page.len();
        self.pages.push_back(page);
        self.forget(self.most_bytes);
    }

    fn forget(&mut self, most_bytes: usize) {
        while let Some(oldest) = self.pages.front() {
            let ends = u64::from(oldest.ends);
            if self.bytes <= most_bytes && self.kept - ends < self.most_lines {
                break;
            }
            self.bytes -= oldest.len();
            self.kept -= ends;
            self.forgotten += ends;
            self.pages.pop_front();
        }
    }
}
