//! Starting sessions: spawn, ensure, replace, restart.

use super::stop;
use crate::worker::connection::{Connection, Served};
use crate::worker::context::SharedWorker;
use crate::worker::driver::mailbox::Detail;
use crate::worker::hooks;
use crate::worker::room::ClientLeft;
use crate::worker::sessions::decisions;
use crate::worker::sessions::restart_policy::Restarts;
use crate::worker::sessions::session_ref::SessionRef;
use crate::worker::sessions::start;
use psup_proto::condition::{Wait, Waited};
use psup_proto::info::State;
use psup_proto::name::Target;
use psup_proto::request::{IfExists, Spawn};
use psup_proto::response::{Spawned, Started};
use psup_proto::{Code, Failure, Response, Spec, limits};
use psup_session::{Answer, Ask};
use std::rc::Rc;
use std::time::Duration;

/// Most starts take a millisecond. Before one has taken so long there is nothing to say to the
/// client, and no look whether it is there.
const SOON: Duration = Duration::from_millis(50);

pub(super) async fn spawn(connection: &mut Connection, spawn: Spawn) -> Served {
    let worker = connection.worker.clone();
    let Spawn {
        id,
        name,
        spec,
        how,
        ready,
    } = spawn;
    let spec = Rc::new(spec);
    connection
        .while_there(worker.starting.is_over(&name))
        .await?;
    // A retry: the first try came through, only its answer did not.
    if let Some(known) = worker.registry.by_request(id) {
        return answer(connection, &known, Started::Started, ready).await;
    }
    let mut done = Started::Started;
    match (how, worker.registry.known(&name.clone().into())) {
        (IfExists::New, _) | (_, None) => {}
        (IfExists::Ensure | IfExists::Replace, Some(known)) => {
            let differs = known.spec.differences(&spec);
            if known.orphans.is_some() {
                if how == IfExists::Replace {
                    connection
                        .while_there(stop::end(&worker, &known, None, limits::GRACE))
                        .await?;
                }
                // Else it is refused, for they would run beside each other.
                done = Started::Restarted;
            } else if !known.is_live() {
                // An end that the restart policy would follow is followed now.
                decisions::cancel_next(&worker, &known.key);
                done = Started::Restarted;
            } else if differs.is_empty() {
                return answer(connection, &known, Started::Unchanged, ready).await;
            } else if how == IfExists::Ensure {
                return connection.answer(Err(differs_from(&known, &differs))).await;
            } else {
                connection
                    .while_there(stop::end(&worker, &known, None, limits::GRACE))
                    .await?;
                done = Started::Replaced;
            }
        }
    }
    // One that runs keeps its hooks: the start will be refused.
    let is_free = worker
        .registry
        .known(&name.clone().into())
        .is_none_or(|known| !known.has_processes());
    if is_free && let Err(failure) = hooks::set_of_spec(&worker, &name, &spec) {
        return connection.answer(Err(failure)).await;
    }
    begin_and_answer(connection, &name, &spec, id, done, ready).await
}

/// A new life of the same spec, whatever the present one is doing.
pub(super) async fn restart(connection: &mut Connection, target: &Target, id: u128) -> Served {
    let worker = connection.worker.clone();
    connection
        .while_there(worker.starting.is_over(&target.name))
        .await?;
    if let Some(known) = worker.registry.by_request(id) {
        return answer(connection, &known, Started::Restarted, None).await;
    }
    let known = match worker.registry.find(target) {
        Ok(known) if known.newest => known,
        Ok(known) => {
            let message = format!(
                "{} is not the newest life of {:?}",
                known.id,
                known.id.name.as_str()
            );
            return connection
                .answer(Err(Failure::new(Code::Usage, message)))
                .await;
        }
        Err(failure) => return connection.answer(Err(failure)).await,
    };
    decisions::cancel_next(&worker, &known.key);
    if known.has_processes() {
        connection
            .while_there(stop::end(&worker, &known, None, limits::GRACE))
            .await?;
    }
    begin_and_answer(
        connection,
        &known.id.name,
        &known.spec,
        id,
        Started::Restarted,
        None,
    )
    .await
}

async fn begin_and_answer(
    connection: &mut Connection,
    name: &psup_proto::Name,
    spec: &Rc<Spec>,
    id: u128,
    done: Started,
    ready: Option<Wait>,
) -> Served {
    let worker = connection.worker.clone();
    let mut start = std::pin::pin!(start::start_session(
        &worker,
        name,
        spec,
        id,
        Restarts::default()
    ));
    let begun = match tokio::time::timeout(SOON, &mut start).await {
        Ok(begun) => begun,
        Err(_) => connection.while_there(start).await?,
    };
    match begun {
        Ok(id) => match worker.registry.find(&id.into()) {
            Ok(known) => answer(connection, &known, done, ready).await,
            Err(failure) => connection.answer(Err(failure)).await,
        },
        Err(failure) => connection.answer(Err(failure)).await,
    }
}

/// Answers once the session is ready, if that was asked.
async fn answer(
    connection: &mut Connection,
    known: &SessionRef,
    done: Started,
    ready: Option<Wait>,
) -> Served {
    let worker = connection.worker.clone();
    let waited = match ready {
        None => None,
        Some(wait) => match connection
            .while_there(until_ready(&worker, known, wait))
            .await?
        {
            Ok(waited) => Some(waited),
            Err(failure) => return connection.answer(Err(failure)).await,
        },
    };
    let spawned = spawned(connection, known, done, waited).await?;
    connection.answer(spawned).await
}

async fn until_ready(
    worker: &SharedWorker,
    known: &SessionRef,
    wait: Wait,
) -> Result<Waited, Failure> {
    match known.handle.ask(Ask::Wait(wait)).await? {
        Answer::Waited(waited) => {
            if matches!(waited.verdict, psup_proto::condition::Verdict::Held(_)) {
                worker.events.tell(
                    &known.id,
                    waited.offset,
                    psup_proto::event::EventKind::Ready,
                );
            }
            Ok(waited)
        }
        Answer::Refused(failure) => Err(failure),
        _ => Err(Failure::new(
            Code::Internal,
            "an answer to another question",
        )),
    }
}

async fn spawned(
    connection: &mut Connection,
    known: &SessionRef,
    done: Started,
    ready: Option<Waited>,
) -> Result<Result<Response, Failure>, ClientLeft> {
    let info = connection
        .while_there(known.handle.info(Detail::Brief))
        .await?;
    Ok(info.map(|info| {
        let state = if known.is_live() {
            info.facts.state
        } else {
            State::Ended
        };
        Response::Spawned(Spawned {
            id: known.id.clone(),
            pid: known.record.pid,
            done,
            offset: info.facts.offset,
            ready,
            state,
            unmet: known.record.unmet.clone(),
        })
    }))
}

fn differs_from(known: &SessionRef, differs: &[&str]) -> Failure {
    let message = format!(
        "{} runs from a different spec: {}",
        known.id,
        differs.join(", ")
    );
    Failure::new(Code::SpecDiffers, message).hint("`--replace` stops it and starts it again")
}
