//! Paste buffers.

use super::super::addressing::Sort;
use super::super::call::Call;
use super::super::clock::now_ms;
use super::super::options;
use super::super::run::{CommandError, CommandResult, Run, error};
use super::super::state::{Buffer, Data};
use super::{pane_or_error, reason};
use psup_proto::input::Part;
use std::io::Read;

pub fn run(run: &mut Run, call: &Call) -> CommandResult {
    match call.name {
        "set-buffer" => set(run, call),
        "delete-buffer" => delete(run, call),
        "load-buffer" => load(run, call),
        "save-buffer" => save(run, call, call.arg(0).unwrap_or("-")),
        "show-buffer" => save(run, call, "-"),
        _ => paste(run, call),
    }
}

/// Adds a buffer, or replaces the one of the name.
pub fn add(run: &mut Run, name: Option<&str>, data: Vec<u8>) -> CommandResult {
    if data.is_empty() {
        return Ok(());
    }
    let data = Data::new(data);
    if let Some(name) = name {
        if name.is_empty() {
            return error("empty buffer name");
        }
        run.state.buffers.retain(|b| b.name != name);
        put(run, name.to_owned(), false, data);
        return Ok(());
    }
    let limit: usize = options::of_server(&run.state, "buffer-limit").parse().unwrap_or(50);
    while run.state.buffers.iter().filter(|b| b.automatic).count() >= limit {
        let Some(oldest) = run.state.buffers.iter().rposition(|b| b.automatic) else {
            break;
        };
        run.state.buffers.remove(oldest);
    }
    let name = format!("buffer{}", run.state.next_buffer);
    run.state.next_buffer += 1;
    put(run, name, true, data);
    Ok(())
}

/// Adds one with a number behind a name of the caller's.
pub fn add_as(run: &mut Run, prefix: Option<&str>, data: Vec<u8>) -> CommandResult {
    let Some(prefix) = prefix.filter(|prefix| !prefix.is_empty()) else {
        return add(run, None, data);
    };
    let number = run.state.next_buffer;
    run.state.next_buffer += 1;
    put(run, format!("{prefix}{number}"), true, Data::new(data));
    Ok(())
}

/// Adds to the newest one.
pub fn append(run: &mut Run, data: Vec<u8>) -> CommandResult {
    let Some(newest) = run.state.buffers.first_mut() else {
        return add(run, None, data);
    };
    let mut all = newest.data.bytes().to_vec();
    all.extend(data);
    newest.data = Data::new(all);
    Ok(())
}

fn put(run: &mut Run, name: String, automatic: bool, data: Data) {
    let buffer = Buffer {
        name,
        automatic,
        created_ms: now_ms(),
        data,
    };
    run.state.buffers.insert(0, buffer);
}

/// The named one, else the newest that was made without a name.
fn find<'f>(run: &'f Run, call: &Call) -> Result<Option<&'f Buffer>, CommandError> {
    match call.get('b') {
        Some(name) => {
            let found = run.state.buffers.iter().find(|b| b.name == name);
            found.map(Some).ok_or_else(|| CommandError::Error(format!("no buffer {name}")))
        }
        None => Ok(run.state.buffers.first()),
    }
}

fn set(run: &mut Run, call: &Call) -> CommandResult {
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
        run.state.buffers.insert(at.min(run.state.buffers.len()), buffer);
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
    add(run, name.as_deref(), data)
}

fn delete(run: &mut Run, call: &Call) -> CommandResult {
    if run.state.buffers.is_empty() {
        return error("no buffer");
    }
    let at = match call.get('b') {
        Some(name) => {
            let at = run.state.buffers.iter().position(|b| b.name == name);
            at.ok_or_else(|| CommandError::Error(format!("unknown buffer: {name}")))?
        }
        None => 0,
    };
    run.state.buffers.remove(at);
    Ok(())
}

fn load(run: &mut Run, call: &Call) -> CommandResult {
    let path = run.expand(call.arg(0).unwrap_or("-"), run.here());
    let mut data = Vec::new();
    if path == "-" {
        if let Err(failed) = std::io::stdin().lock().read_to_end(&mut data) {
            return error(format!("{}: {}", absolute(run, &path).display(), reason(&failed)));
        }
    } else {
        match std::fs::read(absolute(run, &path)) {
            Ok(bytes) => data = bytes,
            // tmux opens it, and finds nothing.
            Err(failed) if failed.kind() == std::io::ErrorKind::IsADirectory => {}
            Err(failed) => return error(format!("{}: {}", absolute(run, &path).display(), reason(&failed))),
        }
    }
    add(run, call.get('b'), data)
}

fn absolute(run: &Run, path: &str) -> std::path::PathBuf {
    std::path::Path::new(&run.caller.cwd).join(path)
}

fn save(run: &mut Run, call: &Call, path: &str) -> CommandResult {
    let found = find(run, call)?.map(|b| b.data.bytes().to_vec());
    let Some(data) = found else { return error("no buffers") };
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
        .open(absolute(run, &path));
    match file.and_then(|mut file| std::io::Write::write_all(&mut file, &data)) {
        Ok(()) => Ok(()),
        Err(failed) => error(format!("{}: {}", absolute(run, &path).display(), reason(&failed))),
    }
}

fn paste(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Pane)?;
    let id = pane_or_error(place)?;
    let Some(pane) = run.state.panes.get(&id) else { return Ok(()) };
    if pane.dead.is_some() {
        return error("target pane has exited");
    }
    let session = pane.session.clone();
    let Some(buffer) = find(run, call)?.cloned() else { return Ok(()) };
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
        let framed = call.has('p') && backend.modes(&session)?.iter().any(|mode| mode == "bracketed-paste");
        if framed {
            text = [b"\x1b[200~", text.as_slice(), b"\x1b[201~"].concat();
        }
        backend.send(&session, vec![Part::Text(text)])?;
    }
    if call.has('d') {
        run.state.buffers.retain(|b| b.name != buffer.name);
    }
    Ok(())
}
