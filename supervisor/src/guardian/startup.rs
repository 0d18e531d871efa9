//! How a guardian begins: cold, with nothing but a place; or in the form of a resumption, after a
//! promotion or an upgrade, with everything its predecessor held.

use super::control;
use super::event_loop::{Guardian, Worker};
use super::fd_store::{self, FdStore};
use super::held_fds::HeldFds;
use super::ledger::Ledger;
use super::listener;
use super::restart::Restart;
use crate::handover::fd_table::{self, ALIVE, Facts, LISTENER, Table};
use crate::log::{self, Level, log};
use crate::platform::lock::{self, Patience};
use crate::platform::signals::Signals;
use crate::platform::{descriptors, process_setup, watch};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::ExitCode;
use std::time::Instant;

/// What the ready pipe carries to the process that starts a supervisor: one of these, the last with
/// a sentence behind it.
pub(super) const READY: u8 = b'+';
pub(super) const FAILED: u8 = b'-';

pub(super) enum Startup {
    Guard(Box<Guardian>),
    /// Somebody else is the guardian, or this one cannot be.
    Exit(ExitCode),
}

/// The descriptors of a table, told apart.
struct Parts {
    ready: Option<File>,
    control: Option<OwnedFd>,
    next: Option<OwnedFd>,
    previous: Option<OwnedFd>,
    /// From the service manager: elsewhere it has its fixed number already.
    listener: Option<OwnedFd>,
    store: HeldFds,
}

pub(super) fn start() -> Startup {
    process_setup::set_name(super::GUARDIAN);
    process_setup::outlive_parent();
    let Ok(mut table) = fd_table::read() else {
        return Startup::Exit(ExitCode::from(2));
    };
    log::begin(&table.facts, "guardian");
    let mut parts = Parts::of(&mut table);
    let cold = table.facts.nonce == 0;
    if cold {
        match lock::take(&table.facts.state.join(lock::ALIVE), Patience::Ask) {
            Ok(Some(file)) => keep_lock(&file),
            Ok(None) => {
                return give_up(
                    parts.ready,
                    READY,
                    "another supervisor is alive",
                    ExitCode::SUCCESS,
                );
            }
            Err(error) => {
                return give_up(
                    parts.ready,
                    FAILED,
                    &format!("cannot lock the state directory: {error}"),
                    ExitCode::FAILURE,
                );
            }
        }
    }
    let ready = parts.ready.take();
    match arrange(table, parts, cold) {
        Ok(mut guardian) => {
            guardian.ready = ready;
            Startup::Guard(Box::new(guardian))
        }
        Err(error) => give_up(
            ready,
            FAILED,
            &format!("the guardian cannot begin: {error}"),
            ExitCode::FAILURE,
        ),
    }
}

/// Tells the starter what became of it; it may have gone.
pub(super) fn tell(ready: Option<File>, word: u8, sentence: &str) {
    if let Some(mut ready) = ready {
        let mut bytes = vec![word];
        bytes.extend_from_slice(sentence.as_bytes());
        // A starter that does not listen any more does not need to know.
        let _ = ready.write_all(&bytes);
    }
}

fn give_up(ready: Option<File>, word: u8, sentence: &str, code: ExitCode) -> Startup {
    log(Level::Warn, sentence, &[]);
    tell(ready, word, sentence);
    Startup::Exit(code)
}

/// The lock lives under its fixed number for as long as guardian or worker do.
fn keep_lock(file: &File) {
    // The number is open from the start, so this can only fail for a table of descriptors that is
    // broken anyway.
    let _ = descriptors::place(file.as_raw_fd(), ALIVE)
        .and_then(|()| descriptors::set_inherited(ALIVE, false));
}

fn arrange(table: Table, mut parts: Parts, starts: bool) -> io::Result<Guardian> {
    let mut facts = table.facts;
    let signals = Signals::new()?;
    process_setup::adopt_orphans()?;
    process_setup::set_oom_score(&[c"-900", c"0"]);
    let soft_limit = descriptors::raise_limit()?;
    let cold = starts && !parts.resume(&mut facts);
    if cold {
        facts.nonce = descriptors::random()?;
        facts.started_ms = log::now_ms();
        facts.open_files = soft_limit;
        facts.cold = true;
    } else {
        facts.guardian_epoch += 1;
        // The process that resumes comes after a worker that served.
        facts.cold = false;
    }
    facts.guardian_pid = std::process::id() as i32;
    log::identify(&facts);
    if let Some(listener) = parts.listener.take() {
        fd_table::put(&listener, LISTENER)?;
    }
    let listener = fd_table::copy(LISTENER)?;
    if listener::listens(&listener) {
        listener::take(&listener)?;
    } else {
        publish(&mut facts)?;
    }
    let watch = watch::Watch::new()?;
    // Without a watch a vanished socket is not noticed; that is no reason not to serve.
    if let Err(error) = watch.look_at(&facts.run, watch::For::Loss) {
        log(
            Level::Warn,
            "cannot watch the run directory",
            &[("error", &error)],
        );
    }
    log_beginning(&facts, &parts.store, cold);
    let mut fd_store = FdStore::of(&facts, &mut parts.store);
    if let Some(store) = &mut fd_store {
        store.settle(&parts.store);
    }
    let worker = match (table.next, parts.next) {
        (Some(pid), Some(control)) => Worker::Alive {
            pid,
            control: Some(control),
            ready_at: None,
            kill_at: None,
        },
        _ => old_worker(table.worker, parts.control),
    };
    let mut guardian = Guardian {
        facts,
        store: parts.store,
        signals,
        watch,
        worker,
        next: None,
        restart: Restart::default(),
        previous: parts.previous,
        ready: None,
        leaving: false,
        fd_store,
        publish_at: None,
    };
    guardian.replace_old_worker();
    Ok(guardian)
}

fn publish(facts: &mut Facts) -> io::Result<()> {
    let (listener, identity) = listener::publish(&facts.run)?;
    facts.socket = Some(identity);
    fd_table::put(&listener, LISTENER)
}

/// After an upgrade the old build's worker still serves.
fn old_worker(pid: Option<i32>, control: Option<OwnedFd>) -> Worker {
    match (pid, control) {
        (Some(pid), Some(control)) => Worker::Alive {
            pid,
            control: Some(control),
            ready_at: Some(Instant::now()),
            kill_at: Some(Instant::now() + super::upgrade::PATIENCE),
        },
        (Some(_) | None, _) => Worker::Absent {
            start_at: Instant::now(),
        },
    }
}

fn log_beginning(facts: &Facts, store: &HeldFds, cold: bool) {
    let how = if cold {
        "the guardian begins"
    } else {
        "the guardian resumes"
    };
    let (epoch, rung, held, refused) = (
        facts.guardian_epoch,
        &facts.rung,
        store.len(),
        facts.refused.join("; "),
    );
    log(
        Level::Info,
        how,
        &[
            ("epoch", &epoch),
            ("rung", rung),
            ("refused", &refused),
            ("held", &held),
        ],
    );
}

impl Parts {
    /// Every process of the supervisor before was killed, and the service manager had kept what it
    /// held: this one goes on as that one.
    fn resume(&self, facts: &mut Facts) -> bool {
        let ledger = self.store.get(fd_store::LEDGER);
        let before = ledger
            .and_then(|fd| Ledger::over(fd.try_clone().ok()?).read().ok()?.facts)
            .filter(|before| before.nonce != 0);
        let Some(before) = before else {
            return false;
        };
        facts.nonce = before.nonce;
        facts.started_ms = before.started_ms;
        facts.open_files = before.open_files;
        facts.worker_epoch = before.worker_epoch;
        facts.guardian_epoch = before.guardian_epoch;
        facts.upgrade = before.upgrade;
        facts.socket = before.socket;
        true
    }

    fn of(table: &mut Table) -> Self {
        let mut parts = Self {
            ready: None,
            control: None,
            next: None,
            previous: None,
            listener: None,
            store: HeldFds::default(),
        };
        for (name, fd) in fd_table::take_descriptors(table) {
            match name.as_str() {
                "ready" => parts.ready = Some(fd.into()),
                "control" => parts.control = Some(fd),
                control::NEXT => parts.next = Some(fd),
                "previous" => parts.previous = Some(fd),
                fd_store::LISTENER => parts.listener = Some(fd),
                _ => parts.store.add(name, fd),
            }
        }
        parts
    }
}
