//! `show-environment`.

use super::set_environment::{environment, session_of};
use crate::run::{Access, Call, CommandResult, Entry, Run, error};
use crate::state::Var;

pub(super) const ENTRY: Entry = Entry {
    name: "show-environment",
    alias: "showenv",
    flags: "hgst:",
    args: (0, Some(1)),
    usage: "[-hgs] [-t target-session] [name]",
    access: Access::LOOK,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    if call.get('t').is_some() {
        session_of(run, call)?;
    }
    let env = environment(run, call)?.clone();
    match call.arg(0) {
        Some(name) => match env.get(name) {
            Some(var) => print(run, call, name, var),
            None => return error(format!("unknown variable: {name}")),
        },
        None => env
            .iter()
            .for_each(|(name, var)| print(run, call, name, var)),
    }
    Ok(())
}

fn print(run: &mut Run, call: &Call, name: &str, var: &Var) {
    if call.has('h') != var.hidden {
        return;
    }
    let line = match (&var.value, call.has('s')) {
        (Some(value), false) => format!("{name}={value}"),
        (None, false) => format!("-{name}"),
        (Some(value), true) => {
            let mut escaped = String::new();
            for c in value.chars() {
                if matches!(c, '$' | '`' | '"' | '\\') {
                    escaped.push('\\');
                }
                escaped.push(c);
            }
            format!("{name}=\"{escaped}\"; export {name};")
        }
        (None, true) => format!("unset {name};"),
    };
    run.print(&line);
}
