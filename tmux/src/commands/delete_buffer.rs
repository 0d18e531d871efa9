//! `delete-buffer`: takes the named buffer away, else the newest.

use crate::run::{Access, Call, CommandError, CommandResult, Entry, Run, error};

pub(super) const ENTRY: Entry = Entry {
    name: "delete-buffer",
    alias: "deleteb",
    flags: "b:",
    args: (0, Some(0)),
    usage: "[-b buffer-name]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    if run.state.buffers.is_empty() {
        return error("no buffer");
    }
    let at = match call.get('b') {
        Some(name) => {
            let at = run.state.buffers.iter().position(|b| b.name == name);
            at.ok_or_else(|| CommandError::Error(format!("unknown buffer: {name}")))?
        }
        None => 0,
    };
    run.state.buffers.remove(at);
    Ok(())
}
