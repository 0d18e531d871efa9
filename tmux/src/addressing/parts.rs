//! A target taken apart: `session:window.pane`, and the words for places in each of them.

use crate::addressing::Sort;

pub(super) const WINDOW_WORDS: &[(&str, &str)] = &[
    ("{start}", "^"),
    ("{last}", "!"),
    ("{end}", "$"),
    ("{next}", "+"),
    ("{previous}", "-"),
];
pub(super) const PANE_WORDS: &[(&str, &str)] = &[
    ("{last}", "!"),
    ("{next}", "+"),
    ("{previous}", "-"),
    ("{top}", "top"),
    ("{bottom}", "bottom"),
    ("{left}", "left"),
    ("{right}", "right"),
    ("{top-left}", "top-left"),
    ("{top-right}", "top-right"),
    ("{bottom-left}", "bottom-left"),
    ("{bottom-right}", "bottom-right"),
];

#[derive(Clone, Copy, Default)]
pub(super) struct Only {
    pub window: bool,
    pub pane: bool,
}

#[derive(Default)]
pub(super) struct Parts {
    pub session: Option<String>,
    pub window: Option<String>,
    pub pane: Option<String>,
    pub only: Only,
}

/// `session:window.pane`, as far as it is there; a word alone is what is looked for.
pub(super) fn split(target: &str, sort: Sort) -> Parts {
    let mut parts = Parts::default();
    let (session, rest) = match target.split_once(':') {
        Some((session, rest)) => (Some(session.to_owned()), rest),
        None => (None, target),
    };
    let (front, pane) = match rest.split_once('.') {
        Some((front, pane)) => (front.to_owned(), Some(pane.to_owned())),
        None => (rest.to_owned(), None),
    };
    match (session, pane) {
        (Some(session), pane) => {
            parts.only = Only {
                window: true,
                pane: pane.is_some(),
            };
            (parts.session, parts.window, parts.pane) = (Some(session), Some(front), pane);
        }
        (None, Some(pane)) => {
            parts.only.pane = true;
            (parts.window, parts.pane) = (Some(front), Some(pane));
        }
        (None, None) => match (target.chars().next(), sort) {
            (Some('$'), _) => parts.session = Some(front),
            (Some('@'), _) => parts.window = Some(front),
            (Some('%'), _) => parts.pane = Some(front),
            (_, Sort::Session) => parts.session = Some(front),
            (_, Sort::Window | Sort::Index) => parts.window = Some(front),
            (_, Sort::Pane) => parts.pane = Some(front),
        },
    }
    parts
}
