//! `if-shell`: one of two commands, by a format or by how a shell command ends.

use crate::addressing::{Place, Sort};
use crate::format;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};
use crate::text::quoted;
use std::process::Stdio;

pub(super) const ENTRY: Entry = Entry {
    name: "if-shell",
    alias: "if",
    flags: "bFt:",
    args: (2, Some(3)),
    usage: "[-bF] [-t target-pane] shell-command command [command]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run
        .find(call.get('t'), Sort::Pane)
        .ok()
        .or_else(|| run.here());
    let condition = run.expand(call.arg(0).unwrap_or_default(), place);
    let holds = if call.has('F') {
        format::truth(&condition) && !condition.starts_with('0')
    } else {
        if call.has('b') {
            return branch_behind(run, call, &condition, place);
        }
        let status = run.meanwhile(|run| {
            run.shell(&condition, place)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
        })?;
        match status {
            Ok(status) => status.success(),
            Err(_) => return error(format!("failed to run command: {condition}")),
        }
    };
    let Some(script) = call.arg(if holds { 1 } else { 2 }) else {
        return Ok(());
    };
    let calls = run.calls_of(script)?;
    run.current = run.current.or(place.filter(|_| call.has('t')));
    run.nested(&calls)
}

/// The condition and what follows from it, by a psup of its own.
fn branch_behind(
    run: &mut Run,
    call: &Call,
    condition: &str,
    place: Option<Place>,
) -> CommandResult {
    for script in [call.arg(1), call.arg(2)].into_iter().flatten() {
        run.calls_of(script)?;
    }
    let tmux = format!("{} if-shell -F", run.own_tmux());
    let script = |at: usize| {
        call.arg(at)
            .map_or_else(|| ":".to_owned(), |s| format!("{tmux} 1 {}", quoted(s)))
    };
    run.keep()?;
    run.start_in_background(
        &format!("if {condition}\nthen {}\nelse {}\nfi", script(1), script(2)),
        place,
    )
}
