//! The third copy: what guardian and worker hold together also lies in the descriptor store of the
//! service manager, so that it outlives both when they are killed at once.
//!
//! The manager hands it to the next start of the unit (`start/keeper.rs`), and the guardian that
//! follows resumes with it. What is held changes while nobody can ask the manager what it has, so
//! each change is noted in a [`Ledger`] that lies in the store as well. A change that was cut short
//! is repeated by the next guardian; the manager takes the same descriptor only once.

use super::held_fds::HeldFds;
use super::ledger::Ledger;
use crate::handover::fd_table::{self, Facts};
use crate::log::{Level, log};
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, UnixAddr, sendmsg, socket,
};
use std::collections::HashSet;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// The name of the ledger among what is held.
pub(crate) const LEDGER: &str = "ledger";
/// The name of the socket, which has a number of its own and no name elsewhere.
pub(crate) const LISTENER: &str = "listener";
/// A manager that is busy takes messages again after this time.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) struct FdStore {
    manager: Manager,
    ledger: Ledger,
    stored: HashSet<String>,
    /// Some change did not arrive: when to try again.
    pub(super) retry_at: Option<Instant>,
    noted: (u64, u64),
}

impl FdStore {
    /// The store of the manager that keeps this supervisor; none where no manager does. The ledger
    /// joins what is held.
    pub(super) fn of(facts: &Facts, held: &mut HeldFds) -> Option<Self> {
        let path = facts.notify.as_deref()?;
        Self::open(path, held)
            .inspect_err(|error| {
                log(
                    Level::Warn,
                    "the service manager keeps no descriptors",
                    &[("error", &error)],
                );
            })
            .ok()
    }

    fn open(path: &Path, held: &mut HeldFds) -> io::Result<Self> {
        let manager = Manager::at(path)?;
        let found = held.get(LEDGER).map(OwnedFd::try_clone).transpose()?;
        let ledger = if let Some(fd) = found {
            Ledger::over(fd)
        } else {
            let (ledger, fd) = Ledger::create()?;
            held.add(LEDGER.into(), fd);
            ledger
        };
        Ok(Self {
            manager,
            stored: ledger.read()?.names,
            ledger,
            retry_at: None,
            noted: (0, 0),
        })
    }

    /// Makes the store equal to what is held.
    pub(super) fn settle(&mut self, held: &HeldFds) {
        self.retry_at = None;
        let listener = fd_table::copy(fd_table::LISTENER).ok();
        let listener = listener.as_ref().map(|fd| (LISTENER, fd));
        let wanted = || held.iter().chain(listener);
        let names: HashSet<&str> = wanted().map(|(name, _)| name).collect();
        let stale = self
            .stored
            .iter()
            .filter(|name| !names.contains(name.as_str()));
        let stale: Vec<String> = stale.cloned().collect();
        for name in stale {
            self.remove(&name);
        }
        for (name, fd) in wanted() {
            if !self.stored.contains(name) {
                self.add(name, fd.as_fd());
            }
        }
    }

    /// The manager keeps `fd` under `name`, in the place of what it had there.
    pub(super) fn hold(&mut self, name: &str, fd: BorrowedFd<'_>) {
        if self.stored.contains(name) {
            self.remove(name);
        }
        self.add(name, fd);
    }

    pub(super) fn release(&mut self, name: &str) {
        if self.stored.contains(name) {
            self.remove(name);
        }
    }

    /// What the next supervisor has to know of this one.
    pub(super) fn note(&mut self, facts: &Facts) {
        let now = (facts.guardian_epoch, facts.worker_epoch);
        if self.noted == now {
            return;
        }
        match self.ledger.note(facts) {
            Ok(()) => self.noted = now,
            Err(error) => log(Level::Warn, "cannot note the facts", &[("error", &error)]),
        }
    }

    fn add(&mut self, name: &str, fd: BorrowedFd<'_>) {
        // The manager looks at each descriptor, and lets go of those that hang up, unless told not
        // to: a terminal hangs up when its last program closes it, and is opened again.
        let text = format!("FDSTORE=1\nFDPOLL=0\nFDNAME={}\n", stored_name(name));
        let said = self.manager.say(&text, Some(fd.as_raw_fd()));
        if self.succeeded(said) {
            self.stored.insert(name.to_owned());
            self.write(|ledger| ledger.added(name));
        }
    }

    fn remove(&mut self, name: &str) {
        let text = format!("FDSTOREREMOVE=1\nFDNAME={}\n", stored_name(name));
        let said = self.manager.say(&text, None);
        if self.succeeded(said) {
            self.stored.remove(name);
            self.write(|ledger| ledger.removed(name));
        }
    }

    fn succeeded(&mut self, said: nix::Result<()>) -> bool {
        match said {
            Ok(()) => true,
            Err(Errno::EAGAIN | Errno::ENOBUFS) => {
                self.retry_at = Some(Instant::now() + PAUSE);
                false
            }
            // It is not there; the next guardian tries again.
            Err(error) => {
                log(
                    Level::Warn,
                    "the service manager does not listen",
                    &[("error", &error)],
                );
                false
            }
        }
    }

    fn write(&mut self, what: impl FnOnce(&mut Ledger) -> io::Result<()>) {
        if let Err(error) = what(&mut self.ledger) {
            // The next guardian says again what is not noted.
            log(Level::Warn, "cannot note a change", &[("error", &error)]);
        }
    }
}

/// A manager takes no colon in a name.
fn stored_name(name: &str) -> String {
    name.replace(':', "-")
}

/// A name among what is held, by that in the store.
pub(crate) fn held_name(stored: &str) -> String {
    stored.replacen('-', ":", 1)
}

/// The manager's socket for messages of its services.
pub(crate) struct Manager {
    socket: OwnedFd,
    address: UnixAddr,
}

impl Manager {
    /// `path` as `NOTIFY_SOCKET` has it: one that begins with `@` is a name without a file.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        #[cfg(not(target_os = "linux"))]
        let flags = SockFlag::empty();
        let address = match path.as_os_str().as_bytes().strip_prefix(b"@") {
            #[cfg(target_os = "linux")]
            Some(name) => UnixAddr::new_abstract(name)?,
            _ => UnixAddr::new(path)?,
        };
        Ok(Self {
            socket: socket(AddressFamily::Unix, SockType::Datagram, flags, None)?,
            address,
        })
    }

    /// One message, with at most one descriptor. Never waits.
    pub(crate) fn say(&self, text: &str, fd: Option<RawFd>) -> nix::Result<()> {
        let fds = fd.map(|fd| [fd]);
        let rights = fds.as_ref().map(|fds| [ControlMessage::ScmRights(fds)]);
        let control: &[ControlMessage] = rights.as_ref().map_or(&[], |rights| rights);
        let slices = [IoSlice::new(text.as_bytes())];
        #[cfg(target_os = "linux")]
        let flags = MsgFlags::MSG_NOSIGNAL;
        #[cfg(not(target_os = "linux"))]
        let flags = MsgFlags::empty();
        loop {
            match sendmsg(
                self.socket.as_raw_fd(),
                &slices,
                control,
                flags,
                Some(&self.address),
            ) {
                Err(Errno::EINTR) => {}
                sent => return sent.map(drop),
            }
        }
    }
}

#[cfg(test)]
#[path = "fd_store_tests.rs"]
mod tests;
