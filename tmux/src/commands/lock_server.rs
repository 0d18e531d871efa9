//! `lock-server`: there is nothing to lock.

use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "lock-server",
    alias: "lock",
    flags: "",
    args: (0, Some(0)),
    usage: "",
    access: Access::CHANGE,
    run,
};

fn run(_: &mut Run, _: &Call) -> CommandResult {
    Ok(())
}
