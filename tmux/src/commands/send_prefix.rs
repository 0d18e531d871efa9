//! `send-prefix`: the prefix key to the program in a pane.

use crate::addressing::Sort;
use crate::run::{Access, Call, CommandResult, Entry, Run};
use crate::{keys, options};

pub(super) const ENTRY: Entry = Entry {
    name: "send-prefix",
    alias: "",
    flags: "2t:",
    args: (0, Some(0)),
    usage: "[-2] [-t target-pane]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let id = place.need_pane()?;
    let option = if call.has('2') { "prefix2" } else { "prefix" };
    let key = options::of_session(&run.state, run.state.session(place.session), option);
    match key.as_str() {
        "None" => Ok(()),
        key => run.type_into(id, vec![keys::typed(key)]),
    }
}
