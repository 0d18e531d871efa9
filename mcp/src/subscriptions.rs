//! Clients that are told when a resource has changed, so that they need not read it again and
//! again.
//!
//! Both of a session's resources change with its output, so a subscription is one question that
//! waits for more of it. A session that prints without end is told of twice a second.

use crate::asker::Asker;
use crate::call::Call;
use crate::resources;
use psup_link::{Item, Stream, unexpected};
use psup_proto::request::Read;
use psup_proto::{Failure, Offset, Request, Response, Target};
use rmcp::model::ErrorData;
use std::time::Duration;
use tokio::time::sleep;

/// Subscriptions that one client can have.
pub(crate) const SUBSCRIPTIONS: usize = 32;

/// The least time from one notification to the next.
const PAUSE: Duration = Duration::from_millis(500);

/// A resource that is watched, from an offset of its session's output on.
pub(crate) struct Subscription {
    asker: Asker,
    target: Target,
    since: Offset,
}

impl Subscription {
    /// Refused if there is no such resource, or this client may not reach it.
    pub(crate) async fn begin(asker: Asker, uri: String) -> Result<Self, ErrorData> {
        let begun = asker.look(move |call| {
            let (target, _) = resources::parse(&uri, call)?;
            let since = call.info(target.clone())?.offset;
            Ok((target, since))
        });
        let (target, since) = begun.await?;
        Ok(Self {
            asker,
            target,
            since,
        })
    }

    /// Returns when there is more to be read; `false` if the session has ended, so that nothing
    /// more will come.
    pub(crate) async fn changed(&mut self) -> Result<bool, ErrorData> {
        let (target, since) = (self.target.clone(), self.since);
        let look = self
            .asker
            .look(move |call| next_change(target, since, call));
        Ok(match look.await? {
            Some(end) => {
                self.since = end;
                true
            }
            None => false,
        })
    }

    /// Output that comes soon after the last is told together with it.
    pub(crate) async fn pause(&self) {
        sleep(PAUSE).await;
    }
}

/// The journal's end once it lies behind `since`, or `None` when the session has ended.
fn next_change(
    target: Target,
    since: Offset,
    call: &mut Call<'_>,
) -> Result<Option<Offset>, Failure> {
    let more = call.stream(&mut MoreOutput {
        target: target.clone(),
        since,
    })?;
    if !more {
        return Ok(None);
    }
    call.hang_up();
    call.info(target).map(|info| Some(info.offset))
}

struct MoreOutput {
    target: Target,
    since: Offset,
}

impl Stream for MoreOutput {
    type End = bool;

    fn question(&self) -> Request {
        Request::Read {
            target: self.target.clone(),
            read: Read::follow(self.since),
        }
    }

    fn take(&mut self, item: Item) -> Result<Option<bool>, Failure> {
        match item {
            Item::Response(Response::Reading { .. }) => Ok(None),
            Item::Bytes(_) | Item::Response(Response::Gap { .. }) => Ok(Some(true)),
            Item::Response(Response::End { .. }) => Ok(Some(false)),
            Item::Response(other) => Err(unexpected(other)),
        }
    }
}
