//! `set-option`, `set-hook`, `show-options` and what else they are called.

use super::super::commands::Call;
use super::super::face::{Face, Ran, Stopped, error};
use super::super::options::{self, Entry, Kind, Scope};
use super::super::target::{Place, Sort};
use super::super::world::{Options, World};
use super::hooks;

/// Which set of values is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Server,
    Global,
    GlobalWindow,
    Session(u32),
    Window(u32),
    Pane(u32),
}

fn set_of(world: &mut World, set: Set) -> Option<&mut Options> {
    match set {
        Set::Server => Some(&mut world.server),
        Set::Global => Some(&mut world.global),
        Set::GlobalWindow => Some(&mut world.global_window),
        Set::Session(id) => world.session_mut(id).map(|s| &mut s.options),
        Set::Window(id) => world.windows.get_mut(&id).map(|w| &mut w.options),
        Set::Pane(id) => world.panes.get_mut(&id).map(|p| &mut p.options),
    }
}

fn is_window(call: &Call) -> bool {
    matches!(call.name, "set-window-option" | "show-window-options")
}

/// The place, where the target is good for something; and tmux's word where it is not.
fn place_of(face: &Face, call: &Call) -> Option<Place> {
    let sort = if is_window(call) { Sort::Window } else { Sort::Pane };
    face.find(call.get('t'), sort).ok()
}

fn missing(call: &Call, what: &str) -> Stopped {
    Stopped::Error(match call.get('t') {
        Some(target) => format!("no such {what}: {target}"),
        None => format!("no current {what}"),
    })
}

/// The set that the flags name, for a user's option or all options.
fn by_flags(call: &Call, place: Option<Place>) -> Result<Set, Stopped> {
    if call.has('s') {
        return Ok(Set::Server);
    }
    if call.has('p') {
        return place.and_then(|p| p.pane).map(Set::Pane).ok_or_else(|| missing(call, "pane"));
    }
    if is_window(call) || call.has('w') {
        if call.has('g') {
            return Ok(Set::GlobalWindow);
        }
        return place.and_then(|p| p.window).map(Set::Window).ok_or_else(|| missing(call, "window"));
    }
    if call.has('g') {
        return Ok(Set::Global);
    }
    place.map(|p| Set::Session(p.session)).ok_or_else(|| missing(call, "session"))
}

/// The set that an option's name calls for, as far as the flags leave it open.
fn by_name(call: &Call, entry: Option<&Entry>, place: Option<Place>) -> Result<Set, Stopped> {
    let Some(entry) = entry else { return by_flags(call, place) };
    match entry.scope {
        Scope::Server => Ok(Set::Server),
        Scope::Session if call.has('g') => Ok(Set::Global),
        Scope::Session => place.map(|p| Set::Session(p.session)).ok_or_else(|| missing(call, "session")),
        Scope::Window if (entry.pane || entry.kind == Kind::Hook) && call.has('p') => {
            place.and_then(|p| p.pane).map(Set::Pane).ok_or_else(|| missing(call, "pane"))
        }
        Scope::Window if call.has('g') => Ok(Set::GlobalWindow),
        Scope::Window => place.and_then(|p| p.window).map(Set::Window).ok_or_else(|| missing(call, "window")),
    }
}

/// A name as given: the option, if tmux has it, its full name and index.
fn named(argument: &str) -> Result<(Option<&'static Entry>, String, Option<u32>), String> {
    let (base, index) = options::indexed(argument);
    if base.starts_with('@') {
        return Ok((None, base.to_owned(), index));
    }
    let entry = options::find(base).map_err(|why| {
        let word = why.split(':').next().unwrap_or_default().to_owned();
        format!("{word}: {argument}")
    })?;
    Ok((Some(entry), entry.name.to_owned(), index))
}

pub fn set(face: &mut Face, call: &Call) -> Ran {
    let place = place_of(face, call);
    let argument = face.expand(call.arg(0).unwrap_or_default(), place.or_else(|| face.here()));
    if call.name == "set-hook" && call.has('R') {
        hooks::run_hook(face, &argument, place, vec![]);
        return Ok(());
    }
    let quiet = |stopped: Stopped| if call.has('q') { Ok(()) } else { Err(stopped) };
    let (entry, name, index) = match named(&argument) {
        Ok(named) => named,
        Err(why) => return quiet(Stopped::Error(why)),
    };
    let value = call.arg(1).map(|value| {
        if call.has('F') {
            face.expand(value, place)
        } else {
            value.to_owned()
        }
    });
    let set = match by_name(call, entry, place) {
        Ok(set) => set,
        Err(stopped) => return quiet(stopped),
    };
    let is_array = entry.is_some_and(|e| e.array);
    if index.is_some() && !is_array {
        return error(format!("not an array: {argument}"));
    }
    let key = index.map_or_else(|| name.clone(), |index| format!("{name}[{index}]"));
    let present = set_of(&mut face.world, set).map(|o| options::values(o, &key)).unwrap_or_default();
    if !call.has('u') && !call.has('U') && call.has('o') && !present.is_empty() {
        return if call.has('q') {
            Ok(())
        } else {
            error(format!("already set: {argument}"))
        };
    }
    if call.has('U')
        && let Set::Window(window) = set
    {
        let panes = face.world.windows[&window].panes.clone();
        for pane in panes {
            if let Some(options) = set_of(&mut face.world, Set::Pane(pane)) {
                remove(options, &name, index);
            }
        }
    }
    if call.has('u') || call.has('U') {
        let global = matches!(set, Set::Server | Set::Global | Set::GlobalWindow);
        if let Some(options) = set_of(&mut face.world, set) {
            remove(options, &name, index);
            if let (true, Some(index), Some(entry)) = (global, index, entry)
                && entry.defaults.iter().any(|(i, _)| *i == Some(index))
            {
                options.insert(format!("{name}[{index}]"), options::GONE.to_owned());
            }
        }
        return Ok(());
    }
    let Some(entry) = entry else {
        let Some(value) = value else { return error("empty value") };
        let old = present
            .first()
            .map(|(_, v)| v.clone())
            .filter(|_| call.has('a'))
            .unwrap_or_default();
        if let Some(options) = set_of(&mut face.world, set) {
            options.insert(key, old + &value);
        }
        return Ok(());
    };
    if entry.array {
        let Some(value) = value else { return error("empty value") };
        return set_array(face, set, entry, index, &value, call.has('a'));
    }
    set_one(face, set, entry, value.as_deref(), call.has('a'))
}

fn set_one(face: &mut Face, set: Set, entry: &Entry, value: Option<&str>, append: bool) -> Ran {
    let own = set_of(&mut face.world, set).and_then(|o| o.get(entry.name).cloned());
    let inherited = options::global(&face.world, entry).into_iter().next().map(|(_, v)| v);
    let present = own.clone().or(inherited);
    let toggles = matches!(entry.kind, Kind::Flag | Kind::Choice(_));
    let Some(value) = value.or(if toggles { Some("") } else { None }) else {
        return error("empty value");
    };
    if value.is_empty() && matches!(entry.kind, Kind::Choice(_)) && !matches!(&entry.kind, Kind::Choice(c) if c.len() == 2) {
        return error("empty value");
    }
    let value = if append && entry.kind == Kind::Text {
        let separator = if entry.name.ends_with("-style") { "," } else { "" };
        match own.filter(|own| !own.is_empty()) {
            Some(own) => format!("{own}{separator}{value}"),
            None => value.to_owned(),
        }
    } else {
        value.to_owned()
    };
    let mut value = options::check(entry, &value, present.as_deref())?;
    if entry.kind == Kind::Key {
        value = super::super::keys::canonical(&value);
    }
    if let Some(options) = set_of(&mut face.world, set) {
        options.insert(entry.name.to_owned(), value);
    }
    Ok(())
}

fn set_array(face: &mut Face, set: Set, entry: &Entry, index: Option<u32>, value: &str, append: bool) -> Ran {
    if entry.kind == Kind::Hook
        && let Err(why) = super::shell::words_of(face, value)
            .and_then(|all| all.iter().try_for_each(|words| super::super::commands::parse(words).map(drop)))
    {
        return error(why);
    }
    if entry.kind == Kind::Colour && !super::super::colour::is_colour(value) {
        return error(format!("bad colour: {value}"));
    }
    let inherited = if append && matches!(set, Set::Server | Set::Global | Set::GlobalWindow) {
        options::global(&face.world, entry)
    } else {
        vec![]
    };
    let Some(options) = set_of(&mut face.world, set) else {
        return Ok(());
    };
    if let Some(index) = index {
        let key = format!("{}[{index}]", entry.name);
        let old = options.get(&key).cloned().filter(|_| append).unwrap_or_default();
        options.insert(key, old + value);
        return Ok(());
    }
    let parts: Vec<&str> = if entry.kind == Kind::Hook {
        vec![value]
    } else {
        value
            .split(if entry.name == "update-environment" || entry.name == "user-keys" {
                [' ', ',']
            } else {
                [',', ',']
            })
            .filter(|p| !p.is_empty())
            .collect()
    };
    let live = |(i, v): (Option<u32>, String)| i.filter(|_| v != options::GONE);
    let mut taken: Vec<u32> = options::values(options, entry.name).into_iter().filter_map(live).collect();
    taken.extend(inherited.into_iter().filter_map(|(i, _)| i));
    if !append {
        remove(options, entry.name, None);
        for (index, _) in &entry.defaults {
            if let (Some(index), true) = (index, matches!(set, Set::Server | Set::Global | Set::GlobalWindow)) {
                options.insert(format!("{}[{index}]", entry.name), options::GONE.to_owned());
            }
        }
        taken.clear();
    }
    for part in parts {
        let free = (0..).find(|i| !taken.contains(i)).unwrap_or(0);
        taken.push(free);
        options.insert(format!("{}[{free}]", entry.name), part.to_owned());
    }
    Ok(())
}

fn remove(options: &mut Options, name: &str, index: Option<u32>) {
    if let Some(index) = index {
        options.remove(&format!("{name}[{index}]"));
    } else {
        let prefix = format!("{name}[");
        options.retain(|key, _| key != name && !key.starts_with(&prefix));
    }
}

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
    if values.is_empty() && entry.is_some_and(|e| e.array) {
        if !call.has('v') {
            face.print(&format!("{name}{star}"));
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
