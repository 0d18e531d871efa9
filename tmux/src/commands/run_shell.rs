//! `run-shell`: a shell command, or with `-C` commands of tmux, now, later or in the background.

use crate::addressing::{Place, Sort};
use crate::output::reason;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};
use crate::text::quoted;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

pub(super) const ENTRY: Entry = Entry {
    name: "run-shell",
    alias: "run",
    flags: "bd:Ct:",
    args: (0, Some(1)),
    usage: "[-bC] [-d delay] [-t target-pane] [shell-command]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let delay: f64 = match call.get('d') {
        Some(text) => match text.parse() {
            Ok(delay) => delay,
            Err(_) => return error(format!("invalid delay time: {text}")),
        },
        None if call.args.is_empty() => return Ok(()),
        None => 0.0,
    };
    let place = run.find(call.get('t'), Sort::Pane).ok();
    if call.has('C') {
        let script = run.expand(
            call.arg(0).unwrap_or_default(),
            place.or_else(|| run.here()),
        );
        let calls = run.calls_of(&script)?;
        // Behind the caller's back nobody is told.
        let alone = run.alone;
        run.alone |= call.has('b');
        let done = run.nested(&calls);
        run.alone = alone;
        return done;
    }
    let command = call
        .arg(0)
        .map(|text| run.expand(text, place.or_else(|| run.here())));
    let command = command.unwrap_or_default();
    let script = if delay > 0.0 {
        format!("sleep {delay}; {command}")
    } else {
        command.clone()
    };
    if call.has('b') {
        return run_behind(run, &script, place);
    }
    let output = run.meanwhile(|run| {
        run.shell(&script, place)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
    })?;
    match output {
        Ok(output) => {
            let mut code = output.status.code().unwrap_or(0);
            if let Some(signal) = output.status.signal() {
                code = 128 + signal;
            }
            if !output.stdout.is_empty() || code != 0 {
                show_in_pane(run, &command, place, &output.stdout, code);
            }
            if code != 0 {
                run.code = code as u8;
            }
            Ok(())
        }
        Err(failed) => error(format!("failed to run command: {}", reason(&failed))),
    }
}

/// tmux shows output on top of a pane, which is in a mode until somebody ends it.
fn show_in_pane(run: &mut Run, command: &str, place: Option<Place>, output: &[u8], code: i32) {
    let Some(pane) = place.or_else(|| run.here()).and_then(|p| p.pane) else {
        return;
    };
    let mut text = String::from_utf8_lossy(output).into_owned();
    if code != 0 {
        text.push_str(&format!("'{command}' returned {code}\n"));
    }
    run.show_text(pane, &text);
}

/// The same without `-b` by a psup of its own, which shows what it says when it has ended.
fn run_behind(run: &mut Run, script: &str, place: Option<Place>) -> CommandResult {
    let Some(pane) = place.or_else(|| run.here()).and_then(|p| p.pane) else {
        return run.start_in_background(script, place);
    };
    // It is expanded once more, and a `;` at its end would end the command.
    let script = format!("{} ", script.replace('#', "##"));
    run.keep()?;
    let own = run.own_tmux();
    run.start_in_background(
        &format!("exec {own} run-shell -t %{pane} {}", quoted(&script)),
        place,
    )
}
