//! What the supervisor counts.

use super::info::state_of;
use crate::log::now_ms;
use crate::platform::process;
use crate::worker::connection::{Connection, Served};
use crate::worker::context::Worker;
use crate::worker::driver::mailbox::{Detail, SessionInfo};
use crate::worker::hooks;
use crate::worker::sessions::session_ref::SessionRef;
use crate::worker::sessions::{records, restoration};
use psup_proto::Response;
use psup_proto::checkpoint::CheckpointMade;
use psup_proto::hello::BUILD;
use psup_proto::info::State;
use psup_proto::metrics::{HookCounts, LiveSession, Metrics, ProcessUsage};

pub(super) async fn metrics(connection: &mut Connection) -> Served {
    let worker = connection.worker.clone();
    let all = worker.registry.list(true).into_iter();
    let asked: Vec<_> = all
        .map(|known| (known.handle.info(Detail::Brief), known))
        .collect();
    let told = async {
        let mut lives = Vec::with_capacity(asked.len());
        for (info, known) in asked {
            // One that was forgotten meanwhile does not count.
            if let Ok(info) = info.await {
                lives.push((known, info));
            }
        }
        lives
    };
    let lives = connection.while_there(told).await?;
    hooks::catch_up(&worker);
    let mut metrics = of_supervisor(&worker);
    for (known, info) in lives {
        add(&mut metrics, &known, &info);
    }
    connection
        .respond(Response::Metrics(Box::new(metrics)))
        .await
}

fn of_supervisor(worker: &std::rc::Rc<Worker>) -> Metrics {
    let facts = &worker.facts;
    let usage = |pid| ProcessUsage {
        pid,
        memory_bytes: process::resident(pid),
        cpu_ms: process::cpu_ms(pid),
    };
    let mut counts = HookCounts::default();
    for hook in worker.hooks.infos(|_| true) {
        counts.hooks += 1;
        counts.due += hook.due;
        counts.delivered += hook.delivered;
        counts.failed += hook.failed;
    }
    let last = facts.state.join(restoration::LAST_CHECKPOINT);
    let last: Option<CheckpointMade> = records::read(&last);
    Metrics {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        build: BUILD.to_owned(),
        profile: facts.profile.clone(),
        boot_id: worker.boot_id.clone(),
        restart_nonce: facts.nonce,
        rung: facts.rung.clone(),
        started_ms: facts.started_ms,
        worker_started_ms: now_ms().saturating_sub(worker.began.elapsed().as_millis() as u64),
        guardian_epoch: facts.guardian_epoch,
        worker_epoch: facts.worker_epoch,
        safe_mode: facts.safe_mode,
        connections: worker.connections.get(),
        sessions: Vec::new(),
        live_bytes: 0,
        ended_bytes: worker.kept.tell(0).bytes,
        output_bytes: worker.output_bytes.get(),
        waits: 0,
        viewers: 0,
        events: worker.events.counts(),
        hooks: counts,
        guardian: usage(facts.guardian_pid),
        worker: usage(std::process::id().cast_signed()),
        checkpoint_ms: last.map(|last| last.at_ms),
        live: Vec::new(),
    }
}

fn add(metrics: &mut Metrics, known: &SessionRef, info: &SessionInfo) {
    let facts = &info.facts;
    count(&mut metrics.sessions, state_of(known, facts));
    if !known.is_live() {
        return;
    }
    metrics.live_bytes += facts.offset.saturating_sub(info.kept_from);
    metrics.waits += facts.waits;
    metrics.viewers += facts.attached;
    metrics.live.push(LiveSession {
        id: known.id.clone(),
        output_bytes: facts.offset,
        restarts: known.record.restarts,
        waits: facts.waits,
    });
}

fn count(sessions: &mut Vec<(State, u32)>, state: State) {
    match sessions.iter_mut().find(|(known, _)| *known == state) {
        Some((_, count)) => *count += 1,
        None => sessions.push((state, 1)),
    }
}
