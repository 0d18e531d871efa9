//! Directories, sockets and disks.

use crate::doctor::seen::{Checkpoint, Dir, DirKind, Disk, Journals, Socket};
use crate::fs::disk_usage;
use crate::guardian::SOCKET;
use crate::platform::{long_path, memory};
use crate::worker::sessions::{records, restoration};
use nix::sys::statvfs::statvfs;
use nix::unistd::{AccessFlags, access};
use psup_proto::checkpoint::CheckpointMade;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

pub(super) fn dir(path: PathBuf) -> Dir {
    let kind = match fs::symlink_metadata(&path) {
        Ok(found) if found.is_dir() => DirKind::Directory {
            uid: found.uid(),
            mode: found.mode() & 0o777,
            refusal: access(&path, AccessFlags::W_OK | AccessFlags::X_OK)
                .err()
                .map(|error| error.desc().to_owned()),
        },
        Ok(_) => DirKind::Other,
        Err(_) => DirKind::Absent,
    };
    Dir { path, kind }
}

/// What a connect to the socket in `run` comes to.
pub(in crate::doctor) fn socket(run: &Path) -> Socket {
    match long_path::within(run, SOCKET, |path| UnixStream::connect(path)) {
        Ok(_) => Socket::Listening,
        Err(error) => match error.kind() {
            ErrorKind::NotFound => Socket::Absent,
            ErrorKind::ConnectionRefused => Socket::Stale,
            ErrorKind::PermissionDenied => Socket::Forbidden(error.to_string()),
            _ => Socket::Trouble(error.to_string()),
        },
    }
}

/// What empties old files out of the directory above, where that is one for temporary files.
pub(super) fn cleaner(run: &Path) -> Option<String> {
    let temporary = ["/tmp", "/var/tmp"]
        .into_iter()
        .find(|tmp| run.starts_with(tmp))?;
    let programs = ["/etc/cron.daily/tmpreaper", "/etc/cron.daily/tmpwatch"];
    if let Some(program) = programs.iter().find(|path| Path::new(path).exists()) {
        return Some((*program).to_owned());
    }
    if !Path::new("/run/systemd/system").exists() {
        return None;
    }
    // A file in an earlier directory hides one of its name in a later.
    let mut names = Vec::new();
    for dir in ["/etc/tmpfiles.d", "/run/tmpfiles.d", "/usr/lib/tmpfiles.d"] {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            if names.contains(&entry.file_name()) {
                continue;
            }
            names.push(entry.file_name());
            let text = fs::read_to_string(entry.path()).unwrap_or_default();
            if let Some(age) = age_of(&text, temporary) {
                return Some(format!(
                    "systemd-tmpfiles ({}, after {age})",
                    entry.path().display()
                ));
            }
        }
    }
    None
}

/// The age that a configuration of systemd-tmpfiles gives to what is in `dir`.
fn age_of<'a>(configuration: &'a str, dir: &str) -> Option<&'a str> {
    configuration.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let age = *fields.get(5)?;
        (fields[0].starts_with(['q', 'Q', 'd', 'D', 'v', 'e']) && fields[1] == dir && age != "-")
            .then_some(age)
    })
}

pub(super) fn disk(path: &Path) -> Option<Disk> {
    let there = path.ancestors().find(|path| path.is_dir())?;
    let found = statvfs(there).ok()?;
    let unit = found.fragment_size() as u64;
    let files = found.files() as u64;
    Some(Disk {
        path: there.to_owned(),
        kind: kind(there),
        free: found.blocks_available() as u64 * unit,
        total: found.blocks() as u64 * unit,
        // Some file systems make inodes as they need them.
        inodes: (files > 0).then_some((found.files_available() as u64, files)),
    })
}

#[cfg(target_os = "linux")]
fn kind(path: &Path) -> &'static str {
    use nix::sys::statfs::{NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, statfs};
    if memory::lives_in_memory(path) {
        return "in memory";
    }
    match statfs(path).map(|found| found.filesystem_type()) {
        Ok(NFS_SUPER_MAGIC | SMB_SUPER_MAGIC) => "network",
        Ok(_) => "on disk",
        Err(_) => "of an unknown kind",
    }
}

#[cfg(not(target_os = "linux"))]
fn kind(_path: &Path) -> &'static str {
    "of an unknown kind"
}

/// Where rings lie.
pub(super) fn ring_disk(run: &Path) -> Option<Disk> {
    let shared = Path::new("/dev/shm");
    [run, shared]
        .into_iter()
        .find(|dir| dir.is_dir() && memory::lives_in_memory(dir))
        .and_then(disk)
}

pub(super) fn journals(state: &Path) -> Journals {
    let mut kept = Journals::default();
    for session in fs::read_dir(state.join("sessions"))
        .into_iter()
        .flatten()
        .flatten()
    {
        kept.sessions += 1;
        kept.bytes += disk_usage::of(&session.path());
    }
    kept
}

pub(super) fn checkpoint(state: &Path, has_timer: bool) -> Checkpoint {
    let text = fs::read(state.join(restoration::LAST_CHECKPOINT)).unwrap_or_default();
    let made: Option<CheckpointMade> = serde_json::from_slice(&text).ok();
    Checkpoint {
        last: made.map(|made| (made.at_ms, OsString::from_vec(made.file).into())),
        has_timer,
    }
}

/// The lives whose records say that they run.
pub(super) fn left_running(state: &Path) -> Vec<String> {
    let entries = fs::read_dir(state.join("sessions"))
        .into_iter()
        .flatten()
        .flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| records::find(state, &entry.file_name().to_string_lossy()))
        .filter(|life| life.record.exit.is_none())
        .map(|life| life.record.id.to_string())
        .collect();
    names.sort();
    names
}

pub(super) fn changed_ms(path: &Path) -> Option<u64> {
    let found = fs::metadata(path).ok()?;
    let since = found
        .modified()
        .ok()?
        .duration_since(std::time::UNIX_EPOCH)
        .ok()?;
    Some(since.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::net::UnixListener;

    #[test]
    fn a_cleaner_is_a_line_with_an_age() {
        let text = "# comment\nq /tmp 1777 root root 10d\nq /var/tmp 1777 root root -\n";
        assert_eq!(age_of(text, "/tmp"), Some("10d"));
        assert_eq!(age_of(text, "/var/tmp"), None);
    }

    #[test]
    fn a_socket_is_absent_stale_or_listened_on() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(socket(dir.path()), Socket::Absent);
        let listener = UnixListener::bind(dir.path().join(SOCKET)).unwrap();
        assert_eq!(socket(dir.path()), Socket::Listening);
        drop(listener);
        assert_eq!(socket(dir.path()), Socket::Stale);
    }

    #[test]
    fn a_directory_is_told_by_owner_and_mode() {
        let temp = tempfile::tempdir().unwrap();
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(temp.path(), private).unwrap();
        let uid = nix::unistd::geteuid().as_raw();
        let ours = DirKind::Directory {
            uid,
            mode: 0o700,
            refusal: None,
        };
        assert_eq!(dir(temp.path().into()).kind, ours);
        assert_eq!(dir(temp.path().join("none")).kind, DirKind::Absent);
        fs::write(temp.path().join("file"), "").unwrap();
        assert_eq!(dir(temp.path().join("file")).kind, DirKind::Other);
    }
}
