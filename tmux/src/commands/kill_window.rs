//! `kill-window`.

use crate::addressing::Sort;
use crate::run::{Access, Call, CommandResult, Entry, Run};

pub(super) const ENTRY: Entry = Entry {
    name: "kill-window",
    alias: "killw",
    flags: "at:",
    args: (0, Some(0)),
    usage: "[-a] [-t target-window]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Window)?;
    let window = place.need_window()?;
    if call.has('a') {
        let others: Vec<u32> = run
            .state
            .session(place.session)
            .map(|s| {
                s.windows
                    .values()
                    .copied()
                    .filter(|w| *w != window)
                    .collect()
            })
            .unwrap_or_default();
        others.into_iter().for_each(|w| run.state.drop_window(w));
    } else {
        run.state.drop_window(window);
    }
    run.share(place.session);
    run.hook(
        "window-unlinked",
        None,
        vec![("hook_window".to_owned(), format!("@{window}"))],
    );
    Ok(())
}
