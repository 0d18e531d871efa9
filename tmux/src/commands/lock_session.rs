//! `lock-session`: only the session is looked for.

use crate::addressing::Sort;
use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "lock-session",
    alias: "locks",
    flags: "t:",
    args: (0, Some(0)),
    usage: "[-t target-session]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    run.find(call.get('t'), Sort::Session).map(drop)
}
