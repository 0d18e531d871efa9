//! `select-pane` and `last-pane`: the active pane of a window, its title, mark and style.

use crate::addressing::{Side, Sort, beside};
use crate::options;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};

pub(super) const ENTRY: Entry = Entry {
    name: "select-pane",
    alias: "selectp",
    flags: "DdegLlMmP:RT:t:UZ",
    args: (0, Some(0)),
    usage: "[-DdeLlMmRUZ] [-T title] [-t target-pane]",
    access: Access::CHANGE.with_own_hook(),
    run,
};

pub(super) fn run(run: &mut Run, call: &Call) -> CommandResult {
    let sort = if call.name() == "last-pane" {
        Sort::Window
    } else {
        Sort::Pane
    };
    let place = run.find(call.get('t'), sort)?;
    let (id, pane) = (place.need_window()?, place.need_pane()?);
    if call.name() == "last-pane" || call.has('l') {
        let window = &run.state.windows[&id];
        let last = window.last.first().copied().or_else(|| {
            let others: Vec<u32> = window
                .panes
                .iter()
                .copied()
                .filter(|p| *p != window.active)
                .collect();
            (others.len() == 1).then(|| others[0])
        });
        let Some(last) = last else {
            return error("no last pane");
        };
        if call.has('e') || call.has('d') {
            set_input(run, last, call);
            return Ok(());
        }
        if let Some(window) = run.state.windows.get_mut(&id) {
            window.activate_unzoomed(last, call.has('Z'));
        }
        return Ok(());
    }
    if call.has('m') || call.has('M') {
        let marked = run.state.marked;
        run.state.marked = if call.has('M') || marked == Some(pane) {
            None
        } else {
            Some(pane)
        };
        return Ok(());
    }
    if call.has('P')
        && let Some(style) = call.get('P')
        && let Some(pane) = run.state.panes.get_mut(&pane)
    {
        for option in ["window-style", "window-active-style"] {
            pane.options.insert(option.to_owned(), style.to_owned());
        }
    }
    if call.has('g') {
        let style = options::of_pane(&run.state, run.state.panes.get(&pane), "window-style");
        run.print(&style);
        return Ok(());
    }
    let side = [
        ('L', Side::Left),
        ('R', Side::Right),
        ('U', Side::Up),
        ('D', Side::Down),
    ];
    let mut chosen = pane;
    if let Some((_, side)) = side.into_iter().find(|(flag, _)| call.has(*flag)) {
        let mut window = run.state.windows[&id].clone();
        window.unzoom();
        match beside(&window, pane, side) {
            Some(other) => chosen = other,
            None => return Ok(()),
        }
    }
    if call.has('e') || call.has('d') {
        set_input(run, chosen, call);
        return Ok(());
    }
    if let Some(title) = call.get('T') {
        let title = run.expand(title, Some(place));
        if let Some(pane) = run.state.panes.get_mut(&chosen) {
            pane.title = Some(title);
        }
        run.hook("pane-title-changed", Some(place), vec![]);
        return Ok(());
    }
    if run.state.windows[&id].active == chosen {
        return Ok(());
    }
    if let Some(window) = run.state.windows.get_mut(&id) {
        window.activate_unzoomed(chosen, call.has('Z'));
    }
    run.hook("window-pane-changed", Some(place), vec![]);
    run.hook_after("select-pane", Some(place));
    Ok(())
}

fn set_input(run: &mut Run, pane: u32, call: &Call) {
    if let Some(pane) = run.state.panes.get_mut(&pane) {
        pane.input_off = call.has('d');
    }
}
