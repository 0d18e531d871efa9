//! `display-popup`: the command runs; what it would show is for a person at a terminal.

use crate::addressing::Sort;
use crate::output::reason;
use crate::run::{Access, Call, CommandError, CommandResult, Entry, Run};
use std::os::unix::process::CommandExt;
use std::process::Stdio;

pub(super) const ENTRY: Entry = Entry {
    name: "display-popup",
    alias: "popup",
    flags: "Bb:Cc:d:e:Eh:s:S:t:T:w:x:y:",
    args: (0, None),
    usage: "[-BCE] [-b border-lines] [-c target-client] [-d start-directory] [-e environment] [-h height] [-s style] [-S border-style] [-t target-pane][-T title] [-w width] [-x position] [-y position] [shell-command]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    run.client(call.get('c'))?;
    let place = run.find(call.get('t'), Sort::Pane).ok();
    let script = call.args.join(" ");
    if call.has('C') || script.is_empty() {
        return Ok(());
    }
    let place = place.or_else(|| run.here());
    let mut command = run.shell(&script, place);
    if let Some(directory) = call.get('d') {
        command.current_dir(run.expand(directory, place));
    }
    for (name, value) in call.all('e').filter_map(|pair| pair.split_once('=')) {
        command.env(name, value);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    command.spawn().map(drop).map_err(|failed| {
        CommandError::Error(format!("failed to run command: {}", reason(&failed)))
    })
}
