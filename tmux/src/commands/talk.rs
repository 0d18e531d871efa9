//! Talk with the program in a pane: keys to it, its screen from it.

use super::super::addressing::{Place, Sort};
use super::super::bindings;
use super::super::call::Call;
use super::super::keys;
use super::super::options;
use super::super::platform;
use super::super::run::{CommandError, CommandResult, Run, error};
use super::super::state::Pane;
use super::{buffers, copy, pane_or_error, shell, window_or_error};
use psup_proto::input::Part;
use psup_proto::key::{Code, Key};
use std::io::Read;

/// At most this much is taken from stdin: what a pane keeps of its history is less.
const INPUT: u64 = 16 << 20;

/// A key is not typed more often than this by one command.
const MOST: i64 = 10_000;

pub fn send(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let id = pane_or_error(place)?;
    let repeat = match call.number('N', 1, i64::from(u32::MAX)) {
        Ok(count) => count.unwrap_or(1),
        Err(why) => return error(format!("repeat count {why}")),
    };
    if call.name == "send-prefix" {
        let option = if call.has('2') { "prefix2" } else { "prefix" };
        let key = options::of_session(&run.state, run.state.session(place.session), option);
        return match key.as_str() {
            "None" => Ok(()),
            key => type_into(run, id, vec![keys::typed(key)]),
        };
    }
    if call.has('X') {
        return copy::command(run, call, place, repeat);
    }
    if call.has('M') {
        return error("no mouse target");
    }
    if call.has('R') {
        write_to(run, id, b"\x1bc")?;
    }
    let mut once = Vec::new();
    for word in &call.args {
        once.extend(part(run, call, word, place));
    }
    if once.is_empty() {
        return Ok(());
    }
    let mut parts = Vec::new();
    for _ in 0..repeat.min(MOST) {
        parts.extend(once.iter().cloned());
    }
    if run.state.panes.get(&id).is_some_and(|p| p.mode.is_some()) {
        return mode_keys(run, place, call, repeat);
    }
    let synchronized = options::of_pane(&run.state, run.state.panes.get(&id), "synchronize-panes") == "on";
    if synchronized {
        let others = run.state.windows[&window_or_error(place)?].panes.clone();
        for other in others.into_iter().filter(|p| *p != id) {
            type_into(run, other, parts.clone())?;
        }
    }
    type_into(run, id, parts)
}

fn part(run: &Run, call: &Call, word: &str, place: Place) -> Option<Part> {
    if call.has('H') {
        return u8::from_str_radix(word, 16).ok().map(|byte| Part::Text(vec![byte]));
    }
    let expanded;
    let word = if call.has('F') {
        expanded = run.expand(word, Some(place));
        &expanded
    } else {
        word
    };
    let part = if call.has('l') {
        Part::Text(word.as_bytes().to_vec())
    } else {
        keys::typed(word)
    };
    // tmux's own encoding of these does not depend on the program's modes.
    Some(match part {
        Part::Key(Key {
            code: Code::Enter,
            ctrl: false,
            meta: false,
            shift: false,
        }) => Part::Text(b"\r".to_vec()),
        part => part,
    })
}

/// What comes on stdin is shown in a pane that has no program.
pub fn from_stdin(run: &mut Run, id: u32) -> CommandResult {
    let mut bytes = Vec::new();
    // What could be read is shown.
    let _ = std::io::stdin().lock().take(INPUT).read_to_end(&mut bytes);
    write_to(run, id, &bytes)
}

/// Bytes to the screen: written to the pane's terminal, as its program would; done when the screen has them.
fn write_to(run: &mut Run, id: u32, bytes: &[u8]) -> CommandResult {
    let Some(pane) = run.state.panes.get(&id).filter(|p| p.dead.is_none() && !bytes.is_empty()) else {
        return Ok(());
    };
    let backend = &mut run.backend.borrow_mut();
    let before = backend.info(&pane.session).map_or(0, |info| info.offset);
    match platform::write_to(&pane.tty, bytes) {
        Ok(()) => Ok(backend.reaches(&pane.session, before, bytes.len() as u64)?),
        Err(failed) => error(format!("{}: {}", pane.tty, super::reason(&failed))),
    }
}

fn type_into(run: &mut Run, id: u32, parts: Vec<Part>) -> CommandResult {
    let Some(pane) = run.state.panes.get(&id) else { return Ok(()) };
    if pane.dead.is_some() || pane.input_off || pane.empty {
        return Ok(());
    }
    let session = pane.session.clone();
    // A child that has just ended takes no input, and tmux says nothing of it.
    match run.backend.borrow_mut().send(&session, joined(parts)) {
        Ok(()) => Ok(()),
        Err(failure) if matches!(failure.code, psup_proto::Code::NotRunning | psup_proto::Code::NoSuchSession) => Ok(()),
        Err(failure) => Err(CommandError::Error(failure.message)),
    }
}

/// Neighbouring texts in one.
fn joined(parts: Vec<Part>) -> Vec<Part> {
    let mut all: Vec<Part> = Vec::new();
    for part in parts {
        match (all.last_mut(), part) {
            (Some(Part::Text(text)), Part::Text(more)) => text.extend(more),
            (_, Part::Text(text)) if text.is_empty() => {}
            (_, part) => all.push(part),
        }
    }
    all
}

/// What `send-keys` was given as keys for a mode, where letters are keys too.
fn mode_words(call: &Call) -> Vec<String> {
    let mut words = Vec::new();
    for word in &call.args {
        if call.has('H') {
            words.extend(u8::from_str_radix(word, 16).map(|byte| char::from(byte).to_string()));
        } else if call.has('l') || !keys::is_key(word) {
            words.extend(word.chars().map(String::from));
        } else {
            words.push(word.clone());
        }
    }
    words
}

/// A key to a pane in a mode does what it is bound to there.
fn mode_keys(run: &mut Run, place: Place, call: &Call, times: i64) -> CommandResult {
    for _ in 0..times.min(MOST) {
        for key in mode_words(call) {
            let Some(pane) = place.pane.and_then(|id| run.state.panes.get(&id)) else {
                return Ok(());
            };
            let key = keys::canonical(&key);
            match (pane.copy.as_ref(), pane.mode.is_some()) {
                (Some(copy), _) => {
                    let table = if copy.vi { "copy-mode-vi" } else { "copy-mode" };
                    let command = bindings::get(&run.state, table, &key).map(|b| b.command.clone());
                    if let Some(command) = command {
                        shell::at(run, place, &command)?;
                    }
                }
                // What is wrong in a configuration is left like a page of text.
                (None, true) if pane.mode.as_deref() == Some("view-mode") && matches!(key.as_str(), "q" | "Escape" | "C-c" | "Enter") => {
                    run.take_lock()?;
                    copy::leave(run, pane_or_error(place)?)?;
                    run.keep()?;
                }
                // Lists and the clock take keys from a client alone.
                (None, _) => {}
            }
        }
    }
    Ok(())
}

pub fn clear(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let id = pane_or_error(place)?;
    let Some(session) = run.state.panes.get(&id).map(|p| p.session.clone()) else {
        return Ok(());
    };
    let above = run.backend.borrow_mut().capture(&session, 0, -1, false, false)?.head.left_out;
    if let Some(pane) = run.state.panes.get_mut(&id) {
        pane.cleared = above;
        pane.mode = None;
        pane.copy = None;
    }
    Ok(())
}

pub fn capture(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let id = pane_or_error(place)?;
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
        return buffers::add(run, call.get('b'), text);
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
        let above = backend.rows(pane, 0, -1, false, false)?.head.left_out;
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
    let mut pen = super::super::sgr::Pen::default();
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
