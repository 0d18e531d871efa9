//! `refresh-client`: the size, flags and subscriptions of a client.

use crate::run::{Access, Call, CommandResult, Entry, Run, error};
use crate::sizing::fit;
use crate::state::{Client, Flow};

pub(super) const ENTRY: Entry = Entry {
    name: "refresh-client",
    alias: "refresh",
    flags: "A:B:cC:Df:F:l::LRSt:U",
    args: (0, Some(1)),
    usage: "[-cDlLRSU] [-A pane:state] [-B name:what:format] [-C XxY] [-f flags] [-t target-client] [adjustment]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let at = run.client(call.get('t'))?;
    if let Some(size) = call.get('C') {
        if let Some((id, size)) = size.strip_prefix('@').and_then(|rest| rest.split_once(':')) {
            return size_window(run, at, id, size);
        }
        let parsed = size
            .split_once(['x', ','])
            .and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)));
        let Some((sx, sy)) = parsed else {
            return error("bad size argument");
        };
        if ![sx, sy].iter().all(|size| (1..=10_000).contains(size)) {
            return error("size too small or too big");
        }
        let client = &mut run.state.clients[at];
        (client.sx, client.sy) = (sx, sy);
        let session = client.session;
        fit(&mut run.state, session);
        return Ok(());
    }
    for wanted in call.all('B') {
        subscribe(&mut run.state.clients[at], wanted);
    }
    for wanted in call.all('A') {
        let pane = wanted
            .split_once(':')
            .and_then(|(pane, _)| pane.strip_prefix('%')?.parse().ok());
        if pane.is_some_and(|pane| run.state.panes.contains_key(&pane)) {
            regulate(&mut run.state.clients[at], wanted);
        }
    }
    if let Some(flags) = call.get('f').or_else(|| call.get('F')) {
        let client = &mut run.state.clients[at];
        for flag in flags.split(',') {
            match flag.strip_prefix('!') {
                Some(gone) => client.flags.retain(|f| f != gone),
                None => client.flags.push(flag.to_owned()),
            }
        }
    }
    Ok(())
}

/// `name:what:format` wants to be told; a name alone does not any more.
fn subscribe(client: &mut Client, wanted: &str) {
    let mut parts = wanted.splitn(3, ':');
    let name = parts.next().unwrap_or_default().to_owned();
    match (parts.next(), parts.next()) {
        (Some(what), Some(format)) => drop(
            client
                .subscriptions
                .insert(name, (what.to_owned(), format.to_owned())),
        ),
        _ => drop(client.subscriptions.remove(&name)),
    }
}

/// `%1:pause`: whether a pane's output is told.
fn regulate(client: &mut Client, wanted: &str) {
    let Some((pane, state)) = wanted.split_once(':') else {
        return;
    };
    let Some(pane) = pane.strip_prefix('%').and_then(|id| id.parse().ok()) else {
        return;
    };
    match state {
        "off" => drop(client.flows.insert(pane, Flow::Off)),
        "pause" => drop(client.flows.insert(pane, Flow::Paused)),
        "on" if client.flows.get(&pane) == Some(&Flow::Off) => drop(client.flows.remove(&pane)),
        "continue" if client.flows.get(&pane) == Some(&Flow::Paused) => {
            client.flows.remove(&pane);
        }
        _ => {}
    }
}

/// A control client's own size for one window; without one it is that of the others again.
fn size_window(run: &mut Run, client: usize, id: &str, size: &str) -> CommandResult {
    let parsed = size
        .split_once('x')
        .and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)));
    if parsed.is_none() && !size.is_empty() {
        return error("bad size argument");
    }
    let session = run.state.clients[client].session;
    if let Some(window) = id
        .parse()
        .ok()
        .and_then(|id: u32| run.state.windows.get_mut(&id))
    {
        window.manual = parsed.is_some();
        if let Some((sx, sy)) = parsed {
            window.resize(sx, sy);
        }
    }
    fit(&mut run.state, session);
    Ok(())
}
