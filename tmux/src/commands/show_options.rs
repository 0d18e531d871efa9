//! `show-options`, `show-window-options` and `show-hooks`.

use crate::options;
use crate::options::{Kind, Scope};
use crate::run::option_set::{Set, by_flags, by_name, named, place_of, set_of};
use crate::run::{Access, Call, CommandError, CommandResult, Entry, Run, error};

pub(super) const ENTRY: Entry = Entry {
    name: "show-options",
    alias: "show",
    flags: "AgHpqst:vw",
    args: (0, Some(1)),
    usage: "[-AgHpqsvw] [-t target-pane] [option]",
    access: Access::LOOK,
    run,
};

pub(super) fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = place_of(run, call);
    let Some(argument) = call.arg(0) else {
        return match by_flags(call, place) {
            Ok(set) => show_all(run, call, set),
            Err(_) if call.has('q') => Ok(()),
            Err(stopped) => Err(stopped),
        };
    };
    let argument = run.expand(argument, place.or_else(|| run.here()));
    let quiet = |stopped: CommandError| if call.has('q') { Ok(()) } else { Err(stopped) };
    let (entry, name, index) = match named(&argument) {
        Ok(named) => named,
        Err(why) => return quiet(CommandError::Error(why)),
    };
    let set = match by_name(call, entry, place) {
        Ok(set) => set,
        Err(stopped) => return quiet(stopped),
    };
    let mut values = own(run, set, entry, &name);
    let mut parent = false;
    if values.is_none() && call.has('A') {
        values = inherited(run, set, entry, &name);
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
            let found: Vec<_> = values
                .into_iter()
                .filter(|(i, _)| *i == Some(index))
                .collect();
            if found.is_empty() {
                vec![(Some(index), String::new())]
            } else {
                found
            }
        }
        None => values,
    };
    print(run, call, entry, &name, values, parent);
    Ok(())
}

/// What a set itself says of an option; the global ones say something of every option.
fn own(
    run: &mut Run,
    set: Set,
    entry: Option<&options::Entry>,
    name: &str,
) -> Option<Vec<(Option<u32>, String)>> {
    if let (Some(entry), Set::Server | Set::Global | Set::GlobalWindow) = (entry, set) {
        return Some(options::global(&run.state, entry));
    }
    let options = set_of(&mut run.state, set)?;
    let found = options::values(options, name);
    (!found.is_empty()).then_some(found)
}

fn inherited(
    run: &mut Run,
    set: Set,
    entry: Option<&options::Entry>,
    name: &str,
) -> Option<Vec<(Option<u32>, String)>> {
    let above = match set {
        Set::Pane(pane) => {
            let window = run.state.window_of(pane).map(|w| w.id)?;
            if let Some(found) = own(run, Set::Window(window), entry, name) {
                return Some(found);
            }
            Set::GlobalWindow
        }
        Set::Window(_) => Set::GlobalWindow,
        Set::Session(_) => Set::Global,
        Set::Server | Set::Global | Set::GlobalWindow => return None,
    };
    own(run, above, entry, name)
}

fn show_all(run: &mut Run, call: &Call, set: Set) -> CommandResult {
    let hooks_only = call.name() == "show-hooks";
    if !hooks_only {
        let users: Vec<(String, String)> = set_of(&mut run.state, set)
            .map(|o| {
                o.iter()
                    .filter(|(k, _)| k.starts_with('@'))
                    .map(|(k, v)| (k.clone(), v.clone()))
                    .collect()
            })
            .unwrap_or_default();
        for (name, value) in users {
            print(run, call, None, &name, vec![(None, value)], false);
        }
    }
    let fits = |entry: &options::Entry| match set {
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
        let mut values = own(run, set, Some(entry), entry.name);
        if values.is_none() && call.has('A') {
            values = inherited(run, set, Some(entry), entry.name);
            parent = true;
        }
        if let Some(values) = values {
            print(run, call, Some(entry), entry.name, values, parent);
        }
    }
    Ok(())
}

fn print(
    run: &mut Run,
    call: &Call,
    entry: Option<&options::Entry>,
    name: &str,
    values: Vec<(Option<u32>, String)>,
    parent: bool,
) {
    let star = if parent { "*" } else { "" };
    if entry.is_some_and(|e| e.array) && values.iter().all(|(index, _)| index.is_none()) {
        if !call.has('v') {
            run.print(name);
        }
        return;
    }
    for (index, value) in values {
        let name = index.map_or_else(|| name.to_owned(), |index| format!("{name}[{index}]"));
        let value = if entry.is_some_and(|e| e.kind == Kind::Hook) {
            run.written(&value, " ; ")
        } else {
            value
        };
        if call.has('v') {
            run.print(&value);
        } else if entry.is_some_and(|e| e.kind == Kind::Hook) {
            run.print(&format!("{name}{star} {value}"));
        } else {
            run.print(&format!("{name}{star} {}", options::shown(entry, &value)));
        }
    }
}
