//! `bind-key`: commands for a key.

use crate::keys;
use crate::language::escape;
use crate::run::{Access, Call, CommandResult, Entry, Run, error, split};
use crate::state::Binding;

pub(super) const ENTRY: Entry = Entry {
    name: "bind-key",
    alias: "bind",
    flags: "nrN:T:",
    args: (1, None),
    usage: "[-nr] [-T key-table] [-N note] key [command [arguments]]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let key = call.arg(0).unwrap_or_default();
    if !keys::is_key(key) || key.eq_ignore_ascii_case("none") {
        return error(format!("unknown key: {key}"));
    }
    let table = call
        .get('T')
        .unwrap_or(if call.has('n') { "root" } else { "prefix" });
    let command = match &call.args[1..] {
        [] => String::new(),
        [script] => {
            let all = run.words_of(script)?;
            all.iter()
                .try_for_each(|words| run.table.parse(words).map(drop))?;
            run.written(script, " \\; ")
        }
        words => {
            for words in split(words) {
                run.table.parse(&words)?;
            }
            let all: Vec<String> = split(words)
                .iter()
                .map(|words| {
                    words
                        .iter()
                        .map(|w| escape(w))
                        .collect::<Vec<_>>()
                        .join(" ")
                })
                .collect();
            run.written(&all.join(" ; "), " \\; ")
        }
    };
    let binding = Binding {
        command,
        note: call.get('N').map(str::to_owned),
        repeat: call.has('r'),
    };
    run.state
        .keys
        .insert(format!("{table} {}", keys::canonical(key)), Some(binding));
    Ok(())
}
