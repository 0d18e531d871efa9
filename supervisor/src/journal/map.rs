//! The mappings of a ring's file: the header page alone, and the whole ring with its data twice in a row.
//!
//! All `unsafe` that concerns mapping is here. What may be read or written when is the ring's business.

use super::header::{Header, PAGE};
use nix::sys::mman::{self, MapFlags, ProtFlags};
use std::io;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::os::fd::{AsFd, BorrowedFd};
use std::ptr::NonNull;

/// Where the data begins in the file: a multiple of every page size in use. The space after the header is a hole.
pub const DATA_AT: usize = 64 << 10;

/// The header page of a ring, as the guardian maps it.
pub struct HeaderPage(NonNull<Header>);

/// Header and data. The data is mapped twice back to back, so that no stretch of it ever wraps.
pub struct Mapping {
    base: NonNull<u8>,
    capacity: usize,
}

impl HeaderPage {
    /// Maps the page and checks that it is a ring's.
    pub fn of(ring: impl AsFd) -> io::Result<Self> {
        let ring = ring.as_fd();
        if nix::sys::stat::fstat(ring)?.st_size < PAGE as i64 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a ring: too short"));
        }
        // SAFETY: a fresh shared mapping at an address of the kernel's choice.
        let at = unsafe { mman::mmap(None, PAGE_LENGTH, read_write(), MapFlags::MAP_SHARED, ring, 0)? };
        let page = Self(at.cast());
        if page.is_valid() {
            Ok(page)
        } else {
            Err(io::Error::new(io::ErrorKind::InvalidData, "not a ring of this layout"))
        }
    }
}

impl Mapping {
    /// Maps `capacity` bytes of data (a multiple of the page size, which the caller has checked) and the header.
    pub fn of(ring: BorrowedFd<'_>, capacity: usize) -> io::Result<Self> {
        let length = NonZeroUsize::new(DATA_AT + 2 * capacity).ok_or(io::ErrorKind::InvalidInput)?;
        // SAFETY: reserves fresh addresses; nothing is accessible in them yet.
        let base = unsafe { mman::mmap_anonymous(None, length, ProtFlags::PROT_NONE, MapFlags::MAP_PRIVATE)? }.cast::<u8>();
        let mapping = Self { base, capacity };
        mapping.place(ring, 0, PAGE, 0)?;
        mapping.place(ring, DATA_AT, capacity, DATA_AT)?;
        mapping.place(ring, DATA_AT + capacity, capacity, DATA_AT)?;
        Ok(mapping)
    }

    pub fn header(&self) -> &Header {
        // SAFETY: the page is mapped as long as `self` lives, is aligned, and `Header` is all atomics, so that any
        // content is valid and other processes may change it.
        unsafe { self.base.cast::<Header>().as_ref() }
    }

    /// Where the byte of this offset lies; `capacity` bytes from there are mapped.
    pub fn at(&self, offset: u64) -> *mut u8 {
        // SAFETY: the place is less than `capacity`, and twice that is mapped behind DATA_AT.
        unsafe { self.base.as_ptr().add(DATA_AT + self.place_of(offset)) }
    }

    pub fn capacity(&self) -> u64 {
        self.capacity as u64
    }

    fn place_of(&self, offset: u64) -> usize {
        (offset % self.capacity as u64) as usize
    }

    /// Maps a part of the file over a part of the reserved addresses.
    fn place(&self, ring: BorrowedFd<'_>, at: usize, length: usize, file_offset: usize) -> io::Result<()> {
        let length = NonZeroUsize::new(length).ok_or(io::ErrorKind::InvalidInput)?;
        let flags = MapFlags::MAP_SHARED | MapFlags::MAP_FIXED;
        // SAFETY: [at, at + length) lies within the addresses this mapping reserved, so nothing else is replaced.
        unsafe {
            let address = NonZeroUsize::new(self.base.as_ptr() as usize + at);
            mman::mmap(address, length, read_write(), flags, ring, file_offset as libc::off_t)?;
        }
        Ok(())
    }
}

const PAGE_LENGTH: NonZeroUsize = NonZeroUsize::new(PAGE).expect("not zero");

fn read_write() -> ProtFlags {
    ProtFlags::PROT_READ | ProtFlags::PROT_WRITE
}

impl Deref for HeaderPage {
    type Target = Header;

    fn deref(&self) -> &Header {
        // SAFETY: as in `Mapping::header`.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for HeaderPage {
    fn drop(&mut self) {
        // SAFETY: mapped by `of`, and nothing borrowed from it outlives it.
        let _ = unsafe { mman::munmap(self.0.cast(), PAGE) };
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: reserved by `of`, and nothing borrowed from it outlives it.
        let _ = unsafe { mman::munmap(self.base.cast(), DATA_AT + 2 * self.capacity) };
    }
}

// SAFETY: the header is all atomics.
unsafe impl Send for HeaderPage {}
// SAFETY: the header is all atomics.
unsafe impl Sync for HeaderPage {}
// SAFETY: a mapping is not bound to a thread; who may touch which bytes is told by the header's atomics.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}
