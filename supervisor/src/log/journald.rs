//! A line as an entry of systemd's journal, in its own protocol: one datagram of fields.
//!
//! ```text
//! MESSAGE=a worker ended
//! PRIORITY=4
//! PSUP_SESSION=web#3
//! ```
//! A value with a line feed in it has its length before it instead of a `=`. Where there is no
//! journal, or it does not take the entry at once, the line is in the file alone.

use super::Level;
use serde_json::{Map, Value};
use std::os::unix::net::UnixDatagram;

const SOCKET: &str = "/run/systemd/journal/socket";

pub(super) fn send(level: Level, line: &Map<String, Value>) {
    let Ok(socket) = UnixDatagram::unbound() else {
        return;
    };
    if socket.set_nonblocking(true).is_ok() {
        // The reason is in the module's paragraph.
        let _ = socket.send_to(&entry(level, line), SOCKET);
    }
}

fn entry(level: Level, line: &Map<String, Value>) -> Vec<u8> {
    let priority = match level {
        Level::Info => "6",
        Level::Warn => "4",
        Level::Error => "3",
    };
    let mut entry = Vec::new();
    put(&mut entry, "PRIORITY", priority);
    put(&mut entry, "SYSLOG_IDENTIFIER", "psup");
    for (name, value) in line {
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        match name.as_str() {
            "what" => put(&mut entry, "MESSAGE", &text),
            // The journal has its own.
            "at" | "level" | "pid" => {}
            name => put(&mut entry, &format!("PSUP_{}", name.to_uppercase()), &text),
        }
    }
    entry
}

fn put(entry: &mut Vec<u8>, name: &str, value: &str) {
    entry.extend_from_slice(name.as_bytes());
    if value.contains('\n') {
        entry.push(b'\n');
        entry.extend_from_slice(&(value.len() as u64).to_le_bytes());
    } else {
        entry.push(b'=');
    }
    entry.extend_from_slice(value.as_bytes());
    entry.push(b'\n');
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_entry_has_a_field_for_each_key_and_a_length_where_a_line_ends() {
        let line = serde_json::json!({
            "at": 1, "level": "warn", "pid": 2, "what": "it rains", "session": "web#3",
            "worker_epoch": 2, "error": "a\nb",
        });
        let entry = entry(Level::Warn, line.as_object().unwrap());
        let text = String::from_utf8(entry).unwrap();
        for field in [
            "PRIORITY=4\n",
            "SYSLOG_IDENTIFIER=psup\n",
            "MESSAGE=it rains\n",
            "PSUP_SESSION=web#3\n",
            "PSUP_WORKER_EPOCH=2\n",
            "PSUP_ERROR\n\x03\0\0\0\0\0\0\0a\nb\n",
        ] {
            assert!(text.contains(field), "{field:?} in {text:?}");
        }
        assert!(!text.contains("AT=") && !text.contains("LEVEL"), "{text:?}");
    }
}
