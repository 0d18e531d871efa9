//! `respawn-window`: another program in a window, and its other panes gone.

use crate::addressing::Sort;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};

pub(super) const ENTRY: Entry = Entry {
    name: "respawn-window",
    alias: "respawnw",
    flags: "c:e:kt:",
    args: (0, None),
    usage: "[-k] [-c start-directory] [-e environment] [-t target-window] [shell-command]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Window)?;
    let id = place.need_window()?;
    let Some(window) = run.state.windows.get(&id) else {
        return Ok(());
    };
    let alive = window
        .panes
        .iter()
        .any(|p| run.state.panes.get(p).is_some_and(|p| p.dead.is_none()));
    if alive && !call.has('k') {
        let session = run
            .state
            .session(place.session)
            .map(|s| s.name.clone())
            .unwrap_or_default();
        return error(format!(
            "respawn window failed: window {session}:{} still active",
            place.index.unwrap_or_default()
        ));
    }
    let others = window.panes[1..].to_vec();
    let first = window.panes[0];
    others
        .into_iter()
        .for_each(|pane| run.state.drop_pane(pane));
    run.respawn(first, place, call, "window")
}
