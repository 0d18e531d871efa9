//! Starting a worker: fork, put everything where `control::inherited` looks for it, become the
//! program held open.
//!
//! A worker may be started while its predecessor still works: then it waits for that one's end
//! before it touches anything. So there is no moment in which only one process holds the sessions,
//! and less to wait for.

use super::messages;
use crate::handover::fd_table::{self, Table};
use crate::platform::{descriptors, process_setup, program};
use nix::unistd::{ForkResult, Pid, fork, setpgid};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// What a worker waits for is called in its table.
pub(super) const AFTER: &str = "after";

/// Starts a worker with `table`, whose descriptors have the next image's names, and returns its pid
/// and the guardian's end of its control socket. Only makes system calls between fork and exec, so
/// a process of several threads may call it.
pub(super) fn worker(table: &Table) -> io::Result<(i32, OwnedFd)> {
    let (ours, theirs) = messages::pair()?;
    let file = table.write()?;
    let image = program::Image::new(&[c"psup", super::WORKER], program::environment());
    // SAFETY: everything the child needs is laid out before; it only makes system calls.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => Ok((child.as_raw(), ours)),
        ForkResult::Child => {
            let failed = become_worker(&image, table, theirs.as_raw_fd(), file.as_raw_fd());
            // SAFETY: _exit ends the child without running what belongs to the guardian.
            unsafe { libc::_exit(failed.raw_os_error().unwrap_or(127)) }
        }
    }
}

fn become_worker(image: &program::Image, table: &Table, control: RawFd, file: RawFd) -> io::Error {
    let arrange = || -> io::Result<()> {
        // A group of its own, so that a kill of a process group hits one of the two. Not a session:
        // its leader would get the first terminal it opens as its own.
        setpgid(Pid::from_raw(0), Pid::from_raw(0))?;
        descriptors::place(control, fd_table::CONTROL)?;
        descriptors::place(file, fd_table::TABLE)?;
        let kept = [fd_table::ALIVE, fd_table::PROGRAM, fd_table::LISTENER];
        for number in table.fds.iter().map(|(_, number)| *number).chain(kept) {
            descriptors::set_inherited(number, true)?;
        }
        process_setup::default_signals();
        process_setup::ignore_stray_signals();
        // The worker is the one to die for memory, before any session and before the guardian.
        process_setup::set_oom_score(&[c"0"]);
        Ok(())
    };
    match arrange() {
        Ok(()) => image.exec(fd_table::PROGRAM),
        Err(error) => error,
    }
}

/// Starts a worker that takes over when `predecessor` is readable or hung up: a pidfd, or a pipe
/// that ends with its other end.
pub(super) fn successor(table: &Table, predecessor: &OwnedFd) -> io::Result<(i32, OwnedFd)> {
    let mut fds = table.fds.clone();
    fds.push((AFTER.to_owned(), predecessor.as_raw_fd()));
    worker(&Table {
        facts: table.facts.clone(),
        fds,
        ..Table::default()
    })
}
