//! Paste buffers: the newest first, those without a name of their own as many as `buffer-limit`
//! allows.

use crate::options;
use crate::state::{Buffer, Data, State};
use crate::time::now_ms;

/// Adds a buffer, or replaces the one of the name.
pub(crate) fn add(state: &mut State, name: Option<&str>, data: Vec<u8>) -> Result<(), String> {
    if data.is_empty() {
        return Ok(());
    }
    let data = Data::new(data);
    if let Some(name) = name {
        if name.is_empty() {
            return Err("empty buffer name".to_owned());
        }
        state.buffers.retain(|b| b.name != name);
        put(state, name.to_owned(), false, data);
        return Ok(());
    }
    let limit: usize = options::of_server(state, "buffer-limit")
        .parse()
        .unwrap_or(50);
    while state.buffers.iter().filter(|b| b.automatic).count() >= limit {
        let Some(oldest) = state.buffers.iter().rposition(|b| b.automatic) else {
            break;
        };
        state.buffers.remove(oldest);
    }
    let name = format!("buffer{}", state.next_buffer);
    state.next_buffer += 1;
    put(state, name, true, data);
    Ok(())
}

/// Adds one with a number behind a name of the caller's.
pub(crate) fn add_as(state: &mut State, prefix: Option<&str>, data: Vec<u8>) -> Result<(), String> {
    let Some(prefix) = prefix.filter(|prefix| !prefix.is_empty()) else {
        return add(state, None, data);
    };
    let number = state.next_buffer;
    state.next_buffer += 1;
    put(state, format!("{prefix}{number}"), true, Data::new(data));
    Ok(())
}

/// Adds to the newest one.
pub(crate) fn append(state: &mut State, data: Vec<u8>) -> Result<(), String> {
    let Some(newest) = state.buffers.first_mut() else {
        return add(state, None, data);
    };
    let mut all = newest.data.bytes().to_vec();
    all.extend(data);
    newest.data = Data::new(all);
    Ok(())
}

fn put(state: &mut State, name: String, automatic: bool, data: Data) {
    let buffer = Buffer {
        name,
        automatic,
        created_ms: now_ms(),
        data,
    };
    state.buffers.insert(0, buffer);
}

/// The named one, else the newest.
pub(crate) fn find<'s>(state: &'s State, name: Option<&str>) -> Result<Option<&'s Buffer>, String> {
    match name {
        Some(name) => {
            let found = state.buffers.iter().find(|b| b.name == name);
            found.map(Some).ok_or_else(|| format!("no buffer {name}"))
        }
        None => Ok(state.buffers.first()),
    }
}
