//! `previous-layout`.

use super::next_layout;
use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "previous-layout",
    alias: "prevl",
    flags: "t:",
    args: (0, Some(0)),
    usage: "[-t target-window]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    next_layout::step(run, call, -1)
}
