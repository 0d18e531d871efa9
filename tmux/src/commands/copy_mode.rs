//! `copy-mode`: a pane held still, with a cursor in it.

use crate::addressing::Sort;
use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "copy-mode",
    alias: "",
    flags: "eHMs:t:uq",
    args: (0, Some(0)),
    usage: "[-eHMuq] [-s src-pane] [-t target-pane]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let id = run.find(call.get('t'), Sort::Pane)?.need_pane()?;
    if call.has('q') {
        run.state.leave_mode(id);
        return Ok(());
    }
    begin(run, call, id)
}

fn begin(run: &mut Run, call: &Call, id: u32) -> CommandResult {
    if call.has('M') {
        return Ok(());
    }
    let source = match call.get('s') {
        Some(name) => run.find(Some(name), Sort::Pane)?.need_pane()?,
        None => id,
    };
    let present = run.state.panes.get(&id).and_then(|pane| pane.copy.clone());
    let mut copy = match present {
        Some(copy) => *copy,
        None => run.begin_copy(source)?,
    };
    copy.ends_at_bottom |= call.has('e');
    copy.hides_position |= call.has('H');
    if call.has('u') {
        let page = run.copy_page(source, &copy)?;
        copy.step("page-up", None, 1, &page, "");
    }
    run.set_copy(id, "copy-mode", copy);
    Ok(())
}
