//! What stands under the socket's name, for clients that look there: as long as the state is there,
//! the supervisor's own socket, so that clients that connect are taken; afterwards one that is
//! bound and closed, by which clients that connect are refused, as after a server that has gone.
//!
//! A socket on which a server of tmux's own listens is left alone. So is whatever is not ours: the
//! path may lie where others write, who may have put a link, a socket or a file of theirs there.
//! Only a socket or a link of our own is taken away, and no link is followed.

use super::Run;
use crate::output::reason;
use nix::sys::stat::{Mode, umask};
use nix::unistd::geteuid;
use std::fs::{metadata, symlink_metadata};
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

impl Run<'_> {
    /// Puts a socket under the name: one that takes connections, or one that does not.
    pub(super) fn publish_socket(&self, live: bool) {
        let path = Path::new(&self.socket);
        if occupied(path).is_some() {
            return;
        }
        let own = self.backend.borrow().address();
        let is_own = own.as_deref().is_some_and(|own| same(own, path));
        if (live && is_own) || (!is_own && somebody_may_listen(path)) {
            return;
        }
        if symlink_metadata(path).is_ok() {
            // What cannot be taken away cannot be replaced either.
            let _ = std::fs::remove_file(path);
        }
        if let Some(own) = own.filter(|_| live) {
            // A second name is the same to all who look; where the two are on different disks it
            // has to be a link.
            let named =
                std::fs::hard_link(&own, path).or_else(|_| std::os::unix::fs::symlink(&own, path));
            if named.is_ok() {
                return;
            }
        }
        // For those who look; without a directory for it there is nobody to look.
        // The mode comes with the name: one that is set afterwards could reach another file.
        let usual = umask(Mode::from_bits_truncate(0o117));
        let _ = UnixListener::bind(path);
        umask(usual);
    }

    /// Whether there is a directory for the socket, and nothing of another user's under its name.
    pub(crate) fn can_publish_socket(&self) -> Result<(), String> {
        let path = Path::new(&self.socket);
        let why = match metadata(directory(path)) {
            Ok(_) => occupied(path),
            Err(error) => Some(reason(&error)),
        };
        why.map_or(Ok(()), |why| {
            Err(format!("error creating {} ({why})", self.socket))
        })
    }

    pub(crate) fn no_server(&self) -> String {
        match UnixStream::connect(&self.socket) {
            Err(error) if error.kind() != ErrorKind::ConnectionRefused => {
                format!("error connecting to {} ({})", self.socket, reason(&error))
            }
            // Taken by a supervisor that has no state under this name, or by somebody else: to us
            // nothing runs there.
            Ok(_) | Err(_) => format!("no server running on {}", self.socket),
        }
    }
}

/// Where a sandbox forbids to connect, nobody can tell.
fn somebody_may_listen(path: &Path) -> bool {
    match UnixStream::connect(path) {
        Ok(_) => true,
        Err(error) => error.kind() == ErrorKind::PermissionDenied,
    }
}

fn directory(path: &Path) -> &Path {
    path.parent()
        .filter(|d| !d.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Why a name is not ours to give, if it is not: what bears it, or its directory, is another
/// user's, or it is no socket.
fn occupied(path: &Path) -> Option<String> {
    let us = geteuid().as_raw();
    let directory = directory(path);
    // A link to the directory counts as much as the directory: who owns it may point it elsewhere.
    for found in [symlink_metadata(directory), metadata(directory)]
        .into_iter()
        .flatten()
    {
        if ![us, 0].contains(&found.uid()) {
            return Some(format!(
                "{} belongs to user {}",
                directory.display(),
                found.uid()
            ));
        }
    }
    let found = symlink_metadata(path).ok()?;
    if found.uid() != us {
        return Some(format!("it belongs to user {}", found.uid()));
    }
    // A link of ours is one to a socket, or to one that has gone.
    let kind = if found.is_symlink() {
        metadata(path).ok()?.file_type()
    } else {
        found.file_type()
    };
    (!kind.is_socket()).then(|| "it is not a socket".to_owned())
}

fn same(one: &Path, other: &Path) -> bool {
    let id = |path| metadata(path).map(|m| (m.dev(), m.ino())).ok();
    id(one).is_some() && id(one) == id(other)
}
