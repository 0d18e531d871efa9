//! Ending sessions, and the supervisor.

use super::info::glob;
use crate::pty;
use crate::worker::connection::{Connection, Served};
use crate::worker::context::SharedWorker;
use crate::worker::hooks;
use crate::worker::sessions::session_ref::SessionRef;
use crate::worker::sessions::{decisions, lost_record, orphans};
use psup_proto::request::{Selector, Stop};
use psup_proto::response::Stopped;
use psup_proto::{Code, Failure, Response, limits};
use psup_session::{Answer, Ask};
use std::time::Duration;

/// So many sessions are asked to end before others have their turn.
const PORTION: usize = 16;

/// On shutdown sessions get this long to end politely.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(2);

pub(super) async fn stop(connection: &mut Connection, stop: Stop) -> Served {
    let worker = connection.worker.clone();
    match chosen(&worker, stop.which) {
        Ok(known) => {
            let grace = stop.grace.unwrap_or(limits::GRACE);
            let stopped = connection
                .while_there(end_all(&worker, known, stop.signal, grace))
                .await?;
            connection.respond(Response::Stopped(stopped)).await
        }
        Err(failure) => connection.answer(Err(failure)).await,
    }
}

pub(super) async fn shutdown(connection: &mut Connection, force: bool) -> Served {
    let worker = connection.worker.clone();
    let live: Vec<SessionRef> = worker
        .registry
        .list(false)
        .into_iter()
        .filter(SessionRef::has_processes)
        .collect();
    if !live.is_empty() && !force {
        let names: Vec<String> = live.iter().map(|known| known.id.to_string()).collect();
        let failure = Failure::new(
            Code::StillRunning,
            format!("sessions are running: {}", names.join(" ")),
        );
        return connection
            .answer(Err(failure.hint("`psup shutdown --force` stops them first")))
            .await;
    }
    worker.closing.set(true);
    // Who asks hears that somebody listens, if he is still there.
    let _ = connection.flush().await;
    let stopped = end_all(&worker, stoppable(&worker), None, SHUTDOWN_GRACE).await;
    say_farewell(&worker).await;
    // Told or not: the end was asked for, and the client may have gone.
    let told = connection.respond(Response::Stopped(stopped)).await;
    let told = if told.is_ok() {
        connection.flush().await
    } else {
        told
    };
    worker.leaving.notify_one();
    told
}

/// The service manager or the machine asks for the end.
pub(crate) async fn stop_everything(worker: SharedWorker) {
    worker.closing.set(true);
    end_all(&worker, stoppable(&worker), None, SHUTDOWN_GRACE).await;
    say_farewell(&worker).await;
    worker.leaving.notify_one();
}

/// Stops one session without being asked by a client.
pub(crate) async fn end_session(worker: &SharedWorker, known: &SessionRef, grace: Duration) {
    end(worker, known, None, grace).await;
}

/// Stops one session, and with it the restarts that would follow.
pub(super) async fn end(
    worker: &SharedWorker,
    known: &SessionRef,
    signal: Option<i32>,
    grace: Duration,
) -> Stopped {
    let planned = !known.is_live() && decisions::cancel_next(worker, &known.key);
    if planned {
        // It may be on its way already.
        worker.starting.cancel(&known.id.name);
    }
    let nothing = Stopped {
        id: known.id.clone(),
        exit: None,
        firm: false,
    };
    if known.orphans.is_some() {
        let firm = orphans::end(worker, &known.key, signal, grace).await;
        return Stopped {
            exit: known.record.exit.clone(),
            firm,
            ..nothing
        };
    }
    if !known.is_live() {
        return if planned {
            Stopped {
                exit: known.record.exit.clone(),
                ..nothing
            }
        } else {
            nothing
        };
    }
    match known.handle.ask(Ask::Stop { signal, grace }).await {
        Ok(Answer::Stopped { exit, firm }) => Stopped {
            id: known.id.clone(),
            exit,
            firm,
        },
        Ok(_) | Err(_) => nothing,
    }
}

async fn end_all(
    worker: &SharedWorker,
    known: Vec<SessionRef>,
    signal: Option<i32>,
    grace: Duration,
) -> Vec<Stopped> {
    let mut asked = Vec::new();
    // All are asked before any is waited for, and others have their turns between.
    for (number, known) in known.into_iter().enumerate() {
        if number % PORTION == 0 {
            pty::look_ahead().await;
            tokio::task::yield_now().await;
        }
        let ticket = known
            .is_live()
            .then(|| known.handle.put(Ask::Stop { signal, grace }));
        asked.push((known, ticket));
    }
    let mut stopped = Vec::new();
    for (known, ticket) in asked {
        let Some((_, answer)) = ticket else {
            stopped.push(end(worker, &known, signal, grace).await);
            continue;
        };
        let (exit, firm) = match answer.await {
            Ok(Answer::Stopped { exit, firm }) => (exit, firm),
            Ok(_) | Err(_) => (None, false),
        };
        stopped.push(Stopped {
            id: known.id,
            exit,
            firm,
        });
    }
    stopped
}

/// The sessions that there is something to stop of.
fn stoppable(worker: &SharedWorker) -> Vec<SessionRef> {
    let something = |known: &SessionRef| known.has_processes() || known.next_start_ms.is_some();
    worker
        .registry
        .list(false)
        .into_iter()
        .filter(something)
        .collect()
}

/// The sessions that a selector means; all of them, and a glob, mean those that live.
pub(super) fn chosen(worker: &SharedWorker, which: Selector) -> Result<Vec<SessionRef>, Failure> {
    match which {
        Selector::Named(targets) => targets
            .iter()
            .map(|target| worker.registry.find(target))
            .collect(),
        Selector::All => Ok(stoppable(worker)),
        Selector::Glob(pattern) => {
            let matches = glob(&pattern)?;
            Ok(stoppable(worker)
                .into_iter()
                .filter(|known| matches(known.id.name.as_str()))
                .collect())
        }
    }
}

/// Nobody can connect any more once this returns, and nobody is started in our place.
async fn say_farewell(worker: &SharedWorker) {
    hooks::settle(worker).await;
    lost_record::end_set_aside(worker);
    // The guardian does what is left to do, but who asked for the end is told before that.
    if let Some(cgroups) = &worker.cgroups {
        cgroups.clear();
    }
    // A guardian that is gone has taken the socket's listener with it.
    if worker.control.bye().is_ok() {
        worker.farewell.notified().await;
    }
}
