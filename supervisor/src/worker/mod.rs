//! The worker: everything that can be started again without losing anything. One thread, one loop,
//! a task for each session and each connection. Other threads only write logs, and wait for
//! children to be born: the thread that makes one is suspended until it runs its program, which may
//! be for long where that lies on a server that does not answer.
//!
//! ```text
//! socket → connection → serve → registry → driver → pty, journal, session
//! ```

mod connection;
mod context;
mod documents;
mod driver;
mod events;
mod guardian_health;
mod hooks;
mod nearest;
mod requests;
mod room;
mod serve;
pub mod sessions;
mod shells;
mod signals;
mod state_dir;
mod unsaved;

use crate::guardian::{CALM, Control, Facts, Inherited, SharedFds, ToWorker, Upgrade, promote};
use crate::journal::{Rings, Writer};
use crate::log::{Level, log};
use crate::platform::{boot, watchdog};
use crate::start;
use context::{SharedWorker, Worker};
use documents::Documents;
use events::Events;
use psup_proto::hello::BUILD;
use sessions::last_ids::LastIds;
use sessions::planned_starts::PlannedStarts;
use sessions::registry::Registry;
use std::cell::{Cell, RefCell};
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::net::UnixListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::LocalSet;

/// Children are born on threads of their own. One that is kept for the next birth is a wake-up when
/// it goes.
const THREAD_KEPT: Duration = Duration::from_secs(1);

/// Ends of sessions in one turn: each is a file or two, a tenth of a millisecond on a quick disk.
const ENDS: usize = 8;

/// Runs until the guardian says that it is over. Never returns when the guardian dies: then it
/// takes its place.
pub fn run(mut inherited: Inherited) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .thread_keep_alive(THREAD_KEPT)
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            log(Level::Error, "cannot begin the loop", &[("error", &error)]);
            return ExitCode::FAILURE;
        }
    };
    // Nobody reads our stderr.
    std::panic::set_hook(Box::new(|panic| {
        log(Level::Error, "a panic", &[("panic", panic)]);
    }));
    // Without it a hang is for somebody to see; that is no reason not to serve.
    if let Err(error) = watchdog::watch_this_thread(watchdog::LONGEST_TURN) {
        log(Level::Warn, "cannot watch for a hang", &[("error", &error)]);
    }
    if !inherited.predecessor_is_gone() {
        return ExitCode::SUCCESS;
    }
    let local = LocalSet::new();
    let ended = local.block_on(&runtime, work(inherited));
    // A program that is being started where nobody answers is not waited for.
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log(Level::Error, "the worker cannot work", &[("error", &error)]);
            ExitCode::FAILURE
        }
    }
}

async fn work(inherited: Inherited) -> io::Result<()> {
    let Inherited {
        control,
        listener,
        exe: _exe,
        held,
        facts,
        ..
    } = inherited;
    let (told, mut tales) = mpsc::unbounded_channel();
    let writer = Writer::start(move |tale| {
        // The worker is ending when nobody listens.
        let _ = told.send(tale);
    })?;
    let mut children = signal(SignalKind::child())?;
    let mut requests = signals::Requests::new()?;
    let guardian = driver::async_fd::register_readable(control.as_fd().try_clone_to_owned()?)?;
    let worker = share(control, writer, facts);
    let _serving = worker.shared_fds.serve();
    sessions::takeover::sort(&worker, held);
    worker.reap();
    let mut listener = listen(listener)?;
    if worker.control.ready().is_err() {
        take_place(&worker, &listener);
    }
    log(
        Level::Info,
        "ready",
        &[
            ("sessions", &worker.left.borrow().len()),
            ("epoch", &worker.facts.worker_epoch),
        ],
    );
    start_tasks(&worker);
    let mut over = false;
    while !over {
        watchdog::feed();
        tokio::select! {
            accepted = listener.accept() => accept(&worker, accepted).await,
            _ = children.recv() => worker.reap(),
            signal = requests.next() => log(
                Level::Warn,
                "a signal that asks for the end is not obeyed; psup shutdown ends the supervisor",
                &[("signal", &signal)],
            ),
            Some(tale) = tales.recv() => worker.registry.tell(tale),
            () = worker.leaving.notified() => {
                worker.ids.borrow().leave_memory();
                worker.rings.leave();
                over = true;
            }
            () = tokio::time::sleep_until((worker.began + CALM).into()), if worker.facts.safe_mode => {
                log(Level::Info, "a calm minute: screens are tried again", &[]);
                over = true;
            }
            readable = guardian.readable() => {
                if let Ok(mut guard) = readable {
                    guard.clear_ready();
                }
                over = hear(&worker, &mut listener);
            }
        }
    }
    Ok(())
}

/// What all tasks of this worker share, as it is on disk and in the guardian's hands.
fn share(control: Control, writer: Writer, facts: Facts) -> SharedWorker {
    let control = Rc::new(control);
    let rings = Rings::of(&facts.run);
    let events = Events::open(&facts);
    Rc::new(Worker {
        hooks: hooks::state::Hooks::open(&facts.state, events.last()),
        events,
        documents: Documents::open(&facts.state),
        cgroups: start::cgroup::of_lives(&facts.state),
        registry: Registry::default(),
        ids: RefCell::new(LastIds::open(&facts.state, rings.dir())),
        planned: PlannedStarts::default(),
        orphans: RefCell::default(),
        kept: sessions::kept::KeptSessions::open(&facts.state),
        rings,
        boot_id: boot::id(),
        shared_fds: SharedFds::new(control.clone()),
        left: RefCell::default(),
        set_aside: RefCell::default(),
        ledger: RefCell::default(),
        guardian_health: guardian_health::GuardianHealth::default(),
        children: RefCell::default(),
        owners: RefCell::default(),
        starting: Rc::default(),
        unsaved: unsaved::Unsaved::default(),
        state_dir: state_dir::StateDir::open(&facts.state),
        connections: Cell::new(0),
        room: room::Room::of_this_process(),
        flood_permit: tokio::sync::Semaphore::new(1),
        end_permits: tokio::sync::Semaphore::new(ENDS),
        farewell: tokio::sync::Notify::new(),
        leaving: tokio::sync::Notify::new(),
        closing: Cell::new(false),
        upgrading: RefCell::default(),
        began: Instant::now(),
        output_bytes: Cell::new(0),
        adopted: Cell::new(false),
        adoption: tokio::sync::Notify::new(),
        control,
        writer,
        facts,
    })
}

/// What goes on beside the questions for as long as the worker lives.
fn start_tasks(worker: &SharedWorker) {
    tokio::task::spawn_local(sessions::takeover::adopt(worker.clone()));
    tokio::task::spawn_local(sessions::restarts::begin_planned(worker.clone()));
    hooks::start(worker);
    tokio::task::spawn_local(sessions::keep_limits::watch(worker.clone()));
    tokio::task::spawn_local(state_dir::repair::watch(worker.clone()));
}

async fn accept(
    worker: &SharedWorker,
    accepted: io::Result<(tokio::net::UnixStream, tokio::net::unix::SocketAddr)>,
) {
    match accepted {
        Ok((stream, _)) => {
            worker
                .guardian_health
                .look(&worker.control, worker.facts.guardian_pid);
            state_dir::repair::look(worker);
            serve::admit(stream, worker);
            if worker.room.for_connection(worker.held_fds()).is_err() {
                // Who is in already shows whether it has a question before the next is judged.
                tokio::task::yield_now().await;
            }
        }
        Err(error) => {
            log(
                Level::Warn,
                "cannot accept a connection",
                &[("error", &error)],
            );
            // Out of descriptors: those who have one get the time to finish.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
}

/// Reads what the guardian says until it says nothing more. True when this worker is over.
fn hear(worker: &SharedWorker, listener: &mut UnixListener) -> bool {
    loop {
        match worker.control.receive() {
            Ok(None) => return false,
            Ok(Some(ToWorker::Poke)) => worker.registry.look_all(),
            // The socket had vanished and was bound again; who connected to the old one is served
            // on.
            Ok(Some(ToWorker::Listener(fd))) => match listen(fd) {
                Ok(new) => *listener = new,
                Err(error) => log(Level::Error, "cannot listen again", &[("error", &error)]),
            },
            Ok(Some(ToWorker::Quit)) if worker.closing.get() => worker.farewell.notify_one(),
            // At once: what is not in the log is in the rings, and the next worker waits.
            Ok(Some(ToWorker::Quit)) => std::process::exit(0),
            Ok(Some(ToWorker::Stop)) => stop_everything(worker.clone()),
            Ok(Some(ToWorker::UpgradeFailed(errno))) => {
                log(
                    Level::Error,
                    "the guardian cannot become the new build",
                    &[("errno", &errno)],
                );
                worker.upgrade_failed(errno);
            }
            Err(_) => take_place(worker, listener),
        }
    }
}

fn stop_everything(worker: SharedWorker) {
    tokio::task::spawn_local(async move {
        sessions::takeover::ensure_loaded(&worker, None).await;
        requests::stop_everything(worker).await;
    });
}

/// The guardian is gone. Everything it needs goes to its successor by name, while every owner still
/// holds it; threads and tasks end with the exec, and what they knew is in the rings.
fn take_place(worker: &SharedWorker, listener: &UnixListener) -> ! {
    let mut fds = vec![("listener".to_owned(), listener.as_raw_fd())];
    fds.extend(worker.shared_fds.numbers());
    let mut facts = worker.facts.clone();
    if let Some(upgrading) = worker.upgrading.borrow_mut().take() {
        // What was to be the new guardian hung up, which does not mean that it is dead.
        worker.end_guardian();
        facts.upgrade = Some(Upgrade {
            id: upgrading.id,
            from: BUILD.to_owned(),
            error: Some("its guardian does not stay".into()),
        });
    }
    promote(&fds, &facts)
}

fn listen(listener: OwnedFd) -> io::Result<UnixListener> {
    let listener = std::os::unix::net::UnixListener::from(listener);
    listener.set_nonblocking(true)?;
    UnixListener::from_std(listener)
}
