//! `choose-client`: a list of the clients.

use crate::addressing::Sort;
use crate::run::mode::NewChooser;
use crate::run::{Access, Call, CommandResult, Entry, Run};
use crate::state::chooser::Of;

pub(super) const ENTRY: Entry = Entry {
    name: "choose-client",
    alias: "",
    flags: "F:f:K:NO:rt:Z",
    args: (0, Some(1)),
    usage: "[-NrZ] [-F format] [-f filter] [-K key-format] [-O sort-order] [-t target-pane] [template]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    // There is nothing to choose from.
    if run.state.clients.is_empty() {
        return run
            .find(call.get('t'), Sort::Pane)?
            .need_pane()
            .map(drop)
            .map_err(Into::into);
    }
    let list = NewChooser::new(Of::Clients, "detach-client -t '%%'", call);
    run.enter_mode(call, "client-mode", Some(list))
}
