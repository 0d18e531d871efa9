//! `display-menu`: only the client is looked for.

use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "display-menu",
    alias: "menu",
    flags: "c:t:OT:x:y:",
    args: (1, None),
    usage: "[-O] [-c target-client] [-t target-pane] [-T title] [-x position] [-y position] name key command ...",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    run.client(call.get('c')).map(drop)
}
