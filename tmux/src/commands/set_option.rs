//! `set-option`, `set-window-option` and `set-hook`.

use crate::options::Kind;
use crate::run::option_set::{Set, by_name, named, place_of, set_of};
use crate::run::{Access, Call, CommandError, CommandResult, Entry, Run, error};
use crate::sizing::fit;
use crate::state::Options;
use crate::{colour, keys, options, platform};

pub(super) const ENTRY: Entry = Entry {
    name: "set-option",
    alias: "set",
    flags: "aFgopqst:uUw",
    args: (1, Some(2)),
    usage: "[-aFgopqsuUw] [-t target-pane] option [value]",
    access: Access::CHANGE,
    run,
};

/// Options on which the size of windows depends.
const SIZING: [&str; 3] = ["status", "window-size", "aggressive-resize"];

pub(super) fn run(run: &mut Run, call: &Call) -> CommandResult {
    let done = change(run, call);
    let base = call.arg(0).map_or("", |name| options::indexed(name).0);
    if done.is_ok() && SIZING.contains(&base) {
        let mut sessions: Vec<u32> = run.state.clients.iter().map(|c| c.session).collect();
        sessions.dedup();
        sessions
            .into_iter()
            .for_each(|session| fit(&mut run.state, session));
    }
    done
}

fn change(run: &mut Run, call: &Call) -> CommandResult {
    let place = place_of(run, call);
    let argument = run.expand(
        call.arg(0).unwrap_or_default(),
        place.or_else(|| run.here()),
    );
    if call.name() == "set-hook" && call.has('R') {
        run.hook(&argument, place, vec![]);
        return Ok(());
    }
    let quiet = |stopped: CommandError| if call.has('q') { Ok(()) } else { Err(stopped) };
    let (entry, name, index) = match named(&argument) {
        Ok(named) => named,
        Err(why) => return quiet(CommandError::Error(why)),
    };
    let value = call.arg(1).map(|value| {
        if call.has('F') {
            run.expand(value, place)
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
    let present = set_of(&mut run.state, set)
        .map(|o| options::values(o, &key))
        .unwrap_or_default();
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
        let panes = run.state.windows[&window].panes.clone();
        for pane in panes {
            if let Some(options) = set_of(&mut run.state, Set::Pane(pane)) {
                remove(options, &name, index);
            }
        }
    }
    if call.has('u') || call.has('U') {
        let global = matches!(set, Set::Server | Set::Global | Set::GlobalWindow);
        if let Some(options) = set_of(&mut run.state, set) {
            let had = !options::values(options, &name).is_empty();
            remove(options, &name, index);
            if had && index.is_some() && !global && options::values(options, &name).is_empty() {
                // An array without its last element is still set.
                options.insert(name.clone(), String::new());
            }
            if let (true, Some(index), Some(entry)) = (global, index, entry)
                && entry.defaults.iter().any(|(i, _)| *i == Some(index))
            {
                options.insert(format!("{name}[{index}]"), options::GONE.to_owned());
            }
        }
        return Ok(());
    }
    let Some(entry) = entry else {
        let Some(value) = value else {
            return error("empty value");
        };
        let old = present
            .first()
            .map(|(_, v)| v.clone())
            .filter(|_| call.has('a'))
            .unwrap_or_default();
        if let Some(options) = set_of(&mut run.state, set) {
            options.insert(key, old + &value);
        }
        return Ok(());
    };
    if entry.array {
        let Some(value) = value else {
            return error("empty value");
        };
        return set_array(run, set, entry, index, &value, call.has('a'));
    }
    set_one(run, set, entry, value.as_deref(), call.has('a'))
}

fn set_one(
    run: &mut Run,
    set: Set,
    entry: &options::Entry,
    value: Option<&str>,
    append: bool,
) -> CommandResult {
    let own = set_of(&mut run.state, set).and_then(|o| o.get(entry.name).cloned());
    let inherited = options::global(&run.state, entry)
        .into_iter()
        .next()
        .map(|(_, v)| v);
    let present = own.clone().or(inherited);
    let toggles = matches!(entry.kind, Kind::Flag | Kind::Choice(_));
    let Some(value) = value.or(if toggles { Some("") } else { None }) else {
        return error("empty value");
    };
    if value.is_empty()
        && matches!(entry.kind, Kind::Choice(_))
        && !matches!(&entry.kind, Kind::Choice(c) if c.len() == 2)
    {
        return error("empty value");
    }
    let value = if append && entry.kind == Kind::Text {
        let separator = if entry.name.ends_with("-style") {
            ","
        } else {
            ""
        };
        match own.filter(|own| !own.is_empty()) {
            Some(own) => format!("{own}{separator}{value}"),
            None => value.to_owned(),
        }
    } else {
        value.to_owned()
    };
    if entry.name == "default-shell" && !platform::is_shell(&value) {
        return error(format!("not a suitable shell: {value}"));
    }
    let mut value = options::check(entry, &value, present.as_deref())?;
    if entry.kind == Kind::Key {
        value = keys::canonical(&value);
    }
    if let Some(options) = set_of(&mut run.state, set) {
        options.insert(entry.name.to_owned(), value);
    }
    Ok(())
}

fn set_array(
    run: &mut Run,
    set: Set,
    entry: &options::Entry,
    index: Option<u32>,
    value: &str,
    append: bool,
) -> CommandResult {
    if entry.kind == Kind::Hook
        && let Err(why) = run.words_of(value).and_then(|all| {
            all.iter()
                .try_for_each(|words| run.table.parse(words).map(drop))
        })
    {
        return error(why);
    }
    if entry.kind == Kind::Colour && !colour::is_colour(value) {
        return error(format!("bad colour: {value}"));
    }
    let inherited = if append && matches!(set, Set::Server | Set::Global | Set::GlobalWindow) {
        options::global(&run.state, entry)
    } else {
        vec![]
    };
    let Some(options) = set_of(&mut run.state, set) else {
        return Ok(());
    };
    if let Some(index) = index {
        let key = format!("{}[{index}]", entry.name);
        let old = options
            .get(&key)
            .cloned()
            .filter(|_| append)
            .unwrap_or_default();
        options.insert(key, old + value);
        return Ok(());
    }
    let parts: Vec<&str> = if entry.kind == Kind::Hook {
        Some(value)
            .filter(|value| !value.is_empty())
            .into_iter()
            .collect()
    } else {
        value
            .split(
                if entry.name == "update-environment" || entry.name == "user-keys" {
                    [' ', ',']
                } else {
                    [',', ',']
                },
            )
            .filter(|p| !p.is_empty())
            .collect()
    };
    let live = |(i, v): (Option<u32>, String)| i.filter(|_| v != options::GONE);
    let mut taken: Vec<u32> = options::values(options, entry.name)
        .into_iter()
        .filter_map(live)
        .collect();
    taken.extend(inherited.into_iter().filter_map(|(i, _)| i));
    if !append {
        remove(options, entry.name, None);
        for (index, _) in &entry.defaults {
            if let (Some(index), true) = (
                index,
                matches!(set, Set::Server | Set::Global | Set::GlobalWindow),
            ) {
                options.insert(format!("{}[{index}]", entry.name), options::GONE.to_owned());
            }
        }
        taken.clear();
        if parts.is_empty() {
            // Without an element it is set all the same, which its bare name says.
            options.insert(entry.name.to_owned(), String::new());
        }
    }
    if !parts.is_empty() {
        options.remove(entry.name);
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
