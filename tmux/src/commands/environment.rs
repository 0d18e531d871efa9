//! `set-environment` and `show-environment`.

use super::super::addressing::Sort;
use super::super::call::Call;
use super::super::run::{CommandError, CommandResult, Run, error};
use super::super::state::{Environment, Var};

fn session_of(run: &Run, call: &Call) -> Result<u32, CommandError> {
    run.find(call.get('t'), Sort::Session).map(|place| place.session).map_err(|_| {
        CommandError::Error(match call.get('t') {
            Some(target) => format!("no such session: {target}"),
            None => "no current session".to_owned(),
        })
    })
}

fn environment<'f>(run: &'f mut Run, call: &Call) -> Result<&'f mut Environment, CommandError> {
    if call.has('g') {
        return Ok(&mut run.state.environment);
    }
    let id = session_of(run, call)?;
    run.state
        .session_mut(id)
        .map(|s| &mut s.environment)
        .ok_or_else(|| CommandError::Error("no current session".to_owned()))
}

pub fn set(run: &mut Run, call: &Call) -> CommandResult {
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

pub fn show(run: &mut Run, call: &Call) -> CommandResult {
    if call.get('t').is_some() {
        session_of(run, call)?;
    }
    let env = environment(run, call)?.clone();
    match call.arg(0) {
        Some(name) => match env.get(name) {
            Some(var) => print(run, call, name, var),
            None => return error(format!("unknown variable: {name}")),
        },
        None => env.iter().for_each(|(name, var)| print(run, call, name, var)),
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
