//! The listening socket: published in one step, and published again when it vanishes.
//!
//! It is bound under another name, listens, and is then renamed: anyone who finds `sock` can
//! connect. Only the holder of the lifetime lock publishes, so a stale socket needs no unlinking
//! and a live one is never taken away.

use crate::platform::{descriptors, long_path};
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, listen, socket,
};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// The socket's name in the run directory.
pub const SOCKET: &str = "sock";

/// Which file a socket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// Of the socket that is published in `run` now, if any.
    pub fn published(run: &Path) -> Option<Self> {
        let metadata = fs::symlink_metadata(run.join(SOCKET)).ok()?;
        Some(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        })
    }
}

/// Binds, listens and publishes a non-blocking listener in `run`.
pub(crate) fn publish(run: &Path) -> io::Result<(OwnedFd, Identity)> {
    let hidden = format!(".{SOCKET}.{}", std::process::id());
    match fs::remove_file(run.join(&hidden)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = unbound()?;
    long_path::within(run, &hidden, |path| {
        Ok(bind(listener.as_raw_fd(), &UnixAddr::new(path)?)?)
    })?;
    fs::set_permissions(run.join(&hidden), fs::Permissions::from_mode(0o600))?;
    listen(&listener, backlog()?)?;
    fs::rename(run.join(&hidden), run.join(SOCKET))?;
    let identity = Identity::published(run).ok_or(Errno::ENOENT)?;
    Ok((listener, identity))
}

/// Whether `fd` is a listener at all: what an image of another build passes on is looked at before
/// it is trusted.
pub(crate) fn listens(fd: &OwnedFd) -> bool {
    nix::sys::socket::getsockopt(fd, nix::sys::socket::sockopt::AcceptConn).unwrap_or(false)
}

/// Listens on it as this process. Connections carry the pid of who did so last: by it a client
/// finds the guardian.
pub(crate) fn take(fd: &OwnedFd) -> io::Result<()> {
    Ok(listen(fd, backlog()?)?)
}

/// While a worker restarts connections wait here: as many as the kernel allows.
fn backlog() -> io::Result<Backlog> {
    Ok(Backlog::new(libc::SOMAXCONN)?)
}

fn unbound() -> io::Result<OwnedFd> {
    #[cfg(target_os = "linux")]
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    #[cfg(target_os = "macos")]
    let flags = SockFlag::empty();
    let listener = socket(AddressFamily::Unix, SockType::Stream, flags, None)?;
    descriptors::set_inherited(listener.as_raw_fd(), false)?;
    #[cfg(target_os = "macos")]
    // SAFETY: F_SETFL takes an int and touches no memory.
    unsafe {
        libc::fcntl(listener.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK)
    };
    Ok(listener)
}
