//! What a checkpoint is made of. The bytes of the journals are read as by any other reader.

use super::info::state_of;
use crate::log::now_ms;
use crate::worker::connection::{Connection, Served};
use crate::worker::driver::mailbox::Detail;
use crate::worker::sessions::{records, restoration};
use psup_proto::checkpoint::{CheckpointHead, CheckpointRequest, SessionCopy};
use psup_proto::name::{SessionId, Target};
use psup_proto::{Code, Failure, Response};

pub(super) async fn checkpoint(connection: &mut Connection, request: CheckpointRequest) -> Served {
    match request {
        CheckpointRequest::Begin => begin(connection).await,
        CheckpointRequest::Session(target) => session(connection, &target).await,
        CheckpointRequest::Made(made) => {
            let path = connection
                .worker
                .facts
                .state
                .join(restoration::LAST_CHECKPOINT);
            let written = records::replace(&path, &made);
            let answer = written.map(|()| Response::Done);
            connection
                .answer(answer.map_err(|e| Failure::system(path.display(), e)))
                .await
        }
    }
}

async fn begin(connection: &mut Connection) -> Served {
    let worker = connection.worker.clone();
    let facts = &worker.facts;
    let mut lives: Vec<SessionId> = worker
        .registry
        .list(true)
        .into_iter()
        .map(|known| known.id)
        .collect();
    lives.sort();
    let head = CheckpointHead {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        profile: facts.profile.clone(),
        boot_id: worker.boot_id.clone(),
        restart_nonce: facts.nonce,
        guardian_epoch: facts.guardian_epoch,
        worker_epoch: facts.worker_epoch,
        lives,
        last: worker.ids.borrow().all().clone(),
    };
    connection
        .respond(Response::CheckpointHead(Box::new(head)))
        .await
}

async fn session(connection: &mut Connection, target: &Target) -> Served {
    let known = match connection.worker.registry.find(target) {
        Ok(known) => known,
        Err(failure) => return connection.answer(Err(failure)).await,
    };
    let (info, copy) = (known.handle.info(Detail::Brief), known.handle.copy());
    let copied = async { Ok::<_, Failure>((info.await?, copy.await?)) };
    let answer = match connection.while_there(copied).await? {
        Ok((info, copy)) => {
            let state = state_of(&known, &info.facts);
            // How it ended is written down later than it is known.
            let mut record = known.record;
            record.exit = record.exit.or_else(|| info.facts.exit.clone());
            let files = serde_json::to_vec(&*known.spec)
                .and_then(|spec| Ok((spec, serde_json::to_vec(&record)?)));
            let copy = files.map(|(spec, life)| SessionCopy {
                id: known.id,
                state,
                at_ms: now_ms(),
                from: copy.from,
                end: copy.end,
                spec,
                life,
                events: copy.events,
                screen: copy.screen,
            });
            copy.map(|copy| Response::SessionCopy(Box::new(copy)))
                .map_err(|e| Failure::new(Code::Internal, e.to_string()))
        }
        Err(failure) => Err(failure),
    };
    connection.answer(answer).await
}
