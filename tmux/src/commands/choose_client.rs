//! `choose-client`: a list of the clients.

use super::choose_buffer;
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
    let list = NewChooser::new(Of::Clients, "detach-client -t '%%'", call);
    let is_empty = run.state.clients.is_empty();
    choose_buffer::choose(run, call, "client-mode", list, is_empty)
}
