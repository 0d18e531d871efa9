//! `paste-buffer`: a buffer as input to a pane.

use crate::addressing::Sort;
use crate::buffers;
use crate::keys::Input;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};

pub(super) const ENTRY: Entry = Entry {
    name: "paste-buffer",
    alias: "pasteb",
    flags: "db:prs:t:",
    args: (0, Some(0)),
    usage: "[-dpr] [-s separator] [-b buffer-name] [-t target-pane]",
    access: Access::CHANGE,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let id = place.need_pane()?;
    let Some(pane) = run.state.panes.get(&id) else {
        return Ok(());
    };
    if pane.dead.is_some() {
        return error("target pane has exited");
    }
    let session = pane.session.clone();
    let Some(buffer) = buffers::find(&run.state, call.get('b'))?.cloned() else {
        return Ok(());
    };
    let separator: Vec<u8> = match call.get('s') {
        Some(text) => text.as_bytes().to_vec(),
        None => vec![if call.has('r') { b'\n' } else { b'\r' }],
    };
    let mut text = Vec::new();
    for byte in buffer.data.bytes() {
        if *byte == b'\n' {
            text.extend_from_slice(&separator);
        } else {
            text.push(*byte);
        }
    }
    if !run.state.panes[&id].input_off {
        let mut backend = run.backend.borrow_mut();
        let framed = call.has('p')
            && backend
                .modes(&session)?
                .iter()
                .any(|mode| mode == "bracketed-paste");
        if framed {
            text = [b"\x1b[200~", text.as_slice(), b"\x1b[201~"].concat();
        }
        backend.send(&session, vec![Input::Text(text)])?;
    }
    if call.has('d') {
        run.state.buffers.retain(|b| b.name != buffer.name);
    }
    Ok(())
}
