//! `unbind-key`: a key, or all of a table, without commands.

use crate::keys;
use crate::keys::bindings;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};

pub(super) const ENTRY: Entry = Entry {
    name: "unbind-key",
    alias: "unbind",
    flags: "anqT:",
    args: (0, Some(1)),
    usage: "[-anq] [-T key-table] key",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let table = call
        .get('T')
        .unwrap_or(if call.has('n') { "root" } else { "prefix" })
        .to_owned();
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
            return if call.has('q') {
                Ok(())
            } else {
                error("key given with -a")
            };
        }
        run.state
            .keys
            .retain(|key, _| !key.starts_with(&format!("{table} ")));
        run.state.keys.insert(bindings::emptied(&table), None);
        return Ok(());
    }
    let Some(key) = call.arg(0) else {
        return if call.has('q') {
            Ok(())
        } else {
            error("missing key")
        };
    };
    if !keys::is_key(key) {
        return if call.has('q') {
            Ok(())
        } else {
            error(format!("unknown key: {key}"))
        };
    }
    run.state
        .keys
        .insert(format!("{table} {}", keys::canonical(key)), None);
    Ok(())
}
