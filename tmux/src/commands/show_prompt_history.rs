//! `show-prompt-history`: lines given to prompts are not kept, so there are none.

use crate::run::prompt::{PROMPT_TYPES, check_prompt_type};
use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "show-prompt-history",
    alias: "showphist",
    flags: "T:",
    args: (0, Some(0)),
    usage: "[-T type]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let only = check_prompt_type(call)?;
    for sort in PROMPT_TYPES
        .iter()
        .filter(|sort| only.is_none_or(|only| only == **sort))
    {
        run.print(&format!("History for {sort}:\n\n"));
    }
    Ok(())
}
