//! The descriptors that must outlive a worker, by name, and the header pages of the rings among them.

use crate::journal::header::{Header, PAGE, Recorded};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use std::ffi::c_void;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::ptr::NonNull;

#[derive(Default)]
pub struct Store(Vec<Held>);

struct Held {
    name: String,
    fd: OwnedFd,
    page: Option<Page>,
}

impl Store {
    /// Holds `fd` under `name`, in the place of what was held there.
    pub fn hold(&mut self, name: String, fd: OwnedFd) {
        self.release(&name);
        let page = name.starts_with("ring:").then(|| Page::map(&fd)).flatten();
        self.0.push(Held { name, fd, page });
    }

    pub fn release(&mut self, name: &str) {
        self.0.retain(|held| held.name != name);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &OwnedFd)> {
        self.0.iter().map(|held| (held.name.as_str(), &held.fd))
    }

    /// The header of the ring whose child is `pid` and has not ended yet. A pid that came back does not match an ended child.
    pub fn header_of(&self, pid: i32) -> Option<&Header> {
        self.0.iter().filter_map(|held| held.page.as_ref()?.header()).find(|header| {
            use std::sync::atomic::Ordering::Acquire;
            header.pid.load(Acquire) == pid && header.recorded() == Recorded::No
        })
    }
}

/// One mapped header page.
struct Page(NonNull<c_void>);

impl Page {
    /// `None` for a file too short to be a ring: touching it would kill the guardian.
    fn map(fd: &OwnedFd) -> Option<Self> {
        let length = NonZeroUsize::new(PAGE)?;
        if nix::sys::stat::fstat(fd).ok()?.st_size < PAGE as i64 {
            return None;
        }
        // SAFETY: a new shared mapping of a file that is long enough; nothing else is placed there.
        unsafe { mmap(None, length, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_SHARED, fd, 0) }.ok().map(Self)
    }

    /// The worker may still be writing the header when the ring arrives, so it is judged at each look.
    fn header(&self) -> Option<&Header> {
        // SAFETY: the mapping is a whole page, page aligned, and lives as long as `self`; every field is an atomic.
        let header = unsafe { self.0.cast::<Header>().as_ref() };
        header.is_valid().then_some(header)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // SAFETY: the mapping was made by `map` with this length and no reference outlives `self`.
        // A mapping that cannot be undone costs a page.
        let _ = unsafe { munmap(self.0, PAGE) };
    }
}
