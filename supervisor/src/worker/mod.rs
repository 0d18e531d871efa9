//! The worker: everything that can be started anew without losing anything. One thread, one loop, a task for each
//! session and each connection; the log thread is the only other one.
//!
//! ```text
//! socket → connection → serve → registry → driver → pty, journal, session
//! ```

mod adopt;
mod begin;
mod connection;
mod documents;
mod driver;
mod events;
mod house;
mod keeping;
mod mail;
mod outside;
mod policy;
mod registry;
mod rest;
mod serve;
mod store;
mod waking;

use crate::guardian::{Facts, Inherited, ToWorker, promote};
use crate::journal::Writer;
use crate::log::{Level, log};
use crate::platform::boot;
use documents::Documents;
use events::Events;
use house::{House, Shared};
use registry::Registry;
use std::cell::{Cell, RefCell};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::process::ExitCode;
use std::rc::Rc;
use tokio::net::UnixListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::LocalSet;

/// Runs until the guardian says that it is over. Never returns when the guardian dies: then it takes its place.
pub fn run(inherited: Inherited) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            log(Level::Error, "cannot begin the loop", &[("error", &error)]);
            return ExitCode::FAILURE;
        }
    };
    let local = LocalSet::new();
    match local.block_on(&runtime, work(inherited)) {
        Ok(Over::Planned) => ExitCode::SUCCESS,
        Ok(Over::GuardianGone(fds, facts)) => {
            // Threads and tasks end with the exec; what they knew is in the rings.
            promote(&fds, &facts)
        }
        Err(error) => {
            log(Level::Error, "the worker cannot work", &[("error", &error)]);
            ExitCode::FAILURE
        }
    }
}

/// Why the loop ended.
enum Over {
    Planned,
    GuardianGone(Vec<(String, RawFd)>, Facts),
}

async fn work(inherited: Inherited) -> io::Result<Over> {
    let Inherited {
        control,
        listener,
        exe: _exe,
        held,
        facts,
    } = inherited;
    let (told, mut tales) = mpsc::unbounded_channel();
    let writer = Writer::start(move |tale| {
        // The worker is ending when nobody listens.
        let _ = told.send(tale);
    })?;
    let mut children = signal(SignalKind::child())?;
    let guardian = waking::register_readable(control.as_fd().try_clone_to_owned()?)?;
    let house = Rc::new(House {
        events: Events::open(&facts.state),
        documents: Documents::open(&facts.state),
        registry: Registry::open(&facts.state),
        boot_id: boot::id(),
        held: RefCell::default(),
        children: RefCell::default(),
        connections: Cell::new(0),
        leaving: tokio::sync::Notify::new(),
        closing: Cell::new(false),
        control,
        writer,
        facts,
    });
    adopt::adopt(&house, held);
    house.reap();
    let mut listener = listen(listener)?;
    let ready = house.control.ready();
    log(
        Level::Info,
        "ready",
        &[("sessions", &house.registry.live_count()), ("epoch", &house.facts.worker_epoch)],
    );
    let mut over = ready.err().map(|_| gone(&house, &listener));
    while over.is_none() {
        tokio::select! {
            accepted = listener.accept() => accept(&house, accepted).await,
            _ = children.recv() => house.reap(),
            Some(tale) = tales.recv() => house.registry.tell(tale),
            () = house.leaving.notified() => over = Some(Over::Planned),
            readable = guardian.readable() => {
                if let Ok(mut guard) = readable {
                    guard.clear_ready();
                }
                over = hear(&house, &mut listener);
            }
        }
    }
    Ok(over.unwrap_or(Over::Planned))
}

async fn accept(house: &Shared, accepted: io::Result<(tokio::net::UnixStream, tokio::net::unix::SocketAddr)>) {
    match accepted {
        Ok((stream, _)) => drop(tokio::task::spawn_local(connection::serve(stream, house.clone()))),
        Err(error) => {
            log(Level::Warn, "cannot accept a connection", &[("error", &error)]);
            // Out of descriptors: those who have one get the time to finish.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
}

/// Reads what the guardian says until it says nothing more.
fn hear(house: &Shared, listener: &mut UnixListener) -> Option<Over> {
    loop {
        match house.control.receive() {
            Ok(None) => return None,
            Ok(Some(ToWorker::Poke)) => house.registry.look_all(),
            // The socket had vanished and was bound again; who connected to the old one is served on.
            Ok(Some(ToWorker::Listener(fd))) => match listen(fd) {
                Ok(new) => *listener = new,
                Err(error) => log(Level::Error, "cannot listen anew", &[("error", &error)]),
            },
            Ok(Some(ToWorker::Quit)) => return Some(Over::Planned),
            Ok(Some(ToWorker::Stop)) => drop(tokio::task::spawn_local(serve::stop_everything(house.clone()))),
            Ok(Some(ToWorker::UpgradeFailed(errno))) => log(Level::Error, "the guardian cannot become the new build", &[("errno", &errno)]),
            Err(_) => return Some(gone(house, listener)),
        }
    }
}

/// Everything a guardian needs, by the names it is held by.
fn gone(house: &Shared, listener: &UnixListener) -> Over {
    let mut fds = vec![("listener".to_owned(), listener.as_raw_fd())];
    fds.extend(house.held.borrow().iter().map(|(name, fd)| (name.clone(), *fd)));
    Over::GuardianGone(fds, house.facts.clone())
}

fn listen(listener: OwnedFd) -> io::Result<UnixListener> {
    let listener = std::os::unix::net::UnixListener::from(listener);
    listener.set_nonblocking(true)?;
    UnixListener::from_std(listener)
}
