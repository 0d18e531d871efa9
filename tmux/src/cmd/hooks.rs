//! Commands that run when something happens, and keys that are bound to commands.

use super::super::bindings;
use super::super::commands::{self, Call};
use super::super::face::{Face, Ran, error};
use super::super::keys;
use super::super::language::escape;
use super::super::options;
use super::super::target::Place;
use super::super::world::Binding;
use super::shell;
use std::rc::Rc;

/// Commands that tell of themselves when they are done, where the place is known.
const TOLD: [&str; 5] = ["new-session", "new-window", "split-window", "select-window", "select-pane"];

/// Runs `after-…` of a command.
pub fn after(face: &mut Face, call: &Call) {
    if !TOLD.contains(&call.name) {
        run_after(face, call.name, None);
    }
}

pub fn run_after(face: &mut Face, command: &str, place: Option<Place>) {
    run_hook(face, &format!("after-{command}"), place, vec![]);
}

/// Runs what is set for a hook, at a place.
pub fn run_hook(face: &mut Face, hook: &str, place: Option<Place>, extra: Vec<(String, String)>) {
    let scripts = scripts(face, hook, place);
    if scripts.is_empty() {
        return;
    }
    let mut told = vec![("hook".to_owned(), hook.to_owned())];
    let world = &face.world;
    if let Some(place) = place {
        told.push(("hook_session".to_owned(), format!("${}", place.session)));
        told.push((
            "hook_session_name".to_owned(),
            world.session(place.session).map(|s| s.name.clone()).unwrap_or_default(),
        ));
        if let Some(window) = place.window {
            told.push(("hook_window".to_owned(), format!("@{window}")));
            let name = world.windows.get(&window).map(|w| face.window_name(w)).unwrap_or_default();
            told.push(("hook_window_name".to_owned(), name));
        }
        if let Some(pane) = place.pane {
            told.push(("hook_pane".to_owned(), format!("%{pane}")));
        }
    }
    told.extend(extra);
    let before = (
        std::mem::replace(&mut face.current, place),
        std::mem::replace(&mut face.extra, Rc::new(told)),
    );
    face.depth += 1;
    for script in scripts {
        if let Ok(calls) = shell::calls_of(face, &script) {
            let code = face.code;
            // What a hook does wrong is not its cause's failure.
            let _ = face.run(&calls);
            face.code = code;
        }
    }
    face.depth -= 1;
    (face.current, face.extra) = before;
}

fn scripts(face: &Face, hook: &str, place: Option<Place>) -> Vec<String> {
    let world = &face.world;
    let place = place.or_else(|| face.here());
    if hook.starts_with('@') {
        // A user's own, which only runs when it is told to.
        let session = place.and_then(|p| world.session(p.session));
        let own = session.and_then(|s| s.options.get(hook));
        return own.or_else(|| world.global.get(hook)).cloned().into_iter().collect();
    }
    let pane = place.and_then(|p| world.panes.get(&p.pane?)).map(|p| &p.options);
    let window = place.and_then(|p| world.windows.get(&p.window?)).map(|w| &w.options);
    let session = place.and_then(|p| world.session(p.session)).map(|s| &s.options);
    // Hooks are seldom set and asked for by every command; the table of options need not be read for those that are not.
    let everywhere = [Some(&world.global), Some(&world.global_window), pane, window, session];
    if everywhere.into_iter().flatten().all(|o| options::values(o, hook).is_empty()) {
        return vec![];
    }
    let Ok(entry) = options::find(hook) else { return vec![] };
    let own = match entry.scope {
        options::Scope::Window => [pane, window],
        options::Scope::Session | options::Scope::Server => [session, None],
    };
    let mut found: Vec<_> = own
        .into_iter()
        .flatten()
        .map(|o| options::values(o, hook))
        .find(|v| !v.is_empty())
        .unwrap_or_default();
    if found.is_empty() {
        found = options::global(world, entry);
    }
    found.into_iter().map(|(_, script)| script).collect()
}

/// A script the way tmux shows it: read, and written again.
pub fn shown(face: &Face, script: &str) -> String {
    written(face, script, " ; ")
}

fn written(face: &Face, script: &str, between: &str) -> String {
    let Ok(all) = shell::words_of(face, script) else {
        return script.to_owned();
    };
    let one = |words: &Vec<String>| {
        let name = words
            .first()
            .map(|w| commands::find(w).map_or(w.as_str(), |e| e.name))
            .unwrap_or_default();
        let rest = words.iter().skip(1).map(|w| escape(w));
        std::iter::once(name.to_owned()).chain(rest).collect::<Vec<_>>().join(" ")
    };
    all.iter().map(one).collect::<Vec<_>>().join(between)
}

pub fn bind(face: &mut Face, call: &Call) -> Ran {
    let key = call.arg(0).unwrap_or_default();
    if !keys::is_key(key) || key.eq_ignore_ascii_case("none") {
        return error(format!("unknown key: {key}"));
    }
    let table = call.get('T').unwrap_or(if call.has('n') { "root" } else { "prefix" });
    let command = match &call.args[1..] {
        [] => String::new(),
        [script] => {
            let all = shell::words_of(face, script)?;
            all.iter().try_for_each(|words| commands::parse(words).map(drop))?;
            written(face, script, " \\; ")
        }
        words => {
            for words in commands::split(words) {
                commands::parse(&words)?;
            }
            let all: Vec<String> = commands::split(words)
                .iter()
                .map(|words| words.iter().map(|w| escape(w)).collect::<Vec<_>>().join(" "))
                .collect();
            written(face, &all.join(" ; "), " \\; ")
        }
    };
    let binding = Binding {
        command,
        note: call.get('N').map(str::to_owned),
        repeat: call.has('r'),
    };
    face.world.keys.insert(format!("{table} {}", keys::canonical(key)), Some(binding));
    Ok(())
}

pub fn unbind(face: &mut Face, call: &Call) -> Ran {
    let table = call.get('T').unwrap_or(if call.has('n') { "root" } else { "prefix" }).to_owned();
    if !bindings::has_table(&face.world, &table) {
        let quiet = call.has('q');
        return if quiet {
            Ok(())
        } else {
            error(format!("table {table} doesn't exist"))
        };
    }
    if call.has('a') {
        if call.arg(0).is_some() {
            return if call.has('q') { Ok(()) } else { error("key given with -a") };
        }
        face.world.keys.retain(|key, _| !key.starts_with(&format!("{table} ")));
        face.world.keys.insert(bindings::emptied(&table), None);
        return Ok(());
    }
    let Some(key) = call.arg(0) else {
        return if call.has('q') { Ok(()) } else { error("missing key") };
    };
    if !keys::is_key(key) {
        return if call.has('q') {
            Ok(())
        } else {
            error(format!("unknown key: {key}"))
        };
    }
    face.world.keys.insert(format!("{table} {}", keys::canonical(key)), None);
    Ok(())
}
