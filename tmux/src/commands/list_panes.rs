//! `list-panes`.

use crate::addressing::{Place, Sort};
use crate::run::{Access, Call, CommandResult, Entry, Run};

const PANE: &str = "[#{pane_width}x#{pane_height}] [history #{history_size}/#{history_limit}, #{history_bytes} bytes] #{pane_id}#{?pane_active, (active),}#{?pane_dead, (dead),}";

pub(super) const ENTRY: Entry = Entry {
    name: "list-panes",
    alias: "lsp",
    flags: "asF:f:t:",
    args: (0, Some(0)),
    usage: "[-as] [-F format] [-f filter] [-t target-window]",
    access: Access::LOOK,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let sort = if call.has('s') {
        Sort::Session
    } else {
        Sort::Window
    };
    let place = run.find(call.get('t'), sort)?;
    let (windows, prefix) = if call.has('a') {
        let ids: Vec<u32> = run.state.sessions.values().map(|s| s.id).collect();
        (
            ids.into_iter().flat_map(|id| run.windows_of(id)).collect(),
            "#{session_name}:#{window_index}.#{pane_index}: ",
        )
    } else if call.has('s') {
        (
            run.windows_of(place.session),
            "#{window_index}.#{pane_index}: ",
        )
    } else {
        (vec![(place, vec![])], "#{pane_index}: ")
    };
    let mut views = Vec::new();
    for (place, _) in windows {
        let panes = place
            .window
            .and_then(|w| run.state.windows.get(&w))
            .map(|w| w.panes.clone())
            .unwrap_or_default();
        views.extend(panes.into_iter().enumerate().map(|(n, pane)| {
            let place = Place {
                pane: Some(pane),
                ..place
            };
            (place, vec![("line".to_owned(), n.to_string())])
        }));
    }
    run.list(call, &format!("{prefix}{PANE}"), views);
    Ok(())
}
