//! `respawn-pane`: another program in a pane.

use crate::addressing::Sort;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};
use crate::variables::names;

pub(super) const ENTRY: Entry = Entry {
    name: "respawn-pane",
    alias: "respawnp",
    flags: "c:e:kt:",
    args: (0, None),
    usage: "[-k] [-c start-directory] [-e environment] [-t target-pane] [shell-command]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let id = place.need_pane()?;
    let alive = run.state.panes.get(&id).is_some_and(|p| p.dead.is_none());
    if alive && !call.has('k') {
        let session = run
            .state
            .session(place.session)
            .map(|s| s.name.clone())
            .unwrap_or_default();
        let window = &run.state.windows[&place.need_window()?];
        let index = names::pane_index(&run.state, window, id);
        return error(format!(
            "respawn pane failed: pane {session}:{}.{index} still active",
            place.index.unwrap_or_default()
        ));
    }
    run.respawn(id, place, call, "pane")
}
