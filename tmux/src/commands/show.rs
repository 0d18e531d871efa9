//! Lists, and `display-message`.

use super::super::addressing::{Place, Sort, of_session};
use super::super::call::{self, Call};
use super::super::format::{self, Source};
use super::super::run::{CommandResult, Run, error};
use super::super::variables::View;
use super::{prompts, talk};
use std::rc::Rc;

const SESSION: &str = "#{session_name}: #{session_windows} windows (created #{t:session_created})#{?session_grouped, (group ,}#{session_group}#{?session_grouped,),}#{?session_attached, (attached),}";
const WINDOW: &str = "#{window_index}: #{window_name}#{window_raw_flags} (#{window_panes} panes) [#{window_width}x#{window_height}] [layout #{window_layout}] #{window_id}#{?window_active, (active),}";
const WINDOW_OF_ALL: &str =
    "#{session_name}:#{window_index}: #{window_name}#{window_raw_flags} (#{window_panes} panes) [#{window_width}x#{window_height}] ";
const PANE: &str = "[#{pane_width}x#{pane_height}] [history #{history_size}/#{history_limit}, #{history_bytes} bytes] #{pane_id}#{?pane_active, (active),}#{?pane_dead, (dead),}";
const CLIENT: &str = "#{client_name}: #{session_name} [#{client_width}x#{client_height} #{client_termname}]#{?#{!=:#{client_uid},#{uid}}, user #{?client_user,#{client_user},#{client_uid}},}#{?client_flags, (,}#{client_flags}#{?client_flags,),}";
const BUFFER: &str = "#{buffer_name}: #{buffer_size} bytes: \"#{buffer_sample}\"";
const MESSAGE: &str = "[#{session_name}] #{window_index}:#{window_name}, current pane #{pane_index} - (%H:%M %d-%b-%y)";

/// Prints a template for each place where the filter holds.
fn each(run: &mut Run, call: &Call, usual: &str, views: Vec<(Place, Vec<(String, String)>)>) {
    let template = call.get('F').unwrap_or(usual).to_owned();
    let mut lines = Vec::new();
    for (place, extra) in views {
        let view = View {
            extra: Rc::new(extra),
            ..run.view(Some(place))
        };
        if call.get('f').is_none_or(|filter| format::truth(&view.expand(filter))) {
            lines.push(view.expand(&template));
        }
    }
    lines.iter().for_each(|line| run.print(line));
}

pub fn sessions(run: &mut Run, call: &Call) -> CommandResult {
    let places = run.state.sessions.values().map(|s| of_session(&run.state, s));
    let views = places
        .enumerate()
        .map(|(n, p)| (p, vec![("line".to_owned(), n.to_string())]))
        .collect();
    each(run, call, SESSION, views);
    Ok(())
}

fn windows_of(run: &Run, id: u32) -> Vec<(Place, Vec<(String, String)>)> {
    let Some(session) = run.state.session(id) else { return vec![] };
    let place = |(index, window): (&i32, &u32)| Place {
        session: id,
        index: Some(*index),
        window: Some(*window),
        pane: run.state.windows.get(window).map(|w| w.active),
    };
    let numbered = session.windows.iter().map(place).enumerate();
    numbered.map(|(n, p)| (p, vec![("line".to_owned(), n.to_string())])).collect()
}

pub fn windows(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.find(call.get('t'), Sort::Session)?;
    if call.has('a') {
        let ids: Vec<u32> = run.state.sessions.values().map(|s| s.id).collect();
        let views = ids.into_iter().flat_map(|id| windows_of(run, id)).collect();
        each(run, call, WINDOW_OF_ALL, views);
    } else {
        let views = windows_of(run, place.session);
        each(run, call, WINDOW, views);
    }
    Ok(())
}

pub fn panes(run: &mut Run, call: &Call) -> CommandResult {
    let sort = if call.has('s') { Sort::Session } else { Sort::Window };
    let place = run.find(call.get('t'), sort)?;
    let (windows, prefix) = if call.has('a') {
        let ids: Vec<u32> = run.state.sessions.values().map(|s| s.id).collect();
        (
            ids.into_iter().flat_map(|id| windows_of(run, id)).collect(),
            "#{session_name}:#{window_index}.#{pane_index}: ",
        )
    } else if call.has('s') {
        (windows_of(run, place.session), "#{window_index}.#{pane_index}: ")
    } else {
        (vec![(place, vec![])], "#{pane_index}: ")
    };
    let mut views = Vec::new();
    for (place, _) in windows {
        let panes = place
            .window
            .and_then(|w| run.state.windows.get(&w))
            .map(|w| w.panes.clone())
            .unwrap_or_default();
        views.extend(panes.into_iter().enumerate().map(|(n, pane)| {
            let place = Place { pane: Some(pane), ..place };
            (place, vec![("line".to_owned(), n.to_string())])
        }));
    }
    each(run, call, &format!("{prefix}{PANE}"), views);
    Ok(())
}

pub fn clients(run: &mut Run, call: &Call) -> CommandResult {
    let only = match call.get('t') {
        Some(target) => Some(run.find(Some(target), Sort::Session)?.session),
        None => None,
    };
    let template = call.get('F').unwrap_or(CLIENT);
    let lines: Vec<String> = run
        .state
        .clients
        .iter()
        .filter(|client| only.is_none_or(|session| client.session == session))
        .map(|client| {
            let place = run.state.session(client.session).map(|s| of_session(&run.state, s));
            let view = View {
                client: Some(client),
                ..run.view(place)
            };
            view.expand(template)
        })
        .collect();
    lines.iter().for_each(|line| run.print(line));
    Ok(())
}

pub fn buffers(run: &mut Run, call: &Call) -> CommandResult {
    let place = run.here();
    let template = call.get('F').unwrap_or(BUFFER);
    let lines: Vec<String> = run
        .state
        .buffers
        .iter()
        .map(|buffer| {
            let bytes = buffer.data.bytes();
            let extra = vec![
                ("buffer_name".to_owned(), buffer.name.clone()),
                ("buffer_size".to_owned(), bytes.len().to_string()),
                ("buffer_sample".to_owned(), sample(bytes)),
                ("buffer_created".to_owned(), (buffer.created_ms / 1000).to_string()),
            ];
            View {
                extra: Rc::new(extra),
                ..run.view(place)
            }
        })
        .filter(|view| call.get('f').is_none_or(|filter| format::truth(&view.expand(filter))))
        .map(|view| view.expand(template))
        .collect();
    lines.iter().for_each(|line| run.print(line));
    Ok(())
}

/// The beginning of a buffer on one line.
pub fn sample(bytes: &[u8]) -> String {
    const LENGTH: usize = 200;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LENGTH)]).into_owned();
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push_str(&format!("\\{:03o}", c as u32)),
            c => out.push(c),
        }
    }
    if bytes.len() > LENGTH { out + "..." } else { out }
}

pub fn commands(run: &mut Run, call: &Call) -> CommandResult {
    let wanted = |e: &call::Entry| {
        call.arg(0)
            .is_none_or(|name| e.name == name || (e.alias() == name && !name.is_empty()))
    };
    for entry in call::table().filter(wanted) {
        let line = match call.get('F') {
            Some(template) => {
                let extra = vec![
                    ("command_list_name".to_owned(), entry.name.to_owned()),
                    ("command_list_alias".to_owned(), entry.alias().to_owned()),
                    ("command_list_usage".to_owned(), entry.usage.to_owned()),
                ];
                let view = View {
                    extra: Rc::new(extra),
                    ..run.view(None)
                };
                view.expand(template)
            }
            None if entry.alias().is_empty() => format!("{} {}", entry.name, entry.usage),
            None => format!("{} ({}) {}", entry.name, entry.alias(), entry.usage),
        };
        if !line.is_empty() {
            run.print(&line);
        }
    }
    Ok(())
}

/// What the attached client knows, and what was bound here.
pub fn message(run: &mut Run, call: &Call) -> CommandResult {
    let place = match call.get('t') {
        Some(target) => run.find_or_partial(target),
        None => run.here(),
    };
    if call.has('I') {
        return match place.and_then(|p| p.pane).and_then(|id| run.state.panes.get(&id)) {
            Some(pane) if !pane.empty => error("pane is not empty"),
            Some(pane) => {
                let id = pane.id;
                talk::from_stdin(run, id)
            }
            None => Ok(()),
        };
    }
    if call.has('F') && !call.args.is_empty() {
        return error("only one of -F or argument must be given");
    }
    if let Err(why) = call.number('d', 0, i64::from(u32::MAX)) {
        return error(format!("delay {why}"));
    }
    if call.has('a') {
        return all(run, place);
    }
    let template = call.arg(0).or_else(|| call.get('F')).unwrap_or(MESSAGE);
    let text = {
        let mut view = run.view(place);
        if let Some(name) = call.get('c')
            && let Ok(at) = run.client(Some(name))
        {
            view.client = run.state.clients.get(at);
        }
        format::expand_time(template, &view)
    };
    if call.has('p') {
        run.print(&text);
        return Ok(());
    }
    prompts::tell(run, call, &text)
}

/// Every variable with its value.
fn all(run: &mut Run, place: Option<Place>) -> CommandResult {
    /// Those that are told though there is nothing in them.
    const EMPTY: [&str; 5] = [
        "config_files",
        "pane_path",
        "pane_search_string",
        "pane_start_command",
        "session_alerts",
    ];
    let names = include_str!("../variables/names.txt").lines().filter(|line| !line.starts_with('#'));
    let lines: Vec<String> = {
        let view = run.view(place);
        names
            .filter_map(|name| Some((name, view.variable(name)?)))
            .filter(|(name, value)| !value.is_empty() || EMPTY.contains(name))
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    };
    lines.iter().for_each(|line| run.print(line));
    Ok(())
}
