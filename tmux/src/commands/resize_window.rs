//! `resize-window`: a size of the window's own.

use crate::addressing::Sort;
use crate::run::{Access, Call, CommandError, CommandResult, Entry, Run};
use crate::sizing::usual_size;
use crate::text::number;

pub(super) const ENTRY: Entry = Entry {
    name: "resize-window",
    alias: "resizew",
    flags: "aADLRt:Ux:y:",
    args: (0, Some(1)),
    usage: "[-aADLRU] [-x width] [-y height] [-t target-window] [adjustment]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Window)?;
    let id = place.need_window()?;
    let by = match call.arg(0) {
        Some(text) => number(text, 1, i64::from(i32::MAX))
            .map_err(|why| CommandError::Error(format!("adjustment {why}")))?
            as i32,
        None => 1,
    };
    let (mut sx, mut sy) = (run.state.windows[&id].sx, run.state.windows[&id].sy);
    let axis = |flag: char, word: &str| match call.get(flag) {
        None => Ok(None),
        Some(text) => number(text, 1, 10_000)
            .map(|n| Some(n as i32))
            .map_err(|why| CommandError::Error(format!("{word} {why}"))),
    };
    sx = axis('x', "width")?.unwrap_or(sx);
    sy = axis('y', "height")?.unwrap_or(sy);
    if call.has('L') && sx >= by {
        sx -= by;
    } else if call.has('R') {
        sx += by;
    } else if call.has('U') && sy >= by {
        sy -= by;
    } else if call.has('D') {
        sy += by;
    }
    if call.has('A') || call.has('a') {
        (sx, sy) = usual_size(&run.state, place.session);
    }
    if let Some(window) = run.state.windows.get_mut(&id) {
        window
            .options
            .insert("window-size".to_owned(), "manual".to_owned());
        window.manual = true;
        window.resize(sx.max(1), sy.max(1));
    }
    Ok(())
}
