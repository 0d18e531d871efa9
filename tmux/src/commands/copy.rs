//! `copy-mode`, and what `send-keys -X` does in it.

use super::super::addressing::{Place, Sort};
use super::super::call::Call;
use super::super::chooser::{Chooser, Of};
use super::super::copy::{Copy, Page, Then};
use super::super::options;
use super::super::run::{CommandError, CommandResult, Run, error};
use super::super::state::{Pane, Window};
use super::{buffers, pane_or_error, shell};
use std::collections::{BTreeMap, BTreeSet};

/// Commands of the mode that take arguments, and at least and at most how many.
const ARGUED: &[(&str, usize, usize)] = &[
    ("goto-line", 1, 1),
    ("jump-backward", 1, 1),
    ("jump-forward", 1, 1),
    ("jump-to-backward", 1, 1),
    ("jump-to-forward", 1, 1),
    ("search-backward", 0, 1),
    ("search-backward-incremental", 1, 1),
    ("search-backward-text", 0, 1),
    ("search-forward", 0, 1),
    ("search-forward-incremental", 1, 1),
    ("search-forward-text", 0, 1),
];

/// `copy-mode` and its like: the pane is in the mode.
pub fn mode(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let id = pane_or_error(place)?;
    let mode = match call.name {
        "copy-mode" if call.has('q') => return leave(run, id),
        "copy-mode" => return begin(run, call, id),
        "clock-mode" => "clock-mode",
        // There is nothing to choose from.
        "choose-client" if run.state.clients.is_empty() => return Ok(()),
        "choose-buffer" if run.state.buffers.is_empty() => return Ok(()),
        "choose-client" => "client-mode",
        "choose-buffer" => "buffer-mode",
        "customize-mode" => "options-mode",
        _ => "tree-mode",
    };
    if run.state.panes.get(&id).is_some_and(|pane| pane.mode.as_deref() == Some(mode)) {
        return Ok(());
    }
    let choosing = choosing(run, call, place);
    if let Some(pane) = run.state.panes.get_mut(&id) {
        pane.mode = Some(mode.to_owned());
        pane.choosing = choosing.map(Box::new);
    }
    Ok(())
}

/// The list that a command shows.
fn choosing(run: &mut Run, call: &Call, place: Place) -> Option<Chooser> {
    let (of, usual) = match call.name {
        "choose-buffer" => (Of::Buffers, "paste-buffer -p -b '%%'"),
        "choose-client" => (Of::Clients, "detach-client -t '%%'"),
        "choose-tree" if call.has('s') => (Of::Sessions, "switch-client -Zt '%%'"),
        "choose-tree" if call.has('w') => (Of::Windows, "switch-client -Zt '%%'"),
        "choose-tree" | "find-window" => (Of::Panes, "switch-client -Zt '%%'"),
        _ => return None,
    };
    let name = run.state.session(place.session).map(|s| s.name.clone()).unwrap_or_default();
    let (index, pane) = (place.index.unwrap_or_default(), place.pane.unwrap_or_default());
    let window = place.window.and_then(|id| run.state.windows.get_mut(&id))?;
    let unzooms = call.has('Z') && window.panes.len() > 1 && window.zoomed.is_none();
    if unzooms {
        window.activate(pane);
        window.zoom(pane);
    }
    let at = match of {
        Of::Sessions => format!("={name}:"),
        Of::Panes if window.panes.len() > 1 => format!("={name}:{index}.%{pane}"),
        Of::Windows | Of::Panes => format!("={name}:{index}."),
        Of::Buffers | Of::Clients => String::new(),
    };
    let template = call.arg(0).filter(|_| call.name != "find-window").unwrap_or(usual).to_owned();
    Some(Chooser {
        of,
        template,
        format: call.get('F').map(str::to_owned),
        filter: filter(call),
        preview: !call.has('N'),
        unzooms,
        at,
        open: BTreeMap::default(),
        tagged: BTreeSet::default(),
    })
}

/// Which items are shown: as `-f` says, or those that `find-window` finds.
fn filter(call: &Call) -> Option<String> {
    if call.name != "find-window" {
        return call.get('f').map(str::to_owned);
    }
    let wanted = call.arg(0).unwrap_or_default();
    let flags = format!("{}{}", if call.has('r') { "r" } else { "" }, if call.has('i') { "i" } else { "" });
    let everywhere = !['C', 'N', 'T'].iter().any(|flag| call.has(*flag));
    let pattern = if call.has('r') { wanted.to_owned() } else { format!("*{wanted}*") };
    let modifier = if flags.is_empty() { "m".to_owned() } else { format!("m/{flags}") };
    let mut all = Vec::new();
    if everywhere || call.has('C') {
        let modifier = if flags.is_empty() { "C".to_owned() } else { format!("C/{flags}") };
        all.push(format!("#{{{modifier}:{wanted}}}"));
    }
    if everywhere || call.has('N') {
        all.push(format!("#{{{modifier}:{pattern},#{{window_name}}}}"));
    }
    if everywhere || call.has('T') {
        all.push(format!("#{{{modifier}:{pattern},#{{pane_title}}}}"));
    }
    all.into_iter().reduce(|one, other| format!("#{{||:{one},{other}}}"))
}

fn begin(run: &mut Run, call: &Call, id: u32) -> CommandResult {
    if call.has('M') {
        return Ok(());
    }
    let source = match call.get('s') {
        Some(name) => pane_or_error(run.find(Some(name), Sort::Pane)?)?,
        None => id,
    };
    let present = run.state.panes.get(&id).and_then(|pane| pane.copy.clone());
    let mut copy = match present {
        Some(copy) => *copy,
        None => held(run, source)?,
    };
    copy.ends_at_bottom |= call.has('e');
    copy.hides_position |= call.has('H');
    if call.has('u') {
        let page = page(run, source, &copy)?;
        copy.step("page-up", None, 1, &page, "");
    }
    set(run, id, "copy-mode", copy);
    Ok(())
}

/// A pane as it is now.
fn held(run: &Run, id: u32) -> Result<Copy, CommandError> {
    let Some(pane) = run.state.panes.get(&id) else {
        return error("no such pane");
    };
    let head = run.backend.borrow_mut().capture(&pane.session, 0, -1, false, false)?.head;
    let size = (i32::from(head.size.cols), i32::from(head.size.rows));
    let above = i32::try_from(head.left_out.saturating_sub(pane.cleared)).unwrap_or(i32::MAX);
    let cursor = (i32::from(head.cursor.col), i32::from(head.cursor.row));
    let mut copy = Copy::new(head.offset, above, size, cursor);
    let window = run.state.window_of(id);
    copy.vi = options::of_window(&run.state, window, "mode-keys") == "vi";
    Ok(copy)
}

fn set(run: &mut Run, id: u32, mode: &str, copy: Copy) {
    if let Some(pane) = run.state.panes.get_mut(&id) {
        pane.mode = Some(mode.to_owned());
        pane.copy = Some(Box::new(copy));
    }
}

/// What a command printed is shown on top of a pane, until somebody leaves it.
pub fn view(run: &mut Run, id: u32, text: &str) {
    let shown = run
        .state
        .panes
        .get(&id)
        .and_then(|pane| pane.copy.clone())
        .filter(|copy| copy.text.is_some());
    let Some(mut copy) = shown.map(|copy| *copy).or_else(|| held(run, id).ok()) else {
        return;
    };
    if copy.text.is_none() {
        (copy.x, copy.y, copy.above) = (0, 0, 0);
    }
    let mut lines = copy.text.take().unwrap_or_default();
    for line in text.lines() {
        let chars: Vec<char> = line.chars().collect();
        let width = copy.sx.max(1) as usize;
        lines.extend(chars.chunks(width).map(String::from_iter));
        if chars.is_empty() {
            lines.push(String::new());
        }
    }
    let above = (lines.len() as i32 - copy.sy).max(0);
    // What is seen stays where it is.
    copy.back += above - copy.above;
    copy.above = above;
    copy.text = Some(lines);
    set(run, id, "view-mode", copy);
}

pub fn leave(run: &mut Run, id: u32) -> CommandResult {
    let mut unzooms = false;
    if let Some(pane) = run.state.panes.get_mut(&id) {
        pane.mode = None;
        pane.copy = None;
        unzooms = pane.choosing.take().is_some_and(|choosing| choosing.unzooms);
    }
    if unzooms && let Some(window) = run.state.window_of(id).map(|window| window.id) {
        run.state.windows.get_mut(&window).map(Window::unzoom);
    }
    Ok(())
}

/// All that can be walked through.
pub fn page(run: &Run, id: u32, copy: &Copy) -> Result<Page, CommandError> {
    let count = copy.above + copy.sy;
    if let Some(lines) = &copy.text {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        return Ok(Page::new(&lines, &lines, copy.sx, count));
    }
    let Some(pane) = run.state.panes.get(&id) else {
        return error("no such pane");
    };
    let rows = rows(run, pane, copy, false)?;
    let joined = rows_joined(run, pane, copy)?;
    let rows: Vec<&str> = rows.lines().collect();
    let joined: Vec<&str> = joined.lines().collect();
    Ok(Page::new(&rows, &joined, copy.sx, count))
}

fn rows_joined(run: &Run, pane: &Pane, copy: &Copy) -> Result<String, CommandError> {
    rows(run, pane, copy, true)
}

fn rows(run: &Run, pane: &Pane, copy: &Copy, joined: bool) -> Result<String, CommandError> {
    let (first, last) = (-i64::from(copy.above), i64::from(copy.sy) - 1);
    let mut backend = run.backend.borrow_mut();
    let shot = backend
        .capture_at(&pane.session, first, last, false, joined, Some(copy.at))
        // What was held still is not kept any more: the present has to do.
        .or_else(|_| backend.capture(&pane.session, first, last, false, joined))?;
    Ok(String::from_utf8_lossy(&shot.bytes).into_owned())
}

/// `send-keys -X`. It takes its turn late, since `send-keys` as a rule only looks.
pub fn command(run: &mut Run, call: &Call, place: Place, times: i64) -> CommandResult {
    let id = pane_or_error(place)?;
    if run.state.panes.get(&id).is_none_or(|pane| pane.mode.is_none()) {
        return error("not in a mode");
    }
    let Some(name) = call.arg(0) else { return Ok(()) };
    run.take_lock()?;
    let Some(copy) = run.state.panes.get(&id).and_then(|pane| pane.copy.clone()) else {
        if name == "cancel" {
            leave(run, id)?;
        }
        return run.keep();
    };
    let (least, most) = counts(name);
    let given = call.args.len() - 1;
    if given < least || given > most {
        return Ok(());
    }
    let then = perform(run, call, place, *copy, times)?;
    if then == Then::Leave {
        leave(run, id)?;
    }
    run.keep()
}

fn counts(name: &str) -> (usize, usize) {
    if let Some((_, least, most)) = ARGUED.iter().find(|(known, ..)| *known == name) {
        return (*least, *most);
    }
    let most = match name {
        _ if name.starts_with("copy-pipe") => 2,
        _ if name.starts_with("copy-") || name.starts_with("pipe") => 1,
        _ => 0,
    };
    (0, most)
}

fn perform(run: &mut Run, call: &Call, place: Place, mut copy: Copy, times: i64) -> Result<Then, CommandError> {
    let (id, name) = (pane_or_error(place)?, call.arg(0).unwrap_or_default());
    if name == "cancel" {
        return Ok(Then::Leave);
    }
    if name == "refresh-from-pane" {
        let mut fresh = held(run, id)?;
        (fresh.x, fresh.y) = (copy.x, copy.y);
        set(run, id, "copy-mode", fresh);
        return Ok(Then::Stay);
    }
    let page = page(run, id, &copy)?;
    let separators = options::of_session(&run.state, run.state.session(place.session), "word-separators");
    let mode = run.state.panes.get(&id).and_then(|p| p.mode.clone()).unwrap_or_default();
    let copies = name.starts_with("copy-") || name.starts_with("pipe") || name.starts_with("append-selection");
    let then = if copies {
        take(run, call, place, &mut copy, &page, times)?
    } else {
        copy.step(name, call.arg(1), times, &page, &separators).unwrap_or(Then::Stay)
    };
    set(run, id, &mode, copy);
    Ok(then)
}

/// Commands that copy: which text, where it goes, and what is left selected.
fn take(run: &mut Run, call: &Call, place: Place, copy: &mut Copy, page: &Page, times: i64) -> Result<Then, CommandError> {
    let name = call.arg(0).unwrap_or_default();
    let (base, leaves) = match name.strip_suffix("-and-cancel") {
        Some(base) => (base, true),
        None => (name, false),
    };
    let (base, clears) = match base.strip_suffix("-no-clear") {
        Some(base) => (base, false),
        None => (base, true),
    };
    let before = copy.clone();
    match base {
        "copy-line" | "copy-pipe-line" => {
            copy.step("select-line", None, times, page, "");
        }
        "copy-end-of-line" | "copy-pipe-end-of-line" => {
            copy.step("begin-selection", None, 1, page, "");
            if times > 1 {
                copy.step("cursor-down", None, times - 1, page, "");
            }
            copy.step("end-of-line", None, 1, page, "");
        }
        "copy-selection" | "copy-pipe" | "pipe" | "append-selection" => {}
        _ => return Ok(Then::Stay),
    }
    let text = copy.text_of(page).into_bytes();
    if base != "copy-selection" && base != "append-selection" && base != "copy-pipe" && base != "pipe" {
        *copy = before;
    }
    if clears {
        copy.selected = None;
    }
    let pipes = base.contains("pipe");
    if pipes && !text.is_empty() {
        let given = call.arg(1).filter(|command| !command.is_empty()).map(str::to_owned);
        let command = given.unwrap_or_else(|| options::of_server(&run.state, "copy-command"));
        if !command.is_empty() {
            let command = run.expand(&command, Some(place));
            shell::fed(run, &command, Some(place), &text)?;
        }
    }
    if base != "pipe" && !text.is_empty() {
        let prefix = call.arg(if pipes { 2 } else { 1 }).map(|p| run.expand(p, Some(place)));
        if base == "append-selection" {
            buffers::append(run, text)?;
        } else {
            buffers::add_as(run, prefix.as_deref(), text)?;
        }
    }
    Ok(if leaves { Then::Leave } else { Then::Stay })
}
