//! What stands under the socket's name, for clients that look there: as long as the state is there, the supervisor's own socket, so that whoever
//! connects is taken; afterwards one that is bound and closed, by which whoever connects is refused, as after a server that has gone.
//!
//! A socket on which a server of tmux's own listens is left alone.

use super::Run;
use crate::commands;
use std::fs::Permissions;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

impl Run<'_> {
    /// Puts a socket under the name: one that takes connections, or one that does not.
    pub(super) fn publish_socket(&self, live: bool) {
        let path = Path::new(&self.socket);
        let own = self.backend.borrow().address();
        let is_own = own.as_deref().is_some_and(|own| same(own, path));
        if (live && is_own) || (!is_own && UnixStream::connect(path).is_ok()) {
            return;
        }
        if std::fs::symlink_metadata(path).is_ok() {
            // What cannot be taken away cannot be replaced either.
            let _ = std::fs::remove_file(path);
        }
        if let Some(own) = own.filter(|_| live) {
            // A second name is the same to all who look; where the two are on different disks it has to be a link.
            let named = std::fs::hard_link(&own, path).or_else(|_| std::os::unix::fs::symlink(&own, path));
            if named.is_ok() {
                return;
            }
        }
        // For those who look; without a directory for it there is nobody to look.
        let _ = UnixListener::bind(path);
        let _ = std::fs::set_permissions(path, Permissions::from_mode(0o660));
    }

    /// Whether there is a directory for the socket.
    pub fn can_publish_socket(&self) -> Result<(), String> {
        let directory = Path::new(&self.socket).parent().filter(|d| !d.as_os_str().is_empty());
        match directory.map_or(Ok(()), |directory| std::fs::metadata(directory).map(drop)) {
            Ok(()) => Ok(()),
            Err(error) => Err(format!("error creating {} ({})", self.socket, commands::reason(&error))),
        }
    }

    pub fn no_server(&self) -> String {
        match UnixStream::connect(&self.socket) {
            Err(error) if error.kind() != ErrorKind::ConnectionRefused => {
                format!("error connecting to {} ({})", self.socket, commands::reason(&error))
            }
            // Taken by a supervisor that has no state under this name, or by somebody else: to us nothing runs there.
            Ok(_) | Err(_) => format!("no server running on {}", self.socket),
        }
    }
}

fn same(one: &Path, other: &Path) -> bool {
    let id = |path| std::fs::metadata(path).map(|m| (m.dev(), m.ino())).ok();
    id(one).is_some() && id(one) == id(other)
}
