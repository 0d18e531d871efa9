//! Limits over a restart of the unit.
//!
//! A manager puts the unit's next main process into the unit's own cgroup, and the kernel lets
//! nobody into a cgroup that passes controllers on. So when the unit's main process has ended, what
//! the manager runs then ([`take_down`]) notes the limits of all lives and takes the controllers
//! back; the next main process, once it has moved to its leaf, applies them again ([`put_back`]).
//! What a life used before is not counted again, so its limit holds for what it takes from then on.

use super::{below, called, own_dir, unit_above};
use std::fs;
use std::io;
use std::path::Path;

/// The limits of a life, each a file that is written as it was read. The one that ends a life for
/// want of memory comes last: until all others are there it must not.
const FILES: [&str; 6] = [
    "pids.max",
    "cpu.max",
    "cpu.weight.nice",
    "memory.swap.max",
    "memory.oom.group",
    "memory.max",
];

/// Notes the limits in `file`, and takes the controllers back from the lives. This process is one
/// that the manager runs beside them, in a cgroup below the unit's own.
pub fn take_down(file: &Path) -> io::Result<()> {
    let own = own_dir().ok_or(io::ErrorKind::NotFound)?;
    let unit = unit_above(&own).ok_or(io::ErrorKind::NotFound)?;
    let control = unit.join("cgroup.subtree_control");
    let controllers = fs::read_to_string(&control)?;
    let controllers = controllers.trim();
    if controllers.is_empty() {
        return Ok(());
    }
    let mut lines = format!("{controllers}\n");
    for life in below(&unit) {
        for name in FILES {
            if let Ok(value) = fs::read_to_string(life.join(name)) {
                let line = [&called(&life), "/", name, " ", value.trim(), "\n"];
                lines.extend(line);
            }
        }
    }
    fs::write(file, lines)?;
    let minus: Vec<String> = controllers
        .split_ascii_whitespace()
        .map(|controller| format!("-{controller}"))
        .collect();
    fs::write(control, minus.join(" "))
}

/// Applies what was noted, in the unit whose leaf this process is in.
pub fn put_back(file: &Path) -> io::Result<()> {
    let text = match fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        read => read?,
    };
    let own = own_dir().ok_or(io::ErrorKind::NotFound)?;
    let unit = unit_above(&own).ok_or(io::ErrorKind::NotFound)?;
    let mut lines = text.lines();
    for controller in lines.next().unwrap_or_default().split_ascii_whitespace() {
        fs::write(
            unit.join("cgroup.subtree_control"),
            format!("+{controller}"),
        )?;
    }
    for line in lines {
        if let Some((name, value)) = line.split_once(' ') {
            // The life may have ended meanwhile.
            let _ = super::limits::write(&unit.join(name), value);
        }
    }
    fs::remove_file(file)
}
