//! Commands that run when something happens, and keys that are bound to commands.

use super::super::addressing::Place;
use super::super::bindings;
use super::super::call::{self, Call};
use super::super::keys;
use super::super::language::escape;
use super::super::options;
use super::super::run::{CommandResult, Run, error};
use super::super::state::Binding;
use super::shell;
use std::rc::Rc;

/// Commands that tell of themselves when they are done, where the place is known.
const TOLD: [&str; 5] = ["new-session", "new-window", "split-window", "select-window", "select-pane"];

/// Runs `after-…` of a command.
pub fn after(run: &mut Run, call: &Call) {
    if !TOLD.contains(&call.name) {
        run_after(run, call.name, None);
    }
}

pub fn run_after(run: &mut Run, command: &str, place: Option<Place>) {
    run_hook(run, &format!("after-{command}"), place, vec![]);
}

/// Runs what is set for a hook, at a place.
pub fn run_hook(run: &mut Run, hook: &str, place: Option<Place>, extra: Vec<(String, String)>) {
    let scripts = scripts(run, hook, place);
    if scripts.is_empty() {
        return;
    }
    let mut told = vec![("hook".to_owned(), hook.to_owned())];
    let state = &run.state;
    if let Some(place) = place {
        told.push(("hook_session".to_owned(), format!("${}", place.session)));
        told.push((
            "hook_session_name".to_owned(),
            state.session(place.session).map(|s| s.name.clone()).unwrap_or_default(),
        ));
        if let Some(window) = place.window {
            told.push(("hook_window".to_owned(), format!("@{window}")));
            let name = state.windows.get(&window).map(|w| run.window_name(w)).unwrap_or_default();
            told.push(("hook_window_name".to_owned(), name));
        }
        if let Some(pane) = place.pane {
            told.push(("hook_pane".to_owned(), format!("%{pane}")));
        }
    }
    told.extend(extra);
    let before = (
        std::mem::replace(&mut run.current, place),
        std::mem::replace(&mut run.extra, Rc::new(told)),
    );
    run.depth += 1;
    for script in scripts {
        if let Ok(calls) = shell::calls_of(run, &script) {
            let code = run.code;
            // What a hook does wrong is not its cause's failure.
            let _ = run.execute(&calls);
            run.code = code;
        }
    }
    run.depth -= 1;
    (run.current, run.extra) = before;
}

fn scripts(run: &Run, hook: &str, place: Option<Place>) -> Vec<String> {
    let state = &run.state;
    let place = place.or_else(|| run.here());
    if hook.starts_with('@') {
        // A user's own, which only runs when it is told to.
        let session = place.and_then(|p| state.session(p.session));
        let own = session.and_then(|s| s.options.get(hook));
        return own.or_else(|| state.global.get(hook)).cloned().into_iter().collect();
    }
    let pane = place.and_then(|p| state.panes.get(&p.pane?)).map(|p| &p.options);
    let window = place.and_then(|p| state.windows.get(&p.window?)).map(|w| &w.options);
    let session = place.and_then(|p| state.session(p.session)).map(|s| &s.options);
    // Hooks are seldom set and asked for by every command; the table of options need not be read for those that are not.
    let everywhere = [Some(&state.global), Some(&state.global_window), pane, window, session];
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
        found = options::global(state, entry);
    }
    found.into_iter().map(|(_, script)| script).collect()
}

/// A script the way tmux shows it: read, and written again.
pub fn shown(run: &Run, script: &str) -> String {
    written(run, script, " ; ")
}

fn written(run: &Run, script: &str, between: &str) -> String {
    let Ok(all) = shell::words_of(run, script) else {
        return script.to_owned();
    };
    let one = |words: &Vec<String>| {
        let name = words
            .first()
            .map(|w| call::find(w).map_or(w.as_str(), |e| e.name))
            .unwrap_or_default();
        let rest = words.iter().skip(1).map(|w| escape(w));
        std::iter::once(name.to_owned()).chain(rest).collect::<Vec<_>>().join(" ")
    };
    all.iter().map(one).collect::<Vec<_>>().join(between)
}

pub fn bind(run: &mut Run, call: &Call) -> CommandResult {
    let key = call.arg(0).unwrap_or_default();
    if !keys::is_key(key) || key.eq_ignore_ascii_case("none") {
        return error(format!("unknown key: {key}"));
    }
    let table = call.get('T').unwrap_or(if call.has('n') { "root" } else { "prefix" });
    let command = match &call.args[1..] {
        [] => String::new(),
        [script] => {
            let all = shell::words_of(run, script)?;
            all.iter().try_for_each(|words| call::parse(words).map(drop))?;
            written(run, script, " \\; ")
        }
        words => {
            for words in call::split(words) {
                call::parse(&words)?;
            }
            let all: Vec<String> = call::split(words)
                .iter()
                .map(|words| words.iter().map(|w| escape(w)).collect::<Vec<_>>().join(" "))
                .collect();
            written(run, &all.join(" ; "), " \\; ")
        }
    };
    let binding = Binding {
        command,
        note: call.get('N').map(str::to_owned),
        repeat: call.has('r'),
    };
    run.state.keys.insert(format!("{table} {}", keys::canonical(key)), Some(binding));
    Ok(())
}

pub fn unbind(run: &mut Run, call: &Call) -> CommandResult {
    let table = call.get('T').unwrap_or(if call.has('n') { "root" } else { "prefix" }).to_owned();
    if !bindings::has_table(&run.state, &table) {
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
        run.state.keys.retain(|key, _| !key.starts_with(&format!("{table} ")));
        run.state.keys.insert(bindings::emptied(&table), None);
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
    run.state.keys.insert(format!("{table} {}", keys::canonical(key)), None);
    Ok(())
}
