//! What a question about a session comes to where no supervisor runs.

use psup_proto::request::{Selector, Stop};
use psup_proto::{Code, Failure, Request};

/// Where no supervisor runs, there is no session: that is what a question about one asked.
pub fn no_session(failure: Failure, request: &Request) -> Failure {
    let target = match request {
        Request::Stop(Stop {
            which: Selector::Named(targets),
            ..
        })
        | Request::WaitFirst {
            which: Selector::Named(targets),
            ..
        }
        | Request::Events { targets, .. } => targets.first(),
        Request::Attach(attach) => Some(&attach.target),
        other => other.policy().session,
    };
    if let Request::WaitFirst { .. } = request
        && target.is_none()
        && failure.is_no_supervisor()
    {
        let message = format!("no live session matches: {}", failure.message);
        return Failure::new(Code::NoSuchSession, message);
    }
    match target {
        Some(target) if failure.is_no_supervisor() => Failure::new(
            Code::NoSuchSession,
            format!("no session named \"{target}\": {}", failure.message),
        )
        .hint(
            "`psup status --start` starts a supervisor, which knows the sessions that an earlier \
             one has left",
        ),
        _ => failure,
    }
}
