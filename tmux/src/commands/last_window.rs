//! `last-window`.

use crate::addressing::{Place, Sort};
use crate::run::{Access, Call, CommandResult, Entry, Run, error};

pub(super) const ENTRY: Entry = Entry {
    name: "last-window",
    alias: "last",
    flags: "t:",
    args: (0, Some(0)),
    usage: "[-t target-session]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Session)?;
    select(run, place)
}

/// Back to the window that was shown before.
pub(super) fn select(run: &mut Run, place: Place) -> CommandResult {
    let Some(session) = run.state.session_mut(place.session) else {
        return Ok(());
    };
    match session.last.first().copied() {
        Some(index) => {
            session.select(index);
            Ok(())
        }
        None => error("no last window"),
    }
}
