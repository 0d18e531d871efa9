//! Faults that tests inject, in builds made for that (the feature `fault-injection`) and in no
//! other.

/// A file in the state directory that takes the guardian out of the world once.
const DEAF: &str = "fault.deaf";

/// Neither stopped nor dead, and never to do anything again.
pub(crate) fn deafen(state: &std::path::Path) {
    if std::fs::remove_file(state.join(DEAF)).is_ok() {
        loop {
            std::thread::park();
        }
    }
}

/// A child whose directory has a pipe of this name tarries before it runs its program, until
/// somebody writes to it.
pub(crate) fn tarry() {
    // SAFETY: plain system calls on a constant, as they are allowed between fork and exec.
    unsafe {
        let pipe = libc::open(c"fault.tarry".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
        libc::close(pipe);
    }
}
