//! `clear-prompt-history`: lines given to prompts are not kept, so there is nothing to clear.

use crate::run::prompt::check_prompt_type;
use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "clear-prompt-history",
    alias: "clearphist",
    flags: "T:",
    args: (0, Some(0)),
    usage: "[-T type]",
    access: Access::CHANGE,
    run,
};

fn run(_: &mut Run, call: &Call) -> CommandResult {
    check_prompt_type(call).map(drop)
}
