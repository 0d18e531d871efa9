//! `load-buffer`: a buffer from a file or stdin.

use crate::buffers;
use crate::output::reason;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};
use std::io::Read;

pub(super) const ENTRY: Entry = Entry {
    name: "load-buffer",
    alias: "loadb",
    flags: "b:t:w",
    args: (1, Some(1)),
    usage: "[-b buffer-name] [-t target-client] path",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let path = run.expand(call.arg(0).unwrap_or("-"), run.here());
    let mut data = Vec::new();
    if path == "-" {
        if let Err(failed) = std::io::stdin().lock().read_to_end(&mut data) {
            return error(format!(
                "{}: {}",
                run.caller.path(&path).display(),
                reason(&failed)
            ));
        }
    } else {
        match std::fs::read(run.caller.path(&path)) {
            Ok(bytes) => data = bytes,
            // tmux opens it, and finds nothing.
            Err(failed) if failed.kind() == std::io::ErrorKind::IsADirectory => {}
            Err(failed) => {
                return error(format!(
                    "{}: {}",
                    run.caller.path(&path).display(),
                    reason(&failed)
                ));
            }
        }
    }
    Ok(buffers::add(&mut run.state, call.get('b'), data)?)
}
