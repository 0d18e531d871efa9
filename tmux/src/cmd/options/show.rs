//! `show-options`, `show-window-options` and `show-hooks`.

use super::{Set, by_flags, by_name, named, place_of, set_of};
use crate::cmd::hooks;
use crate::commands::Call;
use crate::face::{Face, Ran, Stopped, error};
use crate::options::{self, Entry, Kind, Scope};

pub fn show(face: &mut Face, call: &Call) -> Ran {
    let place = place_of(face, call);
    let Some(argument) = call.arg(0) else {
        return match by_flags(call, place) {
            Ok(set) => show_all(face, call, set),
            Err(_) if call.has('q') => Ok(()),
            Err(stopped) => Err(stopped),
        };
    };
    let argument = face.expand(argument, place.or_else(|| face.here()));
    let quiet = |stopped: Stopped| if call.has('q') { Ok(()) } else { Err(stopped) };
    let (entry, name, index) = match named(&argument) {
        Ok(named) => named,
        Err(why) => return quiet(Stopped::Error(why)),
    };
    let set = match by_name(call, entry, place) {
        Ok(set) => set,
        Err(stopped) => return quiet(stopped),
    };
    let mut values = own(face, set, entry, &name);
    let mut parent = false;
    if values.is_none() && call.has('A') {
        values = inherited(face, set, entry, &name);
        parent = true;
    }
    let Some(values) = values else {
        if entry.is_none() && !call.has('q') {
            return error(format!("invalid option: {argument}"));
        }
        return Ok(());
    };
    let values = match index {
        Some(index) => {
            let found: Vec<_> = values.into_iter().filter(|(i, _)| *i == Some(index)).collect();
            if found.is_empty() {
                vec![(Some(index), String::new())]
            } else {
                found
            }
        }
        None => values,
    };
    print(face, call, entry, &name, values, parent);
    Ok(())
}

/// What a set itself says of an option; the global ones say something of every option.
fn own(face: &mut Face, set: Set, entry: Option<&Entry>, name: &str) -> Option<Vec<(Option<u32>, String)>> {
    if let (Some(entry), Set::Server | Set::Global | Set::GlobalWindow) = (entry, set) {
        return Some(options::global(&face.world, entry));
    }
    let options = set_of(&mut face.world, set)?;
    let found = options::values(options, name);
    (!found.is_empty()).then_some(found)
}

fn inherited(face: &mut Face, set: Set, entry: Option<&Entry>, name: &str) -> Option<Vec<(Option<u32>, String)>> {
    let above = match set {
        Set::Pane(pane) => {
            let window = face.world.window_of(pane).map(|w| w.id)?;
            if let Some(found) = own(face, Set::Window(window), entry, name) {
                return Some(found);
            }
            Set::GlobalWindow
        }
        Set::Window(_) => Set::GlobalWindow,
        Set::Session(_) => Set::Global,
        Set::Server | Set::Global | Set::GlobalWindow => return None,
    };
    own(face, above, entry, name)
}

fn show_all(face: &mut Face, call: &Call, set: Set) -> Ran {
    let hooks_only = call.name == "show-hooks";
    if !hooks_only {
        let users: Vec<(String, String)> = set_of(&mut face.world, set)
            .map(|o| {
                o.iter()
                    .filter(|(k, _)| k.starts_with('@'))
                    .map(|(k, v)| (k.clone(), v.clone()))
                    .collect()
            })
            .unwrap_or_default();
        for (name, value) in users {
            print(face, call, None, &name, vec![(None, value)], false);
        }
    }
    let fits = |entry: &Entry| match set {
        Set::Server => entry.scope == Scope::Server,
        Set::Global | Set::Session(_) => entry.scope == Scope::Session,
        Set::GlobalWindow | Set::Window(_) => entry.scope == Scope::Window,
        Set::Pane(_) => entry.scope == Scope::Window && (entry.pane || entry.kind == Kind::Hook),
    };
    for entry in options::table().iter().filter(|e| fits(e)) {
        let is_hook = entry.kind == Kind::Hook;
        if is_hook != hooks_only && !(is_hook && call.has('H')) {
            continue;
        }
        let mut parent = false;
        let mut values = own(face, set, Some(entry), entry.name);
        if values.is_none() && call.has('A') {
            values = inherited(face, set, Some(entry), entry.name);
            parent = true;
        }
        if let Some(values) = values {
            print(face, call, Some(entry), entry.name, values, parent);
        }
    }
    Ok(())
}

fn print(face: &mut Face, call: &Call, entry: Option<&Entry>, name: &str, values: Vec<(Option<u32>, String)>, parent: bool) {
    let star = if parent { "*" } else { "" };
    if entry.is_some_and(|e| e.array) && values.iter().all(|(index, _)| index.is_none()) {
        if !call.has('v') {
            face.print(name);
        }
        return;
    }
    for (index, value) in values {
        let name = index.map_or_else(|| name.to_owned(), |index| format!("{name}[{index}]"));
        let value = if entry.is_some_and(|e| e.kind == Kind::Hook) {
            hooks::shown(face, &value)
        } else {
            value
        };
        if call.has('v') {
            face.print(&value);
        } else if entry.is_some_and(|e| e.kind == Kind::Hook) {
            face.print(&format!("{name}{star} {value}"));
        } else {
            face.print(&format!("{name}{star} {}", options::shown(entry, &value)));
        }
    }
}
