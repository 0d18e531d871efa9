//! Children: one zombie at a time, its exit stored in shared memory first and only then reaped. Until then the zombie is the
//! durable store, so a guardian killed between the two steps has lost nothing.

use super::held::Store;
use crate::journal::header::Witness;
use crate::log::now_ms;
use libc::{CLD_DUMPED, CLD_EXITED, P_ALL, P_PID, WEXITED, WNOHANG, WNOWAIT, WSTOPPED};

/// A child that has ended and is not reaped yet.
#[derive(Clone, Copy, Debug)]
pub struct Zombie {
    pub pid: i32,
    /// As `wait(2)` tells it.
    pub raw: i32,
}

impl Zombie {
    pub fn next() -> Option<Self> {
        look(P_ALL, 0, WEXITED | WNOHANG | WNOWAIT)
    }

    /// Stores the exit in the header of its ring, if it was a session's child; then lets the kernel forget it. Whether it did.
    pub fn record_and_reap(self, store: &Store) -> bool {
        if let Some(header) = store.header_of(self.pid) {
            header.record_exit(self.raw, now_ms(), Witness::Guardian);
        }
        look(P_PID, self.pid as libc::id_t, WEXITED | WNOHANG).is_some()
    }
}

/// Whether `worker` was stopped by a signal since the last look.
pub fn is_stopped(worker: i32) -> bool {
    look(P_PID, worker as libc::id_t, WSTOPPED | WNOHANG).is_some()
}

fn look(which: libc::idtype_t, id: libc::id_t, options: i32) -> Option<Zombie> {
    // SAFETY: a siginfo of zeros is valid, and waitid writes only to it. Its pid stays 0 if nothing was found.
    let (pid, code, status) = unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        if libc::waitid(which, id, &raw mut info, options) < 0 {
            return None;
        }
        (info.si_pid(), info.si_code, info.si_status())
    };
    let raw = match code {
        CLD_EXITED => (status & 0xff) << 8,
        CLD_DUMPED => (status & 0x7f) | 0x80,
        _ => status & 0x7f,
    };
    (pid != 0).then_some(Zombie { pid, raw })
}
