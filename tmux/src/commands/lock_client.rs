//! `lock-client`: only the client is looked for.

use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "lock-client",
    alias: "lockc",
    flags: "t:",
    args: (0, Some(0)),
    usage: "[-t target-client]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    run.client(call.get('t')).map(drop)
}
