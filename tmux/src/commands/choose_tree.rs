//! `choose-tree`: a tree of sessions, windows and panes.

use crate::run::mode::NewChooser;
use crate::run::{Access, Call, CommandResult, Entry, Run};
use crate::state::chooser::Of;

pub(super) const ENTRY: Entry = Entry {
    name: "choose-tree",
    alias: "",
    flags: "F:f:GK:NO:rst:wZ",
    args: (0, Some(1)),
    usage: "[-GNrswZ] [-F format] [-f filter] [-K key-format] [-O sort-order] [-t target-pane] [template]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let of = match () {
        () if call.has('s') => Of::Sessions,
        () if call.has('w') => Of::Windows,
        () => Of::Panes,
    };
    let list = NewChooser::new(of, "switch-client -Zt '%%'", call);
    run.enter_mode(call, "tree-mode", Some(list))
}
