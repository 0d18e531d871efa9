//! The listening socket: published in one step, and published again when it vanishes.
//!
//! It is bound under another name, listens, and is then renamed: anyone who finds `sock` can
//! connect. Only the holder of the lifetime lock publishes, so a stale socket needs no unlinking
//! and a live one is never taken away.

use crate::handover::names::{Identity, SOCKET};
use crate::platform::long_path;
use interprocess::local_socket::{
    GenericFilePath, ListenerNonblockingMode, ListenerOptions, ToFsName,
};
use interprocess::os::unix::uds_local_socket;
use nix::errno::Errno;
use nix::sys::socket::{Backlog, listen};
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Binds, listens and publishes a non-blocking listener in `run`.
pub(crate) fn publish(run: &Path) -> io::Result<(OwnedFd, Identity)> {
    let hidden = format!(".{SOCKET}.{}", std::process::id());
    match fs::remove_file(run.join(&hidden)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = long_path::within(run, &hidden, |path| {
        ListenerOptions::new()
            .name(path.to_fs_name::<GenericFilePath>()?)
            .nonblocking(ListenerNonblockingMode::Accept)
            // The name is about to be another one, and outlives this process.
            .reclaim_name(false)
            .create_sync_as::<uds_local_socket::Listener>()
    })?;
    let listener = OwnedFd::from(listener);
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
