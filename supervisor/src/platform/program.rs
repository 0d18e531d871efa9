//! Replacing this process by a program that is held open, so that a binary deleted or replaced on
//! disk still starts.

use std::ffi::{CStr, CString, c_char};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::ptr;

/// Arguments and environment laid out for exec before a fork, because nothing may be allocated
/// after it.
pub struct Image {
    arguments: Vec<CString>,
    environment: Vec<CString>,
    argument_pointers: Vec<*const c_char>,
    environment_pointers: Vec<*const c_char>,
}

impl Image {
    pub fn new(arguments: &[&CStr], environment: Vec<CString>) -> Self {
        let arguments: Vec<CString> = arguments.iter().map(|a| (*a).to_owned()).collect();
        let pointers = |list: &[CString]| {
            list.iter()
                .map(|s| s.as_ptr())
                .chain([ptr::null()])
                .collect()
        };
        Self {
            argument_pointers: pointers(&arguments),
            environment_pointers: pointers(&environment),
            arguments,
            environment,
        }
    }

    /// Becomes `program`. Returns only if that failed. Async-signal-safe.
    pub fn exec(&self, program: RawFd) -> io::Error {
        debug_assert_eq!(self.argument_pointers.len(), self.arguments.len() + 1);
        debug_assert_eq!(self.environment_pointers.len(), self.environment.len() + 1);
        exec(program, &self.argument_pointers, &self.environment_pointers);
        io::Error::last_os_error()
    }
}

#[cfg(target_os = "linux")]
fn exec(program: RawFd, arguments: &[*const c_char], environment: &[*const c_char]) {
    // SAFETY: both lists end in null and point to strings that `Image` keeps alive; the path is a
    // constant.
    unsafe {
        libc::syscall(
            libc::SYS_execveat,
            program,
            c"".as_ptr(),
            arguments.as_ptr(),
            environment.as_ptr(),
            libc::AT_EMPTY_PATH,
        )
    };
}

#[cfg(target_os = "macos")]
fn exec(program: RawFd, arguments: &[*const c_char], environment: &[*const c_char]) {
    let mut path = [0u8; libc::PATH_MAX as usize];
    // SAFETY: F_GETPATH writes at most PATH_MAX bytes with a final zero; the lists end in null and
    // outlive the call.
    unsafe {
        if libc::fcntl(program, libc::F_GETPATH, path.as_mut_ptr()) == 0 {
            libc::execve(
                path.as_ptr().cast(),
                arguments.as_ptr(),
                environment.as_ptr(),
            );
        }
    }
}

/// The program this process runs, held open.
#[cfg(target_os = "linux")]
pub fn own() -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_PATH)
        .open("/proc/self/exe")
}

#[cfg(target_os = "macos")]
pub fn own() -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .custom_flags(0)
        .open(std::env::current_exe()?)
}

#[cfg(target_os = "linux")]
const HELD: i32 = libc::O_PATH;
#[cfg(target_os = "macos")]
const HELD: i32 = 0;

/// A program that may be executed later, whatever happens to its name.
pub fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(HELD)
        .open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::from_raw_os_error(libc::EACCES))
    }
}

/// A name by which another process finds the program that is held open.
pub fn path_of(program: &impl AsRawFd, path: &Path) -> PathBuf {
    if cfg!(target_os = "linux") {
        // Not `/proc/self`: the program may be a script, and its interpreter is not us.
        PathBuf::from(format!(
            "/proc/{}/fd/{}",
            std::process::id(),
            program.as_raw_fd()
        ))
    } else {
        path.to_owned()
    }
}

/// The environment of this process in the form exec wants it.
pub fn environment() -> Vec<CString> {
    std::env::vars_os()
        .filter_map(|(name, value)| entry(name.into_vec(), value.into_vec()))
        .collect()
}

/// One `NAME=value`; `None` if it holds a zero byte, which no environment can.
pub fn entry(mut name: Vec<u8>, value: Vec<u8>) -> Option<CString> {
    name.push(b'=');
    name.extend(value);
    CString::new(name).ok()
}
