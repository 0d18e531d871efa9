//! `unlink-window`: a window in one session less.

use crate::addressing::Sort;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};

pub(super) const ENTRY: Entry = Entry {
    name: "unlink-window",
    alias: "unlinkw",
    flags: "kt:",
    args: (0, Some(0)),
    usage: "[-k] [-t target-window]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Window)?;
    let window = place.need_window()?;
    if !call.has('k') && run.state.links(window).len() <= 1 {
        return error("window only linked to one session");
    }
    run.state
        .unlink(place.session, place.index.unwrap_or_default());
    Ok(())
}
