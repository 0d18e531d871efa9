//! `resize-pane`: the cell of a pane, or a pane that has the window to itself.

use crate::addressing::Sort;
use crate::layout::{Way, share};
use crate::run::{Access, Call, CommandError, CommandResult, Entry, Run};
use crate::text::number;

pub(super) const ENTRY: Entry = Entry {
    name: "resize-pane",
    alias: "resizep",
    flags: "DLMRTt:Ux:y:Z",
    args: (0, Some(1)),
    usage: "[-DLMRTUZ] [-x width] [-y height] [-t target-pane] [adjustment]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let (id, pane) = (place.need_window()?, place.need_pane()?);
    if call.has('T') || call.has('M') {
        return Ok(());
    }
    if call.has('Z') {
        if let Some(window) = run.state.windows.get_mut(&id)
            && !window.unzoom()
        {
            window.activate(pane);
            window.zoom(pane);
        } else if let Some(window) = run.state.windows.get_mut(&id) {
            window.activate(pane);
        }
        return Ok(());
    }
    let by = match call.arg(0) {
        Some(text) => number(text, 1, i64::from(i32::MAX))
            .map_err(|why| CommandError::Error(format!("adjustment {why}")))?
            as i32,
        None => 1,
    };
    let Some(window) = run.state.windows.get_mut(&id) else {
        return Ok(());
    };
    window.unzoom();
    let (sx, sy) = (window.sx, window.sy);
    for (flag, way, whole, what) in [
        ('x', Way::LeftRight, sx, "width"),
        ('y', Way::TopBottom, sy, "height"),
    ] {
        if let Some(text) = call.get(flag) {
            let size = match text.strip_suffix('%') {
                Some(percent) => {
                    number(percent, 0, 100).map(|_| share(text, whole).unwrap_or(whole))
                }
                None => number(text, 0, i64::from(i32::MAX)).map(|n| n as i32),
            };
            let size = size.map_err(|why| CommandError::Error(format!("{what} {why}")))?;
            window.layout.resize_pane_to(pane, way, size);
        }
    }
    let sides = [
        ('L', Way::LeftRight, -by),
        ('R', Way::LeftRight, by),
        ('U', Way::TopBottom, -by),
        ('D', Way::TopBottom, by),
    ];
    if let Some((_, way, change)) = sides.into_iter().find(|(flag, _, _)| call.has(*flag)) {
        window.layout.resize_pane(pane, way, change);
    }
    run.hook("window-layout-changed", Some(place), vec![]);
    run.hook_after("resize-pane", Some(place));
    Ok(())
}
