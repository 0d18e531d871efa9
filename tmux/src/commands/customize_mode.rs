//! `customize-mode`: the pane is in the mode; the options are not listed.

use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "customize-mode",
    alias: "",
    flags: "F:f:Nt:Z",
    args: (0, Some(0)),
    usage: "[-NZ] [-F format] [-f filter] [-t target-pane]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    run.enter_mode(call, "options-mode", None)
}
