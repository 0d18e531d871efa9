//! What windows and panes are called, as it shows now.

use crate::backend::Live;
use crate::state::{Pane, State, Window};
use crate::time::now_ms;
use crate::{options, platform};

pub(crate) fn window_name(state: &State, live: &Live, window: &Window) -> String {
    if options::of_window(state, Some(window), "automatic-rename") != "on" {
        return window.name.clone();
    }
    let Some(pane) = state.panes.get(&window.active) else {
        return window.name.clone();
    };
    let dead = if pane.dead.is_some() { "[dead]" } else { "" };
    let name = if pane.mode.is_some() {
        "[tmux]".to_owned()
    } else {
        pane_command(state, live, pane)
    };
    format!("{name}{dead}")
}

pub(crate) fn pane_command(state: &State, live: &Live, pane: &Pane) -> String {
    let foreground = live
        .get(&pane.session)
        .and_then(|info| info.foreground.as_ref());
    let running = foreground
        .map(|process| platform::called(process.pid).unwrap_or_else(|| process.name.clone()));
    let command = running.unwrap_or_else(|| {
        if pane.start_command.is_empty() {
            options::of_session(state, None, "default-shell")
        } else {
            pane.start_command.clone()
        }
    });
    short_name(&command)
}

pub(crate) fn pane_title(live: &Live, pane: &Pane) -> String {
    let own = live
        .get(&pane.session)
        .map(|info| info.title.clone())
        .filter(|title| !title.is_empty());
    pane.title.clone().or(own).unwrap_or_else(|| {
        nix::unistd::gethostname()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    })
}

pub(crate) fn pane_index(state: &State, window: &Window, pane: u32) -> i64 {
    let base: i64 = options::of_window(state, Some(window), "pane-base-index")
        .parse()
        .unwrap_or(0);
    window.panes.iter().position(|p| *p == pane).unwrap_or(0) as i64 + base
}

/// When something was last written in a window, in milliseconds.
pub(crate) fn activity(state: &State, live: &Live, window: &Window) -> u64 {
    let now = now_ms();
    let of = |pane: &u32| {
        let info = live.get(&state.panes.get(pane)?.session)?;
        Some(now.saturating_sub(info.idle?.as_millis() as u64))
    };
    window
        .panes
        .iter()
        .filter_map(of)
        .max()
        .unwrap_or(0)
        .max(window.activity_ms)
}

/// What a program is called: no path, no arguments, no `-` of a login shell.
pub(crate) fn short_name(command: &str) -> String {
    let name = command.strip_prefix('"').unwrap_or(command);
    let name = name.split('"').next().unwrap_or_default();
    let name = name.strip_prefix("exec ").unwrap_or(name);
    let name = name.trim_start_matches([' ', '-']);
    let name = name.split(' ').next().unwrap_or_default();
    let name =
        name.trim_end_matches(|c: char| !(c.is_ascii_alphanumeric() || c.is_ascii_punctuation()));
    if name.starts_with('/') {
        name.rsplit('/').next().unwrap_or(name).to_owned()
    } else {
        name.to_owned()
    }
}
