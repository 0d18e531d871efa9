//! `previous-layout`.

use crate::addressing::Sort;
use crate::arranging;
use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "previous-layout",
    alias: "prevl",
    flags: "t:",
    args: (0, Some(0)),
    usage: "[-t target-window]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let id = run.find(call.get('t'), Sort::Window)?.need_window()?;
    if let Some(window) = run.state.windows.get_mut(&id) {
        window.unzoom();
    }
    arranging::step(&mut run.state, id, -1);
    Ok(())
}
