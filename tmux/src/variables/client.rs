//! `client_…`

use super::yes;
use crate::variables::View;

pub(super) fn value(view: &View, name: &str) -> Option<String> {
    if !name.starts_with("client_") {
        return None;
    }
    let client = view.client?;
    let seconds = |ms: u64| (ms / 1000).to_string();
    Some(match name {
        "client_name" => client.name.clone(),
        "client_tty" => client.tty.clone(),
        "client_pid" => client.pid.to_string(),
        "client_width" if client.control && client.sx == 0 => "80".to_owned(),
        "client_width" => client.sx.to_string(),
        // tmux knows it of terminals only.
        "client_height" if client.control => String::new(),
        "client_height" => client.sy.to_string(),
        "client_session" => view.state.session(client.session)?.name.clone(),
        "client_last_session" => client
            .last_session
            .and_then(|s| view.state.session(s))
            .map(|s| s.name.clone())
            .unwrap_or_default(),
        "client_created" => seconds(client.created_ms),
        "client_activity" => seconds(client.activity_ms),
        "client_control_mode" => return yes(client.control),
        "client_readonly" => return yes(client.read_only),
        "client_prefix" => return yes(false),
        "client_utf8" => return yes(client.utf8),
        "client_termname" => client.term.clone(),
        "client_user" => super::server::user(),
        "client_termtype" | "client_termfeatures" => String::new(),
        "client_uid" => nix::unistd::getuid().to_string(),
        "client_key_table" => "root".to_owned(),
        "client_flags" => {
            let mut flags = vec!["attached"];
            let (focus, others): (Vec<&str>, Vec<&str>) = client
                .flags
                .iter()
                .map(String::as_str)
                .partition(|flag| *flag == "focused");
            flags.extend(focus);
            if client.control {
                flags.push("control-mode");
            }
            flags.extend(others);
            if client.read_only {
                flags.push("read-only");
            }
            if client.utf8 {
                flags.push("UTF-8");
            }
            flags.join(",")
        }
        "client_cell_width" | "client_cell_height" | "client_discarded" | "client_written" => {
            "0".to_owned()
        }
        _ => return None,
    })
}
