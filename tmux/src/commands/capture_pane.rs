//! `capture-pane`: rows of a pane as text, on stdout or into a buffer.

use crate::addressing::Sort;
use crate::run::{Access, Call, CommandError, CommandResult, Entry, Run, error};
use crate::state::Pane;
use crate::{buffers, sgr};

pub(super) const ENTRY: Entry = Entry {
    name: "capture-pane",
    alias: "capturep",
    flags: "ab:CeE:JNpPqS:t:",
    args: (0, Some(0)),
    usage: "[-aCeJNpPq] [-b buffer-name] [-E end-line] [-S start-line] [-t target-pane]",
    access: Access::LOOK_IF_PRINTING,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let id = place.need_pane()?;
    let Some(pane) = run.state.panes.get(&id).cloned() else {
        return Ok(());
    };
    let mut text = if call.has('P') {
        Vec::new()
    } else if call.has('a') {
        if !call.has('q') {
            return error("no alternate screen");
        }
        Vec::new()
    } else {
        rows(run, call, &pane)?
    };
    if !call.has('p') {
        return Ok(buffers::add(&mut run.state, call.get('b'), text)?);
    }
    if text.last() == Some(&b'\n') {
        text.pop();
    }
    text.push(b'\n');
    run.data(&text);
    Ok(())
}

fn rows(run: &Run, call: &Call, pane: &Pane) -> Result<Vec<u8>, CommandError> {
    let place = |flag: char, usual: i64, dash: i64| match call.get(flag) {
        Some("-") => dash,
        Some(text) => text.trim().parse().unwrap_or(usual),
        None => usual,
    };
    let height = run
        .state
        .window_of(pane.id)
        .and_then(|w| w.cell(pane.id))
        .map_or(24, |c| i64::from(c.sy));
    let least = -i64::from(u32::MAX);
    let (mut first, mut last) = (place('S', 0, least), place('E', height - 1, height - 1));
    if last < first {
        std::mem::swap(&mut first, &mut last);
    }
    let first = first.min(height - 1);
    let joined = call.has('J');
    let mut backend = run.backend.borrow_mut();
    if pane.cleared > 0 && first < 0 {
        let above = backend.pane_screen(pane)?.history;
        let kept = above.saturating_sub(pane.cleared) as i64;
        let first = first.max(-kept);
        let shot = backend.rows(pane, first, last.max(-kept), call.has('e'), joined)?;
        return Ok(finish(&shot.bytes, call, joined));
    }
    let shot = backend.rows(pane, first, last, call.has('e'), joined)?;
    Ok(finish(&shot.bytes, call, joined))
}

/// tmux cuts the blanks at the ends of rows unless `-J` or `-N` keeps them.
fn finish(bytes: &[u8], call: &Call, joined: bool) -> Vec<u8> {
    let keeps = joined || call.has('N');
    let mut pen = sgr::Pen::default();
    let mut out = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let mut line = line.strip_suffix(b"\n").unwrap_or(line);
        let styled;
        if call.has('e') {
            styled = pen.row(&String::from_utf8_lossy(line), call.has('C'));
            line = styled.as_bytes();
        }
        let end = if keeps {
            line.len()
        } else {
            line.iter().rposition(|b| *b != b' ').map_or(0, |at| at + 1)
        };
        if call.has('C') {
            for byte in &line[..end] {
                if *byte == b'\\' && !call.has('e') {
                    out.push(b'\\');
                }
                out.push(*byte);
            }
        } else {
            out.extend_from_slice(&line[..end]);
        }
        out.push(b'\n');
    }
    out
}
