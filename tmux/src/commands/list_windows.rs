//! `list-windows`.

use crate::addressing::Sort;
use crate::run::{Access, Call, CommandResult, Entry, Run};

const WINDOW: &str = "#{window_index}: #{window_name}#{window_raw_flags} (#{window_panes} panes) [#{window_width}x#{window_height}] [layout #{window_layout}] #{window_id}#{?window_active, (active),}";

const WINDOW_OF_ALL: &str = "#{session_name}:#{window_index}: #{window_name}#{window_raw_flags} (#{window_panes} panes) [#{window_width}x#{window_height}] ";

pub(super) const ENTRY: Entry = Entry {
    name: "list-windows",
    alias: "lsw",
    flags: "F:f:at:",
    args: (0, Some(0)),
    usage: "[-a] [-F format] [-f filter] [-t target-session]",
    access: Access::LOOK,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Session)?;
    if call.has('a') {
        let ids: Vec<u32> = run.state.sessions.values().map(|s| s.id).collect();
        let views = ids.into_iter().flat_map(|id| run.windows_of(id)).collect();
        run.list(call, WINDOW_OF_ALL, views);
    } else {
        let views = run.windows_of(place.session);
        run.list(call, WINDOW, views);
    }
    Ok(())
}
