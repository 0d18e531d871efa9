//! Memory with a descriptor: where rings live, and how their pages are committed and given back.
//!
//! A page of a sparse file that cannot be had when it is touched is a SIGBUS. So pages are
//! committed before they are touched, and a full file system is an error that can be told.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

/// Whether files in this directory live in memory: only there do they cost no disk writes, and end
/// with the machine.
#[cfg(target_os = "linux")]
pub fn lives_in_memory(dir: &Path) -> bool {
    use nix::sys::statfs;
    const RAMFS_MAGIC: i128 = 0x8584_58f6;
    statfs::statfs(dir).is_ok_and(|fs| {
        fs.filesystem_type() == statfs::TMPFS_MAGIC
            || i128::from(fs.filesystem_type().0) == RAMFS_MAGIC
    })
}

/// A private directory in memory that belongs to `owner`, a directory that is not; `None` where
/// there is no such place.
#[cfg(target_os = "linux")]
pub fn shared_dir(owner: &Path) -> Option<PathBuf> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};
    let shared = Path::new("/dev/shm");
    let uid = nix::unistd::geteuid().as_raw();
    let mut hasher = DefaultHasher::new();
    owner.hash(&mut hasher);
    let mine = shared.join(format!("psup-{uid}"));
    for dir in [&mine, &mine.join(format!("{:016x}", hasher.finish()))] {
        if !dir.exists()
            && (!lives_in_memory(shared)
                || std::fs::DirBuilder::new().mode(0o700).create(dir).is_err())
        {
            return None;
        }
        let meta = std::fs::symlink_metadata(dir).ok()?;
        if !meta.is_dir() || meta.uid() != uid || meta.mode() & 0o077 != 0 {
            return None;
        }
    }
    Some(mine.join(format!("{:016x}", hasher.finish())))
}

#[cfg(not(target_os = "linux"))]
pub fn shared_dir(_owner: &Path) -> Option<PathBuf> {
    None
}

/// No memory file systems here; the temporary directory is emptied at boot, which is what matters.
#[cfg(not(target_os = "linux"))]
pub fn lives_in_memory(_dir: &Path) -> bool {
    true
}

/// A file in memory that has no path.
#[cfg(target_os = "linux")]
pub fn nameless(name: &std::ffi::CStr) -> io::Result<OwnedFd> {
    use nix::sys::memfd;
    Ok(memfd::memfd_create(name, memfd::MFdFlags::MFD_CLOEXEC)?)
}

#[cfg(not(target_os = "linux"))]
pub fn nameless(_name: &std::ffi::CStr) -> io::Result<OwnedFd> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Commits memory for a part of the file, so that touching it cannot fail.
#[cfg(target_os = "linux")]
pub fn commit(fd: BorrowedFd<'_>, from: u64, length: u64) -> io::Result<()> {
    loop {
        // SAFETY: plain system call on a borrowed descriptor.
        if unsafe {
            libc::fallocate(
                fd.as_raw_fd(),
                0,
                from as libc::off_t,
                length as libc::off_t,
            )
        } == 0
        {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Written as zeros: the portable way to make sure of it.
#[cfg(not(target_os = "linux"))]
pub fn commit(fd: BorrowedFd<'_>, from: u64, length: u64) -> io::Result<()> {
    let zeros = [0u8; 4096];
    let mut at = from;
    while at < from + length {
        let most = (from + length - at).min(zeros.len() as u64) as usize;
        at += nix::sys::uio::pwrite(fd, &zeros[..most], at as libc::off_t)? as u64;
    }
    Ok(())
}

/// Gives a part of the file back to the system; it reads as zeros from then on. Best effort.
#[cfg(target_os = "linux")]
pub fn give_back(fd: BorrowedFd<'_>, from: u64, length: u64) {
    let how = libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE;
    // SAFETY: plain system call on a borrowed descriptor. A refusal leaves the memory in use, which
    // harms nobody.
    unsafe {
        libc::fallocate(
            fd.as_raw_fd(),
            how,
            from as libc::off_t,
            length as libc::off_t,
        )
    };
}

#[cfg(not(target_os = "linux"))]
pub fn give_back(_fd: BorrowedFd<'_>, _from: u64, _length: u64) {}
