//! Options: the table of what there is, and where a value comes from.
//!
//! The table is text, of which most calls need the lines of one or two options: only those are read
//! for a value.

use crate::language;
use crate::state::{Options, Pane, Session, State, Window};
use std::sync::LazyLock;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub scope: Scope,
    /// It may also be set for one pane.
    pub pane: bool,
    pub kind: Kind,
    pub array: bool,
    pub name: &'static str,
    /// By index where it is an array.
    pub defaults: Vec<(Option<u32>, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Server,
    Session,
    Window,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Key,
    Colour,
    Flag,
    Choice(Vec<&'static str>),
    Hook,
}

const TEXT: &str = include_str!("table.txt");

static TABLE: LazyLock<Vec<Entry>> = LazyLock::new(|| read(TEXT.lines()));

fn read(lines: impl Iterator<Item = &'static str>) -> Vec<Entry> {
    let mut table: Vec<Entry> = Vec::new();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let mut fields = line.splitn(4, '|');
        let (Some(scope), Some(kind), Some(name), Some(value)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let (name, index) = indexed(name);
        let array = kind.ends_with("[]") || kind == "hook";
        let value = unquote(value);
        if let Some(known) = table.last_mut().filter(|entry| entry.name == name) {
            known.defaults.push((index, value));
            continue;
        }
        let (scope, pane) = match scope.strip_suffix("-pane") {
            Some(scope) => (scope, true),
            None => (scope, false),
        };
        table.push(Entry {
            scope: match scope {
                "server" => Scope::Server,
                "session" => Scope::Session,
                _ => Scope::Window,
            },
            pane,
            kind: match kind.trim_end_matches("[]") {
                "number" => Kind::Number,
                "key" => Kind::Key,
                "colour" => Kind::Colour,
                "flag" => Kind::Flag,
                "hook" => Kind::Hook,
                text => match text.strip_prefix("choice:") {
                    Some(choices) => Kind::Choice(choices.split(',').collect()),
                    None => Kind::Text,
                },
            },
            array,
            name,
            defaults: if array && index.is_none() {
                vec![]
            } else {
                vec![(index, value)]
            },
        });
    }
    table
}

fn unquote(value: &str) -> String {
    let around = language::Around {
        variable: &|name| Some(format!("${name}")),
        holds: &|_| false,
    };
    if !value.starts_with(['"', '\'', '\\']) {
        return value.to_owned();
    }
    // Most need no reader: every command has this table read.
    let inside = |quote: char, special: &[char]| {
        let inner = value.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.contains(special)).then(|| inner.to_owned())
    };
    if let Some(inner) = inside('\'', &['\'']).or_else(|| inside('"', &['"', '\\', '$'])) {
        return inner;
    }
    language::read(&format!("value {value}"), &around)
        .ok()
        .and_then(|mut commands| commands.pop()?.1.pop())
        .unwrap_or_default()
}

/// `name[3]`
pub(crate) fn indexed(name: &str) -> (&str, Option<u32>) {
    match name.strip_suffix(']').and_then(|n| n.split_once('[')) {
        Some((name, index)) => (name, index.parse().ok()),
        None => (name, None),
    }
}

pub(crate) fn table() -> &'static [Entry] {
    &TABLE
}

/// By its name or a prefix that only one has; the error is tmux's.
pub(crate) fn find(name: &str) -> Result<&'static Entry, String> {
    if let Some(entry) = TABLE.iter().find(|entry| entry.name == name) {
        return Ok(entry);
    }
    let mut like = TABLE.iter().filter(|entry| entry.name.starts_with(name));
    match (like.next(), like.next()) {
        (Some(entry), None) => Ok(entry),
        (None, _) => Err(format!("invalid option: {name}")),
        (Some(_), Some(_)) => Err(format!("ambiguous option: {name}")),
    }
}

/// All of an option in one set of values: the value, or those of an array by index.
pub(crate) fn values(options: &Options, name: &str) -> Vec<(Option<u32>, String)> {
    if let Some(value) = options.get(name) {
        return vec![(None, value.clone())];
    }
    let prefix = format!("{name}[");
    let mut found: Vec<_> = options
        .range(prefix.clone()..)
        .take_while(|(key, _)| key.starts_with(&prefix))
        .map(|(key, value)| (indexed(key).1, value.clone()))
        .collect();
    found.sort();
    found
}

/// The values of the state's own set, filled up with the defaults.
pub(crate) fn global(state: &State, entry: &Entry) -> Vec<(Option<u32>, String)> {
    let set = match entry.scope {
        Scope::Server => &state.server,
        Scope::Session => &state.global,
        Scope::Window => &state.global_window,
    };
    let own = values(set, entry.name);
    // An array that was emptied says so by its bare name.
    if entry.array {
        if own.len() == 1 && own[0].0.is_none() {
            return vec![];
        }
        let mut merged = entry.defaults.clone();
        for (index, value) in own {
            match merged.iter_mut().find(|(i, _)| *i == index) {
                Some(known) => known.1 = value,
                None => merged.push((index, value)),
            }
        }
        merged.retain(|(_, value)| value != GONE);
        merged.sort();
        return merged;
    }
    if own.is_empty() {
        entry.defaults.clone()
    } else {
        own
    }
}

/// Marks an element of an array that was taken away.
pub(crate) const GONE: &str = "\0";

/// An option as it holds for a session.
pub(crate) fn of_session(state: &State, session: Option<&Session>, name: &str) -> String {
    let own = session.and_then(|session| session.options.get(name).cloned());
    own.or_else(|| first(state, name)).unwrap_or_default()
}

pub(crate) fn of_window(state: &State, window: Option<&Window>, name: &str) -> String {
    let own = window.and_then(|window| window.options.get(name).cloned());
    own.or_else(|| first(state, name)).unwrap_or_default()
}

pub(crate) fn of_pane(state: &State, pane: Option<&Pane>, name: &str) -> String {
    if let Some(value) = pane.and_then(|pane| pane.options.get(name)) {
        return value.clone();
    }
    of_window(state, pane.and_then(|pane| state.window_of(pane.id)), name)
}

pub(crate) fn of_server(state: &State, name: &str) -> String {
    first(state, name).unwrap_or_default()
}

fn first(state: &State, name: &str) -> Option<String> {
    let value = |entry: &Entry| {
        global(state, entry)
            .into_iter()
            .next()
            .map(|(_, value)| value)
    };
    match read(lines_of(name)).first() {
        Some(entry) => value(entry),
        None => value(find(name).ok()?),
    }
}

/// The lines of an option: `scope|kind|name|`, or `name[0]|` and so on.
fn lines_of(name: &str) -> impl Iterator<Item = &'static str> {
    let marked = format!("|{name}");
    let mut at = 0;
    std::iter::from_fn(move || {
        let here = at + TEXT[at..].find(&marked)?;
        let begin = TEXT[..here].rfind('\n').map_or(0, |end| end + 1);
        let line = TEXT[begin..].lines().next()?;
        at = begin + line.len();
        Some(line)
    })
    .filter(move |line| {
        line.split('|')
            .nth(2)
            .is_some_and(|named| indexed(named).0 == name)
    })
}

/// A value as it is kept, or why it cannot be one.
pub(crate) fn check(entry: &Entry, value: &str, present: Option<&str>) -> Result<String, String> {
    match &entry.kind {
        Kind::Flag => match value {
            "" => Ok(if present == Some("on") { "off" } else { "on" }.to_owned()),
            "1" | "on" | "yes" => Ok("on".to_owned()),
            "0" | "off" | "no" => Ok("off".to_owned()),
            other => {
                let lower = other.to_lowercase();
                match lower.as_str() {
                    "on" | "yes" => Ok("on".to_owned()),
                    "off" | "no" => Ok("off".to_owned()),
                    _ => Err(format!("bad value: {other}")),
                }
            }
        },
        Kind::Number => {
            let (least, most) = bounds(entry.name);
            crate::text::number(value, least, most)
                .map(|n| n.to_string())
                .map_err(|why| format!("value is {why}: {value}"))
        }
        Kind::Choice(choices) => {
            if value.is_empty() && choices.len() == 2 {
                return Ok(if present == Some(choices[0]) {
                    choices[1]
                } else {
                    choices[0]
                }
                .to_owned());
            }
            // What used to be a flag takes the words of one.
            if choices.contains(&value) {
                Ok(value.to_owned())
            } else {
                Err(format!("unknown value: {value}"))
            }
        }
        Kind::Colour => {
            if crate::colour::is_colour(value) {
                Ok(value.to_owned())
            } else {
                Err(format!("bad colour: {value}"))
            }
        }
        Kind::Key => {
            if crate::keys::is_key(value) {
                Ok(value.to_owned())
            } else {
                Err(format!("bad key: {value}"))
            }
        }
        Kind::Text
            if entry.name.ends_with("-style")
                && !value.contains("#{")
                && !crate::colour::is_style(value) =>
        {
            Err(format!("invalid style: {value}"))
        }
        Kind::Text | Kind::Hook => Ok(value.to_owned()),
    }
}

fn bounds(name: &str) -> (i64, i64) {
    match name {
        "buffer-limit" => (1, i64::from(i32::MAX)),
        "base-index"
        | "display-time"
        | "escape-time"
        | "history-limit"
        | "lock-after-time"
        | "message-limit"
        | "status-interval"
        | "monitor-silence"
        | "prompt-history-limit"
        | "assume-paste-time" => (0, i64::from(i32::MAX)),
        "display-panes-time" => (1, i64::from(i32::MAX)),
        "pane-base-index" => (0, 65535),
        "repeat-time" | "status-left-length" | "status-right-length" => (0, 32767),
        _ => (0, i64::from(i32::MAX)),
    }
}

/// How a value is shown: quoted where it is text.
pub(crate) fn shown(entry: Option<&Entry>, value: &str) -> String {
    match entry.map(|entry| &entry.kind) {
        None | Some(Kind::Text | Kind::Hook) => language::escape(value),
        Some(Kind::Number | Kind::Key | Kind::Colour | Kind::Flag | Kind::Choice(_)) => {
            value.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_read_alone_is_the_one_in_the_table() {
        for entry in table() {
            assert_eq!(read(lines_of(entry.name)), std::slice::from_ref(entry));
        }
        assert!(read(lines_of("automatic")).is_empty());
    }
}
