//! The worker's half of what both processes hold. A [`SharedFd`] is one value: the descriptor, its
//! entry in the worker's table and the guardian's copy. None of the three can outlive the others,
//! so a table never names a number that was closed and is used again.
//!
//! Dropping a [`SharedFd`] closes the descriptor, removes the entry and tells the guardian to let
//! go, but only while the worker serves. A worker that ends, in order or not, drops everything too,
//! and its successor still needs what the guardian holds.

use super::control::Control;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::rc::Rc;
use std::sync::Arc;

/// The table: what a promotion makes inheritable, and under which name.
#[derive(Clone)]
pub struct SharedFds(Rc<Entries>);

struct Entries {
    control: Rc<Control>,
    by_name: RefCell<HashMap<String, Entry>>,
    made: Cell<u64>,
    serving: Cell<bool>,
}

struct Entry {
    number: RawFd,
    /// Tells two descriptors apart that were held under one name, one after the other.
    serial: u64,
}

/// One descriptor that the guardian holds as well.
pub struct SharedFd {
    name: String,
    serial: u64,
    fd: Arc<OwnedFd>,
    entries: Rc<Entries>,
}

/// While this lives, what is dropped is released.
pub struct Serving(Rc<Entries>);

impl SharedFds {
    pub fn new(control: Rc<Control>) -> Self {
        Self(Rc::new(Entries {
            control,
            by_name: RefCell::default(),
            made: Cell::default(),
            serving: Cell::default(),
        }))
    }

    /// Gives a copy to the guardian. When this returns it lives on even if the worker dies at once.
    pub fn hold(&self, name: String, fd: impl Into<Arc<OwnedFd>>) -> io::Result<SharedFd> {
        let fd = fd.into();
        self.0.control.hold(&name, fd.as_fd())?;
        Ok(self.adopt(name, fd))
    }

    /// The guardian holds it already.
    pub fn adopt(&self, name: String, fd: impl Into<Arc<OwnedFd>>) -> SharedFd {
        let fd = fd.into();
        let serial = self.0.made.get() + 1;
        self.0.made.set(serial);
        let number = fd.as_raw_fd();
        self.0
            .by_name
            .borrow_mut()
            .insert(name.clone(), Entry { number, serial });
        let entries = self.0.clone();
        SharedFd {
            name,
            serial,
            fd,
            entries,
        }
    }

    /// What the next image inherits. Each number is open: its owner lives.
    pub fn numbers(&self) -> Vec<(String, RawFd)> {
        let entries = self.0.by_name.borrow();
        entries
            .iter()
            .map(|(name, entry)| (name.clone(), entry.number))
            .collect()
    }

    pub fn count(&self) -> usize {
        self.0.by_name.borrow().len()
    }

    /// From now on, until the returned value is dropped, the guardian lets go of what the worker
    /// drops.
    pub fn serve(&self) -> Serving {
        self.0.serving.set(true);
        Serving(self.0.clone())
    }
}

impl SharedFd {
    /// Shares the descriptor with an owner that may live longer; the entry ends with this value all
    /// the same.
    pub fn file(&self) -> Arc<OwnedFd> {
        self.fd.clone()
    }
}

impl AsFd for SharedFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl AsRawFd for SharedFd {
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}

impl Drop for SharedFd {
    fn drop(&mut self) {
        let mut entries = self.entries.by_name.borrow_mut();
        if entries
            .get(&self.name)
            .is_none_or(|entry| entry.serial != self.serial)
        {
            // Another descriptor is held under this name by now.
            return;
        }
        entries.remove(&self.name);
        if self.entries.serving.get() {
            // A guardian that is gone holds nothing, and its successor is told what there is.
            let _ = self.entries.control.release(&self.name);
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.serving.set(false);
    }
}

#[cfg(test)]
#[path = "shared_fds_tests.rs"]
mod tests;
