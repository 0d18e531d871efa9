//! File descriptors: nameless files, inheritance, and closing what a caller left open.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// A file without a name, for a table that goes through an exec.
#[cfg(target_os = "linux")]
pub fn nameless() -> io::Result<File> {
    use nix::sys::memfd::{MFdFlags, memfd_create};
    Ok(memfd_create(c"psup", MFdFlags::MFD_CLOEXEC)?.into())
}

#[cfg(target_os = "macos")]
pub fn nameless() -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let path = std::env::temp_dir().join(format!("psup.{}.{:x}", std::process::id(), random()?));
    let file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    std::fs::remove_file(path)?;
    Ok(file)
}

/// 128 bits nobody else has.
pub fn random() -> io::Result<u128> {
    use std::io::Read;
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(u128::from_le_bytes(bytes))
}

/// Whether an exec hands `fd` on. Async-signal-safe.
pub fn set_inherited(fd: RawFd, inherited: bool) -> io::Result<()> {
    let flags = if inherited { 0 } else { libc::FD_CLOEXEC };
    // SAFETY: F_SETFD takes an int and touches no memory.
    let done = unsafe { libc::fcntl(fd, libc::F_SETFD, flags) };
    if done < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// Makes `number` another name of `fd`, inherited by an exec. Async-signal-safe.
pub fn place(fd: RawFd, number: RawFd) -> io::Result<()> {
    if fd == number {
        return set_inherited(number, true);
    }
    // SAFETY: dup2 touches no memory; anyone who calls owns `number`.
    let done = unsafe { libc::dup2(fd, number) };
    if done < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// Another descriptor of the same thing with a number of at least `least`, closed by an exec.
pub fn above(fd: BorrowedFd<'_>, least: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: F_DUPFD_CLOEXEC takes an int and touches no memory.
    let number = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, least) };
    if number < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the number was just made and nobody else knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// Closes every descriptor from `first` on. Async-signal-safe.
pub fn close_from(first: RawFd) {
    #[cfg(target_os = "linux")]
    // SAFETY: close_range touches no memory; the caller is about to exec and owns nothing above
    // `first`.
    if unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) } == 0 {
        return;
    }
    // SAFETY: sysconf and close touch no memory of ours; closing a free number fails harmlessly.
    unsafe {
        let most = libc::sysconf(libc::_SC_OPEN_MAX).clamp(256, 1 << 20) as RawFd;
        for fd in first..most {
            libc::close(fd);
        }
    }
}

/// Closes every descriptor but the `kept` ones, for the calling thread only: other threads go on
/// with theirs until an exec ends them. Descriptors of ours that are open elsewhere in the process
/// must not be used by this thread afterwards.
#[cfg(target_os = "linux")]
pub fn keep_only(kept: impl Iterator<Item = RawFd>) -> io::Result<()> {
    let mut kept: Vec<RawFd> = kept.collect();
    kept.sort_unstable();
    kept.dedup();
    let mut first = 0;
    // Without a look at a directory: a table that is full has no number for one.
    for number in kept {
        if number > first {
            close_own(first, number.cast_unsigned() - 1)?;
        }
        first = number + 1;
    }
    close_own(first, u32::MAX)
}

/// Other threads keep these.
#[cfg(target_os = "linux")]
fn close_own(first: RawFd, last: u32) -> io::Result<()> {
    // SAFETY: close_range touches no memory.
    let done = unsafe {
        libc::syscall(
            libc::SYS_close_range,
            first,
            last,
            libc::CLOSE_RANGE_UNSHARE,
        )
    };
    if done < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// Threads cannot have tables of their own here, so nothing is closed.
#[cfg(not(target_os = "linux"))]
pub fn keep_only(_kept: impl Iterator<Item = RawFd>) -> io::Result<()> {
    Ok(())
}

/// How many descriptors this process may have.
pub fn limit() -> usize {
    use nix::sys::resource::{Resource, getrlimit};
    getrlimit(Resource::RLIMIT_NOFILE).map_or(usize::MAX, |(soft, _)| {
        usize::try_from(soft).unwrap_or(usize::MAX)
    })
}

/// Raises the soft limit of open files to the hard one and returns what the soft one was: a session
/// costs three descriptors.
pub fn raise_limit() -> io::Result<u64> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    // macOS calls its hard limit infinite and then refuses it; the soft one serves a few dozen
    // sessions.
    let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    Ok(soft)
}
