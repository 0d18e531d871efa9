//! `show-messages`: only the client is looked for.

use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "show-messages",
    alias: "showmsgs",
    flags: "JTt:",
    args: (0, Some(0)),
    usage: "[-JT] [-t target-client]",
    access: Access::LOOK,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    run.client(call.get('t')).map(drop)
}
