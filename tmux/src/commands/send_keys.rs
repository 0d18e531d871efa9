//! `send-keys`: keys and text to the program in a pane, or to the mode that the pane is in.

use crate::addressing::{Place, Sort};
use crate::keys::{Code, Input, Key, bindings};
use crate::run::{Access, Call, CommandResult, Entry, Run, error};
use crate::{keys, options};

/// A key is not typed more often than this by one command.
const MOST: i64 = 10_000;

pub(super) const ENTRY: Entry = Entry {
    name: "send-keys",
    alias: "send",
    flags: "FHlMN:Rt:X",
    args: (0, None),
    usage: "[-FHlMRX] [-N repeat-count] [-t target-pane] key ...",
    access: Access::LOOK,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let id = place.need_pane()?;
    let repeat = match call.number('N', 1, i64::from(u32::MAX)) {
        Ok(count) => count.unwrap_or(1),
        Err(why) => return error(format!("repeat count {why}")),
    };
    if call.has('X') {
        return run.copy_command(call, place, repeat);
    }
    if call.has('M') {
        return error("no mouse target");
    }
    if call.has('R') {
        run.show_bytes(id, b"\x1bc")?;
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
    let synchronized =
        options::of_pane(&run.state, run.state.panes.get(&id), "synchronize-panes") == "on";
    if synchronized {
        let others = run.state.windows[&place.need_window()?].panes.clone();
        for other in others.into_iter().filter(|p| *p != id) {
            run.type_into(other, parts.clone())?;
        }
    }
    run.type_into(id, parts)
}

fn part(run: &Run, call: &Call, word: &str, place: Place) -> Option<Input> {
    if call.has('H') {
        return u8::from_str_radix(word, 16)
            .ok()
            .map(|byte| Input::Text(vec![byte]));
    }
    let expanded;
    let word = if call.has('F') {
        expanded = run.expand(word, Some(place));
        &expanded
    } else {
        word
    };
    let part = if call.has('l') {
        Input::Text(word.as_bytes().to_vec())
    } else {
        keys::typed(word)
    };
    // tmux's own encoding of these does not depend on the program's modes.
    Some(match part {
        Input::Key(Key {
            code: Code::Enter,
            ctrl: false,
            meta: false,
            shift: false,
        }) => Input::Text(b"\r".to_vec()),
        part => part,
    })
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
                        run.run_text(place, &command)?;
                    }
                }
                // What is wrong in a configuration is left like a page of text.
                (None, true)
                    if pane.mode.as_deref() == Some("view-mode")
                        && matches!(key.as_str(), "q" | "Escape" | "C-c" | "Enter") =>
                {
                    run.take_lock()?;
                    run.state.leave_mode(place.need_pane()?);
                    run.keep()?;
                }
                // Lists and the clock take keys from a client alone.
                (None, _) => {}
            }
        }
    }
    Ok(())
}
