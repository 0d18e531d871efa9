//! `display-panes`: only the client is looked for.

use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "display-panes",
    alias: "displayp",
    flags: "bd:Nt:",
    args: (0, Some(1)),
    usage: "[-bN] [-d duration] [-t target-client] [template]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    run.client(call.get('t')).map(drop)
}
