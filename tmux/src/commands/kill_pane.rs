//! `kill-pane`.

use crate::addressing::Sort;
use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "kill-pane",
    alias: "killp",
    flags: "at:",
    args: (0, Some(0)),
    usage: "[-a] [-t target-pane]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let (window, pane) = (place.need_window()?, place.need_pane()?);
    if call.has('a') {
        let others: Vec<u32> = run.state.windows[&window]
            .panes
            .iter()
            .copied()
            .filter(|p| *p != pane)
            .collect();
        others.into_iter().for_each(|p| run.state.drop_pane(p));
    } else {
        run.state.drop_pane(pane);
    }
    run.share(place.session);
    run.hook("window-layout-changed", None, vec![]);
    Ok(())
}
