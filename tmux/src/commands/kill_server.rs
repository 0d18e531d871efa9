//! `kill-server`: all of it ends, and what stands behind the command is not run.

use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "kill-server",
    alias: "",
    flags: "",
    args: (0, Some(0)),
    usage: "",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, _: &Call) -> CommandResult {
    run.state.end();
    run.killed = true;
    Ok(())
}
