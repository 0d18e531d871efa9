//! `show-buffer`: a buffer on stdout.

use super::save_buffer::save;
use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "show-buffer",
    alias: "showb",
    flags: "b:",
    args: (0, Some(0)),
    usage: "[-b buffer-name]",
    access: Access::LOOK,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    save(run, call, "-")
}
