//! The file of a checkpoint: nobody sees it before it is whole, and it takes no other file's place.

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags};
use psup_proto::{Code, Failure};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

pub(crate) struct NewFile {
    path: PathBuf,
    file: File,
    /// Its name until it is whole; none where the system makes files without a name.
    temporary: Option<PathBuf>,
}

impl NewFile {
    /// `path` is absolute.
    pub(crate) fn beside(path: &Path) -> Result<Self, Failure> {
        if path.symlink_metadata().is_ok() {
            return Err(exists(path));
        }
        let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else {
            let message = format!("{} is not the name of a file", path.display());
            return Err(Failure::new(Code::Usage, message));
        };
        let opened = without_name(dir).map(|file| (file, None)).or_else(|_| {
            let mut temporary = std::ffi::OsString::from(".");
            temporary.push(name);
            temporary.push(format!(".{}.part", std::process::id()));
            let temporary = dir.join(temporary);
            let file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&temporary)?;
            Ok((file, Some(temporary)))
        });
        let (file, temporary) = opened.map_err(|error: io::Error| cannot(path, error))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            temporary,
        })
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// Gives it to the disk and to everybody.
    pub(crate) fn publish(self) -> Result<(), Failure> {
        self.link().map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(&self.path),
            _ => cannot(&self.path, error),
        })
    }

    fn link(&self) -> io::Result<()> {
        self.file.sync_all()?;
        match &self.temporary {
            None => {
                let open = format!("/proc/self/fd/{}", self.file.as_raw_fd());
                let follow = AtFlags::AT_SYMLINK_FOLLOW;
                nix::unistd::linkat(AT_FDCWD, open.as_str(), AT_FDCWD, &self.path, follow)?;
            }
            Some(temporary) => match fs::hard_link(temporary, &self.path) {
                // A file system without links.
                Err(error) if error.raw_os_error() == Some(Errno::EPERM as i32) => {
                    if self.path.symlink_metadata().is_ok() {
                        return Err(io::ErrorKind::AlreadyExists.into());
                    }
                    fs::rename(temporary, &self.path)?;
                }
                other => other?,
            },
        }
        match self.path.parent().map(File::open) {
            Some(Ok(dir)) => dir.sync_all(),
            Some(Err(_)) | None => Ok(()),
        }
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // One that was renamed is gone.
            let _ = fs::remove_file(temporary);
        }
    }
}

/// A file that goes with this process unless it gets a name.
#[cfg(target_os = "linux")]
fn without_name(dir: &Path) -> io::Result<File> {
    // Without /proc it could get none.
    fs::metadata("/proc/self/fd")?;
    OpenOptions::new()
        .write(true)
        .mode(0o600)
        .custom_flags(nix::libc::O_TMPFILE)
        .open(dir)
}

#[cfg(not(target_os = "linux"))]
fn without_name(_dir: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

fn exists(path: &Path) -> Failure {
    Failure::new(Code::Usage, format!("{} exists already", path.display()))
        .hint("a checkpoint overwrites nothing: give another name, or remove that file first")
}

fn cannot(path: &Path, error: io::Error) -> Failure {
    Failure::system(format!("cannot write {}", path.display()), error)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Write;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn a_file_is_there_once_it_is_whole_for_its_owner_alone_and_replaces_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.tar");
        let new = NewFile::beside(&path).unwrap();
        let other = NewFile::beside(&path).unwrap();
        new.file().write_all(b"x").unwrap();
        assert!(!path.exists());
        new.publish().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(other.publish().unwrap_err().code, Code::Usage);
        assert_eq!(
            NewFile::beside(&path).map(drop).unwrap_err().code,
            Code::Usage
        );
        assert_eq!(fs::read(&path).unwrap(), b"x");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
