//! `swap-pane`.

use crate::addressing::{Sort, of_pane};
use crate::run::{Access, Call, CommandResult, Entry, Run};
use crate::state::Window;

pub(super) const ENTRY: Entry = Entry {
    name: "swap-pane",
    alias: "swapp",
    flags: "dDs:t:UZ",
    args: (0, Some(0)),
    usage: "[-dDUZ] [-s src-pane] [-t dst-pane]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let target = run.find(call.get('t'), Sort::Pane)?;
    let (to_window, to) = (target.need_window()?, target.need_pane()?);
    let from = if call.has('D') || call.has('U') {
        let window = &run.state.windows[&to_window];
        let at = window.panes.iter().position(|p| *p == to).unwrap_or(0) as i32;
        let by = if call.has('D') { 1 } else { -1 };
        window.panes[(at + by).rem_euclid(window.panes.len() as i32) as usize]
    } else {
        let source = match call.get('s') {
            None if run.state.marked.is_some() => {
                of_pane(&run.state, run.state.marked.unwrap_or_default())
            }
            name => Some(run.find(name, Sort::Pane)?),
        };
        source.and_then(|place| place.pane).unwrap_or(to)
    };
    if from == to {
        return Ok(());
    }
    let Some(from_window) = run.state.window_of(from).map(|w| w.id) else {
        return Ok(());
    };
    let zoomed = [from_window, to_window]
        .map(|id| run.state.windows.get_mut(&id).is_some_and(Window::unzoom));
    if from_window == to_window {
        if let Some(window) = run.state.windows.get_mut(&to_window) {
            window.layout.swap(from, to);
            exchange(&mut window.panes, from, to);
            // Without `-d` it is the target; with it whichever of the two is now where the active
            // one was.
            if !call.has('d') {
                window.activate(to);
            } else if [from, to].contains(&window.active) {
                window.activate(from);
            }
        }
    } else {
        for (id, old, new) in [(from_window, from, to), (to_window, to, from)] {
            if let Some(window) = run.state.windows.get_mut(&id) {
                window.layout.replace(old, new);
                exchange(&mut window.panes, old, new);
                window.last.retain(|p| *p != old);
                if !call.has('d') || window.active == old {
                    window.activate(new);
                    window.last.retain(|p| *p != old);
                }
            }
        }
    }
    for (id, zoomed) in [from_window, to_window].into_iter().zip(zoomed) {
        if let Some(window) = run
            .state
            .windows
            .get_mut(&id)
            .filter(|_| zoomed && call.has('Z'))
        {
            let active = window.active;
            window.zoom(active);
        }
    }
    Ok(())
}

fn exchange(panes: &mut [u32], one: u32, two: u32) {
    for pane in panes {
        if *pane == one {
            *pane = two;
        } else if *pane == two {
            *pane = one;
        }
    }
}
