//! What the supervisor says of itself.

use super::super::begin::runner_mark;
use super::super::connection::{Connection, Served};
use super::super::known::Known;
use crate::platform::process;
use crate::start;
use psup_proto::Response;
use psup_proto::hello::{BUILD, VERSIONS};
use psup_proto::status::{STOP, Status, Survival};
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

pub async fn status(connection: &mut Connection) -> Served {
    let house = connection.house.clone();
    let facts = &house.facts;
    let live = house.registry.list(false).into_iter().filter(Known::is_live);
    let marked = live
        .filter_map(|known| Some((known.id.to_string(), runner_mark(&known.spec)?)))
        .collect();
    let mut survival = start::survival(facts, marked);
    survival.push(Survival {
        kill: STOP.into(),
        survives: true,
        evidence: if house.has_cgroups() { "cgroup" } else { "bookkeeping" }.into(),
        fix: None,
    });
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
        sessions_live: house.registry.live_count() as u32,
        sessions_kept: house.registry.kept_count() as u32,
        connections: house.connections.get(),
        memory_bytes: process::resident(worker_pid) + process::resident(facts.guardian_pid),
        run_dir: facts.run.as_os_str().as_bytes().to_vec(),
        state_dir: facts.state.as_os_str().as_bytes().to_vec(),
        safe_mode: facts.safe_mode,
        rung: facts.rung.clone(),
        survival,
    };
    connection.respond(Response::Status(Box::new(status))).await
}
