//! A walk through pages of styled text, some bytes at a time: what stands in which style, and where
//! rows end.
//!
//! The last page is the screen's, whose rows are as wide as they are. The pages before it are the
//! history's: their lines are folded where rows are wanted.

use crate::page::Page;
use crate::params::Params;
use crate::style::Style;
use crate::width;
use psup_proto::rows::Link;
use std::collections::VecDeque;

/// Bytes of one step: a fraction of a millisecond, whatever stands in them.
const STEP: usize = 32 << 10;

/// Style and hyperlink of text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pen {
    pub(super) style: Style,
    pub(super) link: Option<Link>,
}

/// Who is told what stands there.
pub(super) trait Sink {
    /// Text without any end of a row; never empty.
    fn text(&mut self, text: &str, pen: &Pen);

    /// The end of a row; with the blanks it lacks, where the next one goes on from it.
    fn end(&mut self, wrap: Option<u16>);

    /// It wants no more in this step.
    fn is_full(&self) -> bool;
}

/// What the screen's own rows are.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ScreenText {
    /// Each row or line ended by `\n`.
    pub(super) text: String,
    /// How its rows go on, one by one; empty where they are joined already.
    pub(super) wraps: Vec<Option<u16>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Walk {
    pages: VecDeque<Page>,
    /// Set where lines of the history are folded to rows.
    cols: Option<usize>,
    /// Set where the history's last line is not finished: whether the screen's first row is what
    /// follows it.
    open: Option<bool>,
    wraps: Vec<Option<u16>>,
    place: Place,
}

/// Where the walk stands.
#[derive(Clone, Debug, Default, PartialEq)]
struct Place {
    page: usize,
    at: usize,
    pen: Pen,
    /// Columns taken in a row that is being folded.
    col: usize,
    /// Rows of the screen that are over.
    rows: usize,
}

impl Walk {
    pub(super) fn new(
        mut history: VecDeque<Page>,
        open: Option<bool>,
        cols: Option<usize>,
        screen: ScreenText,
    ) -> Self {
        history.push_back(Page::of(screen.text));
        Self {
            pages: history,
            cols,
            open,
            wraps: screen.wraps,
            place: Place::default(),
        }
    }

    /// To the beginning again.
    pub(super) fn restart(&mut self) {
        self.place = Place::default();
    }

    /// Forgets the pages that have been walked through.
    pub(super) fn forget(&mut self) {
        self.pages.drain(..self.place.page.min(self.pages.len()));
        self.place.page = 0;
    }

    /// Walks on for a while; false at the end.
    pub(super) fn step(&mut self, to: &mut impl Sink) -> bool {
        let mut left = STEP;
        while left > 0 && !to.is_full() {
            let Some(page) = self.pages.get_mut(self.place.page) else {
                return false;
            };
            page.write();
            let before = self.place.at;
            if self.place.at < page.text.len() {
                self.token(to);
                left = left.saturating_sub(self.place.at - before + 1);
            } else {
                self.leave_page(to);
            }
        }
        true
    }

    fn is_on_screen(&self) -> bool {
        self.place.page + 1 == self.pages.len()
    }

    /// The next row end, sequence or text.
    fn token(&mut self, to: &mut impl Sink) {
        let is_on_screen = self.is_on_screen();
        let place = &mut self.place;
        let rest = &self.pages[place.page].text[place.at..];
        place.at += match rest.as_bytes()[0] {
            b'\n' => {
                let wrap = self.wraps.get(place.rows).filter(|_| is_on_screen);
                place.rows += usize::from(is_on_screen);
                (place.pen, place.col) = (Pen::default(), 0);
                to.end(wrap.copied().flatten());
                1
            }
            0x1b => place.pen.obey(rest),
            _ => {
                let end = memchr::memchr2(b'\n', 0x1b, rest.as_bytes()).unwrap_or(rest.len());
                let text = &rest[..end];
                if let Some(cols) = self.cols.filter(|_| !is_on_screen) {
                    fold(text, cols, &mut place.col, &place.pen, to)
                } else {
                    to.text(text, &place.pen);
                    end
                }
            }
        };
    }

    fn leave_page(&mut self, to: &mut impl Sink) {
        self.place.page += 1;
        self.place.at = 0;
        if let (Some(_), Some(goes_on), true) = (self.cols, self.open, self.is_on_screen()) {
            (self.place.pen, self.place.col) = (Pen::default(), 0);
            to.end(goes_on.then_some(0));
        }
    }
}

impl Pen {
    /// Does what the sequence says that text begins with; gives its length.
    fn obey(&mut self, text: &str) -> usize {
        let sequence = &text[1..];
        if let Some((params, after)) = sequence.strip_prefix('[').and_then(|s| s.split_once('m')) {
            self.style.apply(&Params::parse(params.as_bytes()));
            return text.len() - after.len();
        }
        let link = sequence.strip_prefix("]8;");
        if let Some((link, after)) = link.and_then(|s| s.split_once("\x1b\\")) {
            let (params, uri) = link.split_once(';').unwrap_or_default();
            self.link = (!uri.is_empty()).then(|| Link {
                uri: uri.to_owned(),
                id: params.strip_prefix("id=").unwrap_or_default().to_owned(),
            });
            return text.len() - after.len();
        }
        1
    }
}

/// Tells of text up to the end of a row of so many columns, `col` of which are taken, and of the
/// character behind it; gives the bytes that were told of.
fn fold(text: &str, cols: usize, col: &mut usize, pen: &Pen, to: &mut impl Sink) -> usize {
    let room = cols.saturating_sub(*col);
    let ascii = room.min(text.len());
    if room > 0 && text.as_bytes()[..ascii].is_ascii() {
        to.text(&text[..ascii], pen);
        *col += ascii;
        return ascii;
    }
    let mut at = 0;
    for (c, width) in width::each(text) {
        let end = at + c.len_utf8();
        if *col + width > cols {
            if at > 0 {
                to.text(&text[..at], pen);
            }
            to.end(Some(0));
            to.text(&text[at..end], pen);
            *col = width;
            return end;
        }
        *col += width;
        at = end;
    }
    to.text(text, pen);
    at
}
