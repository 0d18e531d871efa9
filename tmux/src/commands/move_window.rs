//! `move-window` and `link-window`: a window at another index, or at one more.

use crate::addressing::Sort;
use crate::options;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};

pub(super) const ENTRY: Entry = Entry {
    name: "move-window",
    alias: "movew",
    flags: "abdkrs:t:",
    args: (0, Some(0)),
    usage: "[-abdkr] [-s src-window] [-t dst-window]",
    access: Access::CHANGE,
    run,
};

pub(super) fn run(run: &mut Run, call: &Call) -> CommandResult {
    let moves = call.name() == "move-window";
    if call.has('r') {
        let place = run.find(call.get('t'), Sort::Session)?;
        run.state.renumber(place.session);
        run.share(place.session);
        return Ok(());
    }
    let source = run.find(call.get('s'), Sort::Window)?;
    let target = run.find(call.get('t'), Sort::Index)?;
    let window = source.need_window()?;
    let mut index = target.index;
    let to = target.session;
    if call.has('a') || call.has('b') {
        let current = run.state.session(to).map_or(0, |s| s.current);
        let beside = index.unwrap_or(current) + i32::from(call.has('a') && !call.has('b'));
        run.state.make_room(to, beside);
        index = Some(beside);
    }
    // Making room may have moved the window itself.
    let from = run
        .state
        .session(source.session)
        .and_then(|s| {
            s.windows
                .iter()
                .find(|(_, w)| **w == window)
                .map(|(i, _)| *i)
        })
        .unwrap_or_default();
    let base = options::of_session(&run.state, run.state.session(to), "base-index")
        .parse()
        .unwrap_or(0);
    let Some(session) = run.state.session_mut(to) else {
        return Ok(());
    };
    let index = index.unwrap_or_else(|| session.free_index(base));
    if let Some(present) = session.windows.get(&index).copied() {
        if present == window {
            return error(format!("same index: {index}"));
        }
        if !call.has('k') {
            return error(format!("index in use: {index}"));
        }
        session.windows.remove(&index);
        run.state.drop_unlinked(present);
    }
    if let Some(session) = run.state.session_mut(to) {
        session.windows.insert(index, window);
        if !call.has('d') || session.current == index {
            session.select(index);
        }
    }
    if moves {
        let shown = run
            .state
            .session(source.session)
            .is_some_and(|s| s.current == from);
        run.state.unlink(source.session, from);
        if shown && source.session == to && call.has('d') {
            // The window that was shown has only another number now.
            if let Some(session) = run.state.session_mut(to) {
                session.current = index;
            }
        }
    }
    run.share(to);
    run.share(source.session);
    Ok(())
}
