//! Beginning a life: in an order in which a crash at any point starts nothing twice and loses
//! nothing that runs.
//!
//! ```text
//! claim the name → ring → terminal → both held by the guardian → write spec and record → cgroup → fork → driver
//! ```

use super::check_spec::check;
use super::confinement::{self, Confinement, confine};
use super::decisions;
use super::environment::removed;
use super::owner;
use super::records::{self, Record};
use super::restart_policy::Restarts;
use super::start_claims::Claim;
use crate::guardian::SharedFd;
use crate::journal::{Journal, JournalEvent, hint_of};
use crate::log::{now_ms, with_request};
use crate::platform::cgroup::limits as cgroup_limits;
use crate::platform::{descriptors, process};
use crate::pty;
use crate::worker::context::SharedWorker;
use crate::worker::driver::async_fd::register;
use crate::worker::driver::journal::SessionJournal;
use crate::worker::driver::mailbox::DriverHandle;
use crate::worker::driver::{Driver, State};
use crate::worker::hooks::{self, WatchedLife};
use crate::worker::shells;
use psup_proto::event::EventKind;
use psup_proto::name::{Name, SessionId};
use psup_proto::{Code, Failure, Offset, Size, Spec};
use psup_session::{Event, Session, SessionStart};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::{JoinError, JoinHandle};

/// A number that names a life for ever: the client's for a spawn, one of ours for a restart.
pub fn fresh_id() -> u128 {
    let mut bytes = [0; 16];
    // SAFETY: the buffer is ours and of the length given. It cannot fail for so few bytes once the
    // system is up.
    #[cfg(target_os = "linux")]
    unsafe {
        libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0)
    };
    // SAFETY: as above.
    #[cfg(not(target_os = "linux"))]
    unsafe {
        libc::getentropy(bytes.as_mut_ptr().cast(), bytes.len())
    };
    u128::from_le_bytes(bytes)
}

/// Begins the next life of a name, at once: the start goes on whether or not anybody waits for what
/// is returned.
pub fn start_session(
    worker: &SharedWorker,
    name: &Name,
    spec: &Rc<Spec>,
    request: u128,
    restarts: Restarts,
) -> impl Future<Output = Result<SessionId, Failure>> + use<> {
    let begun = spawn_start(worker, name, spec, request, restarts);
    async move {
        begun?
            .await
            .unwrap_or_else(|error| Err(start_failed(&error)))
    }
}

fn spawn_start(
    worker: &SharedWorker,
    name: &Name,
    spec: &Rc<Spec>,
    request: u128,
    restarts: Restarts,
) -> Result<JoinHandle<Started>, Failure> {
    if worker.closing.get() {
        return Err(Failure::new(Code::Retry, "the supervisor is shutting down"));
    }
    check(spec)?;
    let key = format!("{request:032x}");
    worker
        .room
        .for_session(worker.held_fds(), worker.registry.live_count())?;
    let claim = Claim::of(&worker.starting, name, &key)?;
    let id = decisions::reserve(worker, name)?;
    let (worker, spec) = (worker.clone(), spec.clone());
    let order = Order {
        id,
        key,
        spec,
        request,
        restarts,
    };
    let work = async move {
        let started = start(&worker, &claim, &order).await;
        started.map(|()| order.id).inspect_err(|_| {
            worker.let_go_of_cgroup(&order.key);
            worker.rings.remove_command(&order.key);
            let _ = std::fs::remove_dir_all(worker.session_dir(&order.key));
        })
    };
    Ok(tokio::task::spawn_local(with_request(Some(request), work)))
}

/// The life that was begun.
type Started = Result<SessionId, Failure>;

fn start_failed(error: &JoinError) -> Failure {
    Failure::new(
        Code::Internal,
        format!("the start was interrupted: {error}"),
    )
}

/// What is to be started.
struct Order {
    id: SessionId,
    key: String,
    spec: Rc<Spec>,
    request: u128,
    restarts: Restarts,
}

/// All that is made before there is a child.
struct Prepared {
    journal: Journal,
    ring: SharedFd,
    master: SharedFd,
    record: Record,
    birth: pty::PreparedChild,
}

async fn start(worker: &SharedWorker, claim: &Claim, order: &Order) -> Result<(), Failure> {
    let Prepared {
        journal,
        ring,
        master,
        mut record,
        birth,
    } = prepare(worker, order)?;
    claim.has_ring(journal.header_ref());
    // On another thread, for where the program lies nobody may answer; this one serves on.
    let born = tokio::task::spawn_blocking(move || birth.spawn()).await;
    let born = born.map_err(|error| start_failed(&error))?;
    let launched = born
        .map_err(|refusal| refusal.told(&order.spec))
        .inspect_err(|_| journal.forget_ring())?;
    if claim.is_void() || worker.closing.get() {
        // It may have ended already. The end of its terminal is for those it has started.
        let _ = process::signal(
            launched.pidfd.as_ref().map(AsFd::as_fd),
            launched.pid,
            libc::SIGKILL,
        );
        journal.forget_ring();
        let message = format!("{} was stopped while it was being started", order.id);
        return Err(Failure::new(Code::Retry, message));
    }
    if !launched.confined {
        worker.let_go_of_cgroup(&order.key);
        record.unmet =
            cgroup_limits::without_cgroup(&order.spec.resources, confinement::NOT_CONFINED);
    }
    register_child(
        worker,
        order,
        journal,
        Terminal { ring, master },
        record,
        launched,
    )
}

/// What the guardian holds of a life before there is a child.
struct Terminal {
    ring: SharedFd,
    master: SharedFd,
}

/// There is a child; what remains is to know it.
fn register_child(
    worker: &SharedWorker,
    order: &Order,
    journal: Journal,
    terminal: Terminal,
    mut record: Record,
    launched: pty::Child,
) -> Result<(), Failure> {
    let refused = |what: &'static str| move |error: io::Error| Failure::system(what, error);
    let (pid, spec, restarts) = (launched.pid, &order.spec, order.restarts.in_a_row);
    // The child has written it before anything else; one that was killed before even that is known
    // all the same.
    journal
        .header()
        .pid
        .store(pid, std::sync::atomic::Ordering::Release);
    journal.header().started.store(
        process::start_time(pid).unwrap_or(0),
        std::sync::atomic::Ordering::Release,
    );
    // The child runs, and the process that takes over opens another pidfd.
    let pidfd = launched
        .pidfd
        .map(|pidfd| worker.hold_or_keep("pidfd", &order.key, pidfd));
    // It was reaped already, and as nobody's if it had not written its pid. Of any other the exit
    // is known by now.
    if pidfd.is_none() && process::signal(None, pid, 0).is_err() {
        journal.header().record_gone(now_ms());
    }
    // The process that takes over reads it from the ring's header, where the child itself has
    // written it.
    record.pid = pid;
    let life = StartPlan {
        journal: SessionJournal::Live(journal),
        master: Some(terminal.master),
        pidfd,
        ring: Some(terminal.ring),
        sizes: vec![(0, spec.size)],
    };
    life.journal.note(JournalEvent::Started {
        pid,
        size: spec.size,
    });
    start_driver(worker, &order.key, spec, record, life)
        // Refused is refused: it must not run on. It is our child and has not been reaped.
        .inspect_err(|_| drop(process::signal(None, pid, libc::SIGKILL)))
        .map_err(refused("cannot watch the terminal"))?;
    let what = if restarts > 0 {
        EventKind::Restarted { pid, restarts }
    } else {
        EventKind::Started { pid }
    };
    worker.events.tell(&order.id, 0, what);
    Ok(())
}

fn prepare(worker: &SharedWorker, order: &Order) -> Result<Prepared, Failure> {
    let Order { id, key, spec, .. } = order;
    let refused = |what: &'static str| move |error: io::Error| Failure::system(what, error);
    let Confinement { cgroup, unmet } = confine(worker, key, &spec.resources)?;
    let dir = worker.session_dir(key);
    let made = Journal::create(&worker.rings, &dir, key, spec.log_limit, &worker.writer);
    let journal = made.map_err(refused("cannot make the session's directory and ring"))?;
    journal.header().name.store(
        hint_of(id.name.as_str()),
        std::sync::atomic::Ordering::Release,
    );
    let terminal = pty::open(spec.size).map_err(refused("cannot open a terminal"))?;
    // Nothing has been started yet, so the client asks again.
    let again = |error| {
        Failure::new(
            Code::Retry,
            format!("the guardian cannot hold the session: {error}"),
        )
    };
    let hold = |kind: &str, fd: Arc<OwnedFd>| worker.hold(kind, key, fd).map_err(again);
    let ring = hold("ring", journal.ring_file())?;
    let master = hold("pty", terminal.master.into())?;

    let record = Record {
        id: id.clone(),
        request: order.request,
        started_ms: now_ms(),
        boot_id: worker.boot_id.clone(),
        nonce: format!(
            "{:016x}",
            descriptors::random().map_err(refused("cannot name the marks of a shell"))? as u64
        ),
        pid: 0,
        started_ticks: 0,
        orphaned: false,
        command_file: worker.rings.command(key),
        restarts: order.restarts.in_a_row,
        restarted_ms: order.restarts.at_ms.clone(),
        given_up: false,
        stopped: false,
        exit: None,
        unmet,
        restored_ms: None,
    };
    records::write_new(&dir, spec, &record).map_err(refused("cannot write the session's files"))?;
    let session_id = id.to_string();
    let term = pty::best_term(|name| spec.var(name));
    let asked = |name: &str| spec.asked_env.iter().any(|(key, _)| key == name.as_bytes());
    let removed: Vec<&str> = removed(spec).collect();
    let mut extra = vec![
        ("COLORTERM", "truecolor"),
        ("PSUP_SESSION", session_id.as_str()),
        (pty::MARK, key),
    ];
    if !asked("TERM") {
        extra.push(("TERM", term));
    }
    let lesson = shells::Lesson {
        dir: &dir,
        command: &shells::command_file(record.command_file.as_deref(), &dir),
        nonce: &record.nonce,
    };
    let taught =
        shells::teach(spec, &lesson).map_err(refused("cannot write the shell's integration"))?;
    let launch = pty::Launch {
        spec: taught.as_ref().unwrap_or(spec),
        extra_env: &extra,
        removed_env: &removed,
        slave: &terminal.slave,
        header: journal.header_ref(),
        open_files: (worker.facts.open_files > 0).then_some(worker.facts.open_files),
        cgroup,
    };
    let birth = pty::prepare(launch).inspect_err(|_| journal.forget_ring())?;
    Ok(Prepared {
        journal,
        ring,
        master,
        record,
        birth,
    })
}

/// What a driver needs, new or taken over.
pub struct StartPlan {
    pub journal: SessionJournal,
    pub master: Option<SharedFd>,
    pub pidfd: Option<SharedFd>,
    pub ring: Option<SharedFd>,
    pub sizes: Vec<(Offset, Size)>,
}

/// Gives a life its driver and its place in the registry.
pub fn start_driver(
    worker: &SharedWorker,
    key: &str,
    spec: &Rc<Spec>,
    record: Record,
    life: StartPlan,
) -> io::Result<()> {
    let (handle, mailbox) = DriverHandle::new(record.id.clone());
    let lived = Duration::from_millis(now_ms().saturating_sub(record.started_ms));
    let beginning = SessionStart {
        sizes: life.sizes,
        scrollback: spec.scrollback,
        end: life.journal.end(),
        ttl: spec.ttl.map(|ttl| ttl.saturating_sub(lived)),
        sent: life.journal.sent(),
        skips: life.journal.judged(worker.facts.crashed),
        blind: worker.facts.safe_mode,
        nonce: shells::nonce(&record.nonce, key).to_owned(),
        prompts: shells::prompts(spec),
    };
    if let SessionJournal::Live(journal) = &life.journal {
        worker
            .children
            .borrow_mut()
            .insert(record.pid, (journal.header_ref(), key.to_owned()));
        worker.copy_record(spec, &record);
    }
    let mut session = Session::new(Instant::now(), beginning);
    if let Some(exit) = record.exit.clone() {
        // It was over before this worker began: nothing of that is news.
        session.handle(Instant::now(), Event::Exited(exit));
        session.handle(Instant::now(), Event::Closed);
        while session.poll().is_some() {}
    }
    let driver = Driver {
        worker: worker.clone(),
        key: key.to_owned(),
        command_file: shells::command_file(
            record.command_file.as_deref(),
            &worker.session_dir(key),
        ),
        session,
        journal: life.journal,
        master: life.master.map(register).transpose()?,
        pidfd: life.pidfd.map(register).transpose()?,
        ring: life.ring,
        mailbox,
        handle: handle.clone(),
        state: State::of(record.exit.is_some()),
        typing: None,
    };
    let watched = WatchedLife {
        key: key.to_owned(),
        started_ms: record.started_ms,
        end: driver.journal.end(),
        live: record.exit.is_none(),
        handle: handle.clone(),
    };
    let owner = spec.owner.filter(|_| watched.live);
    decisions::add(worker, key, spec, record, handle);
    owner::watch(worker, key, owner);
    tokio::task::spawn_local(driver.run());
    hooks::watch_session(worker, &watched);
    Ok(())
}
