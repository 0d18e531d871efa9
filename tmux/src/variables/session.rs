//! `session_…`

use super::yes;
use crate::addressing;
use crate::variables::View;

pub(super) fn value(view: &View, name: &str) -> Option<String> {
    if !name.starts_with("session_") && name != "last_window_index" {
        return None;
    }
    let state = view.state;
    let session = view.session()?;
    let seconds = |ms: u64| (ms / 1000).to_string();
    let attached = state.clients.iter().filter(|c| c.session == session.id);
    // In the order in which they came to it.
    let group = || {
        let name = session.group.as_ref()?;
        let mut members: Vec<_> = state
            .sessions
            .values()
            .filter(|s| s.group.as_ref() == Some(name))
            .collect();
        members.sort_by_key(|s| s.id);
        Some(members)
    };
    let of_group = || {
        group().map(|g| {
            state
                .clients
                .iter()
                .filter(|c| g.iter().any(|s| s.id == c.session))
                .count()
        })
    };
    Some(match name {
        "session_name" => session.name.clone(),
        "session_id" => format!("${}", session.id),
        "session_windows" => session.windows.len().to_string(),
        "session_created" => seconds(session.created_ms),
        "session_activity" => seconds(session.activity_ms.max(session.created_ms)),
        "session_last_attached" => {
            if session.attached_ms == 0 {
                String::new()
            } else {
                seconds(session.attached_ms)
            }
        }
        "session_attached" => attached.count().to_string(),
        "session_attached_list" => attached
            .map(|c| c.name.as_str())
            .collect::<Vec<_>>()
            .join(","),
        "session_path" => session.cwd.clone(),
        "session_many_attached" => return yes(attached.count() > 1),
        "session_grouped" => return yes(session.group.is_some()),
        "session_group" => session.group.clone().unwrap_or_default(),
        "session_group_size" => group().map(|g| g.len().to_string()).unwrap_or_default(),
        "session_group_list" => group()
            .map(|g| {
                g.iter()
                    .map(|s| s.name.as_str())
                    .collect::<Vec<_>>()
                    .join(",")
            })
            .unwrap_or_default(),
        "session_group_attached" => return of_group().map(|count| count.to_string()),
        "session_group_many_attached" => return of_group().and_then(|count| yes(count > 1)),
        "session_format" => return yes(view.place.is_some_and(|p| p.window.is_none())),
        "session_marked" => {
            return yes(state.marked.is_some_and(|p| {
                addressing::of_pane(state, p).is_some_and(|p| p.session == session.id)
            }));
        }
        "session_stack" => {
            let mut all = vec![session.current.to_string()];
            all.extend(session.last.iter().map(ToString::to_string));
            all.join(",")
        }
        "session_alerts" => {
            let present = session
                .alerts
                .iter()
                .filter(|(index, signs)| session.windows.contains_key(index) && !signs.is_empty());
            present
                .map(|(index, signs)| format!("{index}{signs}"))
                .collect::<Vec<_>>()
                .join(",")
        }
        "last_window_index" => session.windows.keys().next_back()?.to_string(),
        _ => return None,
    })
}
