//! What each question means: one file for each kind of answer.

mod attach;
mod capture;
mod checkpoint;
mod document;
mod exec;
mod forget;
mod hook;
mod info;
mod metrics;
mod restore;
mod run;
mod spawn;
mod status;
mod stop;
mod stream;
mod talk;
mod times;
mod upgrade;
mod wait_first;

pub(super) use stop::{end_session, stop_everything};
pub(super) use upgrade::upgrade_across;

use super::connection::{Connection, Served};
use super::driver::mailbox::Detail;
use super::sessions::takeover;
use psup_proto::Request;

pub(super) async fn serve(connection: &mut Connection, request: Request) -> Served {
    let worker = connection.worker.clone();
    connection.while_there(worker.state_dir.is_there()).await?;
    connection
        .while_there(takeover::ensure_loaded(&worker, request.policy().session))
        .await?;
    match request {
        Request::Spawn(spawn) => spawn::spawn(connection, *spawn).await,
        Request::Info(target) => info::info(connection, &target).await,
        Request::List(filter) => info::list(connection, &filter, Detail::Full).await,
        Request::ListBrief(filter) => info::list(connection, &filter, Detail::Brief).await,
        Request::Stop(stop) => stop::stop(connection, stop).await,
        Request::Signal { target, signal } => talk::signal(connection, &target, signal).await,
        Request::Restart { target, id } => spawn::restart(connection, &target, id).await,
        Request::Forget(target) => talk::forget(connection, &target).await,
        Request::Rename { target, name } => talk::rename(connection, &target, &name).await,
        Request::Resize { target, size } => talk::resize(connection, &target, size).await,
        Request::Send { target, send } => talk::send(connection, &target, send).await,
        Request::Wait { target, wait } => talk::wait(connection, &target, wait).await,
        Request::WaitFirst { which, wait } => wait_first::wait_first(connection, which, wait).await,
        Request::Capture { target, capture } => {
            capture::rendered(connection, &target, capture).await
        }
        Request::CaptureRows { target, capture } => {
            capture::rows(connection, &target, capture).await
        }
        Request::Read { target, read } => stream::read(connection, &target, read).await,
        Request::Events {
            targets,
            since,
            follow,
        } => stream::events(connection, &targets, since, follow).await,
        Request::Exec { target, exec } => exec::exec(connection, &target, exec).await,
        Request::Run { target, run } => run::run(connection, &target, run).await,
        Request::Status => status::status(connection).await,
        Request::Metrics => metrics::metrics(connection).await,
        Request::Logs { follow } => stream::logs(connection, follow).await,
        Request::Shutdown { force } => stop::shutdown(connection, force).await,
        Request::Upgrade { id, binary } => upgrade::upgrade(connection, id, &binary).await,
        Request::PutDocument {
            key,
            version,
            value,
        } => document::keep(connection, &key, version, value).await,
        Request::GetDocument { key, beyond } => document::fetch(connection, &key, beyond).await,
        Request::Alive(target) => talk::alive(connection, &target).await,
        Request::ScreenFacts(target) => capture::facts(connection, &target).await,
        Request::Attach(attach) => attach::attach(connection, attach).await,
        Request::ForgetEnded(forget) => forget::ended(connection, forget).await,
        Request::Checkpoint(request) => checkpoint::checkpoint(connection, request).await,
        Request::Restore(step) => restore::restore(connection, step).await,
        Request::SetKeep(change) => forget::set_keep(connection, change).await,
        Request::Hook(request) => hook::hook(connection, request).await,
        Request::AskPerson(asked) => attach::ask_person(connection, asked).await,
        Request::ViewerResize {
            target,
            viewer,
            size,
        } => attach::resize(connection, &target, viewer, size).await,
        Request::Timeline { target, since } => times::timeline(connection, &target, since).await,
        Request::OffsetAt { target, at_ms } => times::offset_at(connection, &target, at_ms).await,
    }
}
