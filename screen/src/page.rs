//! Pages of lines: what the history is made of, and what captures are read from.

use super::simple;
use super::style::Style;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::VecDeque;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Page {
    /// Lines, each ended by `\n`; a long line goes on in the next page.
    pub(crate) text: String,
    /// How many ends of lines there are in it.
    pub(crate) ends: u32,
    /// In the place of the text: whole lines as the program wrote them, and the style they begin
    /// in. Never so in the last page.
    #[serde(skip)]
    pub(crate) unwritten: Option<(Box<[u8]>, Style)>,
}

impl Page {
    /// The text, of a page of any kind.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match &self.unwritten {
            Some((lines, style)) => simple::written(lines, *style).into(),
            None => self.text.as_str().into(),
        }
    }

    /// A page of text that is no page of a history.
    pub(crate) fn of(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }

    /// Forgets what stands before a place.
    fn begin_at(&mut self, place: usize) {
        self.write();
        self.text.drain(..place);
        self.ends = memchr::memchr_iter(b'\n', self.text.as_bytes()).count() as u32;
    }

    /// Keeps the text as text.
    pub(crate) fn write(&mut self) {
        if let Some((lines, style)) = self.unwritten.take() {
            self.text = simple::written(&lines, style);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.unwritten
            .as_ref()
            .map_or(self.text.len(), |(lines, _)| lines.len())
    }
}

/// Pages from a place in the first of them on.
pub(crate) fn begun_at(mut pages: VecDeque<Page>, place: usize) -> VecDeque<Page> {
    if let Some(first) = pages.front_mut().filter(|_| place > 0) {
        first.begin_at(place);
    }
    pages
}
