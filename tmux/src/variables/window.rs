//! `window_…`

use super::names;
use super::yes;
use crate::layout;
use crate::state::{Client, Session, Window};
use crate::variables::View;

pub(super) fn value(view: &View, name: &str) -> Option<String> {
    if !name.starts_with("window_") {
        return None;
    }
    let state = view.state;
    let window = view.window()?;
    let (session, index) = (view.session()?, view.index().unwrap_or_default());
    let links = state.links(window.id);
    Some(match name {
        "window_id" => format!("@{}", window.id),
        "window_index" => index.to_string(),
        "window_name" => names::window_name(state, view.live, window),
        "window_active" => return yes(session.current == index),
        "window_panes" => window.panes.len().to_string(),
        "window_width" => window.sx.to_string(),
        "window_height" => window.sy.to_string(),
        "window_layout" => layout::dump(window.zoomed.as_ref().unwrap_or(&window.layout)),
        "window_visible_layout" => layout::dump(&window.layout),
        "window_flags" => flags(view, window, session, index).replace('#', "##"),
        "window_raw_flags" => flags(view, window, session, index),
        "window_zoomed_flag" => return yes(window.zoomed.is_some()),
        "window_last_flag" => return yes(session.last.first() == Some(&index)),
        "window_start_flag" => return yes(session.windows.keys().next() == Some(&index)),
        "window_end_flag" => return yes(session.windows.keys().next_back() == Some(&index)),
        "window_activity" => (names::activity(state, view.live, window) / 1000).to_string(),
        "window_activity_flag" => return yes(alerts(session, index).contains('#')),
        "window_bell_flag" => return yes(alerts(session, index).contains('!')),
        "window_silence_flag" => return yes(alerts(session, index).contains('~')),
        "window_linked" => return yes(links.len() > 1),
        "window_linked_sessions" => links.len().to_string(),
        "window_linked_sessions_list" => {
            let names = links
                .iter()
                .filter_map(|(s, _)| state.session(*s))
                .map(|s| s.name.as_str());
            names.collect::<Vec<_>>().join(",")
        }
        "window_active_clients" => active_clients(view, window).count().to_string(),
        "window_active_clients_list" => active_clients(view, window)
            .map(|c| c.name.as_str())
            .collect::<Vec<_>>()
            .join(","),
        "window_active_sessions" => {
            let active = |(s, i): &&(u32, i32)| state.session(*s).is_some_and(|s| s.current == *i);
            links.iter().filter(active).count().to_string()
        }
        "window_active_sessions_list" => {
            let active = |(s, i): &(u32, i32)| {
                state
                    .session(*s)
                    .filter(|s| s.current == *i)
                    .map(|s| s.name.as_str())
            };
            links
                .iter()
                .filter_map(active)
                .collect::<Vec<_>>()
                .join(",")
        }
        "window_marked_flag" => {
            return yes(state.marked.is_some_and(|p| window.panes.contains(&p)));
        }
        "window_format" => return yes(view.place.is_some_and(|p| p.pane.is_none())),
        "window_stack_index" => {
            let at = session.last.iter().position(|i| *i == index);
            at.map_or(0, |at| at + 1).to_string()
        }
        "window_cell_width" => "16".to_owned(),
        "window_cell_height" => "32".to_owned(),
        "window_bigger" | "window_offset_x" | "window_offset_y" => String::new(),
        _ => return None,
    })
}

fn active_clients<'v>(view: &View<'v, '_>, window: &Window) -> impl Iterator<Item = &'v Client> {
    let state = view.state;
    let id = window.id;
    state.clients.iter().filter(move |c| {
        state
            .session(c.session)
            .is_some_and(|s| s.current_window() == id)
    })
}

fn alerts(session: &Session, index: i32) -> &str {
    session.alerts.get(&index).map_or("", String::as_str)
}

fn flags(view: &View, window: &Window, session: &Session, index: i32) -> String {
    let alerts = alerts(session, index);
    let mut flags: String = "#!~"
        .chars()
        .filter(|sign| alerts.contains(*sign))
        .collect();
    if session.current == index {
        flags.push('*');
    }
    if session.last.first() == Some(&index) {
        flags.push('-');
    }
    if view.state.marked.is_some_and(|p| window.panes.contains(&p)) && session.current == index {
        flags.push('M');
    }
    if window.zoomed.is_some() {
        flags.push('Z');
    }
    flags
}
