//! What tmux has to ask the system itself about processes and terminals, and the answer on each
//! system.

use nix::sys::signal::{SigHandler, Signal, signal};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::time::{Duration, Instant};

/// Whether a process is there and runs; one of another user is.
pub(crate) fn lives(pid: i32) -> bool {
    match nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), None) {
        Ok(()) | Err(nix::errno::Errno::EPERM) => !is_zombie(pid),
        Err(_) => false,
    }
}

/// Whether a process has ended and its parent has not asked for its exit yet.
#[cfg(target_os = "linux")]
fn is_zombie(pid: i32) -> bool {
    // The state stands behind the name, which may hold anything, in brackets.
    let line = std::fs::read(format!("/proc/{pid}/stat")).unwrap_or_default();
    let behind = line
        .iter()
        .rposition(|b| *b == b')')
        .map_or(&[][..], |at| &line[at..]);
    matches!(behind, [b')', b' ', b'Z' | b'X', ..])
}

#[cfg(not(target_os = "linux"))]
fn is_zombie(_pid: i32) -> bool {
    false
}

/// Whether a path is a shell that may be started in a pane.
pub(crate) fn is_shell(path: &str) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.starts_with('/')
        && std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
        && !matches!(path.rsplit('/').next(), Some("tmux" | "psup"))
}

/// The word by which a program was called.
#[cfg(target_os = "linux")]
pub(crate) fn called(pid: i32) -> Option<String> {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let word = line
        .split(|b| *b == 0)
        .next()
        .filter(|word| !word.is_empty())?;
    Some(String::from_utf8_lossy(word).into_owned())
}

/// Elsewhere the program's own name has to do, which anyone who asks has already.
#[cfg(not(target_os = "linux"))]
pub fn called(_pid: i32) -> Option<String> {
    None
}

/// The terminal that a session's leader was started in.
#[cfg(target_os = "linux")]
pub(crate) fn terminal(pid: i32) -> Option<String> {
    let path = std::fs::read_link(format!("/proc/{pid}/fd/0")).ok()?;
    Some(path.to_string_lossy().into_owned())
}

#[cfg(target_os = "macos")]
pub fn terminal(pid: i32) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    // SAFETY: plain data for which all zeroes is a value.
    let mut info: libc::proc_bsdinfo = unsafe { std::mem::zeroed() };
    let size = size_of::<libc::proc_bsdinfo>() as i32;
    // SAFETY: the call writes at most `size` bytes to a living structure of that size.
    let written =
        unsafe { libc::proc_pidinfo(pid, libc::PROC_PIDTBSDINFO, 0, (&raw mut info).cast(), size) };
    let terminals = std::fs::read_dir("/dev").ok().filter(|_| written == size)?;
    let device = u64::from(info.e_tdev);
    terminals
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("tty"))
        .find(|entry| entry.metadata().is_ok_and(|m| m.rdev() == device))
        .map(|entry| entry.path().to_string_lossy().into_owned())
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub fn terminal(_pid: i32) -> Option<String> {
    None
}

/// Writes to a terminal as the program in it would; one that takes nothing for this long is given
/// up.
pub(crate) fn write_to(terminal: &str, mut bytes: &[u8]) -> io::Result<()> {
    const PATIENCE: Duration = Duration::from_secs(5);
    let mut file = OpenOptions::new()
        .write(true)
        .custom_flags(libc::O_NOCTTY | libc::O_NONBLOCK)
        .open(terminal)?;
    let deadline = Instant::now() + PATIENCE;
    while !bytes.is_empty() {
        match file.write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error)
                if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < deadline =>
            {
                wait_for_room(&file)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn wait_for_room(file: &std::fs::File) -> io::Result<()> {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use std::os::fd::AsFd;
    let mut ready = [PollFd::new(file.as_fd(), PollFlags::POLLOUT)];
    poll(&mut ready, PollTimeout::from(1000u16))?;
    Ok(())
}

/// The size of the terminal that this process was started in.
pub(crate) fn terminal_size() -> Option<(i32, i32)> {
    // SAFETY: `winsize` is plain data for which all zeroes is a value.
    let mut size: libc::winsize = unsafe { std::mem::zeroed() };
    for fd in [0, 1, 2] {
        // SAFETY: the call writes a `winsize` to a living one.
        if unsafe { libc::ioctl(fd, libc::TIOCGWINSZ, &raw mut size) } == 0 && size.ws_col > 0 {
            return Some((i32::from(size.ws_col), i32::from(size.ws_row)));
        }
    }
    None
}

/// The terminal this command runs in may be one of those it ends.
pub(crate) fn ignore_hangup() {
    for ignored in [Signal::SIGHUP, Signal::SIGTERM] {
        // SAFETY: ignoring runs no code of ours.
        let _ = unsafe { signal(ignored, SigHandler::SigIgn) };
    }
}
