//! Taking over: what a dead worker left, what a dead supervisor left, what a reboot took.

use super::begin::{self, Beginnings};
use super::house::Shared;
use super::keeping::Keeping;
use super::store::{self, Found};
use crate::journal::{Journal, Past, Recorded};
use crate::log::{Level, log, now_ms};
use crate::platform::hang;
use psup_proto::event::What;
use psup_proto::spec::Restart;
use psup_proto::{Exit, Outcome};
use std::collections::HashMap;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;

/// Gives every life on disk its place; what the guardian held goes to those that still run.
pub fn adopt(house: &Shared, held: Vec<(String, OwnedFd)>) {
    for (name, fd) in &held {
        house.note_held(name, fd.as_fd());
    }
    let mut held: HashMap<String, OwnedFd> = held.into_iter().collect();
    for found in store::scan(&house.facts.state) {
        hang::turned();
        let mut take = |kind: &str| held.remove(&format!("{kind}:{}", found.key));
        let (ring, master, pidfd) = (take("ring"), take("pty"), take("pidfd"));
        match (found.record.exit.is_some(), ring) {
            (false, Some(ring)) => living(house, found, ring, master, pidfd),
            (false, None) => lost(house, found),
            (true, _) => ended(house, &found),
        }
    }
    house.registry.plan_restarts(house);
    for name in held.keys() {
        // Its begin was cut short before there was a record.
        if let Some((kind, key)) = name.split_once(':') {
            house.release(kind, key);
        }
    }
}

fn living(house: &Shared, mut found: Found, ring: OwnedFd, master: Option<OwnedFd>, pidfd: Option<OwnedFd>) {
    let dir = house.session_dir(&found.key);
    let journal = match Journal::adopt(ring, &house.facts.run, &dir, &found.key, found.spec.log_limit, &house.writer) {
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
    found.record.pid = journal.header().pid.load(std::sync::atomic::Ordering::Acquire);
    if found.record.pid == 0 {
        // Killed between the record and the fork: nothing was started. The client's retry starts it.
        journal.forget_ring();
        for kind in ["pty", "ring", "pidfd"] {
            house.release(kind, &found.key);
        }
        let _ = std::fs::remove_dir_all(dir);
        return;
    }
    journal.header().adoptions.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let sizes = sizes(journal.sizes(), &found);
    let life = Beginnings {
        journal: Keeping::Live(journal),
        master,
        pidfd,
        sizes,
        attached: 0,
    };
    take_in(house, &found, life);
}

fn ended(house: &Shared, found: &Found) {
    match Past::open(&house.session_dir(&found.key), &house.facts.run, &found.key, found.spec.log_limit) {
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
    let past = Past::open(&house.session_dir(&found.key), &house.facts.run, &found.key, found.spec.log_limit);
    let recorded = past.as_ref().ok().and_then(Past::header).map(crate::journal::Header::recorded);
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
    found.record.exit = Some(exit.clone());
    let revive = !found.record.stopped
        && match exit.outcome {
            Outcome::Lost { .. } => found.spec.on_boot || found.spec.restart != Restart::No,
            Outcome::Code(_) | Outcome::Signal { .. } | Outcome::Unknown { .. } => super::policy::wants_another(found.spec.restart, &exit),
        };
    if let Err(error) = store::write_record(&house.session_dir(&found.key), &found.record) {
        log(
            Level::Warn,
            "cannot write down that a session is lost",
            &[("session", &found.record.id), ("error", &error)],
        );
    }
    let (name, spec) = (found.record.id.name.clone(), Rc::new(found.spec.clone()));
    ended(house, &found);
    if revive && let Err(failure) = begin::begin(house, &name, &spec, begin::fresh_id(), 0) {
        log(
            Level::Error,
            "cannot bring a lost session back",
            &[("session", &name), ("error", &failure)],
        );
    }
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
