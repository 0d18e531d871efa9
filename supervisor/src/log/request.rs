//! Which request is being served, for the lines and events that come of it.
//!
//! The id is the client's, where its request has one: a task that serves a request, or goes on with
//! what it began, carries it.

use std::future::Future;

tokio::task_local! {
    static REQUEST: u128;
}

/// The id of the request on whose way this is called, if it has one.
pub fn current() -> Option<u128> {
    REQUEST.try_with(|id| *id).ok()
}

/// What `work` logs and tells is of this request.
pub async fn with<F: Future>(id: Option<u128>, work: F) -> F::Output {
    match id {
        Some(id) => REQUEST.scope(id, work).await,
        None => work.await,
    }
}
