//! `send-keys -X`: the commands of copy mode, and what they copy.

use crate::addressing::Place;
use crate::copy::{Page, Then};
use crate::run::{Call, CommandError, CommandResult, Run, error};
use crate::state::copy::Copy;
use crate::{buffers, options};

/// Commands of the mode that take arguments, and at least and at most how many.
const ARGUED: &[(&str, usize, usize)] = &[
    ("goto-line", 1, 1),
    ("jump-backward", 1, 1),
    ("jump-forward", 1, 1),
    ("jump-to-backward", 1, 1),
    ("jump-to-forward", 1, 1),
    ("search-backward", 0, 1),
    ("search-backward-incremental", 1, 1),
    ("search-backward-text", 0, 1),
    ("search-forward", 0, 1),
    ("search-forward-incremental", 1, 1),
    ("search-forward-text", 0, 1),
];

impl Run<'_> {
    /// `send-keys -X`. It takes its turn late, since `send-keys` as a rule only looks.
    pub(crate) fn copy_command(&mut self, call: &Call, place: Place, times: i64) -> CommandResult {
        let id = place.need_pane()?;
        if self
            .state
            .panes
            .get(&id)
            .is_none_or(|pane| pane.mode.is_none())
        {
            return error("not in a mode");
        }
        let Some(name) = call.arg(0) else {
            return Ok(());
        };
        self.take_lock()?;
        let Some(copy) = self.state.panes.get(&id).and_then(|pane| pane.copy.clone()) else {
            if name == "cancel" {
                self.state.leave_mode(id);
            }
            return self.keep();
        };
        let (least, most) = counts(name);
        let given = call.args.len() - 1;
        if given < least || given > most {
            return Ok(());
        }
        let then = self.perform(call, place, *copy, times)?;
        if then == Then::Leave {
            self.state.leave_mode(id);
        }
        self.keep()
    }

    fn perform(
        &mut self,
        call: &Call,
        place: Place,
        mut copy: Copy,
        times: i64,
    ) -> Result<Then, CommandError> {
        let (id, name) = (place.need_pane()?, call.arg(0).unwrap_or_default());
        if name == "cancel" {
            return Ok(Then::Leave);
        }
        if name == "refresh-from-pane" {
            let mut fresh = self.begin_copy(id)?;
            (fresh.x, fresh.y) = (copy.x, copy.y);
            self.set_copy(id, "copy-mode", fresh);
            return Ok(Then::Stay);
        }
        let page = self.copy_page(id, &copy)?;
        let separators = options::of_session(
            &self.state,
            self.state.session(place.session),
            "word-separators",
        );
        let mode = self
            .state
            .panes
            .get(&id)
            .and_then(|p| p.mode.clone())
            .unwrap_or_default();
        let copies = name.starts_with("copy-")
            || name.starts_with("pipe")
            || name.starts_with("append-selection");
        let then = if copies {
            self.copy_text(call, place, &mut copy, &page, times)?
        } else {
            copy.step(name, call.arg(1), times, &page, &separators)
                .unwrap_or(Then::Stay)
        };
        self.set_copy(id, &mode, copy);
        Ok(then)
    }

    /// Commands that copy: which text, where it goes, and what is left selected.
    fn copy_text(
        &mut self,
        call: &Call,
        place: Place,
        copy: &mut Copy,
        page: &Page,
        times: i64,
    ) -> Result<Then, CommandError> {
        let name = call.arg(0).unwrap_or_default();
        let (base, leaves) = match name.strip_suffix("-and-cancel") {
            Some(base) => (base, true),
            None => (name, false),
        };
        let (base, clears) = match base.strip_suffix("-no-clear") {
            Some(base) => (base, false),
            None => (base, true),
        };
        let before = copy.clone();
        match base {
            "copy-line" | "copy-pipe-line" => {
                copy.step("select-line", None, times, page, "");
            }
            "copy-end-of-line" | "copy-pipe-end-of-line" => {
                copy.step("begin-selection", None, 1, page, "");
                if times > 1 {
                    copy.step("cursor-down", None, times - 1, page, "");
                }
                copy.step("end-of-line", None, 1, page, "");
            }
            "copy-selection" | "copy-pipe" | "pipe" | "append-selection" => {}
            _ => return Ok(Then::Stay),
        }
        let text = copy.text_of(page).into_bytes();
        if base != "copy-selection"
            && base != "append-selection"
            && base != "copy-pipe"
            && base != "pipe"
        {
            *copy = before;
        }
        if clears {
            copy.selected = None;
        }
        let pipes = base.contains("pipe");
        if pipes && !text.is_empty() {
            let given = call
                .arg(1)
                .filter(|command| !command.is_empty())
                .map(str::to_owned);
            let command = given.unwrap_or_else(|| options::of_server(&self.state, "copy-command"));
            if !command.is_empty() {
                let command = self.expand(&command, Some(place));
                self.feed(&command, Some(place), &text)?;
            }
        }
        if base != "pipe" && !text.is_empty() {
            let prefix = call
                .arg(if pipes { 2 } else { 1 })
                .map(|p| self.expand(p, Some(place)));
            if base == "append-selection" {
                buffers::append(&mut self.state, text)?;
            } else {
                buffers::add_as(&mut self.state, prefix.as_deref(), text)?;
            }
        }
        Ok(if leaves { Then::Leave } else { Then::Stay })
    }
}

fn counts(name: &str) -> (usize, usize) {
    if let Some((_, least, most)) = ARGUED.iter().find(|(known, ..)| *known == name) {
        return (*least, *most);
    }
    let most = match name {
        _ if name.starts_with("copy-pipe") => 2,
        _ if name.starts_with("copy-") || name.starts_with("pipe") => 1,
        _ => 0,
    };
    (0, most)
}
