//! `rename-window`.

use crate::addressing::Sort;
use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "rename-window",
    alias: "renamew",
    flags: "t:",
    args: (1, Some(1)),
    usage: "[-t target-window] new-name",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Window)?;
    let name = run.expand(call.arg(0).unwrap_or_default(), Some(place));
    let window = place.need_window()?;
    if let Some(window) = run.state.windows.get_mut(&window) {
        window.name = name.chars().flat_map(crate::text::visible).collect();
        window
            .options
            .insert("automatic-rename".to_owned(), "off".to_owned());
    }
    run.hook("window-renamed", Some(place), vec![]);
    Ok(())
}
