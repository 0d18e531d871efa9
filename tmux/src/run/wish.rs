//! How the flags of `split-window` and `join-pane` want the room of a pane divided.

use crate::layout::{Way, Wish};
use crate::run::{Call, CommandError};
use crate::state::Window;
use crate::text::number;

/// What `-P` prints of a new pane unless told otherwise.
pub(crate) const PRINTED: &str = "#{session_name}:#{window_index}.#{pane_index}";

impl Call {
    /// How the flags want the room of a pane divided.
    pub(crate) fn wish(&self, window: &Window, pane: u32) -> Result<Wish, CommandError> {
        let way = if self.has('h') {
            Way::LeftRight
        } else {
            Way::TopBottom
        };
        let whole = if self.has('f') {
            window.layout.size(way)
        } else {
            window.cell(pane).map_or(0, |c| c.size(way))
        };
        Ok(Wish {
            way,
            size: self.wanted_size(whole)?,
            before: self.has('b'),
            full: self.has('f'),
        })
    }

    /// `-l 10`, `-l 30%`, `-p 30`; more than there is takes all that can be had.
    fn wanted_size(&self, whole: i32) -> Result<Option<i32>, CommandError> {
        let splits = self.name() == "split-window";
        let bad = |what: &'static str| {
            move |why: &str| {
                CommandError::Error(format!("{} {why}", if splits { what } else { "size" }))
            }
        };
        let most = i64::from(i32::MAX);
        // Only a split takes more than all there is.
        let all = if splits { most } else { 100 };
        let part =
            |percent: i64| i32::try_from(i64::from(whole) * percent / 100).unwrap_or(i32::MAX);
        if let Some(text) = self.get('l') {
            return match text.strip_suffix('%') {
                Some(percent) => number(percent, 0, all)
                    .map(|p| Some(part(p)))
                    .map_err(bad("percentage")),
                None => number(text, 0, most)
                    .map(|n| Some(n as i32))
                    .map_err(bad("lines")),
            };
        }
        match self.get('p') {
            Some(text) => number(text, 0, all)
                .map(|p| Some(part(p)))
                .map_err(bad("create pane failed: -p")),
            None => Ok(None),
        }
    }
}
