//! `next-window`.

use crate::addressing::{Place, Sort};
use crate::run::{Access, Call, CommandResult, Entry, Run, error};

pub(super) const ENTRY: Entry = Entry {
    name: "next-window",
    alias: "next",
    flags: "at:",
    args: (0, Some(0)),
    usage: "[-a] [-t target-session]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Session)?;
    step(run, place, 1, call.has('a'))
}

/// Another window of a session, one of those with an alert where that is asked for.
pub(super) fn step(run: &mut Run, place: Place, by: i32, alerts: bool) -> CommandResult {
    let none = if by > 0 {
        "no next window"
    } else {
        "no previous window"
    };
    let Some(session) = run.state.session_mut(place.session) else {
        return Ok(());
    };
    let indices: Vec<i32> = session.windows.keys().copied().collect();
    let here = indices
        .iter()
        .position(|i| *i == session.current)
        .unwrap_or(0) as i32;
    let count = indices.len() as i32;
    let others = (1..count).map(|step| indices[(here + by * step).rem_euclid(count) as usize]);
    let told = |index: &i32| {
        session
            .alerts
            .get(index)
            .is_some_and(|signs| !signs.is_empty())
    };
    let Some(next) = others.into_iter().find(|index| !alerts || told(index)) else {
        return error(none);
    };
    session.select(next);
    Ok(())
}
