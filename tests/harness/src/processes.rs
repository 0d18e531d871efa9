//! What a test left behind: files in its directory, and processes that hold something of it.

use std::path::{Path, PathBuf};

/// Every file below a directory.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

/// Processes that hold a file of the directory open, work in it, or carry it in their environment.
pub(crate) fn holders(dir: &Path) -> Vec<i32> {
    let within = |link: &Path| std::fs::read_link(link).is_ok_and(|target| target.starts_with(dir));
    let needle = dir.as_os_str().as_encoded_bytes();
    let lives_here = |proc: &Path| {
        let environ = std::fs::read(proc.join("environ")).unwrap_or_default();
        let fds = std::fs::read_dir(proc.join("fd"))
            .into_iter()
            .flatten()
            .flatten();
        environ.windows(needle.len()).any(|w| w == needle)
            || within(&proc.join("cwd"))
            || fds.into_iter().any(|fd| within(&fd.path()))
    };
    let pid = |path: &Path| path.file_name()?.to_str()?.parse().ok();
    let entries = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path());
    entries
        .filter_map(|path| Some((pid(&path)?, path)))
        .filter(|(pid, path)| *pid != std::process::id().cast_signed() && lives_here(path))
        .map(|(pid, _)| pid)
        .collect()
}

/// Kills a process at once. A pid that is gone already is no mistake.
pub fn kill(pid: i32) {
    let pid = nix::unistd::Pid::from_raw(pid);
    let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
}

/// Whether a process is there and has not ended.
pub fn is_alive(pid: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in brackets may hold anything.
    stat.rsplit(')')
        .next()
        .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(" Z"))
}
