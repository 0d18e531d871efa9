//! `next-layout`.

use crate::addressing::Sort;
use crate::arranging;
use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "next-layout",
    alias: "nextl",
    flags: "t:",
    args: (0, Some(0)),
    usage: "[-t target-window]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    step(run, call, 1)
}

/// Arranges a window by the layout so many further on in their round.
pub(super) fn step(run: &mut Run, call: &Call, by: i32) -> CommandResult {
    let id = run.find(call.get('t'), Sort::Window)?.need_window()?;
    if let Some(window) = run.state.windows.get_mut(&id) {
        window.unzoom();
    }
    arranging::step(&mut run.state, id, by);
    Ok(())
}
