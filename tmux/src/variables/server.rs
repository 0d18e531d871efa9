//! Variables of the state as a whole.

use crate::text::sample;
use crate::variables::View;
use crate::version::VERSION;

pub(super) fn value(view: &View, name: &str) -> Option<String> {
    let state = view.state;
    Some(match name {
        "version" => VERSION.to_owned(),
        "pid" => view.backend.borrow_mut().pid().to_string(),
        "socket_path" => state.socket.clone(),
        "start_time" => (state.started_ms / 1000).to_string(),
        "server_sessions" => state.sessions.len().to_string(),
        "uid" => nix::unistd::getuid().to_string(),
        "user" => user(),
        "command" => view.command.to_owned(),
        "host" => hostname(),
        "host_short" => hostname().split('.').next().unwrap_or_default().to_owned(),
        "config_files" => state.messages.first().cloned().unwrap_or_default(),
        "current_file" => String::new(),
        "next_session_id" => format!("${}", state.next_session),
        "buffer_name" => state
            .buffers
            .first()
            .map(|b| b.name.clone())
            .unwrap_or_default(),
        "buffer_size" => state
            .buffers
            .first()
            .map(|b| b.data.bytes().len().to_string())
            .unwrap_or_default(),
        "buffer_sample" => state
            .buffers
            .first()
            .map(|b| sample(b.data.bytes()))
            .unwrap_or_default(),
        "buffer_created" => state
            .buffers
            .first()
            .map(|b| (b.created_ms / 1000).to_string())
            .unwrap_or_default(),
        "active_window_index" => view.session()?.current.to_string(),
        _ => return None,
    })
}

pub(super) fn user() -> String {
    let user = psup_accounts::by_uid(nix::unistd::getuid().as_raw());
    user.map(|user| user.name).unwrap_or_default()
}

fn hostname() -> String {
    nix::unistd::gethostname()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
