//! `switch-client`: another session, or another key table, for a client.

use crate::addressing::{Place, Sort};
use crate::keys::bindings;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};
use crate::sizing::fit;
use crate::state::Table;

pub(super) const ENTRY: Entry = Entry {
    name: "switch-client",
    alias: "switchc",
    flags: "lc:EFnpt:rT:Z",
    args: (0, Some(0)),
    usage: "[-ElnprZ] [-c target-client] [-t target-session] [-T key-table]",
    access: Access::CHANGE.for_read_only_clients(),
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let at = run.client(call.get('c'))?;
    if call.has('r') {
        let client = &mut run.state.clients[at];
        client.read_only = !client.read_only;
    }
    if let Some(table) = call.get('T') {
        if !bindings::has_table(&run.state, table) && table != "root" {
            return error(format!("table {table} doesn't exist"));
        }
        let at_ms = run.moment();
        let name = table.to_owned();
        run.state.clients[at].table = Some(Table { name, at_ms });
        return Ok(());
    }
    if let Some(target) = call.get('t') {
        let names_more = target.contains([':', '.', '%']);
        let place = run.find(
            Some(target),
            if names_more {
                Sort::Pane
            } else {
                Sort::Session
            },
        )?;
        if names_more {
            go_to(run, place, call.has('Z'));
        }
        let client = &mut run.state.clients[at];
        client.last_session = Some(client.session);
        client.session = place.session;
    } else if call.has('l') {
        let client = &mut run.state.clients[at];
        let Some(last) = client.last_session else {
            return error("can't find last session");
        };
        client.last_session = Some(client.session);
        client.session = last;
    } else if call.has('n') || call.has('p') {
        let ids: Vec<u32> = run.state.sessions.values().map(|s| s.id).collect();
        let client = &mut run.state.clients[at];
        let here = ids.iter().position(|id| *id == client.session).unwrap_or(0) as i32;
        let by = if call.has('n') { 1 } else { -1 };
        client.last_session = Some(client.session);
        client.session = ids[(here + by).rem_euclid(ids.len() as i32) as usize];
    }
    let session = run.state.clients[at].session;
    fit(&mut run.state, session);
    Ok(())
}

/// A window and a pane are chosen in their session.
pub(super) fn go_to(run: &mut Run, place: Place, keeps_zoom: bool) {
    if let (Some(window), Some(pane)) = (
        place.window.and_then(|id| run.state.windows.get_mut(&id)),
        place.pane,
    ) && window.active != pane
    {
        window.activate_unzoomed(pane, keeps_zoom);
    }
    if let (Some(session), Some(index)) = (run.state.session_mut(place.session), place.index) {
        session.select(index);
    }
}
