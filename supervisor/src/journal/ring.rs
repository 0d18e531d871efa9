//! The ring: what the child wrote last, in memory that outlives its reader.
//!
//! ```text
//!   punched or overwritten │ start … in the log │ logged … not yet │ head … poison │ poisoned … │ logged + capacity
//! ```
//! One thread reads the terminal into it and moves `head`; the log thread moves `logged`. The PTY
//! is read straight into the poisoned window `[head, poisoned)`, and `head` moves after the read. A
//! process killed between the two leaves bytes that are not poison; [`Ring::recover`] finds them.
//! So every byte is counted exactly once, whenever the kill comes.
//!
//! Rules: bytes in `[logged, head)` are never overwritten; memory is committed before it is
//! touched.

mod recovery;

use super::header::{Header, PAGE};
use super::map::{DATA_AT, HeaderPage, Mapping};
use crate::platform::memory;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use psup_proto::Offset;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::Ordering::*;

/// Bytes a ring holds. The kernel buffers 4 KiB of a PTY; this is five milliseconds of a flood,
/// which is what a write to the disk's cache may take now and then, and the log thread may have to
/// wait for a processor.
pub const CAPACITY: u64 = 512 << 10;

/// A read has at least this much room: the kernel gives at most 4095 bytes of a PTY at a time.
const CHUNK: u64 = 4096;
/// How far ahead poison is laid in a busy ring: one copy for sixteen reads.
const WINDOW: u64 = 64 << 10;
/// And in one that has said little: an idle shell touches two pages.
const FRESH_WINDOW: u64 = 8 << 10;
/// Memory is committed in steps of this size.
const STEP: u64 = 16 << 10;
/// After a byte that is foreign to text, lengths are asked for before reading until this much has
/// gone by without one.
const BINARY_FOR: u64 = 1 << 20;

pub(crate) struct Ring {
    map: Mapping,
    keeps: Keeps,
}

/// What the ring may not overwrite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// Everything that is not in the log yet.
    Unlogged,
    /// Nothing: without a log, the newest bytes replace the oldest.
    Newest,
}

impl Keeps {
    pub(crate) fn under(log_limit: Option<u64>) -> Self {
        if log_limit.is_some() {
            Self::Unlogged
        } else {
            Self::Newest
        }
    }
}

/// What one read of the terminal came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOutcome {
    Bytes(usize),
    WouldBlock,
    /// The terminal is closed and drained: nothing more will come (unless nobody has opened it
    /// yet).
    Closed,
    /// The log is behind. Leave the child blocked until there is room again.
    Full,
    /// The file system of the ring is full and nothing can be given back. Ask again in a while.
    NoMemory,
}

/// Whether there is room to read into.
enum Room {
    Ready,
    LogBehind,
    NoMemory,
}

impl Ring {
    /// Makes a ring of an empty file.
    pub(crate) fn create(fd: OwnedFd, keeps: Keeps) -> io::Result<Self> {
        nix::unistd::ftruncate(&fd, (DATA_AT as u64 + CAPACITY) as libc::off_t)?;
        memory::commit(fd.as_fd(), 0, PAGE as u64)?;
        let map = Mapping::of(fd.into(), CAPACITY as usize)?;
        let ring = Self { map, keeps };
        ring.header().initialise(CAPACITY);
        // A session that starts can store its first output, however full the file system gets.
        if ring.commit(STEP, STEP)? {
            Ok(ring)
        } else {
            Err(io::ErrorKind::StorageFull.into())
        }
    }

    /// Takes over the ring of a process that may have died in the middle of anything.
    pub(crate) fn adopt(fd: impl Into<Arc<OwnedFd>>, keeps: Keeps) -> io::Result<Self> {
        let fd = fd.into();
        let invalid = |what| io::Error::new(io::ErrorKind::InvalidData, what);
        let (header, length) = HeaderPage::with_length(fd.as_fd())?;
        let capacity = header.capacity.load(Acquire);
        if !capacity.is_power_of_two()
            || capacity < DATA_AT as u64
            || length.checked_sub(DATA_AT as u64) != Some(capacity)
        {
            return Err(invalid("not a ring: its size is wrong"));
        }
        let map = Mapping::with_header(fd, header, capacity as usize);
        let ring = Self { map, keeps };
        let h = ring.header();
        let (head, logged, poisoned) = (
            h.head.load(Acquire),
            h.logged.load(Acquire),
            h.poisoned.load(Acquire),
        );
        if logged > head || head - logged > capacity || poisoned > logged + capacity {
            return Err(invalid("not a ring: its offsets make no sense"));
        }
        h.adoptions.fetch_add(1, AcqRel);
        ring.recover()?;
        Ok(ring)
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.map.file()
    }

    pub(crate) fn file(&self) -> Arc<OwnedFd> {
        self.map.shared_file()
    }

    pub(crate) fn header(&self) -> &Header {
        self.map.header()
    }

    /// One read of the terminal, counted exactly once. Only one thread may do this, and nobody may
    /// hold [`bytes`](Self::bytes) meanwhile: [`Journal`](super::Journal) sees to both by `&mut`.
    pub(crate) fn read_from(&self, master: BorrowedFd<'_>) -> io::Result<ReadOutcome> {
        match self.prepare()? {
            Room::Ready => {}
            Room::LogBehind => return Ok(ReadOutcome::Full),
            Room::NoMemory => return Ok(ReadOutcome::NoMemory),
        }
        let h = self.header();
        let head = h.head.load(Acquire);
        let room = h.poisoned.load(Acquire) - head;
        let most = if head < h.binary_until.load(Relaxed) {
            match self.expect(master, head, room)? {
                0 => return Ok(ReadOutcome::WouldBlock),
                most => most,
            }
        } else {
            room
        };
        loop {
            // SAFETY: [head, poisoned) is committed, mapped, ours to write, and no reference into
            // it exists.
            let n =
                unsafe { libc::read(master.as_raw_fd(), self.map.at(head).cast(), most as usize) };
            if n > 0 {
                self.accept(head, n as u64);
                return Ok(ReadOutcome::Bytes(n as usize));
            }
            if n == 0 {
                return Ok(ReadOutcome::Closed);
            }
            let error = io::Error::last_os_error();
            return match error.raw_os_error() {
                Some(libc::EINTR) => continue,
                Some(libc::EIO) => Ok(ReadOutcome::Closed),
                Some(libc::EAGAIN) => Ok(ReadOutcome::WouldBlock),
                _ => Err(error),
            };
        }
    }

    /// The bytes of a stretch, if all of it is still here.
    pub(crate) fn bytes(&self, from: Offset, to: Offset) -> Option<&[u8]> {
        let here = self.start() <= from && from <= to && to <= self.end();
        // SAFETY: [start, end) was read from the terminal and lies within one capacity; see
        // `read_from` for who may not write meanwhile. The log thread asks only for [logged, head),
        // which is never overwritten.
        here.then(|| unsafe { std::slice::from_raw_parts(self.map.at(from), (to - from) as usize) })
    }

    /// The first byte that is still here.
    pub(crate) fn start(&self) -> Offset {
        let h = self.header();
        let overwritten = h.poisoned.load(Acquire).saturating_sub(self.map.capacity());
        overwritten.max(h.punched.load(Acquire))
    }

    pub(crate) fn end(&self) -> Offset {
        self.header().head.load(Acquire)
    }

    /// A ring that was taken over may be of another size than a new one.
    pub(crate) fn capacity(&self) -> u64 {
        self.map.capacity()
    }

    pub(crate) fn logged(&self) -> Offset {
        self.header().logged.load(Acquire)
    }

    /// What the log thread writes next.
    pub(crate) fn unlogged(&self, most: u64) -> &[u8] {
        let from = self.logged();
        self.bytes(from, self.end().min(from + most))
            .unwrap_or_default()
    }

    pub(crate) fn set_logged(&self, offset: Offset) {
        self.header().logged.store(offset, Release);
    }

    /// Gives a quiet ring's memory back, but for what is in no log and a little room to read into.
    pub(crate) fn give_back(&self) {
        match self.keeps {
            Keeps::Unlogged => self.release(self.logged()),
            Keeps::Newest => self.release(self.start()),
        }
    }

    /// Asks how much can be read and notes it, so that a kill during a read of binary data leaves
    /// no doubt about its end.
    fn expect(&self, master: BorrowedFd<'_>, head: Offset, room: u64) -> io::Result<u64> {
        let mut waiting = readable(master)?;
        if waiting == 0 {
            // What is on its way into the terminal's buffer gets there by polling.
            let mut polled = [PollFd::new(master, PollFlags::POLLIN)];
            poll(&mut polled, PollTimeout::ZERO)?;
            waiting = readable(master)?;
            let closed = polled[0]
                .revents()
                .is_some_and(|r| r.intersects(PollFlags::POLLHUP | PollFlags::POLLERR));
            if waiting == 0 {
                // The end is for the read to tell.
                return Ok(if closed { room } else { 0 });
            }
        }
        let most = room.min(waiting);
        self.header().expected.store(head + most, Release);
        Ok(most)
    }

    /// Counts what was read.
    fn accept(&self, head: Offset, n: u64) {
        let h = self.header();
        if h.expected.load(Relaxed) > head + n {
            h.expected.store(0, Release);
        }
        h.head.store(head + n, Release);
        let looked_at = n.min(16);
        // SAFETY: just read, and this thread is the only one that writes.
        let tail = unsafe {
            std::slice::from_raw_parts(self.map.at(head + n - looked_at), looked_at as usize)
        };
        if tail
            .iter()
            .any(|byte| super::fill_pattern::is_foreign_to_text(*byte))
        {
            h.binary_until.store(head + n + BINARY_FOR, Relaxed);
        }
    }

    /// Lays poison ahead of `head`.
    fn prepare(&self) -> io::Result<Room> {
        let h = self.header();
        let head = h.head.load(Acquire);
        if h.poisoned.load(Acquire) >= head + CHUNK {
            return Ok(Room::Ready);
        }
        if self.keeps == Keeps::Newest {
            h.logged.store(head, Release);
        }
        let limit = h.logged.load(Acquire) + self.map.capacity();
        let mut to = (head + self.window(head)).min(limit);
        if to < head + CHUNK {
            return Ok(Room::LogBehind);
        }
        if !self.commit(to, STEP)? {
            // What the log has not taken yet can be given back later.
            let unlogged = self.logged() < head;
            self.release(match self.keeps {
                Keeps::Unlogged => self.logged(),
                Keeps::Newest => head,
            });
            to = head + CHUNK;
            if !self.commit(to, PAGE as u64)? {
                return Ok(if unlogged {
                    Room::LogBehind
                } else {
                    Room::NoMemory
                });
            }
        }
        self.poison(h.poisoned.load(Acquire).max(head), to);
        h.poisoned.store(to, Release);
        Ok(Room::Ready)
    }

    fn window(&self, head: Offset) -> u64 {
        let since_quiet = head - self.header().punched.load(Acquire).min(head);
        if since_quiet < 2 * FRESH_WINDOW {
            FRESH_WINDOW
        } else {
            WINDOW
        }
    }

    /// Sees to memory for everything before `to`, in steps; false when the file system is full.
    fn commit(&self, to: Offset, step: u64) -> io::Result<bool> {
        let h = self.header();
        let capacity = self.map.capacity();
        let mut backed = h.backed.load(Acquire);
        while backed < to {
            let next = (backed / step + 1) * step;
            // A place that was used before keeps its memory unless it was given back.
            if backed < h.punched.load(Acquire) + capacity {
                match memory::commit(self.fd(), DATA_AT as u64 + backed % capacity, next - backed) {
                    Ok(()) => {}
                    Err(e) if e.raw_os_error() == Some(libc::ENOSPC) => return Ok(false),
                    Err(e) => return Err(e),
                }
            }
            backed = next;
            h.backed.store(backed, Release);
        }
        Ok(true)
    }

    /// Gives back all memory but that of `[floor, head)` and of a short poisoned window.
    ///
    /// The header is told first: a kill in between costs a few bytes that are in the log too, never
    /// one that is not.
    fn release(&self, floor: Offset) {
        let h = self.header();
        let capacity = self.map.capacity();
        let page = PAGE as u64;
        let floor = floor.max(self.start());
        h.punched.store(floor, Release);
        let poisoned = h
            .poisoned
            .load(Acquire)
            .min((h.head.load(Acquire) + CHUNK).next_multiple_of(page));
        h.poisoned.store(poisoned, Release);
        let backed = h.backed.load(Acquire).min(poisoned.next_multiple_of(page));
        h.backed.store(backed, Release);
        // Everything from `backed` round to `floor`, in one piece or two.
        let from = backed % capacity;
        let length = (floor / page * page + capacity).saturating_sub(backed);
        let first = length.min(capacity - from);
        memory::give_back(self.fd(), DATA_AT as u64 + from, first);
        if length > first {
            memory::give_back(self.fd(), DATA_AT as u64, length - first);
        }
    }
}

/// How much can be read without blocking.
fn readable(master: BorrowedFd<'_>) -> io::Result<u64> {
    let mut waiting: libc::c_int = 0;
    // SAFETY: FIONREAD stores an int.
    let asked = unsafe { libc::ioctl(master.as_raw_fd(), libc::FIONREAD, &raw mut waiting) };
    if asked == 0 {
        Ok(waiting.max(0) as u64)
    } else {
        Err(io::Error::last_os_error())
    }
}
