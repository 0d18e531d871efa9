//! Children: one zombie at a time, its exit stored in shared memory first and only then reaped.
//! Until then the zombie is the durable store, so a guardian killed between the two steps has lost
//! nothing.

use super::held_fds::HeldFds;
use crate::journal::header::Witness;
use crate::log::now_ms;
use crate::platform::reap;

/// A child that has ended and is not reaped yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Zombie {
    pub pid: i32,
    /// As `wait(2)` tells it.
    pub raw: i32,
}

impl Zombie {
    pub(super) fn next() -> Option<Self> {
        reap::next_zombie().map(|(pid, raw)| Self { pid, raw })
    }

    /// Stores the exit in the header of its ring, if it was a session's child; then lets the kernel
    /// forget it. Whether it did.
    pub(super) fn record_and_reap(self, store: &HeldFds) -> bool {
        if let Some(header) = store.header_of(self.pid) {
            header.record_exit(self.raw, now_ms(), Witness::Guardian);
        }
        reap::reap(self.pid)
    }
}
