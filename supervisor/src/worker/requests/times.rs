//! When output came: answered by the journal of one session.

use crate::worker::connection::{Connection, Served};
use psup_proto::name::Target;
use psup_proto::{Offset, Response};

pub(super) async fn timeline(
    connection: &mut Connection,
    target: &Target,
    since: Offset,
) -> Served {
    let answer = match connection.worker.registry.find(target) {
        Ok(known) => {
            let asked = known.handle.timeline(since);
            let timeline = connection.while_there(asked).await?;
            timeline.map(|timeline| Response::Timeline(Box::new(timeline)))
        }
        Err(failure) => Err(failure),
    };
    connection.answer(answer).await
}

pub(super) async fn offset_at(connection: &mut Connection, target: &Target, at_ms: u64) -> Served {
    let answer = match connection.worker.registry.find(target) {
        Ok(known) => {
            let asked = known.handle.offset_at(at_ms);
            connection.while_there(asked).await?.map(Response::OffsetAt)
        }
        Err(failure) => Err(failure),
    };
    connection.answer(answer).await
}
