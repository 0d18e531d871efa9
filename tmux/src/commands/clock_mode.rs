//! `clock-mode`: the pane is in the mode; a clock is not drawn.

use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "clock-mode",
    alias: "",
    flags: "t:",
    args: (0, Some(0)),
    usage: "[-t target-pane]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    run.enter_mode(call, "clock-mode", None)
}
