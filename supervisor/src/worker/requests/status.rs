//! What the supervisor says of itself.

use crate::platform::process;
use crate::start;
use crate::worker::connection::{Connection, Served};
use crate::worker::sessions::environment::runner_mark;
use crate::worker::sessions::session_ref::SessionRef;
use psup_proto::Response;
use psup_proto::hello::{BUILD, VERSIONS};
use psup_proto::status::{STATE_DIR, Status, Survival};
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

pub(super) async fn status(connection: &mut Connection) -> Served {
    let worker = connection.worker.clone();
    let facts = &worker.facts;
    let live = worker
        .registry
        .list(false)
        .into_iter()
        .filter(SessionRef::is_live);
    let marked = live
        .filter_map(|known| Some((known.id.to_string(), runner_mark(&known.spec)?)))
        .collect();
    let stops_by = if worker.has_cgroups() {
        "cgroup"
    } else {
        "bookkeeping"
    };
    let mut survival = start::survival(facts, marked);
    survival.extend(
        worker
            .state_dir
            .tell()
            .map(|(evidence, survives)| Survival {
                kill: STATE_DIR.into(),
                survives,
                evidence,
                fix: (!survives).then(|| {
                    "make room for it, or give the directory above it back to its owner".into()
                }),
            }),
    );
    let worker_pid = std::process::id().cast_signed();
    let status = Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        build: BUILD.to_owned(),
        protocol: *VERSIONS.end(),
        guardian_pid: facts.guardian_pid,
        worker_pid,
        uptime: Duration::from_millis(crate::log::now_ms().saturating_sub(facts.started_ms)),
        worker_epoch: facts.worker_epoch,
        guardian_epoch: facts.guardian_epoch,
        sessions_live: worker.registry.live_count() as u32,
        sessions_kept: worker.registry.kept_count() as u32,
        connections: worker.connections.get(),
        memory_bytes: process::resident(worker_pid) + process::resident(facts.guardian_pid),
        run_dir: facts.run.as_os_str().as_bytes().to_vec(),
        state_dir: facts.state.as_os_str().as_bytes().to_vec(),
        safe_mode: facts.safe_mode,
        rung: facts.rung.clone(),
        survival,
        stops_by: Some(stops_by.into()),
        worker_uptime: Some(worker.began.elapsed()),
        kept: Some(
            worker
                .kept
                .tell(worker.registry.kept_count() - worker.registry.live_count()),
        ),
    };
    connection.respond(Response::Status(Box::new(status))).await
}
