//! A small file system in memory, which only the test's thread and what it starts can see.

use crate::skipped;
use std::ffi::{CStr, CString};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Mounted until it is dropped.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None`, and said, where this user may not mount. `options` are
    /// tmpfs's: `size=1m,mode=0700`.
    pub fn at(path: &Path, options: &str) -> Option<Self> {
        let place = c_path(path);
        let options = CString::new(options).unwrap();
        let private = || {
            // SAFETY: a system call on a number; it makes this thread's view of the file systems
            // its own.
            done(unsafe { libc::unshare(libc::CLONE_NEWNS) })?;
            mount(c"none", c"/", libc::MS_REC | libc::MS_PRIVATE, c"")?;
            mount(c"tmpfs", &place, 0, &options)
        };
        match private() {
            Ok(()) => Some(Self(path.to_owned())),
            Err(error) => {
                skipped(&format!("a file system cannot be mounted: {error}"));
                None
            }
        }
    }

    /// Writes until nothing more goes in, and gives the file that takes the room.
    pub fn fill(&self) -> PathBuf {
        let path = self.filler();
        let mut file = std::fs::File::create(&path).unwrap();
        for length in [1 << 16, 1 << 10, 1] {
            while file.write(&vec![1; length]).is_ok_and(|n| n == length) {}
        }
        path
    }

    /// Makes room again.
    pub fn drain(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    /// Makes a directory in it read-only, whatever files are open elsewhere in it.
    pub fn read_only(&self, dir: &str) {
        let place = c_path(&self.0.join(dir));
        let again = libc::MS_REMOUNT | libc::MS_BIND | libc::MS_RDONLY;
        for (source, flags) in [(place.as_c_str(), libc::MS_BIND), (c"none", again)] {
            mount(source, &place, flags, c"").unwrap();
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let place = c_path(&self.0);
        // SAFETY: a system call on a string. What stays mounted ends with the thread.
        unsafe { libc::umount2(place.as_ptr(), libc::MNT_DETACH) };
    }
}

fn c_path(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).unwrap()
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
