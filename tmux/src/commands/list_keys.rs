//! `list-keys`: every key as it would have to be bound, or with its note.

use crate::keys::bindings;
use crate::language::escape;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};
use crate::state::Binding;
use crate::{keys, options};

pub(super) const ENTRY: Entry = Entry {
    name: "list-keys",
    alias: "lsk",
    flags: "1aNP:T:",
    args: (0, Some(1)),
    usage: "[-1aN] [-P prefix-string] [-T key-table] [key]",
    access: Access::LOOK.starting_a_server(),
    run,
};

type Bound = (String, String, Binding);

fn run(run: &mut Run, call: &Call) -> CommandResult {
    if let Some(key) = call.arg(0).filter(|key| !keys::is_key(key)) {
        return error(format!("invalid key: {key}"));
    }
    let only = call.arg(0).map(keys::canonical);
    let table = call.get('T');
    if let Some(table) = table.filter(|table| !bindings::has_table(&run.state, table)) {
        return error(format!("table {table} doesn't exist"));
    }
    let mut all = bindings::all(&run.state);
    all.retain(|(_, key, _)| only.as_ref().is_none_or(|only| only == key));
    let found = if call.has('N') {
        notes(run, call, &all)
    } else {
        all.retain(|(known, ..)| table.is_none_or(|t| t == known));
        commands(run, &all)
    };
    match only.filter(|_| !found) {
        Some(_) => error(format!("unknown key: {}", call.arg(0).unwrap_or_default())),
        None => Ok(()),
    }
}

fn commands(run: &mut Run, all: &[Bound]) -> bool {
    let width = |of: &dyn Fn(&Bound) -> usize| all.iter().map(of).max().unwrap_or(0);
    let (tables, names) = (width(&|b| b.0.len()), width(&|b| escape(&b.1).len()));
    let repeats = all.iter().any(|(.., binding)| binding.repeat);
    for (table, key, binding) in all {
        let repeat = match (repeats, binding.repeat) {
            (false, _) => "",
            (true, true) => "-r ",
            (true, false) => "   ",
        };
        run.print(&format!(
            "bind-key {repeat}-T {table:tables$} {:names$} {}",
            escape(key),
            binding.command
        ));
    }
    !all.is_empty()
}

/// Keys with what is told of them.
fn notes(run: &mut Run, call: &Call, all: &[Bound]) -> bool {
    let prefix = options::of_session(
        &run.state,
        run.here().and_then(|p| run.state.session(p.session)),
        "prefix",
    );
    let start = call
        .get('P')
        .map_or_else(|| format!("{prefix} "), str::to_owned);
    let tables: Vec<(String, String)> = match call.get('T') {
        Some(table) => vec![(
            table.to_owned(),
            call.get('P').unwrap_or_default().to_owned(),
        )],
        None => vec![
            ("root".to_owned(), " ".repeat(start.len())),
            ("prefix".to_owned(), start),
        ],
    };
    let noted =
        |bound: &&Bound| (bound.2.note.is_some() || call.has('a')) && !keys::is_mouse(&bound.1);
    let of = |table: &str| {
        all.iter()
            .filter(|(known, ..)| known == table)
            .filter(noted)
            .collect::<Vec<_>>()
    };
    let with_note = |bound: &&Bound| bound.2.note.is_some();
    let noted_keys = tables
        .iter()
        .flat_map(|(table, _)| of(table))
        .filter(with_note);
    let width = noted_keys
        .map(|(_, key, _)| key.len() + 1)
        .max()
        .unwrap_or(0);
    let mut found = false;
    for (table, start) in &tables {
        for (_, key, binding) in of(table) {
            let note = binding
                .note
                .as_ref()
                .filter(|note| !note.is_empty())
                .unwrap_or(&binding.command);
            run.print(&format!("{start}{key:width$}{note}"));
            found = true;
            if call.has('1') {
                return true;
            }
        }
    }
    found
}
