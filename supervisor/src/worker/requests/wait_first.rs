//! One wait on several sessions: the first that it holds for answers it.
//!
//! A session for which it can no longer come true does not end the wait while there are others. A
//! fail pattern that matches in one of them does.

use super::stop::chosen;
use crate::platform::malloc_trim;
use crate::worker::connection::{Connection, Served};
use psup_proto::condition::{Verdict, Wait, Waited};
use psup_proto::request::Selector;
use psup_proto::{Code, Failure, Response, SessionId};
use psup_session::{Answer, Ask};
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

type Asked = (
    SessionId,
    Pin<Box<dyn Future<Output = Result<Answer, Failure>>>>,
);

pub(super) async fn wait_first(connection: &mut Connection, which: Selector, wait: Wait) -> Served {
    let worker = connection.worker.clone();
    let sessions = match chosen(&worker, which) {
        Ok(sessions) if sessions.is_empty() => {
            let failure = Failure::new(Code::NoSuchSession, "no live session matches")
                .hint("`psup list` shows all");
            return connection.answer(Err(failure)).await;
        }
        Ok(sessions) => sessions,
        Err(failure) => return connection.answer(Err(failure)).await,
    };
    let ask = |session: crate::worker::sessions::session_ref::SessionRef| -> Asked {
        let (handle, wait) = (session.handle, wait.clone());
        let answer = async move { handle.ask(Ask::Wait(wait)).await };
        (session.id, Box::pin(answer))
    };
    let mut asked: Vec<Asked> = sessions.into_iter().map(ask).collect();
    let mut last = None;
    let first = poll_fn(|cx| first(&mut asked, &mut last, cx));
    let answer = connection.while_there(first).await;
    drop(asked);
    malloc_trim::give_back_soon();
    let answer = answer?;
    let respond = |(id, waited)| Response::WaitedFirst { id, waited };
    connection.answer(answer.map(respond)).await
}

/// Looks at each that has not answered; `last` is the answer of one that cannot any more.
fn first(
    asked: &mut Vec<Asked>,
    last: &mut Option<(SessionId, Waited)>,
    cx: &mut Context<'_>,
) -> Poll<Result<(SessionId, Waited), Failure>> {
    let mut at = 0;
    while let Some((id, answer)) = asked.get_mut(at) {
        let Poll::Ready(answer) = answer.as_mut().poll(cx) else {
            at += 1;
            continue;
        };
        let id = id.clone();
        drop(asked.swap_remove(at));
        match answer {
            Ok(Answer::Waited(waited)) => match waited.verdict {
                Verdict::Held(_) | Verdict::Failed(_) => return Poll::Ready(Ok((id, waited))),
                Verdict::Ended | Verdict::TimedOut => *last = Some((id, waited)),
            },
            Ok(Answer::Refused(failure)) => return Poll::Ready(Err(failure)),
            Ok(_) => {
                let failure = Failure::new(Code::Internal, "an answer to another question");
                return Poll::Ready(Err(failure));
            }
            // It has been forgotten: only the others can answer.
            Err(failure) if asked.is_empty() && last.is_none() => {
                return Poll::Ready(Err(failure));
            }
            Err(_) => {}
        }
    }
    match last.take_if(|_| asked.is_empty()) {
        Some(last) => Poll::Ready(Ok(last)),
        None => Poll::Pending,
    }
}
