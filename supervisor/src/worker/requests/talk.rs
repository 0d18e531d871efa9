//! Questions that one session answers in one word.

use crate::platform::malloc_trim;
use crate::worker::connection::{Connection, Served};
use crate::worker::driver::mailbox::Message;
use crate::worker::sessions::decisions;
use psup_proto::condition::Wait;
use psup_proto::input::Send;
use psup_proto::name::{Name, Target};
use psup_proto::{Code, Failure, Response, Size};
use psup_session::{Answer, Ask};

/// Answered by the core like a signal, but without one.
pub(super) async fn alive(connection: &mut Connection, target: &Target) -> Served {
    ask_session(connection, target, Ask::Alive).await
}

pub(super) async fn signal(connection: &mut Connection, target: &Target, signal: i32) -> Served {
    // Beyond the last real-time signal there is nothing; 0 asks in version 1 whether a
    // child is there.
    if !(0..=64).contains(&signal) {
        return connection
            .answer(Err(Failure::new(
                Code::Usage,
                format!("no signal has the number {signal}"),
            )))
            .await;
    }
    ask_session(connection, target, Ask::Signal(signal)).await
}

pub(super) async fn resize(connection: &mut Connection, target: &Target, size: Size) -> Served {
    match Size::new(size.cols, size.rows) {
        Some(size) => ask_session(connection, target, Ask::Resize(size)).await,
        None => {
            connection
                .answer(Err(Failure::new(Code::Usage, format!("bad size {size}"))))
                .await
        }
    }
}

pub(super) async fn forget(connection: &mut Connection, target: &Target) -> Served {
    let worker = connection.worker.clone();
    match decisions::forget(&worker, target) {
        Ok(forgotten) => {
            // It goes on whether or not the client stays.
            let removal = tokio::task::spawn_local(forgotten.remove());
            let _ = connection.while_there(removal).await?;
            connection.respond(Response::Done).await
        }
        Err(failure) => connection.answer(Err(failure)).await,
    }
}

pub(super) async fn rename(connection: &mut Connection, target: &Target, name: &Name) -> Served {
    let worker = connection.worker.clone();
    connection
        .answer(decisions::rename(&worker, target, name).map(|_| Response::Done))
        .await
}

pub(super) async fn wait(connection: &mut Connection, target: &Target, wait: Wait) -> Served {
    let served = ask_session(connection, target, Ask::Wait(wait)).await;
    // Compiled patterns are large.
    malloc_trim::give_back_soon();
    served
}

/// The portions of one send come one after the other on one connection, and keep the turn in
/// between.
pub(super) async fn send(connection: &mut Connection, target: &Target, send: Send) -> Served {
    let known = match connection.worker.registry.find(target) {
        Ok(known) => known,
        Err(failure) => return connection.answer(Err(failure)).await,
    };
    let more = send.more;
    let (ticket, answer) = known.handle.put(Ask::Send {
        send,
        canonical: false,
        echo: false,
    });
    // What came whole is typed even if the client does not stay to hear so; a send cut short gives
    // up its turn.
    let answer = connection.while_there(answer).await;
    connection.unfinished = None;
    match answer {
        Ok(Ok(Answer::Sent(sent))) => {
            connection.unfinished = more.then_some((known.handle, ticket));
            connection.respond(Response::Sent(sent)).await
        }
        Ok(Ok(answer)) => connection.answer(plain(answer)).await,
        Ok(Err(_)) => {
            connection
                .answer(Err(Failure::new(
                    Code::NoSuchSession,
                    "the session has just been forgotten",
                )))
                .await
        }
        Err(gone) => {
            if more {
                known.handle.post(Message::AskerLeft(ticket));
            }
            Err(gone)
        }
    }
}

pub(super) async fn ask_session(connection: &mut Connection, target: &Target, ask: Ask) -> Served {
    match connection.worker.registry.find(target) {
        Ok(known) => {
            let answer = connection.while_there(known.handle.ask(ask)).await?;
            connection.answer(answer.and_then(plain)).await
        }
        Err(failure) => connection.answer(Err(failure)).await,
    }
}

/// Answers that are one response.
pub(super) fn plain(answer: Answer) -> Result<Response, Failure> {
    match answer {
        Answer::Done => Ok(Response::Done),
        Answer::Refused(failure) => Err(failure),
        Answer::Sent(sent) => Ok(Response::Sent(sent)),
        Answer::Waited(waited) => Ok(Response::Waited(waited)),
        Answer::PersonAnswered { viewer, offset } => {
            Ok(Response::PersonAnswered { viewer, offset })
        }
        Answer::Viewed(_)
        | Answer::Followed(_)
        | Answer::Facts(_)
        | Answer::Stopped { .. }
        | Answer::Captured(..)
        | Answer::Executed(_)
        | Answer::Readable { .. } => Err(Failure::new(
            Code::Internal,
            "an answer to another question",
        )),
    }
}
