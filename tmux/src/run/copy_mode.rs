//! Copy mode of a pane: begun as the pane is now, kept in the state, and showing what a command
//! printed.

use crate::copy::Page;
use crate::options;
use crate::run::{CommandError, Run, error};
use crate::state::copy::Copy;

impl Run<'_> {
    /// A pane as it is now.
    pub(crate) fn begin_copy(&self, id: u32) -> Result<Copy, CommandError> {
        let Some(pane) = self.state.panes.get(&id) else {
            return error("no such pane");
        };
        let head = self.backend.borrow_mut().screen(&pane.session)?;
        let size = (i32::from(head.size.cols), i32::from(head.size.rows));
        let above = i32::try_from(head.history.saturating_sub(pane.cleared)).unwrap_or(i32::MAX);
        let cursor = (i32::from(head.cursor.col), i32::from(head.cursor.row));
        let mut copy = Copy::new(head.offset, above, size, cursor);
        let window = self.state.window_of(id);
        copy.vi = options::of_window(&self.state, window, "mode-keys") == "vi";
        Ok(copy)
    }

    pub(crate) fn set_copy(&mut self, id: u32, mode: &str, copy: Copy) {
        if let Some(pane) = self.state.panes.get_mut(&id) {
            pane.mode = Some(mode.to_owned());
            pane.copy = Some(Box::new(copy));
        }
    }

    /// What a command printed is shown on top of a pane, until somebody leaves it.
    pub(crate) fn show_text(&mut self, id: u32, text: &str) {
        let shown = self
            .state
            .panes
            .get(&id)
            .and_then(|pane| pane.copy.clone())
            .filter(|copy| copy.text.is_some());
        let Some(mut copy) = shown.map(|copy| *copy).or_else(|| self.begin_copy(id).ok()) else {
            return;
        };
        if copy.text.is_none() {
            (copy.x, copy.y, copy.above) = (0, 0, 0);
        }
        let mut lines = copy.text.take().unwrap_or_default();
        for line in text.lines() {
            let chars: Vec<char> = line.chars().collect();
            let width = copy.sx.max(1) as usize;
            lines.extend(chars.chunks(width).map(String::from_iter));
            if chars.is_empty() {
                lines.push(String::new());
            }
        }
        let above = (lines.len() as i32 - copy.sy).max(0);
        // What is seen stays where it is.
        copy.back += above - copy.above;
        copy.above = above;
        copy.text = Some(lines);
        self.set_copy(id, "view-mode", copy);
    }

    /// All that can be walked through in copy mode.
    pub(crate) fn copy_page(&self, id: u32, copy: &Copy) -> Result<Page, CommandError> {
        match self.state.panes.get(&id) {
            Some(pane) => Ok(self.backend.borrow_mut().page(pane, copy)?),
            None => error("no such pane"),
        }
    }
}
