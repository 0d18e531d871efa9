//! `has-session`.

use crate::addressing::Sort;
use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "has-session",
    alias: "has",
    flags: "t:",
    args: (0, Some(0)),
    usage: "[-t target-session]",
    access: Access::LOOK,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    run.find(call.get('t'), Sort::Session).map(drop)
}
