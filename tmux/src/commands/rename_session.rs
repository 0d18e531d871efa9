//! `rename-session`.

use crate::addressing::Sort;
use crate::backend::native;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};
use crate::text::session_name;

pub(super) const ENTRY: Entry = Entry {
    name: "rename-session",
    alias: "rename",
    flags: "t:",
    args: (1, Some(1)),
    usage: "[-t target-session] new-name",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Session)?;
    let text = run.expand(call.arg(0).unwrap_or_default(), Some(place));
    let Some(name) = session_name(&text) else {
        return error(format!("invalid session: {text}"));
    };
    let Some(old) = run.state.session(place.session).map(|s| s.name.clone()) else {
        return Ok(());
    };
    if old == name {
        return Ok(());
    }
    if run.state.sessions.contains_key(&name) {
        return error(format!("duplicate session: {name}"));
    }
    if native::is_native(place.session) {
        let pane = place.pane.and_then(|id| run.state.panes.get(&id));
        if let Some(pane) = pane.filter(|pane| native::is_native(pane.id)) {
            run.backend.borrow_mut().rename(&pane.session, &text)?;
        }
    }
    if let Some(mut session) = run.state.sessions.remove(&old) {
        session.name.clone_from(&name);
        run.state.sessions.insert(name, session);
    }
    run.hook("session-renamed", Some(place), vec![]);
    Ok(())
}
