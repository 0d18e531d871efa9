//! What all tasks of the worker share: the facts, the way to the guardian, the log thread, the
//! events, the sessions.

use super::documents::Documents;
use super::driver::mailbox::{DriverHandle, Message};
use super::events::Events;
use super::guardian_health::{self, GuardianHealth};
use super::hooks::state::Hooks;
use super::room::{HeldFds, Room};
use super::sessions::inherited::InheritedSession;
use super::sessions::kept::KeptSessions;
use super::sessions::last_ids::LastIds;
use super::sessions::planned_starts::PlannedStarts;
use super::sessions::records::{self, Record};
use super::sessions::registry::Registry;
use super::sessions::start_claims::StartClaims;
use super::state_dir::StateDir;
use super::unsaved::Unsaved;
use crate::guardian::{Control, Facts, SharedFd, SharedFds};
use crate::journal::{Header, HeaderRef, Rings, Witness, Writer, hint_of, record_copy};
use crate::log::{Level, log, now_ms};
use crate::platform::cgroup::{Cgroups, usage};
use crate::platform::reap;
use crate::pty::ProcessTree;
use psup_proto::exit::OutOfMemory;
use psup_proto::{Exit, Name, Outcome, Spec};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

pub struct Worker {
    pub facts: Facts,
    pub control: Rc<Control>,
    pub writer: Writer,
    pub rings: Rings,
    /// Where lives have cgroups, if they may have any.
    pub cgroups: Option<Cgroups>,
    pub events: Events,
    pub documents: Documents,
    pub hooks: Hooks,
    pub registry: Registry<DriverHandle>,
    /// The last life of every name.
    pub ids: RefCell<LastIds>,
    pub planned: PlannedStarts,
    /// Who runs on of lives that are lost, by their keys.
    pub orphans: RefCell<HashMap<String, ProcessTree>>,
    pub kept: KeptSessions,
    /// Which boot of the machine this is: sessions of another one are lost.
    pub boot_id: String,
    /// What the guardian holds for us, so that a promotion finds each under its name.
    pub shared_fds: SharedFds,
    /// What of it has not been taken over yet.
    pub left: RefCell<Vec<InheritedSession>>,
    /// What of it cannot be taken over by this worker. To close its terminal would be to end it.
    pub set_aside: RefCell<Vec<InheritedSession>>,
    /// What the service manager keeps of it is noted here, where there is one that does.
    pub ledger: RefCell<Option<SharedFd>>,
    /// Who is reaped, and where the exit is stored first.
    pub children: RefCell<HashMap<i32, (HeaderRef, String)>>,
    pub starting: Rc<StartClaims>,
    /// Who waits for the end of the process that a session belongs to, by the session's key.
    pub owners: RefCell<HashMap<String, AbortHandle>>,
    pub unsaved: Unsaved,
    pub state_dir: StateDir,
    pub connections: Cell<u32>,
    pub room: Room,
    /// Sessions that have much to say speak one at a time, so that a question to any session waits
    /// for one of them only.
    pub flood_permit: tokio::sync::Semaphore,
    /// Only so many sessions that have ended write that down before others have their turn: a
    /// thousand may end at once.
    pub end_permits: tokio::sync::Semaphore,
    /// The guardian has taken the socket away.
    pub farewell: tokio::sync::Notify,
    /// The worker may go: everything is said.
    pub leaving: tokio::sync::Notify,
    /// No session is started any more.
    pub closing: Cell<bool>,
    /// The guardian was asked to become another program, and has not said how that went.
    pub upgrading: RefCell<Option<Upgrading>>,
    pub guardian_health: GuardianHealth,
    pub began: Instant,
    /// Bytes that programs have written since then.
    pub output_bytes: Cell<u64>,
    /// Every life on disk is known; who waits for that.
    pub adopted: Cell<bool>,
    pub adoption: tokio::sync::Notify,
}

/// An upgrade that this worker began.
pub struct Upgrading {
    pub id: u128,
    /// Takes the reason if the guardian stays what it was.
    pub refuse: oneshot::Sender<i32>,
}

pub(super) type SharedWorker = Rc<Worker>;

impl Worker {
    pub fn session_dir(&self, key: &str) -> PathBuf {
        self.facts.state.join("sessions").join(key)
    }

    /// Has the guardian hold a descriptor under `kind:key`; from then on it outlives this process.
    pub fn hold(&self, kind: &str, key: &str, fd: impl Into<Arc<OwnedFd>>) -> io::Result<SharedFd> {
        self.shared_fds.hold(format!("{kind}:{key}"), fd)
    }

    /// The same for what the next worker can do without: it is kept here if the guardian cannot
    /// take it.
    pub fn hold_or_keep(&self, kind: &str, key: &str, fd: OwnedFd) -> SharedFd {
        let fd = Arc::new(fd);
        self.hold(kind, key, fd.clone()).unwrap_or_else(|error| {
            log(
                Level::Warn,
                "the guardian holds no copy",
                &[("kind", &kind), ("key", &key), ("error", &error)],
            );
            self.shared_fds.adopt(format!("{kind}:{key}"), fd)
        })
    }

    /// Keeps a copy of a living session's record where the guardian has it, should the state
    /// directory go.
    pub fn copy_record(&self, spec: &Spec, record: &Record) {
        let children = self.children.borrow();
        let Some((header, key)) = children.get(&record.pid) else {
            return;
        };
        let copied = records::copy_of(spec, record)
            .and_then(|copy| record_copy::put(header.ring_fd(), &copy));
        if let Err(error) = copied {
            log(
                Level::Warn,
                "a session has no copy of its record in memory",
                &[("key", key), ("error", &error)],
            );
        }
    }

    /// Whether everybody of every life can be found in its cgroup. Lives of an older build have
    /// none.
    pub fn has_cgroups(&self) -> bool {
        let confined = |cgroups: &Cgroups| {
            self.registry
                .live_keys()
                .iter()
                .all(|key| cgroups.find(key).is_some())
        };
        self.cgroups.as_ref().is_some_and(confined)
    }

    /// A life is over. The processes that it left behind run on.
    pub fn let_go_of_cgroup(&self, key: &str) {
        if let Some(cgroup) = self.cgroups.as_ref().and_then(|cgroups| cgroups.find(key)) {
            cgroup.remove();
        }
    }

    /// How a child ended, by its status and by what its cgroup tells.
    pub fn exit_of(&self, key: &str, raw: i32, at_ms: u64) -> Exit {
        let exit = Exit::from_raw(raw, at_ms);
        let was_killed = matches!(
            exit.outcome,
            Outcome::Signal {
                number: libc::SIGKILL,
                ..
            }
        );
        let oom = was_killed.then(|| self.out_of_memory(key)).flatten();
        Exit { oom, ..exit }
    }

    /// Whether the kernel has killed somebody of a life for want of memory.
    pub fn out_of_memory(&self, key: &str) -> Option<OutOfMemory> {
        usage::out_of_memory(&self.cgroups.as_ref()?.find(key)?)
    }

    /// For the process that takes a living session over: its ring tells what it is called.
    pub fn hint_name(&self, key: &str, name: &Name) {
        let children = self.children.borrow();
        if let Some((header, _)) = children.values().find(|(_, of)| of == key) {
            header
                .name
                .store(hint_of(name.as_str()), std::sync::atomic::Ordering::Release);
        }
    }

    /// The guardian has stayed what it was.
    pub fn upgrade_failed(&self, errno: i32) {
        if let Some(upgrading) = self.upgrading.borrow_mut().take() {
            // The client may have left.
            let _ = upgrading.refuse.send(errno);
        }
    }

    /// Ends whatever took the guardian's place.
    pub fn end_guardian(&self) {
        guardian_health::end(self.facts.guardian_pid);
    }

    pub fn held_fds(&self) -> HeldFds {
        HeldFds {
            by_sessions: self.shared_fds.count(),
            by_connections: self.connections.get() as usize,
        }
    }

    /// Stores how our children ended, then reaps them, then tells their drivers to look.
    pub fn reap(&self) {
        let children = self.children.borrow();
        let record = |pid, raw| {
            let record = |header: &Header| header.record_exit(raw, now_ms(), Witness::Worker);
            let known = children.get(&pid).map(|(header, _)| record(header));
            let known = known.or_else(|| self.starting.with_header_of(pid, record));
            if known.is_none()
                && let Some(hook) = self.hooks.commands.borrow_mut().remove(&pid)
            {
                // The delivery may have been given up meanwhile.
                let _ = hook.send(raw);
            }
            known.is_some()
        };
        let ended = reap::reap_children(record);
        for pid in ended {
            if let Some((_, key)) = children.get(&pid) {
                self.registry.post(key, Message::CheckExit);
            }
        }
    }
}
