//! Starting a program that has no terminal and belongs to no session.
//!
//! A plain fork, which waits for nobody: the program may lie where nobody answers. Between fork and
//! exec only system calls are made, on memory made ready before. What goes wrong there is written
//! where the program's output goes.

use super::launch::{default_signals, ordinary_oom_score};
use super::prepare::{Pointers, candidates, soft_limit};
use crate::platform::descriptors;
use nix::errno::Errno;
use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

/// What is to be started.
pub struct Detached<'a> {
    pub command: &'a [Vec<u8>],
    pub cwd: &'a [u8],
    pub env: &'a [(Vec<u8>, Vec<u8>)],
    pub stdin: BorrowedFd<'a>,
    /// Stdout and stderr.
    pub output: BorrowedFd<'a>,
    pub umask: u32,
    /// The soft limit of open files to go back to.
    pub open_files: Option<u64>,
}

struct Plan {
    candidates: Vec<CString>,
    argv: Pointers,
    envp: Pointers,
    cwd: CString,
    stdin: RawFd,
    output: RawFd,
    umask: u32,
    open_files: Option<libc::rlimit>,
}

/// Starts it as the leader of a session of its own, and returns its pid.
pub fn start(detached: &Detached<'_>) -> io::Result<i32> {
    let nul = || io::Error::other("a NUL in its command, directory or environment");
    let plan = Plan::of(detached).ok_or_else(nul)?;
    // SAFETY: the child only makes system calls, on memory laid out before, and never returns.
    match unsafe { nix::unistd::fork() }? {
        nix::unistd::ForkResult::Parent { child } => Ok(child.as_raw()),
        nix::unistd::ForkResult::Child => plan.run(),
    }
}

impl Plan {
    fn of(detached: &Detached<'_>) -> Option<Self> {
        let path = detached.env.iter().find(|(name, _)| name == b"PATH");
        let lines = detached.env.iter();
        let lines = lines.map(|(name, value)| [name.as_slice(), b"=", value].concat());
        Some(Self {
            candidates: candidates(detached.command.first()?, path.map(|(_, value)| &value[..]))?,
            argv: Pointers::of(detached.command.iter().cloned())?,
            envp: Pointers::of(lines)?,
            cwd: CString::new(detached.cwd).ok()?,
            stdin: detached.stdin.as_raw_fd(),
            output: detached.output.as_raw_fd(),
            umask: detached.umask,
            open_files: detached.open_files.and_then(soft_limit),
        })
    }

    /// In the new process.
    fn run(&self) -> ! {
        let errno = self.become_program();
        let why = errno.desc();
        // SAFETY: writes a constant; the process ends at once.
        unsafe {
            libc::write(1, why.as_ptr().cast(), why.len());
            libc::_exit(127)
        }
    }

    /// Returns only what went wrong.
    fn become_program(&self) -> Errno {
        // SAFETY: each is a plain system call on prepared memory; neither descriptor is below 3, so
        // that none is replaced before it is copied.
        unsafe {
            if libc::dup2(self.stdin, 0) < 0
                || libc::dup2(self.output, 1) < 0
                || libc::dup2(self.output, 2) < 0
                || libc::setsid() < 0
            {
                return Errno::last();
            }
            // Not to be told of signals through what is ours, and not to hold it.
            descriptors::close_from(3);
            default_signals();
            libc::umask(self.umask as libc::mode_t);
            ordinary_oom_score();
            if let Some(limit) = &self.open_files {
                libc::setrlimit(libc::RLIMIT_NOFILE, limit);
            }
            if libc::chdir(self.cwd.as_ptr()) < 0 {
                return Errno::last();
            }
            let mut error = Errno::ENOENT;
            for candidate in &self.candidates {
                let (argv, envp) = (self.argv.array.as_ptr(), self.envp.array.as_ptr());
                libc::execve(candidate.as_ptr(), argv, envp);
                if error != Errno::EACCES {
                    error = Errno::last();
                }
            }
            error
        }
    }
}
