//! `swap-window`.

use crate::addressing::Sort;
use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "swap-window",
    alias: "swapw",
    flags: "ds:t:",
    args: (0, Some(0)),
    usage: "[-d] [-s src-window] [-t dst-window]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let source = run.find(call.get('s'), Sort::Window)?;
    let target = run.find(call.get('t'), Sort::Window)?;
    let (one, two) = (source.need_window()?, target.need_window()?);
    if one == two {
        return Ok(());
    }
    let (from, to) = (
        source.index.unwrap_or_default(),
        target.index.unwrap_or_default(),
    );
    if let Some(session) = run.state.session_mut(source.session) {
        session.windows.insert(from, two);
        if call.has('d') {
            session.select(from);
        }
    }
    if let Some(session) = run.state.session_mut(target.session) {
        session.windows.insert(to, one);
        if call.has('d') {
            session.select(to);
        }
    }
    run.share(source.session);
    run.share(target.session);
    Ok(())
}
