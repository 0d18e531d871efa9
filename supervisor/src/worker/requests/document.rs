//! Documents that clients share.

use crate::worker::connection::{Connection, Served};
use crate::worker::documents::Document;
use psup_proto::{Name, Response};

pub(super) async fn keep(
    connection: &mut Connection,
    key: &Name,
    version: u64,
    value: Option<Vec<u8>>,
) -> Served {
    let kept = connection.worker.documents.keep(key, version, value);
    connection.answer(kept.map(response)).await
}

pub(super) async fn fetch(connection: &mut Connection, key: &Name, beyond: Option<u64>) -> Served {
    let worker = connection.worker.clone();
    if let Some(version) = beyond {
        connection
            .while_there(worker.documents.beyond(key, version))
            .await?;
    }
    connection
        .respond(response(worker.documents.get(key)))
        .await
}

fn response(document: Document) -> Response {
    Response::Document {
        version: document.version,
        value: document.value,
    }
}
