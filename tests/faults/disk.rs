//! A file system of a few megabytes for the state directory, which only this thread and what it starts can see.

use std::ffi::{CStr, CString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

pub(crate) struct Disk(PathBuf);

impl Disk {
    /// `None` where this thread may not mount.
    pub(crate) fn at(path: &Path) -> Option<Self> {
        let place = CString::new(path.as_os_str().as_bytes()).ok()?;
        // SAFETY: a system call on a number; it makes this thread's view of the file systems its own.
        done(unsafe { libc::unshare(libc::CLONE_NEWNS) }).ok()?;
        mount(c"none", c"/", libc::MS_REC | libc::MS_PRIVATE, c"").ok()?;
        mount(c"tmpfs", &place, 0, c"size=4m,mode=0700").ok()?;
        Some(Self(path.to_owned()))
    }

    /// Leaves no byte free.
    pub(crate) fn fill(&self) {
        let mut filler = std::fs::File::create(self.0.join("filler")).unwrap();
        // It ends with an error: that is when the disk is full.
        for size in [1 << 16, 1] {
            while io::Write::write_all(&mut filler, &vec![1; size]).is_ok() {}
        }
    }

    pub(crate) fn drain(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Ok(place) = CString::new(self.0.as_os_str().as_bytes()) {
            // SAFETY: a system call on a string. What stays mounted ends with the thread.
            unsafe { libc::umount2(place.as_ptr(), libc::MNT_DETACH) };
        }
    }
}

fn mount(kind: &CStr, place: &CStr, flags: libc::c_ulong, options: &CStr) -> io::Result<()> {
    // SAFETY: a system call on strings that outlive it.
    done(unsafe {
        libc::mount(
            kind.as_ptr(),
            place.as_ptr(),
            kind.as_ptr(),
            flags,
            options.as_ptr().cast(),
        )
    })
}

fn done(result: i32) -> io::Result<()> {
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
