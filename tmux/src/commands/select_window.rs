//! `select-window`.

use super::{last_window, next_window};
use crate::addressing::Sort;
use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "select-window",
    alias: "selectw",
    flags: "lnpTt:",
    args: (0, Some(0)),
    usage: "[-lnpT] [-t target-window]",
    access: Access::CHANGE.with_own_hook(),
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Window)?;
    if call.has('l') {
        return last_window::select(run, place);
    }
    if call.has('n') || call.has('p') {
        return next_window::step(run, place, if call.has('n') { 1 } else { -1 }, false);
    }
    let index = place.index.unwrap_or_default();
    if let Some(session) = run.state.session_mut(place.session) {
        if call.has('T') && session.current == index {
            return last_window::select(run, place);
        }
        session.select(index);
    }
    run.window_chosen(place.session);
    run.hook("session-window-changed", Some(place), vec![]);
    run.hook_after("select-window", Some(place));
    Ok(())
}
