//! The descriptors that must outlive a worker, by name, and the header pages of the rings among
//! them.

use crate::journal::header::{Header, PAGE, Recorded};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use std::ffi::c_void;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::ptr::NonNull;

#[derive(Default)]
pub(super) struct HeldFds {
    all: Vec<HeldFd>,
    changes: u64,
}

struct HeldFd {
    name: String,
    fd: OwnedFd,
    page: Option<Page>,
}

impl HeldFds {
    /// Holds `fd` under `name`, in the place of what was held there.
    pub(super) fn hold(&mut self, name: String, fd: OwnedFd) {
        self.release(&name);
        self.add(name, fd);
    }

    /// The same for a name that is not held yet, without a look at all others.
    pub(super) fn add(&mut self, name: String, fd: OwnedFd) {
        let page = name.starts_with("ring:").then(|| Page::map(&fd)).flatten();
        self.changes += 1;
        self.all.push(HeldFd { name, fd, page });
    }

    pub(super) fn release(&mut self, name: &str) {
        let before = self.all.len();
        self.all.retain(|held| held.name != name);
        self.changes += u64::from(self.all.len() != before);
    }

    pub(super) fn get(&self, name: &str) -> Option<&OwnedFd> {
        let held = self.all.iter().find(|held| held.name == name)?;
        Some(&held.fd)
    }

    /// Another number after every change.
    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &OwnedFd)> {
        self.all.iter().map(|held| (held.name.as_str(), &held.fd))
    }

    /// The header of the ring whose child is `pid` and has not ended yet. A pid that came back does
    /// not match an ended child.
    pub(super) fn header_of(&self, pid: i32) -> Option<&Header> {
        self.all
            .iter()
            .filter_map(|held| held.page.as_ref()?.header())
            .find(|header| {
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
        unsafe {
            mmap(
                None,
                length,
                ProtFlags::PROT_READ | ProtFlags::PROT_WRITE,
                MapFlags::MAP_SHARED,
                fd,
                0,
            )
        }
        .ok()
        .map(Self)
    }

    /// The worker may still be writing the header when the ring arrives, so it is judged at each
    /// look.
    fn header(&self) -> Option<&Header> {
        // SAFETY: the mapping is a whole page, page aligned, and lives as long as `self`; every
        // field is an atomic.
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::journal::header::Witness;
    use std::os::unix::fs::FileExt;
    use std::sync::atomic::Ordering::Release;

    fn ring(length: u64) -> OwnedFd {
        let file = tempfile::tempfile().unwrap();
        file.set_len(length).unwrap();
        file.into()
    }

    #[test]
    fn a_ring_is_found_by_its_running_child_only() {
        let mut store = HeldFds::default();
        let fd = ring(PAGE as u64);
        let page = Page::map(&fd).unwrap();
        store.hold("ring:a".into(), fd);
        assert!(store.header_of(0).is_none(), "not a ring yet");
        // SAFETY: the mapping is a page and lives to the end of the test.
        let header = unsafe { page.0.cast::<Header>().as_ref() };
        header.initialise(0);
        header.pid.store(7, Release);
        assert!(store.header_of(7).is_some());
        header.record_exit(0, 1, Witness::Worker);
        assert!(
            store.header_of(7).is_none(),
            "a later process of the same pid"
        );
    }

    #[test]
    fn a_file_too_short_for_a_ring_is_held_but_never_touched() {
        let mut store = HeldFds::default();
        store.hold("ring:a".into(), ring(10));
        assert!(store.header_of(0).is_none());
        assert_eq!(store.len(), 1);
    }

    #[test]
    fn a_name_holds_one_thing() {
        let mut store = HeldFds::default();
        let second = std::fs::File::from(ring(0));
        second.write_all_at(b"2", 0).unwrap();
        store.hold("pty:a".into(), ring(0));
        store.hold("pty:a".into(), second.into());
        assert_eq!(
            store
                .iter()
                .map(|(_, fd)| nix::sys::stat::fstat(fd).unwrap().st_size)
                .collect::<Vec<_>>(),
            [1]
        );
        store.release("pty:a");
        assert_eq!(store.len(), 0);
    }
}
