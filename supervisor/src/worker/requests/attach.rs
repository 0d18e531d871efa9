//! People at a session: a viewer's stream, its size, and questions to a person.
//!
//! A viewer is there as long as its connection is. A slow one costs nobody anything: like every
//! reader it is an offset, and what it has not read waits in its own task.

use super::stream::Reader;
use super::talk::plain;
use crate::worker::connection::{Connection, Served};
use crate::worker::driver::mailbox::DriverHandle;
use crate::worker::sessions::session_ref::SessionRef;
use psup_proto::attach::{AskPerson, Attach, Attached};
use psup_proto::response::End;
use psup_proto::{Code, Failure, Response, Size, Target};
use psup_session::view::{Arrival, View};
use psup_session::{Answer, Ask};

/// Tells the session when the viewer's connection is over, however it ends.
struct Presence {
    handle: DriverHandle,
    viewer: u64,
}

impl Drop for Presence {
    fn drop(&mut self) {
        let viewer = self.viewer;
        // Nobody waits for the answer.
        drop(self.handle.put(Ask::ViewerLeft { viewer }));
    }
}

pub(super) async fn attach(connection: &mut Connection, attach: Attach) -> Served {
    let known = match connection.worker.registry.find(&attach.target) {
        Ok(known) => known,
        Err(failure) => return connection.answer(Err(failure)).await,
    };
    let arrival = Arrival {
        viewer: attach.viewer,
        take: attach.take && attach.types,
        original: attach.original,
    };
    let presence = Presence {
        handle: known.handle.clone(),
        viewer: attach.viewer,
    };
    let answer = connection
        .while_there(known.handle.ask(Ask::View(arrival)))
        .await?;
    let view = match answer {
        Ok(Answer::Viewed(view)) => view,
        other => {
            // It was never there, so it does not leave.
            std::mem::forget(presence);
            return connection.answer(other.and_then(plain)).await;
        }
    };
    show(connection, known, *view).await
}

async fn show(connection: &mut Connection, known: SessionRef, view: View) -> Served {
    let attached = Attached {
        id: known.id.clone(),
        offset: view.offset,
        scrollback: known.spec.scrollback,
        shared: view.shared.clone(),
    };
    connection
        .respond(Response::Attached(Box::new(attached)))
        .await?;
    connection.bytes(&view.screen).await?;
    connection.end_of_bytes();
    let (mut shared, mut changes) = (view.shared, view.changes);
    let mut reader = Reader::new(known, view.offset);
    loop {
        let ask = Ask::Follow {
            from: reader.at(),
            changes,
        };
        let answer = connection.while_there(reader.handle().ask(ask)).await?;
        let Ok(Answer::Followed(followed)) = answer else {
            return connection.end(reader.at(), End::SessionEnded).await;
        };
        for (at, size) in followed.sizes {
            if size != shared.size {
                reader.up_to(connection, at).await?;
                shared.size = size;
                connection.respond(Response::Shared(shared.clone())).await?;
            }
        }
        reader.up_to(connection, followed.end).await?;
        if shared != followed.shared {
            shared = followed.shared;
            connection.respond(Response::Shared(shared.clone())).await?;
        }
        changes = followed.changes;
        if followed.final_end && reader.at() >= followed.end {
            return connection.end(reader.at(), End::SessionEnded).await;
        }
    }
}

pub(super) async fn resize(
    connection: &mut Connection,
    target: &Target,
    viewer: u64,
    size: Size,
) -> Served {
    if let Some(size) = Size::new(size.cols, size.rows) {
        super::talk::ask_session(connection, target, Ask::ViewerResize { viewer, size }).await
    } else {
        let failure = Failure::new(Code::Usage, format!("bad size {size}"));
        connection.answer(Err(failure)).await
    }
}

pub(super) async fn ask_person(connection: &mut Connection, asked: AskPerson) -> Served {
    let target = asked.target.clone();
    super::talk::ask_session(connection, &target, Ask::Person(asked)).await
}
