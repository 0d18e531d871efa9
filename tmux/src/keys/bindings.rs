//! Which key does what: tmux's bindings, and what was bound and unbound since.

use crate::keys;
use crate::state::{Binding, State};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// `TABLE KEY` → the binding, as the state keeps them.
static USUAL: LazyLock<BTreeMap<String, Binding>> = LazyLock::new(|| {
    include_str!("bindings.txt")
        .lines()
        .filter_map(read)
        .collect()
});

/// `table|key|r|note|command`
fn read(line: &str) -> Option<(String, Binding)> {
    let mut fields = line.splitn(5, '|');
    let table = fields.next().filter(|table| !table.starts_with("//"))?;
    let (key, repeat, note, command) = (
        fields.next()?,
        fields.next()?,
        fields.next()?,
        fields.next()?,
    );
    let binding = Binding {
        command: command.to_owned(),
        note: Some(note.to_owned()).filter(|note| !note.is_empty()),
        repeat: repeat == "r",
    };
    Some((format!("{table} {key}"), binding))
}

/// Says of a table that it has been emptied.
pub(crate) fn emptied(table: &str) -> String {
    format!("{table} ")
}

pub(crate) fn get<'w>(state: &'w State, table: &str, key: &str) -> Option<&'w Binding> {
    let name = format!("{table} {key}");
    match state.keys.get(&name) {
        Some(own) => own.as_ref(),
        None if state.keys.contains_key(&emptied(table)) => None,
        None => USUAL.get(&name),
    }
}

/// All of them, in tmux's order.
pub(crate) fn all(state: &State) -> Vec<(String, String, Binding)> {
    let apart = |name: &str| {
        name.split_once(' ')
            .map(|(table, key)| (table.to_owned(), key.to_owned()))
    };
    let mut names: Vec<(String, String)> = USUAL
        .keys()
        .chain(state.keys.keys())
        .filter_map(|name| apart(name))
        .collect();
    names.sort_by_cached_key(|(table, key)| (table.clone(), keys::order(key), key.clone()));
    names.dedup();
    let bound = |(table, key): (String, String)| {
        let binding = get(state, &table, &key)?.clone();
        Some((table, key, binding))
    };
    names.into_iter().filter_map(bound).collect()
}

pub(crate) fn has_table(state: &State, table: &str) -> bool {
    all(state).iter().any(|(known, ..)| known == table)
}
