//! `set-environment`: a variable for panes to come, or that there shall be none of its name.

use crate::addressing::Sort;
use crate::run::{Access, Call, CommandError, CommandResult, Entry, Run, error};
use crate::state::{Environment, Var};

pub(super) const ENTRY: Entry = Entry {
    name: "set-environment",
    alias: "setenv",
    flags: "Fhgrt:u",
    args: (1, Some(2)),
    usage: "[-Fhgru] [-t target-session] name [value]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let name = call.arg(0).unwrap_or_default().to_owned();
    if name.is_empty() {
        return error("empty variable name");
    }
    if name.contains('=') {
        return error("variable name contains =");
    }
    let value = call.arg(1).map(|value| {
        if call.has('F') {
            run.expand(value, run.here())
        } else {
            value.to_owned()
        }
    });
    let hidden = call.has('h');
    let env = environment(run, call)?;
    match (call.has('u'), call.has('r'), value) {
        (true, _, Some(_)) => return error("can't specify a value with -u"),
        (true, _, None) => drop(env.remove(&name)),
        (_, true, Some(_)) => return error("can't specify a value with -r"),
        (_, true, None) => drop(env.insert(
            name,
            Var {
                value: None,
                hidden: false,
            },
        )),
        (_, _, None) => return error("no value specified"),
        (_, _, value) => drop(env.insert(name, Var { value, hidden })),
    }
    Ok(())
}

pub(super) fn session_of(run: &Run, call: &Call) -> Result<u32, CommandError> {
    run.find(call.get('t'), Sort::Session)
        .map(|place| place.session)
        .map_err(|_| {
            CommandError::Error(match call.get('t') {
                Some(target) => format!("no such session: {target}"),
                None => "no current session".to_owned(),
            })
        })
}

pub(super) fn environment<'f>(
    run: &'f mut Run,
    call: &Call,
) -> Result<&'f mut Environment, CommandError> {
    if call.has('g') {
        return Ok(&mut run.state.environment);
    }
    let id = session_of(run, call)?;
    run.state
        .session_mut(id)
        .map(|s| &mut s.environment)
        .ok_or_else(|| CommandError::Error("no current session".to_owned()))
}
