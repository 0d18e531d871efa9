//! `previous-window`.

use super::next_window;
use crate::addressing::Sort;
use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "previous-window",
    alias: "prev",
    flags: "at:",
    args: (0, Some(0)),
    usage: "[-a] [-t target-session]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Session)?;
    next_window::step(run, place, -1, call.has('a'))
}
