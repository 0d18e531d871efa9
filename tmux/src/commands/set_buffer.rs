//! `set-buffer`: a buffer from an argument, or another name for one.

use crate::buffers;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};

pub(super) const ENTRY: Entry = Entry {
    name: "set-buffer",
    alias: "setb",
    flags: "ab:t:n:w",
    args: (0, Some(1)),
    usage: "[-aw] [-b buffer-name] [-n new-buffer-name] [-t target-client] data",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let named = call.get('b').map(str::to_owned);
    let present = named
        .as_ref()
        .and_then(|name| run.state.buffers.iter().position(|b| b.name == *name));
    if let Some(new) = call.get('n') {
        if run.state.buffers.is_empty() {
            return error("no buffer");
        }
        if let (None, Some(name)) = (present, &named) {
            return error(format!("unknown buffer: {name}"));
        }
        let at = present.unwrap_or(0);
        let mut buffer = run.state.buffers.remove(at);
        run.state.buffers.retain(|b| b.name != new);
        new.clone_into(&mut buffer.name);
        buffer.automatic = false;
        run.state
            .buffers
            .insert(at.min(run.state.buffers.len()), buffer);
        return Ok(());
    }
    let Some(text) = call.arg(0) else {
        return error("no data specified");
    };
    if text.is_empty() {
        return Ok(());
    }
    let mut data = Vec::new();
    let mut name = named;
    if call.has('a')
        && let Some(at) = present
    {
        data.extend_from_slice(run.state.buffers[at].data.bytes());
        name = Some(run.state.buffers[at].name.clone());
    }
    data.extend_from_slice(text.as_bytes());
    Ok(buffers::add(&mut run.state, name.as_deref(), data)?)
}
