//! Socket paths beyond the 107 bytes the kernel takes: the directory is named by a descriptor
//! instead.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The kernel's limit less the final zero and room for the longest file name used.
const FITS: usize = if cfg!(target_os = "macos") { 80 } else { 84 };

/// Calls `act` with a path of `dir/name` that is short enough to bind or connect.
pub fn within<T>(
    dir: &Path,
    name: &str,
    act: impl FnOnce(&Path) -> io::Result<T>,
) -> io::Result<T> {
    if dir.as_os_str().as_bytes().len() <= FITS {
        return act(&dir.join(name));
    }
    by_descriptor(dir, name, act)
}

#[cfg(target_os = "linux")]
fn by_descriptor<T>(
    dir: &Path,
    name: &str,
    act: impl FnOnce(&Path) -> io::Result<T>,
) -> io::Result<T> {
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::OpenOptionsExt;
    let dir = std::fs::OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_PATH | libc::O_DIRECTORY)
        .open(dir)?;
    act(Path::new(&format!(
        "/proc/self/fd/{}/{name}",
        dir.as_raw_fd()
    )))
}

/// Without `/proc` the directory becomes the current one for the length of the call. Its callers
/// have one thread: the guardian, and a client that has not begun.
#[cfg(target_os = "macos")]
fn by_descriptor<T>(
    dir: &Path,
    name: &str,
    act: impl FnOnce(&Path) -> io::Result<T>,
) -> io::Result<T> {
    let before = std::env::current_dir()?;
    std::env::set_current_dir(dir)?;
    let result = act(Path::new(name));
    std::env::set_current_dir(before)?;
    result
}
