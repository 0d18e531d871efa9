//! Taking over: what a dead worker left, what a dead supervisor left, what a reboot took.
//!
//! Nobody waits for more than he asks about: connections are served at once, a session that is asked for is taken over
//! first, and the others by turns, those that run before those that have ended.

use super::begin::{self, Beginnings};
use super::house::Shared;
use super::keeping::Keeping;
use super::orphans;
use super::store::{self, Found};
use crate::journal::{Header, HeaderPage, Journal, Past, Recorded, hint_in, hint_of};
use crate::log::{Level, log, now_ms};
use crate::platform::{hang, process};
use psup_proto::event::What;
use psup_proto::spec::Restart;
use psup_proto::{Exit, Outcome, Target};
use std::collections::HashMap;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// Lives that are taken over before others get their turn.
const BATCH: usize = 4;

/// What the guardian held of one life, until it is taken over.
pub struct Left {
    key: String,
    /// A hash of the name, as the ring's header has it; 0 in a ring of an older build.
    hint: u64,
    ring: OwnedFd,
    master: Option<OwnedFd>,
    pidfd: Option<OwnedFd>,
}

/// Everything that the guardian held, told apart.
pub fn sort(house: &Shared, held: Vec<(String, OwnedFd)>) {
    for (name, fd) in &held {
        house.note_held(name, fd.as_fd());
    }
    let (rings, others): (Vec<_>, Vec<_>) = held.into_iter().partition(|(name, _)| name.starts_with("ring:"));
    let mut others: HashMap<String, OwnedFd> = others.into_iter().collect();
    for (name, ring) in rings {
        let Some((_, key)) = name.split_once(':') else { continue };
        let mut take = |kind: &str| others.remove(&format!("{kind}:{key}"));
        let left = Left {
            hint: hint_in(ring.as_fd()).unwrap_or(0),
            master: take("pty"),
            pidfd: take("pidfd"),
            ring,
            key: key.to_owned(),
        };
        house.left.borrow_mut().push(left);
    }
    // Of a begin that was cut short before there was a ring.
    for name in others.keys() {
        if let Some((kind, key)) = name.split_once(':') {
            house.release(kind, key);
        }
    }
}

/// Returns when a question can be answered: soon for what runs, else when every life is known.
pub async fn knows(house: &Shared, target: Option<&Target>) {
    let runs = |target: &Target| house.registry.known(target).is_some_and(|known| known.is_live());
    if let Some(target) = target {
        let hint = hint_of(target.name.as_str());
        let asked: Vec<Left> = house
            .left
            .borrow_mut()
            .extract_if(.., |left| left.hint == hint || left.hint == 0)
            .collect();
        for left in asked {
            take_over(house, left);
        }
    }
    while !house.adopted.get() && !target.is_some_and(runs) {
        house.adoption.notified().await;
    }
    if let Some(target) = target {
        house.starting.is_over_soon(&target.name).await;
    }
}

/// Takes over everything else by and by. There may be a thousand that run, and a thousand that have ended.
pub async fn adopt(house: Shared) {
    let mut turn = 0;
    let mut pause = async || {
        hang::turned();
        turn += 1;
        if turn % BATCH == 0 {
            tokio::task::yield_now().await;
        }
    };
    loop {
        let Some(left) = house.left.borrow_mut().pop() else { break };
        take_over(&house, left);
        pause().await;
    }
    let rest = store::scan(&house.facts.state, |key| {
        !house.registry.has_key(key) && !house.starting.has_key(key)
    });
    for found in rest {
        if found.record.exit.is_some() {
            ended_before(&house, found);
        } else {
            lost(&house, found);
        }
        pause().await;
    }
    house.registry.plan_restarts(&house);
    if let Some(cgroups) = &house.cgroups {
        let live = house.registry.live_keys();
        cgroups.sweep(|key| live.contains(key) || house.starting.has_key(key));
    }
    // Those who come back are there when all are said to be known.
    house.starting.all_over_soon().await;
    house.adopted.set(true);
    house.adoption.notify_waiters();
}

fn take_over(house: &Shared, left: Left) {
    match store::find(&house.facts.state, &left.key) {
        Some(found) if found.record.exit.is_some() => ended(house, &found),
        Some(found) => living(house, found, left),
        None if runs(&left.ring) => {
            log(
                Level::Error,
                "a session runs whose record cannot be read; it is kept running",
                &[("key", &left.key)],
            );
            // For the next guardian or worker: to close its terminal would be to end it.
            std::mem::forget(left);
        }
        // Its start was cut short before there was a record.
        None => {
            let _ = HeaderPage::of(&left.ring).map(|header| header.call_off());
            drop_start(house, &left.key);
        }
    }
}

/// A start that was cut short before its program ran leaves nothing. The client's retry starts it.
fn drop_start(house: &Shared, key: &str) {
    release(house, key);
    house.let_go_of_cgroup(key);
    house.rings.path(key).into_iter().for_each(|ring| drop(std::fs::remove_file(ring)));
    let _ = std::fs::remove_dir_all(house.session_dir(key));
}

fn release(house: &Shared, key: &str) {
    for kind in ["pty", "ring", "pidfd"] {
        house.release(kind, key);
    }
}

/// Whether the child of a ring was started and has not ended.
fn runs(ring: &OwnedFd) -> bool {
    HeaderPage::of(ring).is_ok_and(|header| header.pid.load(Acquire) != 0 && header.recorded() == Recorded::No)
}

fn living(house: &Shared, mut found: Found, left: Left) {
    let dir = house.session_dir(&found.key);
    let journal = match Journal::adopt(left.ring, &house.rings, &dir, &found.key, found.spec.log_limit, &house.writer) {
        Ok(journal) => journal,
        Err(error) => {
            log(
                Level::Error,
                "cannot take a ring over",
                &[("session", &found.record.id), ("error", &error)],
            );
            return lost(house, found);
        }
    };
    // The worker was killed between the record and the fork, or before the child had done anything, or the program could
    // not be run.
    if journal.header().call_off() || journal.header().was_refused() {
        return drop_start(house, &found.key);
    }
    found.record.pid = journal.header().pid.load(Acquire);
    let pidfd = left.pidfd.or_else(|| pidfd_of(house, &found, journal.header()));
    journal.header().adoptions.fetch_add(1, Relaxed);
    journal.header().name.store(hint_of(found.record.id.name.as_str()), Release);
    let sizes = sizes(journal.sizes(), &found);
    let life = Beginnings {
        journal: Keeping::Live(journal),
        master: left.master,
        pidfd,
        sizes,
        attached: 0,
    };
    take_in(house, &found, life);
}

/// The worker was killed before the guardian held one. A child whose exit nobody has stored was not reaped, so its pid is
/// its own.
fn pidfd_of(house: &Shared, found: &Found, header: &Header) -> Option<OwnedFd> {
    let pidfd = process::open_pidfd(found.record.pid).ok()?;
    if header.recorded() != Recorded::No {
        return None;
    }
    header.started.store(process::start_time(found.record.pid).unwrap_or(0), Release);
    // Without it the next worker opens one as well.
    let _ = house.hold("pidfd", &found.key, pidfd.as_fd());
    Some(pidfd)
}

fn ended(house: &Shared, found: &Found) {
    match Past::open(&house.session_dir(&found.key), &house.rings, &found.key, found.spec.log_limit) {
        Ok(past) => {
            let sizes = sizes(past.sizes(), found);
            let life = Beginnings {
                journal: Keeping::Past(past),
                master: None,
                pidfd: None,
                sizes,
                attached: 0,
            };
            take_in(house, found, life);
        }
        Err(error) => log(
            Level::Error,
            "cannot open a finished journal",
            &[("session", &found.record.id), ("error", &error)],
        ),
    }
}

/// It was running when every process of its supervisor died, or the machine did.
fn lost(house: &Shared, mut found: Found) {
    let past = Past::open(&house.session_dir(&found.key), &house.rings, &found.key, found.spec.log_limit);
    let header = past.as_ref().ok().and_then(Past::header);
    if let Some(header) = header {
        found.record.pid = header.pid.load(Acquire).max(0);
        found.record.started_ticks = header.started.load(Acquire);
    }
    let recorded = header.map(Header::recorded);
    let exit = match recorded {
        Some(Recorded::Status { raw, at_ms, .. }) => Exit::from_raw(raw, at_ms),
        Some(Recorded::Gone { .. } | Recorded::No) | None => {
            let reason = if found.record.boot_id == house.boot_id {
                "supervisor-killed"
            } else {
                "reboot"
            };
            let exit = Exit {
                outcome: Outcome::Lost { reason: reason.into() },
                at_ms: now_ms(),
            };
            house.events.tell(&found.record.id, 0, What::Lost { reason: reason.into() });
            exit
        }
    };
    let is_lost = matches!(exit.outcome, Outcome::Lost { .. });
    found.record.exit = Some(exit);
    let orphans = is_lost.then(|| orphans::find(house, &found)).flatten();
    found.record.orphaned = orphans.is_some();
    if let Err(error) = store::write_record(&house.session_dir(&found.key), &found.record) {
        log(
            Level::Warn,
            "cannot write down that a session is lost",
            &[("session", &found.record.id), ("error", &error)],
        );
    }
    ended(house, &found);
    match orphans {
        Some(tree) => {
            let revive = wants_revival(&found);
            orphans::watch(house, found, tree, revive);
        }
        None if wants_revival(&found) => revive(house, &found),
        None => {}
    }
}

/// It ended before this worker began. Processes of it that ran on may be gone by now.
fn ended_before(house: &Shared, found: Found) {
    if !found.record.orphaned {
        return ended(house, &found);
    }
    let orphans = orphans::find(house, &found);
    ended(house, &found);
    let revives = wants_revival(&found);
    if let Some(tree) = orphans {
        return orphans::watch(house, found, tree, revives);
    }
    house.registry.set_orphans(house, &found.key, None);
    if revives && house.registry.is_newest(&found.key) {
        revive(house, &found);
    }
}

/// Whether another life follows one that was over when nobody watched.
fn wants_revival(found: &Found) -> bool {
    let Some(exit) = found.record.exit.as_ref().filter(|_| !found.record.stopped) else {
        return false;
    };
    match exit.outcome {
        Outcome::Lost { .. } => found.spec.on_boot || found.spec.restart != Restart::No,
        Outcome::Code(_) | Outcome::Signal { .. } | Outcome::Unknown { .. } => super::policy::wants_another(found.spec.restart, exit),
    }
}

/// At once: where that fails it is tried again.
pub(super) fn revive(house: &Shared, found: &Found) {
    let (name, spec) = (found.record.id.name.clone(), Rc::new(found.spec.clone()));
    let start = begin::begin(house, &name, &spec, begin::fresh_id(), 0);
    let (house, key) = (house.clone(), found.key.clone());
    tokio::task::spawn_local(async move {
        if let Err(failure) = start.await {
            let facts: [(&str, &dyn std::fmt::Display); 2] = [("session", &name), ("error", &failure)];
            log(Level::Error, "cannot bring a lost session back yet", &facts);
            house.registry.plan_again(&house, &key);
        }
    });
}

fn take_in(house: &Shared, found: &Found, life: Beginnings) {
    let spec = Rc::new(found.spec.clone());
    if let Err(error) = begin::settle_in(house, &found.key, &spec, found.record.clone(), life) {
        log(
            Level::Error,
            "cannot take a session over",
            &[("session", &found.record.id), ("error", &error)],
        );
    }
}

fn sizes(noted: Vec<(u64, psup_proto::Size)>, found: &Found) -> Vec<(u64, psup_proto::Size)> {
    if noted.is_empty() { vec![(0, found.spec.size)] } else { noted }
}
