//! `save-buffer`: a buffer to a file or stdout.

use crate::buffers;
use crate::output::reason;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};

pub(super) const ENTRY: Entry = Entry {
    name: "save-buffer",
    alias: "saveb",
    flags: "ab:",
    args: (1, Some(1)),
    usage: "[-a] [-b buffer-name] path",
    access: Access::LOOK,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    save(run, call, call.arg(0).unwrap_or("-"))
}

/// A buffer to a file, or to stdout.
pub(super) fn save(run: &mut Run, call: &Call, path: &str) -> CommandResult {
    let found = buffers::find(&run.state, call.get('b'))?.map(|b| b.data.bytes().to_vec());
    let Some(data) = found else {
        return error("no buffers");
    };
    let path = run.expand(path, run.here());
    if path == "-" {
        run.data(&data);
        return Ok(());
    }
    let mut file = std::fs::OpenOptions::new();
    let file = file
        .write(true)
        .create(true)
        .append(call.has('a'))
        .truncate(!call.has('a'))
        .open(run.caller.path(&path));
    match file.and_then(|mut file| std::io::Write::write_all(&mut file, &data)) {
        Ok(()) => Ok(()),
        Err(failed) => error(format!(
            "{}: {}",
            run.caller.path(&path).display(),
            reason(&failed)
        )),
    }
}
