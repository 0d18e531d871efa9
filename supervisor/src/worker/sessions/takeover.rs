//! Taking over: what a dead worker left, what a dead supervisor left, what a reboot took.
//!
//! Nobody waits for more than he asks about: connections are served at once, a session that is
//! asked for is taken over first, and the others by turns, those that run before those that have
//! ended.

use super::decisions;
use super::inherited::InheritedSession;
use super::lost_record;
use super::orphans;
use super::records::{self, StoredSession};
use super::revival::{revive, wants_revival};
use super::save;
use super::start::{self, StartPlan};
use crate::guardian::{SharedFd, fd_store};
use crate::journal::{EndedJournal, Header, HeaderPage, Journal, Recorded, hint_in, hint_of};
use crate::log::{Level, log, now_ms};
use crate::platform::{process, watchdog};
use crate::worker::context::SharedWorker;
use crate::worker::driver::journal::SessionJournal;
use psup_proto::event::EventKind;
use psup_proto::{Exit, Outcome, Target};
use std::collections::HashMap;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// Lives that are taken over before others get their turn.
const BATCH: usize = 4;

/// Everything that the guardian held, told apart.
pub fn sort(worker: &SharedWorker, held: Vec<(String, OwnedFd)>) {
    let held = held
        .into_iter()
        .map(|(name, fd)| (name.clone(), worker.shared_fds.adopt(name, fd)));
    let (rings, others): (Vec<_>, Vec<_>) = held.partition(|(name, _)| name.starts_with("ring:"));
    // What is left in it belongs to a begin that was cut short before there was a ring.
    let mut others: HashMap<String, SharedFd> = others.into_iter().collect();
    *worker.ledger.borrow_mut() = others.remove(fd_store::LEDGER);
    for (name, ring) in rings {
        let Some((_, key)) = name.split_once(':') else {
            continue;
        };
        let mut take = |kind: &str| others.remove(&format!("{kind}:{key}"));
        let left = InheritedSession {
            hint: hint_in(ring.as_fd()).unwrap_or(0),
            master: take("pty"),
            pidfd: take("pidfd"),
            ring,
            key: key.to_owned(),
        };
        worker.left.borrow_mut().push(left);
    }
}

/// Returns when a question can be answered: soon for what runs, else when every life is known.
pub async fn ensure_loaded(worker: &SharedWorker, target: Option<&Target>) {
    let runs = |target: &Target| {
        worker
            .registry
            .known(target)
            .is_some_and(|known| known.is_live())
    };
    if let Some(target) = target {
        let hint = hint_of(target.name.as_str());
        let asked: Vec<InheritedSession> = worker
            .left
            .borrow_mut()
            .extract_if(.., |left| left.hint == hint || left.hint == 0)
            .collect();
        for left in asked {
            take_over(worker, left);
        }
    }
    while !worker.adopted.get() && !target.is_some_and(runs) {
        worker.adoption.notified().await;
    }
    if let Some(target) = target {
        worker.starting.is_over_soon(&target.name).await;
    }
}

/// Takes over everything else by and by. There may be a thousand that run, and a thousand that have
/// ended.
pub async fn adopt(worker: SharedWorker) {
    let mut turn = 0;
    let mut pause = async || {
        watchdog::feed();
        turn += 1;
        if turn % BATCH == 0 {
            tokio::task::yield_now().await;
        }
    };
    loop {
        let Some(left) = worker.left.borrow_mut().pop() else {
            break;
        };
        take_over(&worker, left);
        pause().await;
    }
    let rest = records::scan(&worker.facts.state, |key| {
        let set_aside = worker.set_aside.borrow().iter().any(|left| left.key == key);
        !set_aside && !worker.registry.has_key(key) && !worker.starting.has_key(key)
    });
    for found in rest {
        if found.record.exit.is_some() {
            ended_before(&worker, found);
        } else {
            lost(&worker, found);
        }
        pause().await;
    }
    decisions::plan_restarts(&worker);
    if let Some(cgroups) = &worker.cgroups {
        let live = worker.registry.live_keys();
        cgroups.sweep(|key| live.contains(key) || worker.starting.has_key(key));
    }
    lost_record::sweep_rings(&worker);
    // Those who come back are there when all are said to be known.
    worker.starting.all_over_soon().await;
    worker.adopted.set(true);
    worker.adoption.notify_waiters();
}

fn take_over(worker: &SharedWorker, left: InheritedSession) {
    match records::find(&worker.facts.state, &left.key) {
        Some(found) if found.record.exit.is_some() => ended(worker, &found),
        Some(found) => living(worker, found, left),
        None if runs(&left.ring) => {
            if let Some(found) = lost_record::from_ring(worker, &left.key, left.ring.as_fd()) {
                return living(worker, found, left);
            }
            log(
                Level::Error,
                "a session runs whose record cannot be read; it is kept running",
                &[("key", &left.key)],
            );
            worker.set_aside.borrow_mut().push(left);
        }
        // Its start was cut short before there was a record.
        None => {
            let _ = HeaderPage::of(&left.ring).map(|header| header.call_off());
            drop_start(worker, &left);
        }
    }
}

/// A start that was cut short before its program ran leaves nothing. The client's retry starts it.
fn drop_start(worker: &SharedWorker, left: &InheritedSession) {
    let key = &left.key;
    worker.let_go_of_cgroup(key);
    worker
        .rings
        .path(key)
        .into_iter()
        .for_each(|ring| drop(std::fs::remove_file(ring)));
    let _ = std::fs::remove_dir_all(worker.session_dir(key));
}

/// Whether the child of a ring was started and has not ended.
fn runs(ring: &SharedFd) -> bool {
    HeaderPage::of(ring)
        .is_ok_and(|header| header.pid.load(Acquire) != 0 && header.recorded() == Recorded::No)
}

fn living(worker: &SharedWorker, mut found: StoredSession, left: InheritedSession) {
    let dir = worker.session_dir(&found.key);
    let journal = match Journal::adopt(
        left.ring.file(),
        &worker.rings,
        &dir,
        &found.key,
        found.spec.log_limit,
        &worker.writer,
    ) {
        Ok(journal) => journal,
        Err(error) => {
            log(
                Level::Error,
                "cannot take a ring over",
                &[("session", &found.record.id), ("error", &error)],
            );
            if runs(&left.ring) {
                // The next worker may be able to.
                return worker.set_aside.borrow_mut().push(left);
            }
            return lost(worker, found);
        }
    };
    // The worker was killed between the record and the fork, or before the child had done anything,
    // or the program could not be run.
    if journal.header().call_off() || journal.header().was_refused() {
        return drop_start(worker, &left);
    }
    found.record.pid = journal.header().pid.load(Acquire);
    let pidfd = left
        .pidfd
        .or_else(|| pidfd_of(worker, &found, journal.header()));
    journal.header().adoptions.fetch_add(1, Relaxed);
    journal
        .header()
        .name
        .store(hint_of(found.record.id.name.as_str()), Release);
    let sizes = sizes(journal.sizes(), &found);
    let life = StartPlan {
        journal: SessionJournal::Live(journal),
        master: left.master,
        pidfd,
        ring: Some(left.ring),
        sizes,
    };
    register(worker, &found, life);
}

/// The worker was killed before the guardian held one. A child whose exit nobody has stored was not
/// reaped, so its pid is its own.
fn pidfd_of(worker: &SharedWorker, found: &StoredSession, header: &Header) -> Option<SharedFd> {
    let pidfd = process::open_pidfd(found.record.pid).ok()?;
    if header.recorded() != Recorded::No {
        return None;
    }
    header
        .started
        .store(process::start_time(found.record.pid).unwrap_or(0), Release);
    Some(worker.hold_or_keep("pidfd", &found.key, pidfd))
}

/// A life that is over: what is left of it can be read.
pub(super) fn ended(worker: &SharedWorker, found: &StoredSession) {
    match EndedJournal::open(
        &worker.session_dir(&found.key),
        &worker.rings,
        &found.key,
        found.spec.log_limit,
    ) {
        Ok(past) => {
            let sizes = sizes(past.sizes(), found);
            let life = StartPlan {
                journal: SessionJournal::Ended(past),
                master: None,
                pidfd: None,
                ring: None,
                sizes,
            };
            register(worker, found, life);
        }
        Err(error) => log(
            Level::Error,
            "cannot open a finished journal",
            &[("session", &found.record.id), ("error", &error)],
        ),
    }
}

/// It was running when every process of its supervisor died, or the machine did.
fn lost(worker: &SharedWorker, mut found: StoredSession) {
    let past = EndedJournal::open(
        &worker.session_dir(&found.key),
        &worker.rings,
        &found.key,
        found.spec.log_limit,
    );
    let end = past.as_ref().map_or(0, EndedJournal::end);
    let header = past.as_ref().ok().and_then(EndedJournal::header);
    if let Some(header) = header {
        found.record.pid = header.pid.load(Acquire).max(0);
        found.record.started_ticks = header.started.load(Acquire);
    }
    let recorded = header.map(Header::recorded);
    let exit = match recorded {
        Some(Recorded::Status { raw, at_ms, .. }) => {
            let exit = worker.exit_of(&found.key, raw, at_ms);
            let what = EventKind::Exited { exit: exit.clone() };
            worker.events.tell(&found.record.id, end, what);
            exit
        }
        Some(Recorded::Gone { .. } | Recorded::No) | None => {
            let reason = if found.record.boot_id == worker.boot_id {
                "supervisor-killed"
            } else {
                "reboot"
            };
            let exit = Exit::new(
                Outcome::Lost {
                    reason: reason.into(),
                },
                now_ms(),
            );
            worker.events.tell(
                &found.record.id,
                end,
                EventKind::Lost {
                    reason: reason.into(),
                },
            );
            exit
        }
    };
    let is_lost = matches!(exit.outcome, Outcome::Lost { .. });
    found.record.exit = Some(exit);
    let orphans = is_lost.then(|| orphans::find(worker, &found)).flatten();
    found.record.orphaned = orphans.is_some();
    let written =
        records::write_record(&worker.session_dir(&found.key), &found.spec, &found.record);
    ended(worker, &found);
    if let Err(error) = written {
        log(
            Level::Warn,
            "cannot write down that a session is lost",
            &[("session", &found.record.id), ("error", &error)],
        );
        save::save_later(worker, &found.key);
    }
    match orphans {
        Some(tree) => {
            let next = wants_revival(&found).then_some(revive as fn(&_, &_));
            orphans::watch(worker, found, tree, next);
        }
        None if wants_revival(&found) && !worker.unsaved.has(&found.key) => revive(worker, &found),
        // Not before it is known to be lost, or the next worker would do so again.
        None if wants_revival(&found) => {
            let worker = worker.clone();
            tokio::task::spawn_local(async move {
                worker.unsaved.saved(&found.key).await;
                if worker.registry.is_newest(&found.key) {
                    revive(&worker, &found);
                }
            });
        }
        None => {}
    }
}

/// It ended before this worker began. Processes of it that ran on may be gone by now.
fn ended_before(worker: &SharedWorker, found: StoredSession) {
    if !found.record.orphaned {
        return ended(worker, &found);
    }
    let orphans = orphans::find(worker, &found);
    ended(worker, &found);
    let revives = wants_revival(&found);
    if let Some(tree) = orphans {
        let next = revives.then_some(revive as fn(&_, &_));
        return orphans::watch(worker, found, tree, next);
    }
    decisions::set_orphans(worker, &found.key, None);
    if revives && worker.registry.is_newest(&found.key) {
        revive(worker, &found);
    }
}

fn register(worker: &SharedWorker, found: &StoredSession, life: StartPlan) {
    let spec = Rc::new(found.spec.clone());
    if let Err(error) = start::start_driver(worker, &found.key, &spec, found.record.clone(), life) {
        log(
            Level::Error,
            "cannot take a session over",
            &[("session", &found.record.id), ("error", &error)],
        );
    }
}

fn sizes(
    noted: Vec<(u64, psup_proto::Size)>,
    found: &StoredSession,
) -> Vec<(u64, psup_proto::Size)> {
    if noted.is_empty() {
        vec![(0, found.spec.size)]
    } else {
        noted
    }
}
