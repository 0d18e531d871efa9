//! Restoring sessions from a checkpoint, step by step.

use crate::log::with_request;
use crate::worker::connection::{Connection, Served};
use crate::worker::sessions::restoration;
use psup_proto::checkpoint::Restore;
use psup_proto::{Code, Failure, Response};

pub(super) async fn restore(connection: &mut Connection, step: Restore) -> Served {
    let worker = connection.worker.clone();
    if let Restore::Finish { id, last } = step {
        // It goes on whether or not the client stays.
        let finish = async move { restoration::finish(&worker, id, &last).await };
        let finished = connection
            .while_there(tokio::task::spawn_local(with_request(Some(id), finish)))
            .await?;
        let answer = finished.unwrap_or_else(|error| Err(broken(&error)));
        return connection.answer(answer.map(Response::Restored)).await;
    }
    if let Restore::Session { copy, .. } = &step
        && let Err(failure) = restoration::is_free(&worker, &copy.id.name)
    {
        return connection.answer(Err(failure)).await;
    }
    let state = worker.facts.state.clone();
    // The disk may be slow, and nobody else waits for it.
    let taken = tokio::task::spawn_blocking(move || match step {
        Restore::Begin { id } => restoration::begin(&state, id),
        Restore::Session { id, number, copy } => restoration::session(&state, id, number, &copy),
        Restore::Output {
            id,
            number,
            at,
            bytes,
            moments,
        } => restoration::output(&state, id, number, at, &bytes, &moments),
        Restore::Abort { id } | Restore::Finish { id, .. } => restoration::abort(&state, id),
    });
    let taken = connection.while_there(taken).await?;
    let answer = taken.unwrap_or_else(|error| Err(broken(&error)));
    connection.answer(answer.map(|()| Response::Done)).await
}

fn broken(error: &tokio::task::JoinError) -> Failure {
    Failure::new(
        Code::Internal,
        format!("the restoration broke off: {error}"),
    )
}
