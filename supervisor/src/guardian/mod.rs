//! The guardian, `ptyguard`: a process small enough not to fail, that holds what must not be lost.
//!
//! It holds the listening socket, the lifetime lock, the program, and per session the terminal's
//! master, the ring and the pidfd; it adopts what a dead worker leaves, records exits, and starts
//! workers. It reads no terminal and parses no request. One thread, one poll; no allocation per
//! byte; what fails is logged and the loop goes on. When it dies, the worker takes its place
//! ([`promote`]). `docs/guardian.md` has the whole picture.
//!
//! ```text
//! startup       cold start and resumption         event_loop  one poll for everything
//! held_fds      descriptors and ring headers      reap        exits before reaping
//! launch        starting a worker                 restart     when, after it has died
//! control, messages   the two ends of the socket  standby     the next worker, before the last ends
//! shared_fds    the worker's half of what both hold
//! fd_store, ledger   the same once more, in the service manager's descriptor store
//! listener      the socket, again if it vanishes  upgrade     another image in place
//! ```

mod control;
mod event_loop;
pub(crate) mod fd_store;
mod held_fds;
mod launch;
mod ledger;
pub(crate) mod listener;
mod messages;
mod obey;
mod reap;
mod restart;
mod shared_fds;
mod standby;
mod startup;
mod upgrade;

use std::process::ExitCode;

pub use super::handover::fd_table::{FREE, Facts, PROGRAM, TABLE, Table, Upgrade};
pub use super::handover::names::{GUARDIAN, SOCKET, WORKER};
pub use control::{Control, Inherited, ToWorker, inherited, promote};
pub use restart::{CALM, PROOF};
pub use shared_fds::{SharedFd, SharedFds};

/// Is the guardian until the supervisor ends.
pub fn run() -> ExitCode {
    match startup::start() {
        startup::Startup::Guard(mut guardian) => guardian.keep(),
        startup::Startup::Exit(code) => code,
    }
}
