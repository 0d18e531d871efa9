//! Forgetting several sessions at once, and the limits of what is kept.

use super::info::glob;
use crate::worker::connection::{Connection, Served};
use crate::worker::context::SharedWorker;
use crate::worker::sessions::keep_limits;
use crate::worker::sessions::registry::EndedLife;
use psup_proto::keep::{Ended, ForgetEnded, SetKeep};
use psup_proto::name::Target;
use psup_proto::{Code, Failure, Response};
use std::time::Duration;

pub(super) async fn ended(connection: &mut Connection, forget: ForgetEnded) -> Served {
    let worker = connection.worker.clone();
    let lives = match selected(&worker, &forget) {
        Ok(lives) => lives,
        Err(failure) => return connection.answer(Err(failure)).await,
    };
    let ids = lives.iter().map(|life| life.id.clone()).collect();
    // It goes on whether or not the client stays.
    let removal = tokio::task::spawn_local(async move {
        keep_limits::forget(&worker, lives).await.remove().await;
    });
    let _ = connection.while_there(removal).await?;
    connection.respond(Response::Forgotten(ids)).await
}

fn selected(worker: &SharedWorker, forget: &ForgetEnded) -> Result<Vec<EndedLife>, Failure> {
    match &forget.which {
        Ended::All => Ok(keep_limits::select(worker, |_| true, forget.older)),
        Ended::Glob(pattern) => {
            let matches = glob(pattern)?;
            Ok(keep_limits::select(
                worker,
                |name| matches(name.as_str()),
                forget.older,
            ))
        }
        Ended::Named(targets) => named(worker, targets, forget.older),
    }
}

fn named(
    worker: &SharedWorker,
    targets: &[Target],
    older: Option<Duration>,
) -> Result<Vec<EndedLife>, Failure> {
    for target in targets {
        let known = worker.registry.find(target)?;
        if known.has_processes() {
            let message = format!("{} is running", known.id);
            return Err(Failure::new(Code::StillRunning, message)
                .hint(format!("`psup stop {}` first", known.id.name)));
        }
    }
    let is_meant = |life: &EndedLife| {
        let mut meant = targets.iter();
        meant.any(|target| {
            target.name == life.id.name && target.life.is_none_or(|number| number == life.id.life)
        })
    };
    let mut lives = keep_limits::select(worker, |_| true, older);
    lives.retain(is_meant);
    Ok(lives)
}

pub(super) async fn set_keep(connection: &mut Connection, change: SetKeep) -> Served {
    let worker = connection.worker.clone();
    let set = worker.kept.set(&worker.facts.state, change);
    connection
        .answer(
            set.map(|()| Response::Done)
                .map_err(|e| Failure::system("cannot write to the state directory", e)),
        )
        .await
}
