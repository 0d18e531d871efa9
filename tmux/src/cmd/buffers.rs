//! Paste buffers.

use super::super::clock::now_ms;
use super::super::commands::Call;
use super::super::face::{Face, Ran, Stopped, error};
use super::super::options;
use super::super::target::Sort;
use super::super::world::{Buffer, Data};
use super::{pane_or_error, reason};
use psup_proto::input::Part;
use std::io::Read;

pub fn run(face: &mut Face, call: &Call) -> Ran {
    match call.name {
        "set-buffer" => set(face, call),
        "delete-buffer" => delete(face, call),
        "load-buffer" => load(face, call),
        "save-buffer" => save(face, call, call.arg(0).unwrap_or("-")),
        "show-buffer" => save(face, call, "-"),
        _ => paste(face, call),
    }
}

/// Adds a buffer, or replaces the one of the name.
pub fn add(face: &mut Face, name: Option<&str>, data: Vec<u8>) -> Ran {
    if data.is_empty() {
        return Ok(());
    }
    let data = Data::new(data);
    if let Some(name) = name {
        if name.is_empty() {
            return error("empty buffer name");
        }
        face.world.buffers.retain(|b| b.name != name);
        put(face, name.to_owned(), false, data);
        return Ok(());
    }
    let limit: usize = options::of_server(&face.world, "buffer-limit").parse().unwrap_or(50);
    while face.world.buffers.iter().filter(|b| b.automatic).count() >= limit {
        let Some(oldest) = face.world.buffers.iter().rposition(|b| b.automatic) else {
            break;
        };
        face.world.buffers.remove(oldest);
    }
    let name = format!("buffer{}", face.world.next_buffer);
    face.world.next_buffer += 1;
    put(face, name, true, data);
    Ok(())
}

/// Adds one with a number behind a name of the caller's.
pub fn add_as(face: &mut Face, prefix: Option<&str>, data: Vec<u8>) -> Ran {
    let Some(prefix) = prefix.filter(|prefix| !prefix.is_empty()) else {
        return add(face, None, data);
    };
    let number = face.world.next_buffer;
    face.world.next_buffer += 1;
    put(face, format!("{prefix}{number}"), true, Data::new(data));
    Ok(())
}

/// Adds to the newest one.
pub fn append(face: &mut Face, data: Vec<u8>) -> Ran {
    let Some(newest) = face.world.buffers.first_mut() else {
        return add(face, None, data);
    };
    let mut all = newest.data.bytes().to_vec();
    all.extend(data);
    newest.data = Data::new(all);
    Ok(())
}

fn put(face: &mut Face, name: String, automatic: bool, data: Data) {
    let buffer = Buffer {
        name,
        automatic,
        created_ms: now_ms(),
        data,
    };
    face.world.buffers.insert(0, buffer);
}

/// The named one, else the newest that was made without a name.
fn find<'f>(face: &'f Face, call: &Call) -> Result<Option<&'f Buffer>, Stopped> {
    match call.get('b') {
        Some(name) => {
            let found = face.world.buffers.iter().find(|b| b.name == name);
            found.map(Some).ok_or_else(|| Stopped::Error(format!("no buffer {name}")))
        }
        None => Ok(face.world.buffers.first()),
    }
}

fn set(face: &mut Face, call: &Call) -> Ran {
    let named = call.get('b').map(str::to_owned);
    let present = named
        .as_ref()
        .and_then(|name| face.world.buffers.iter().position(|b| b.name == *name));
    if let Some(new) = call.get('n') {
        if face.world.buffers.is_empty() {
            return error("no buffer");
        }
        if let (None, Some(name)) = (present, &named) {
            return error(format!("unknown buffer: {name}"));
        }
        let at = present.unwrap_or(0);
        let mut buffer = face.world.buffers.remove(at);
        face.world.buffers.retain(|b| b.name != new);
        new.clone_into(&mut buffer.name);
        buffer.automatic = false;
        face.world.buffers.insert(at.min(face.world.buffers.len()), buffer);
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
        data.extend_from_slice(face.world.buffers[at].data.bytes());
        name = Some(face.world.buffers[at].name.clone());
    }
    data.extend_from_slice(text.as_bytes());
    add(face, name.as_deref(), data)
}

fn delete(face: &mut Face, call: &Call) -> Ran {
    if face.world.buffers.is_empty() {
        return error("no buffer");
    }
    let at = match call.get('b') {
        Some(name) => {
            let at = face.world.buffers.iter().position(|b| b.name == name);
            at.ok_or_else(|| Stopped::Error(format!("unknown buffer: {name}")))?
        }
        None => 0,
    };
    face.world.buffers.remove(at);
    Ok(())
}

fn load(face: &mut Face, call: &Call) -> Ran {
    let path = face.expand(call.arg(0).unwrap_or("-"), face.here());
    let mut data = Vec::new();
    if path == "-" {
        if let Err(failed) = std::io::stdin().lock().read_to_end(&mut data) {
            return error(format!("{}: {}", absolute(face, &path).display(), reason(&failed)));
        }
    } else {
        match std::fs::read(absolute(face, &path)) {
            Ok(bytes) => data = bytes,
            // tmux opens it, and finds nothing.
            Err(failed) if failed.kind() == std::io::ErrorKind::IsADirectory => {}
            Err(failed) => return error(format!("{}: {}", absolute(face, &path).display(), reason(&failed))),
        }
    }
    add(face, call.get('b'), data)
}

fn absolute(face: &Face, path: &str) -> std::path::PathBuf {
    std::path::Path::new(&face.caller.cwd).join(path)
}

fn save(face: &mut Face, call: &Call, path: &str) -> Ran {
    let found = find(face, call)?.map(|b| b.data.bytes().to_vec());
    let Some(data) = found else { return error("no buffers") };
    let path = face.expand(path, face.here());
    if path == "-" {
        face.data(&data);
        return Ok(());
    }
    let mut file = std::fs::OpenOptions::new();
    let file = file
        .write(true)
        .create(true)
        .append(call.has('a'))
        .truncate(!call.has('a'))
        .open(absolute(face, &path));
    match file.and_then(|mut file| std::io::Write::write_all(&mut file, &data)) {
        Ok(()) => Ok(()),
        Err(failed) => error(format!("{}: {}", absolute(face, &path).display(), reason(&failed))),
    }
}

fn paste(face: &mut Face, call: &Call) -> Ran {
    let place = face.find(call.get('t'), Sort::Pane)?;
    let id = pane_or_error(place)?;
    let Some(pane) = face.world.panes.get(&id) else { return Ok(()) };
    if pane.dead.is_some() {
        return error("target pane has exited");
    }
    let session = pane.session.clone();
    let Some(buffer) = find(face, call)?.cloned() else { return Ok(()) };
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
    if !face.world.panes[&id].input_off {
        let mut floor = face.floor.borrow_mut();
        let framed = call.has('p') && floor.modes(&session)?.iter().any(|mode| mode == "bracketed-paste");
        if framed {
            text = [b"\x1b[200~", text.as_slice(), b"\x1b[201~"].concat();
        }
        floor.send(&session, vec![Part::Text(text)])?;
    }
    if call.has('d') {
        face.world.buffers.retain(|b| b.name != buffer.name);
    }
    Ok(())
}
