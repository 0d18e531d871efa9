//! `start-server`: the server is there by the time that commands run.

use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "start-server",
    alias: "start",
    flags: "",
    args: (0, Some(0)),
    usage: "",
    access: Access::CHANGE.starting_a_server(),
    run,
};

fn run(_: &mut Run, _: &Call) -> CommandResult {
    Ok(())
}
