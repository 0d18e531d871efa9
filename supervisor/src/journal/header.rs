//! The ring's first page: the few numbers that must outlive the worker.
//!
//! The page is shared memory. Every mutable field is an atomic, stored with Release and loaded with
//! Acquire; a killed process stops between two instructions, so its stores are visible in program
//! order up to that point and no lock or checksum is needed. The guardian maps only this page; the
//! layout is versioned in `docs/ring.md`.

use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};

/// Bytes of the page.
pub const PAGE: usize = 4096;
/// Inputs that are remembered. More than a worker writes before their clients have been answered.
pub const INPUTS: usize = 64;
/// Stretches that screens pass over. Whose output kills more often than that is not drawn from then
/// on.
pub const SKIPS: usize = 8;
/// In the place of a pid: nobody is started with this ring.
const CALLED_OFF: i32 = -1;
const MAGIC: u64 = u64::from_le_bytes(*b"PSUPRNG1");

/// The page itself. Fields are only ever added at the end.
#[repr(C)]
pub struct Header {
    magic: AtomicU64,
    /// Bytes of ring data that follow the page.
    pub capacity: AtomicU64,
    /// The journal's end: bytes accepted.
    pub head: AtomicU64,
    /// `[head, poisoned)` holds poison, or bytes read but not accounted for.
    pub poisoned: AtomicU64,
    /// Bytes known to be in the log (or given up, with a gap told).
    pub logged: AtomicU64,
    /// Memory is committed for `[head, backed)`.
    pub backed: AtomicU64,
    /// The session leader; written by the child itself before it execs.
    pub pid: AtomicI32,
    exited: AtomicU32,
    raw_status: AtomicI32,
    recorded_by: AtomicU32,
    exit_at_ms: AtomicU64,
    /// Workers that took this ring over, bytes they rescued from the poisoned window, and how
    /// often.
    pub adoptions: AtomicU64,
    pub rescued: AtomicU64,
    pub rescues: AtomicU64,
    /// The stretch that is drawn now; `guard.rs` says how this and what follows is used.
    pub(super) drawing: [AtomicU64; 2],
    /// A stretch in which a worker broke down.
    pub(super) suspect: [AtomicU64; 2],
    /// Stretches in which a second one did.
    pub(super) skipped: [[AtomicU64; 2]; SKIPS],
    /// Input of known id; `inputs.rs` says how.
    pub(super) inputs: [[AtomicU64; 4]; INPUTS],
    /// The ring's bytes before this offset were given back to the system; their places may lack
    /// memory.
    pub punched: AtomicU64,
    /// While a read of known length is under way, where it will end; 0 or in the past otherwise.
    pub expected: AtomicU64,
    /// Up to here the child is thought to write binary data.
    pub binary_until: AtomicU64,
    /// What [`hint_of`] the session's name is, so that a ring is found without a look at its
    /// record; 0 if nobody wrote it.
    pub name: AtomicU64,
    /// Why the child never became its program: the step and the errno; 0 otherwise.
    refused: AtomicU64,
    /// When the child was started, in clock ticks since boot: with `pid` it names one process for
    /// good. 0 if unknown.
    pub started: AtomicU64,
}

/// Who saw a child's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Witness {
    Worker = 1,
    Guardian = 2,
    /// Read from the pidfd or the zombie's `/proc` entry by somebody who is not the parent.
    Bystander = 3,
}

/// What the page knows about the child's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// Nothing yet.
    No,
    /// The raw status of `wait(2)`.
    Status { raw: i32, at_ms: u64, by: u32 },
    /// It is gone and nobody saw how.
    Gone { at_ms: u64 },
}

/// A hash of a name (FNV-1a), never 0. Two names may share it.
pub fn hint_of(name: &str) -> u64 {
    hash(name.as_bytes())
}

/// FNV-1a, never 0.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix).max(1)
}

/// The hint in the file of a ring, without a mapping.
pub fn hint_in(ring: BorrowedFd<'_>) -> Option<u64> {
    let mut bytes = [0; 8];
    let at = std::mem::offset_of!(Header, name) as libc::off_t;
    let read = nix::sys::uio::pread(ring, &mut bytes, at).ok()?;
    (read == bytes.len()).then(|| u64::from_ne_bytes(bytes))
}

impl Header {
    pub fn initialise(&self, capacity: u64) {
        self.capacity.store(capacity, Ordering::Release);
        self.magic.store(MAGIC, Ordering::Release);
    }

    pub fn is_valid(&self) -> bool {
        self.magic.load(Ordering::Acquire) == MAGIC
    }

    /// The child says that it is there, before it does anything else. False: its start was called
    /// off.
    pub fn announce(&self, pid: i32) -> bool {
        self.pid
            .compare_exchange(0, pid, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    /// Nobody is started with this ring from now on: a child that is under way ends without having
    /// done anything. False if there is, or was, one already.
    pub fn call_off(&self) -> bool {
        let before = self
            .pid
            .compare_exchange(0, CALLED_OFF, Ordering::AcqRel, Ordering::Acquire);
        matches!(before, Ok(_) | Err(CALLED_OFF))
    }

    /// Why the child never became its program, if that is so; not 0.
    pub fn refuse(&self, why: u64) {
        self.refused.store(why, Ordering::Release);
    }

    pub fn was_refused(&self) -> bool {
        self.refused.load(Ordering::Acquire) != 0
    }

    /// Stores how the child ended. Call it before the zombie is reaped: until then the zombie is
    /// the durable store.
    pub fn record_exit(&self, raw: i32, at_ms: u64, by: Witness) {
        if self.exited.load(Ordering::Acquire) == 0 {
            self.raw_status.store(raw, Ordering::Release);
            self.exit_at_ms.store(at_ms, Ordering::Release);
            self.recorded_by.store(by as u32, Ordering::Release);
            self.exited.store(1, Ordering::Release);
        }
    }

    /// The child is gone and its status cannot be had.
    pub fn record_gone(&self, at_ms: u64) {
        if self.exited.load(Ordering::Acquire) == 0 {
            self.exit_at_ms.store(at_ms, Ordering::Release);
            self.exited.store(2, Ordering::Release);
        }
    }

    pub fn recorded(&self) -> Recorded {
        let at_ms = self.exit_at_ms.load(Ordering::Acquire);
        match self.exited.load(Ordering::Acquire) {
            0 => Recorded::No,
            1 => Recorded::Status {
                raw: self.raw_status.load(Ordering::Acquire),
                at_ms,
                by: self.recorded_by.load(Ordering::Acquire),
            },
            _ => Recorded::Gone { at_ms },
        }
    }
}

const _: () = assert!(std::mem::size_of::<Header>() <= PAGE);
