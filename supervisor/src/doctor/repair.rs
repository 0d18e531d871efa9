//! What `--fix` does: modes of directories that are ours, and sockets on which nobody listens.

use super::seen::{Dir, DirKind, Seen, Socket};
use crate::platform::lock::{self, Patience};
use psup_proto::{Code, Failure};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

pub(super) fn run_dir(seen: &Seen) -> Result<String, Failure> {
    make_private(seen, &seen.run)
}

pub(super) fn state_dir(seen: &Seen) -> Result<String, Failure> {
    make_private(seen, &seen.state)
}

fn make_private(seen: &Seen, dir: &Dir) -> Result<String, Failure> {
    let path = dir.path.display();
    match dir.kind {
        DirKind::Directory { uid, mode, .. } if uid == seen.uid && mode != 0o700 => {
            fs::set_permissions(&dir.path, Permissions::from_mode(0o700))
                .map_err(|e| Failure::system(&path, e))?;
            Ok(format!("{path} has mode 700 now"))
        }
        _ => Err(Failure::new(Code::Unsupported, "that is for you to decide")),
    }
}

/// Under the lock of starters, so that none is removed on which somebody is about to listen.
pub(super) fn stale_files(seen: &Seen) -> Result<String, Failure> {
    let mut removed = Vec::new();
    for (path, _) in seen.sockets.iter().filter(|(_, s)| *s == Socket::Stale) {
        let refused = |e| Failure::system(path.display(), e);
        let Some(dir) = path.parent() else { continue };
        let turn = lock::take(&dir.join(lock::START), Patience::Ask).map_err(refused)?;
        if turn.is_none() || super::look::socket(dir) != Socket::Stale {
            return Err(Failure::new(Code::Retry, "a supervisor is being started"));
        }
        fs::remove_file(path).map_err(refused)?;
        removed.push(path.display().to_string());
    }
    Ok(format!("removed {}", removed.join(" and ")))
}
