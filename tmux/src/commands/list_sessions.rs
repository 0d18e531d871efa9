//! `list-sessions`.

use crate::addressing::of_session;
use crate::run::{Access, Call, CommandResult, Entry, Run};

const SESSION: &str = "#{session_name}: #{session_windows} windows (created #{t:session_created})#{?session_grouped, (group ,}#{session_group}#{?session_grouped,),}#{?session_attached, (attached),}";

pub(super) const ENTRY: Entry = Entry {
    name: "list-sessions",
    alias: "ls",
    flags: "F:f:",
    args: (0, Some(0)),
    usage: "[-F format] [-f filter]",
    access: Access::LOOK,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let places = run
        .state
        .sessions
        .values()
        .map(|s| of_session(&run.state, s));
    let views = places
        .enumerate()
        .map(|(n, p)| (p, vec![("line".to_owned(), n.to_string())]))
        .collect();
    run.list(call, SESSION, views);
    Ok(())
}
