//! Talk with the program in a pane: keys to it, its screen from it.

use super::super::commands::Call;
use super::super::face::{Face, Ran, Stopped, error};
use super::super::keys;
use super::super::options;
use super::super::target::Sort;
use super::super::world::Pane;
use super::{buffers, pane_or_error, window_or_error};
use psup_proto::input::Part;
use psup_proto::key::{Code, Key};

pub fn send(face: &mut Face, call: &Call) -> Ran {
    let place = face.find(call.get('t'), Sort::Pane)?;
    let id = pane_or_error(place)?;
    let repeat = match call.number('N', 1, i64::from(u32::MAX)) {
        Ok(count) => count.unwrap_or(1),
        Err(why) => return error(format!("repeat count {why}")),
    };
    if call.name == "send-prefix" {
        let option = if call.has('2') { "prefix2" } else { "prefix" };
        let key = options::of_session(&face.world, face.world.session(place.session), option);
        return type_into(face, id, vec![keys::typed(&key)]);
    }
    if call.has('X') {
        return leave_mode(face, id, call);
    }
    if call.has('M') {
        return error("no mouse target");
    }
    if call.has('R') {
        // The screen is what the program's bytes draw; there is no other way to change it.
        return error("send-keys -R is not supported by psup");
    }
    let mut once = Vec::new();
    for word in &call.args {
        once.extend(part(face, call, word, place));
    }
    if once.is_empty() {
        return Ok(());
    }
    let mut parts = Vec::new();
    for _ in 0..repeat.min(10_000) {
        parts.extend(once.iter().cloned());
    }
    if face.world.panes.get(&id).is_some_and(|p| p.mode.is_some()) {
        return mode_key(face, id, call);
    }
    let synchronized = options::of_pane(&face.world, face.world.panes.get(&id), "synchronize-panes") == "on";
    if synchronized {
        let others = face.world.windows[&window_or_error(place)?].panes.clone();
        for other in others.into_iter().filter(|p| *p != id) {
            type_into(face, other, parts.clone())?;
        }
    }
    type_into(face, id, parts)
}

fn part(face: &Face, call: &Call, word: &str, place: super::super::target::Place) -> Option<Part> {
    if call.has('H') {
        return u8::from_str_radix(word, 16).ok().map(|byte| Part::Text(vec![byte]));
    }
    let expanded;
    let word = if call.has('F') {
        expanded = face.expand(word, Some(place));
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

fn type_into(face: &mut Face, id: u32, parts: Vec<Part>) -> Ran {
    let Some(pane) = face.world.panes.get(&id) else { return Ok(()) };
    if pane.dead.is_some() || pane.input_off {
        return Ok(());
    }
    let session = pane.session.clone();
    // A child that has just ended takes no input, and tmux says nothing of it.
    match face.floor.borrow_mut().send(&session, joined(parts)) {
        Ok(()) => Ok(()),
        Err(failure) if matches!(failure.code, psup_proto::Code::NotRunning | psup_proto::Code::NoSuchSession) => Ok(()),
        Err(failure) => Err(Stopped::Error(failure.message)),
    }
}

/// Neighbouring texts in one.
fn joined(parts: Vec<Part>) -> Vec<Part> {
    let mut all: Vec<Part> = Vec::new();
    for part in parts {
        match (all.last_mut(), part) {
            (Some(Part::Text(text)), Part::Text(more)) => text.extend(more),
            (_, part) => all.push(part),
        }
    }
    all
}

/// Commands of copy mode: all that leave it leave it, the others have nothing to move.
fn leave_mode(face: &mut Face, id: u32, call: &Call) -> Ran {
    if face.world.panes.get(&id).is_none_or(|pane| pane.mode.is_none()) {
        return error("not in a mode");
    }
    let leaves = call
        .arg(0)
        .is_some_and(|word| word == "cancel" || word.ends_with("-and-cancel") || word.starts_with("copy-pipe"));
    if leaves {
        set_mode(face, id, None)?;
    }
    Ok(())
}

fn mode_key(face: &mut Face, id: u32, call: &Call) -> Ran {
    if call.args.iter().any(|key| matches!(key.as_str(), "q" | "Escape" | "C-c" | "Enter")) {
        set_mode(face, id, None)?;
    }
    Ok(())
}

/// `send-keys` only looks, as a rule; this one changes, and takes its turn late.
fn set_mode(face: &mut Face, id: u32, mode: Option<&str>) -> Ran {
    face.open(true)?;
    if let Some(pane) = face.world.panes.get_mut(&id) {
        pane.mode = mode.map(str::to_owned);
    }
    face.keep()
}

/// `copy-mode` and its like: the pane is in the mode, as far as formats tell.
pub fn mode(face: &mut Face, call: &Call) -> Ran {
    let place = face.find(call.get('t'), Sort::Pane)?;
    let id = pane_or_error(place)?;
    let mode = match call.name {
        "copy-mode" if call.has('q') => None,
        "copy-mode" => Some("copy-mode"),
        "clock-mode" => Some("clock-mode"),
        "choose-client" => Some("client-mode"),
        "choose-buffer" => Some("buffer-mode"),
        "customize-mode" => Some("options-mode"),
        _ => Some("tree-mode"),
    };
    if let Some(pane) = face.world.panes.get_mut(&id) {
        pane.mode = mode.map(str::to_owned);
    }
    Ok(())
}

pub fn clear(face: &mut Face, call: &Call) -> Ran {
    let place = face.find(call.get('t'), Sort::Pane)?;
    let id = pane_or_error(place)?;
    let Some(session) = face.world.panes.get(&id).map(|p| p.session.clone()) else {
        return Ok(());
    };
    let above = face.floor.borrow_mut().capture(&session, 0, -1, false, false)?.head.left_out;
    if let Some(pane) = face.world.panes.get_mut(&id) {
        pane.cleared = above;
        pane.mode = None;
    }
    Ok(())
}

pub fn capture(face: &mut Face, call: &Call) -> Ran {
    let place = face.find(call.get('t'), Sort::Pane)?;
    let id = pane_or_error(place)?;
    let Some(pane) = face.world.panes.get(&id).cloned() else {
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
        rows(face, call, &pane)?
    };
    if !call.has('p') {
        return buffers::add(face, call.get('b'), text);
    }
    if text.last() == Some(&b'\n') {
        text.pop();
    }
    text.push(b'\n');
    face.data(&text);
    Ok(())
}

fn rows(face: &Face, call: &Call, pane: &Pane) -> Result<Vec<u8>, Stopped> {
    let place = |flag: char, usual: i64, dash: i64| match call.get(flag) {
        Some("-") => dash,
        Some(text) => text.trim().parse().unwrap_or(usual),
        None => usual,
    };
    let height = face
        .world
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
    let mut floor = face.floor.borrow_mut();
    if pane.cleared > 0 && first < 0 {
        let above = floor.capture(&pane.session, 0, -1, false, false)?.head.left_out;
        let kept = above.saturating_sub(pane.cleared) as i64;
        let first = first.max(-kept);
        let shot = floor.capture(&pane.session, first, last.max(-kept), call.has('e'), joined)?;
        return Ok(finish(&shot.bytes, call, joined));
    }
    let shot = floor.capture(&pane.session, first, last, call.has('e'), joined)?;
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
