//! `choose-buffer`: a list of the buffers.

use crate::addressing::Sort;
use crate::run::mode::NewChooser;
use crate::run::{Access, Call, CommandResult, Entry, Run};
use crate::state::chooser::Of;

pub(super) const ENTRY: Entry = Entry {
    name: "choose-buffer",
    alias: "",
    flags: "F:f:K:NO:rt:Z",
    args: (0, Some(1)),
    usage: "[-NrZ] [-F format] [-f filter] [-K key-format] [-O sort-order] [-t target-pane] [template]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let list = NewChooser::new(Of::Buffers, "paste-buffer -p -b '%%'", call);
    let is_empty = run.state.buffers.is_empty();
    choose(run, call, "buffer-mode", list, is_empty)
}

/// Shows a list in a pane, unless there is nothing to choose from.
pub(super) fn choose(
    run: &mut Run,
    call: &Call,
    mode: &str,
    list: NewChooser,
    is_empty: bool,
) -> CommandResult {
    if is_empty {
        return run
            .find(call.get('t'), Sort::Pane)?
            .need_pane()
            .map(drop)
            .map_err(Into::into);
    }
    run.enter_mode(call, mode, Some(list))
}
