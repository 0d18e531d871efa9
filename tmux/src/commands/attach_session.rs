//! `attach-session`: the session that this client looks at when all commands have run.

use super::switch_client;
use crate::addressing::Sort;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};

pub(super) const ENTRY: Entry = Entry {
    name: "attach-session",
    alias: "attach",
    flags: "c:dEf:rt:x",
    args: (0, Some(0)),
    usage: "[-dErx] [-c working-directory] [-f flags] [-t target-session]",
    access: Access::CHANGE.for_read_only_clients().starting_a_server(),
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    if run.state.sessions.is_empty() {
        return error("no sessions");
    }
    let sort = if call.get('t').is_some_and(|t| t.contains([':', '.'])) {
        Sort::Pane
    } else {
        Sort::Session
    };
    let place = run.find(call.get('t'), sort)?;
    if run.caller.control {
        run.renew_environment(place.session, call);
        run.become_client(place.session);
    } else {
        run.attach_to(place.session, call.has('d'), call)?;
    }
    if call.get('t').is_some() {
        switch_client::go_to(run, place, true);
    }
    Ok(())
}
