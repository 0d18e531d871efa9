//! Starting a worker: fork, put everything where `control::inherited` looks for it, become the program held open.

use super::message;
use super::table::{self, Table};
use crate::platform::{descriptors, life, program};
use nix::unistd::{ForkResult, Pid, fork, setpgid};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// Starts a worker with `table` and returns its pid and the guardian's end of its control socket.
pub fn worker(table: &Table) -> io::Result<(i32, OwnedFd)> {
    let (ours, theirs) = message::pair()?;
    let file = table.write()?;
    let image = program::Image::new(&[c"psup", super::WORKER], program::environment());
    // SAFETY: the guardian has one thread, so the child may do anything; it only makes system calls all the same.
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
        // A group of its own, so that a kill of a process group hits one of the two. Not a session: its leader would get
        // the first terminal it opens as its own.
        setpgid(Pid::from_raw(0), Pid::from_raw(0))?;
        descriptors::place(control, table::CONTROL)?;
        descriptors::place(file, table::TABLE)?;
        let kept = [table::ALIVE, table::PROGRAM, table::LISTENER];
        for number in table.fds.iter().map(|(_, number)| *number).chain(kept) {
            descriptors::set_inherited(number, true)?;
        }
        life::default_signals();
        // The worker is the one to die for memory, before any session and before the guardian.
        life::set_oom_score(&[c"0"]);
        Ok(())
    };
    match arrange() {
        Ok(()) => image.exec(table::PROGRAM),
        Err(error) => error,
    }
}
