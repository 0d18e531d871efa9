//! Taking over: what a dead worker left, what a dead supervisor left, what a reboot took.

use super::begin::{self, Beginnings};
use super::house::Shared;
use super::keeping::Keeping;
use super::store::{self, Found};
use crate::journal::{HeaderPage, Journal, Past, Recorded};
use crate::log::{Level, log, now_ms};
use crate::platform::hang;
use psup_proto::event::What;
use psup_proto::spec::Restart;
use psup_proto::{Exit, Outcome};
use std::collections::HashMap;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;

/// Lives that are taken over before others get their turn.
const BATCH: usize = 8;

/// What still runs, before anybody is served: the guardian holds all of it.
pub fn adopt(house: &Shared, held: Vec<(String, OwnedFd)>) {
    for (name, fd) in &held {
        house.note_held(name, fd.as_fd());
    }
    let mut held: HashMap<String, OwnedFd> = held.into_iter().collect();
    let keys: Vec<String> = held
        .keys()
        .filter_map(|name| name.strip_prefix("ring:"))
        .map(str::to_owned)
        .collect();
    for key in keys {
        hang::turned();
        let Some(found) = store::find(&house.facts.state, &key) else {
            continue;
        };
        let mut take = |kind: &str| held.remove(&format!("{kind}:{key}"));
        let (ring, master, pidfd) = (take("ring"), take("pty"), take("pidfd"));
        match (found.record.exit.is_some(), ring) {
            (false, Some(ring)) => living(house, found, ring, master, pidfd),
            (false, None) => lost(house, found),
            (true, _) => ended(house, &found),
        }
    }
    let running: Vec<String> = held.iter().filter_map(|(name, fd)| running_key(name, fd)).collect();
    for (name, fd) in held {
        let Some((kind, key)) = name.split_once(':') else { continue };
        if running.iter().any(|running| running == key) {
            log(
                Level::Error,
                "a session runs whose record cannot be read; it is kept running",
                &[("held", &name)],
            );
            // For the next guardian or worker: to close its terminal would be to end it.
            std::mem::forget(fd);
        } else {
            // Its begin was cut short before there was a record.
            house.release(kind, key);
        }
    }
}

/// The key of a ring whose child was started and has not ended.
fn running_key(name: &str, fd: &OwnedFd) -> Option<String> {
    let key = name.strip_prefix("ring:")?;
    let header = HeaderPage::of(fd).ok()?;
    let started = header.pid.load(std::sync::atomic::Ordering::Acquire) != 0;
    (started && header.recorded() == Recorded::No).then(|| key.to_owned())
}

/// What has ended or was lost, while those who ask for what runs are served already. There may be a thousand of these.
pub async fn adopt_rest(house: Shared) {
    let rest = store::scan(&house.facts.state, |key| !house.registry.has_key(key));
    for (n, found) in rest.into_iter().enumerate() {
        hang::turned();
        if found.record.exit.is_some() {
            ended(&house, &found);
        } else {
            lost(&house, found);
        }
        if n % BATCH == BATCH - 1 {
            tokio::task::yield_now().await;
        }
    }
    house.registry.plan_restarts(&house);
    house.adopted.set(true);
    house.adoption.notify_waiters();
}

fn living(house: &Shared, mut found: Found, ring: OwnedFd, master: Option<OwnedFd>, pidfd: Option<OwnedFd>) {
    let dir = house.session_dir(&found.key);
    let journal = match Journal::adopt(ring, &house.rings, &dir, &found.key, found.spec.log_limit, &house.writer) {
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
