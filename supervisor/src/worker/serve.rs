//! A client from its connection to its end: let in, greeted, and answered question by question.

use super::connection::{Connection, Served};
use super::context::SharedWorker;
use super::requests;
use super::room::ClientLeft;
use crate::log::with_request;
use psup_proto::{Failure, Response, limits};
use tokio::net::UnixStream;

/// Takes a new connection in, or refuses it at once: many may come before any of them gets its
/// turn.
pub(super) fn admit(stream: UnixStream, worker: &SharedWorker) {
    if worker.connections.get() as usize >= limits::CONNECTIONS {
        // Dropped: the client is told by the closed connection, and asks again.
        return;
    }
    let room = worker.room.for_connection(worker.held_fds());
    let mut connection = Connection::new(stream, worker);
    if let Err(failure) = room {
        // A client that has not spoken yet finds it closed, and asks again.
        if !connection.has_spoken() {
            return;
        }
        if !worker.room.close_an_idle_one() {
            return connection.turn_away(&failure);
        }
    }
    worker.connections.set(worker.connections.get() + 1);
    tokio::task::spawn_local(serve(connection));
}

async fn serve(mut connection: Connection) {
    if connection.is_ours() {
        // Being left by a client is how every connection ends.
        let _ = answer_requests(&mut connection).await;
    }
    connection.drop_unfinished();
    connection
        .worker
        .connections
        .set(connection.worker.connections.get() - 1);
}

async fn answer_requests(connection: &mut Connection) -> Served {
    let worker = connection.worker.clone();
    match tokio::time::timeout(
        limits::HELLO_TIME,
        worker.room.while_silent(connection.hello()),
    )
    .await
    {
        Ok(Ok(Ok(()))) => {}
        Ok(Ok(Err(failure))) => return disagree(connection, failure).await,
        Ok(Err(ClientLeft)) | Err(_) => return Err(ClientLeft),
    }
    while let Some(request) = connection.next_request().await? {
        let id = request.id();
        with_request(id, requests::serve(connection, request)).await?;
    }
    Ok(())
}

/// With a build of no common version: it is told so, and may ask for one thing, an upgrade.
async fn disagree(connection: &mut Connection, failure: Failure) -> Served {
    connection.respond(Response::Failed(failure)).await?;
    connection.flush().await?;
    let asked = tokio::time::timeout(limits::HELLO_TIME, connection.upgrade_frame());
    let (id, binary) = asked.await.map_err(|_| ClientLeft)??;
    let failure = requests::upgrade_across(connection, id, &binary).await?;
    connection.refuse_upgrade(&failure).await
}
