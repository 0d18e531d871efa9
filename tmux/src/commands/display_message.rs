//! `display-message`: a format expanded, on stdout or on a client's status line.

use crate::addressing::Place;
use crate::format::Source;
use crate::run::{Access, Call, CommandResult, Entry, Run, error};
use crate::state::Message;
use crate::{format, options};

const MESSAGE: &str = "[#{session_name}] #{window_index}:#{window_name}, current pane #{pane_index} - (%H:%M %d-%b-%y)";

pub(super) const ENTRY: Entry = Entry {
    name: "display-message",
    alias: "display",
    flags: "ac:d:INpt:F:v",
    args: (0, Some(1)),
    usage: "[-aINpv] [-c target-client] [-d delay] [-F format] [-t target-pane] [message]",
    access: Access::LOOK,
    run,
};

fn run(run: &mut Run, call: &Call) -> CommandResult {
    let place = match call.get('t') {
        Some(target) => run.find_or_partial(target),
        None => run.here(),
    };
    if call.has('I') {
        return match place
            .and_then(|p| p.pane)
            .and_then(|id| run.state.panes.get(&id))
        {
            Some(pane) if !pane.empty => error("pane is not empty"),
            Some(pane) => {
                let id = pane.id;
                run.show_stdin(id)
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
    tell(run, call, &text)
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
    let names = include_str!("../variables/names.txt")
        .lines()
        .filter(|line| !line.starts_with('#'));
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

/// Shows a text on a client's status line.
fn tell(run: &mut Run, call: &Call, text: &str) -> CommandResult {
    if run.state.clients.is_empty() {
        return Ok(());
    }
    // `display-message` as a rule only looks; this takes its turn late.
    run.take_lock()?;
    let Ok(at) = run.client(call.get('c')) else {
        return Ok(());
    };
    let session = run.state.session(run.state.clients[at].session);
    let usual = || {
        options::of_session(&run.state, session, "display-time")
            .parse()
            .ok()
    };
    let time: Option<u64> = call
        .number('d', 0, i64::from(u32::MAX))
        .ok()
        .flatten()
        .map(|n| n as u64)
        .or_else(usual);
    run.state.clients[at].message = Some(Message {
        text: text.to_owned(),
        at_ms: run.moment(),
        for_ms: time.filter(|ms| *ms > 0),
        ignores_keys: call.has('N'),
    });
    run.keep()
}
