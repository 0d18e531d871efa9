//! One command in a live shell: the core says where its output lies, the journal gives it.

use crate::platform::descriptors;
use crate::worker::connection::{Connection, Served};
use crate::worker::shells;
use psup_proto::exec::{Exec, Executed, Ran};
use psup_proto::name::Target;
use psup_proto::response::End;
use psup_proto::{Code, Failure, Response, limits};
use psup_session::marks::{Printed, Tokens, after_fish};
use psup_session::prompt::Evidence;
use psup_session::{Answer, Ask};

pub(super) async fn exec(connection: &mut Connection, target: &Target, exec: Exec) -> Served {
    let known = match connection.worker.registry.find(target) {
        Ok(known) => known,
        Err(failure) => return connection.answer(Err(failure)).await,
    };
    let tokens = match fresh_tokens() {
        Ok(tokens) => tokens,
        Err(failure) => return connection.answer(Err(failure)).await,
    };
    let answer = connection
        .while_there(known.handle.ask(Ask::Exec(exec, tokens)))
        .await?;
    let executed = match executed(answer) {
        // Who asks in this old form does not know of programs without exit codes.
        Ok(executed) if executed.ran == Ran::Prompt => Executed {
            ran: Ran::Unknown,
            ..executed
        },
        Ok(executed) => executed,
        Err(failure) => return connection.answer(Err(failure)).await,
    };
    let (mut at, to) = (executed.from, executed.to);
    let mut printed = Printed::default();
    let by_fish = executed.via == Evidence::Marks.word() && shells::is_fish(&known.spec);
    let mut first = true;
    connection.respond(Response::Executed(executed)).await?;
    while at < to {
        let most = limits::BYTES_FRAME.min((to - at) as usize);
        let Ok((chunk, bytes)) = connection.while_there(known.handle.bytes(at, most)).await? else {
            break;
        };
        if let Some(gap) = chunk.gap {
            let (from, to, reason) = (gap.from, gap.to, gap.reason);
            connection
                .respond(Response::Gap { from, to, reason })
                .await?;
        }
        if chunk.next == at {
            break;
        }
        at = chunk.next;
        // What follows the command has no place here, though a gap may reach beyond its end.
        let own = if first && by_fish {
            after_fish(&bytes)
        } else {
            &bytes
        };
        first = false;
        connection.bytes(&printed.take(own)).await?;
    }
    connection.bytes(&printed.rest()).await?;
    connection.end(to, End::Whole).await
}

/// The marks by which the end of one command is known.
pub(super) fn fresh_tokens() -> Result<Tokens, Failure> {
    descriptors::random()
        .map(Tokens::new)
        .map_err(|error| Failure::system("cannot make the marks of a command", error))
}

/// What a session answers to [`Ask::Exec`].
pub(super) fn executed(answer: Result<Answer, Failure>) -> Result<Executed, Failure> {
    match answer? {
        Answer::Executed(executed) => Ok(executed),
        Answer::Refused(failure) => Err(failure),
        _ => Err(Failure::new(
            Code::Internal,
            "an answer to another question",
        )),
    }
}
