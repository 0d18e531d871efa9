//! What of its caller's environment a session gets.

use crate::start;
use psup_proto::Spec;

/// What the caller's environment says about the caller's terminal.
const TERMINAL: &[&str] = &[
    "COLUMNS",
    "LINES",
    "TERMCAP",
    "TMUX",
    "TMUX_PANE",
    "STY",
    "WINDOW",
];

/// What of its caller's environment a session does not get.
pub(super) fn removed(spec: &Spec) -> impl Iterator<Item = &'static str> + '_ {
    // What was asked for by name is meant for this child.
    let asked = |name: &str| spec.asked_env.iter().any(|(key, _)| key == name.as_bytes());
    TERMINAL
        .iter()
        .chain(start::COOKIES)
        .copied()
        .filter(move |name| !asked(name))
}

/// The first variable by which a build runner may find a session's processes.
pub fn runner_mark(spec: &Spec) -> Option<String> {
    let names = spec
        .env
        .iter()
        .filter_map(|(name, _)| std::str::from_utf8(name).ok());
    let mut marks =
        names.filter(|name| start::is_mark(name) && !removed(spec).any(|gone| gone == *name));
    marks.next().map(str::to_owned)
}
