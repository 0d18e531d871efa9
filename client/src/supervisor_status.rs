//! What the supervisor says of itself.

use crate::context::{Context, unexpected};
use psup_proto::status::Status;
use psup_proto::{Failure, Request, Response};

pub(crate) fn ask(cx: &mut Context) -> Result<Status, Failure> {
    of(cx.ask(&Request::Status)?)
}

pub(crate) fn of(response: Response) -> Result<Status, Failure> {
    match response {
        Response::Status(status) => Ok(*status),
        other => Err(unexpected(&other)),
    }
}
