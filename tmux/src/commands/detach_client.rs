//! `detach-client`: clients go, or are told what else to do then.

use crate::addressing::Sort;
use crate::run::{Access, Call, CommandResult, Entry, Run};
use crate::state::{Client, PendingDetach};

pub(super) const ENTRY: Entry = Entry {
    name: "detach-client",
    alias: "detach",
    flags: "aE:s:t:P",
    args: (0, Some(0)),
    usage: "[-aP] [-E shell-command] [-s target-session] [-t target-client]",
    access: Access::CHANGE.for_read_only_clients(),
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let at = run.client(call.get('t'))?;
    let own = run.state.clients[at].name.clone();
    let session = match call.get('s') {
        Some(session) => Some(run.find(Some(session), Sort::Session)?.session),
        None => None,
    };
    let others = call.has('a');
    send_away(run, call, |client| match session {
        Some(session) => client.session == session,
        None => (client.name == own) != others,
    });
    Ok(())
}

/// Clients go at once, or are told what else to do then.
fn send_away(run: &mut Run, call: &Call, goes: impl Fn(&Client) -> bool) {
    let leaving = match call.get('E') {
        Some(command) => Some(PendingDetach::Replaced(command.to_owned())),
        None => call.has('P').then_some(PendingDetach::HungUp),
    };
    for client in run
        .state
        .clients
        .iter_mut()
        .filter(|client| !client.control && goes(client))
    {
        client.leaving.clone_from(&leaving);
    }
    run.state
        .clients
        .retain(|client| client.leaving.is_some() || !goes(client));
}
