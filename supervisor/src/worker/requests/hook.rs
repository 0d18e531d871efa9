//! Hooks: which there are, and how their deliveries went.

use crate::worker::connection::{Connection, Served};
use crate::worker::hooks;
use psup_proto::Response;
use psup_proto::hook::{AddHook, HookRequest};
use psup_proto::{Code, Failure, Name};

pub(super) async fn hook(connection: &mut Connection, request: HookRequest) -> Served {
    let worker = connection.worker.clone();
    let answer = match request {
        HookRequest::Add(added) => add(connection, *added).await,
        HookRequest::List { name } => list(connection, name.as_ref()),
        HookRequest::Remove(selector) => Ok(hooks::remove(&worker, &selector)),
    };
    connection.answer(answer.map(Response::Hooks)).await
}

async fn add(
    connection: &mut Connection,
    added: AddHook,
) -> Result<Vec<psup_proto::hook::HookInfo>, Failure> {
    let worker = connection.worker.clone();
    if let Some(name) = &added.name {
        worker
            .registry
            .find(&name.clone().into())
            .map_err(|failure| unknown(failure, name))?;
    }
    hooks::add(&worker, added).await.map(|info| vec![info])
}

fn list(
    connection: &Connection,
    name: Option<&Name>,
) -> Result<Vec<psup_proto::hook::HookInfo>, Failure> {
    let worker = &connection.worker;
    hooks::catch_up(worker);
    if let Some(name) = name {
        worker.registry.find(&name.clone().into())?;
    }
    let wanted = |hook: &hooks::entry::StoredHook| name.is_none_or(|name| hook.applies_to(name));
    Ok(worker.hooks.infos(wanted))
}

/// A name that is not there yet gets its hooks with its session.
fn unknown(failure: Failure, name: &Name) -> Failure {
    match failure.code {
        Code::NoSuchSession => Failure::new(failure.code, failure.message).hint(format!(
            "`psup spawn {name} --on-exit COMMAND` starts it with a hook; `psup hook add --all` is for every session"
        )),
        _ => failure,
    }
}
