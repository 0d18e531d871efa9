//! `clear-history`: the history begins where the screen stands now.

use crate::addressing::Sort;
use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "clear-history",
    alias: "clearhist",
    flags: "t:",
    args: (0, Some(0)),
    usage: "[-t target-pane]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let id = place.need_pane()?;
    let Some(session) = run.state.panes.get(&id).map(|p| p.session.clone()) else {
        return Ok(());
    };
    let above = run.backend.borrow_mut().screen(&session)?.history;
    if let Some(pane) = run.state.panes.get_mut(&id) {
        pane.cleared = above;
        pane.mode = None;
        pane.copy = None;
    }
    Ok(())
}
