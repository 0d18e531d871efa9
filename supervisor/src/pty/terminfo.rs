//! Which terminal the child is told it has.
//!
//! The screen draws what tmux draws, so tmux's own description fits best; a machine that lacks it
//! must not leave programs with an unknown terminal.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Best first; the last one every machine has.
const NAMES: [&str; 3] = ["tmux-256color", "screen-256color", "xterm-256color"];

/// The best of the names that the child will find a description of, given its environment.
pub fn best_term<'a>(var: impl Fn(&str) -> Option<&'a [u8]>) -> &'static str {
    let dirs = directories(var);
    let known = |name: &&&str| dirs.iter().any(|dir| has(dir, name));
    NAMES.iter().find(known).unwrap_or(&NAMES[2])
}

/// Where ncurses looks, as terminfo(5) tells.
fn directories<'a>(var: impl Fn(&str) -> Option<&'a [u8]>) -> Vec<PathBuf> {
    let path = |bytes: &[u8]| PathBuf::from(OsStr::from_bytes(bytes));
    let set = |name| var(name).filter(|value| !value.is_empty());
    let mut dirs = Vec::new();
    dirs.extend(set("TERMINFO").map(path));
    dirs.extend(set("HOME").map(|home| path(home).join(".terminfo")));
    for dir in set("TERMINFO_DIRS")
        .into_iter()
        .flat_map(|dirs| dirs.split(|b| *b == b':'))
    {
        dirs.push(if dir.is_empty() {
            PathBuf::from("/usr/share/terminfo")
        } else {
            path(dir)
        });
    }
    dirs.extend(
        [
            "/etc/terminfo",
            "/lib/terminfo",
            "/usr/share/terminfo",
            "/usr/lib/terminfo",
            "/usr/share/lib/terminfo",
        ]
        .map(PathBuf::from),
    );
    dirs
}

/// Entries lie under their first letter, or where file names know no case, under its number.
fn has(dir: &Path, name: &str) -> bool {
    let letter = &name[..1];
    let number = format!("{:02x}", name.as_bytes()[0]);
    dir.join(letter).join(name).exists() || dir.join(number).join(name).exists()
}
