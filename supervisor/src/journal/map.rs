//! The mappings of a ring's file: the header page, and its data twice in a row.
//!
//! The data is mapped when somebody needs it, so that a hundred quiet rings are taken over for the
//! price of their headers. All `unsafe` that concerns mapping is here. What may be read or written
//! when is the ring's business.

use super::header::{Header, PAGE};
use crate::log::{Level, log};
use nix::sys::mman::{self, MapFlags, ProtFlags};
use std::io;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::{Arc, OnceLock};

/// Where the data begins in the file: a multiple of every page size in use. The space after the
/// header is a hole.
pub(super) const DATA_AT: usize = 64 << 10;

/// The header page of a ring, as the guardian maps it.
pub struct HeaderPage(NonNull<Header>);

/// A ring's file, its header, and its data once that was needed.
pub(super) struct Mapping {
    file: Arc<OwnedFd>,
    header: HeaderPage,
    capacity: usize,
    data: OnceLock<Data>,
}

/// The data, mapped twice back to back, so that no stretch of it ever wraps.
struct Data {
    base: NonNull<u8>,
    capacity: usize,
}

impl HeaderPage {
    /// Maps the page and checks that it is a ring's.
    pub fn of(ring: impl AsFd) -> io::Result<Self> {
        Self::with_length(ring.as_fd()).map(|(page, _)| page)
    }

    /// The same, and how long the file is.
    pub fn with_length(ring: BorrowedFd<'_>) -> io::Result<(Self, u64)> {
        let length = nix::sys::stat::fstat(ring)?.st_size as u64;
        if length < PAGE as u64 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "not a ring: too short",
            ));
        }
        let page = Self::map(ring)?;
        if page.is_valid() {
            Ok((page, length))
        } else {
            Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "not a ring of this layout",
            ))
        }
    }

    fn map(ring: BorrowedFd<'_>) -> io::Result<Self> {
        // SAFETY: a fresh shared mapping at an address of the kernel's choice.
        let at = unsafe {
            mman::mmap(
                None,
                PAGE_LENGTH,
                read_write(),
                MapFlags::MAP_SHARED,
                ring,
                0,
            )?
        };
        Ok(Self(at.cast()))
    }
}

impl Mapping {
    /// Of a file that has room for the header and `capacity` bytes of data (a multiple of the page
    /// size), which the caller has checked.
    pub(super) fn of(file: Arc<OwnedFd>, capacity: usize) -> io::Result<Self> {
        let header = HeaderPage::map(file.as_fd())?;
        Ok(Self::with_header(file, header, capacity))
    }

    pub(super) fn with_header(file: Arc<OwnedFd>, header: HeaderPage, capacity: usize) -> Self {
        Self {
            file,
            header,
            capacity,
            data: OnceLock::new(),
        }
    }

    pub(super) fn file(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// For another owner, who may fail where this one does not.
    pub(super) fn shared_file(&self) -> Arc<OwnedFd> {
        self.file.clone()
    }

    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// Where the byte of this offset lies; `capacity` bytes from there are mapped.
    pub(super) fn at(&self, offset: u64) -> *mut u8 {
        let base = self.data().base.as_ptr();
        // SAFETY: the place is less than `capacity`, and twice that is mapped.
        unsafe { base.add(self.place_of(offset)) }
    }

    /// Bytes as the file has them, without the mapping; at most `capacity` of them.
    pub(super) fn copy(&self, from: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let place = self.place_of(from);
        let (first, second) = bytes.split_at_mut(length.min(self.capacity - place));
        for (part, place) in [(first, place), (second, 0)] {
            let read = nix::sys::uio::pread(&*self.file, part, (DATA_AT + place) as libc::off_t)?;
            if read < part.len() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(bytes)
    }

    pub(super) fn capacity(&self) -> u64 {
        self.capacity as u64
    }

    fn place_of(&self, offset: u64) -> usize {
        (offset % self.capacity as u64) as usize
    }

    fn data(&self) -> &Data {
        self.data
            .get_or_init(|| match Data::of(self.file.as_fd(), self.capacity) {
                Ok(data) => data,
                Err(error) => {
                    // No addresses are left. Nothing is lost with this process, and the next one
                    // begins with none in use.
                    log(
                        Level::Error,
                        "a ring cannot be mapped",
                        &[("error", &error)],
                    );
                    std::process::abort()
                }
            })
    }
}

impl Data {
    fn of(ring: BorrowedFd<'_>, capacity: usize) -> io::Result<Self> {
        let length = NonZeroUsize::new(2 * capacity).ok_or(io::ErrorKind::InvalidInput)?;
        // SAFETY: reserves fresh addresses; nothing is accessible in them yet.
        let base = unsafe {
            mman::mmap_anonymous(None, length, ProtFlags::PROT_NONE, MapFlags::MAP_PRIVATE)?
        }
        .cast::<u8>();
        let data = Self { base, capacity };
        data.place(ring, 0)?;
        data.place(ring, capacity)?;
        Ok(data)
    }

    /// Maps the file's data over a part of the reserved addresses.
    fn place(&self, ring: BorrowedFd<'_>, at: usize) -> io::Result<()> {
        let length = NonZeroUsize::new(self.capacity).ok_or(io::ErrorKind::InvalidInput)?;
        let flags = MapFlags::MAP_SHARED | MapFlags::MAP_FIXED;
        // SAFETY: [at, at + capacity) lies within the addresses this mapping reserved, so nothing
        // else is replaced.
        unsafe {
            let address = NonZeroUsize::new(self.base.as_ptr() as usize + at);
            mman::mmap(
                address,
                length,
                read_write(),
                flags,
                ring,
                DATA_AT as libc::off_t,
            )?;
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
        // SAFETY: the page is mapped as long as `self` lives, is aligned, and `Header` is all
        // atomics, so that any content is valid and other processes may change it.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for HeaderPage {
    fn drop(&mut self) {
        // SAFETY: mapped by `of`, and nothing borrowed from it outlives it.
        let _ = unsafe { mman::munmap(self.0.cast(), PAGE) };
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        // SAFETY: reserved by `of`, and nothing borrowed from it outlives it.
        let _ = unsafe { mman::munmap(self.base.cast(), 2 * self.capacity) };
    }
}

// SAFETY: the header is all atomics.
unsafe impl Send for HeaderPage {}
// SAFETY: the header is all atomics.
unsafe impl Sync for HeaderPage {}
// SAFETY: a mapping is not bound to a thread; who may touch which bytes is told by the header's
// atomics.
unsafe impl Send for Data {}
// SAFETY: as above.
unsafe impl Sync for Data {}
