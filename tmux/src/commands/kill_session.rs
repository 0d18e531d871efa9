//! `kill-session`.

use crate::addressing::Sort;
use crate::backend::native;
use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "kill-session",
    alias: "",
    flags: "aCt:",
    args: (0, Some(0)),
    usage: "[-aC] [-t target-session]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Session)?;
    if call.has('C') {
        return Ok(());
    }
    let doomed: Vec<u32> = if call.has('a') {
        run.state
            .sessions
            .values()
            .map(|s| s.id)
            .filter(|id| *id != place.session && !native::is_native(*id))
            .collect()
    } else {
        vec![place.session]
    };
    for session in doomed {
        run.end_session(session);
    }
    Ok(())
}
