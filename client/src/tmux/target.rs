//! What `-t` means: tmux's rule of exact name, prefix and pattern, ids, indices and offsets.

use super::layout::Cell;
use super::world::{Session, Window, World};

/// A place in the world. A window that is only an index has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub session: u32,
    /// The window's index in the session; `None` where no index was given but one was asked for.
    pub index: Option<i32>,
    pub window: Option<u32>,
    pub pane: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Session,
    Window,
    Pane,
    /// A window's index, which need not be in use.
    Index,
}

const SESSION_WORDS: &[(&str, &str)] = &[];
const WINDOW_WORDS: &[(&str, &str)] = &[
    ("{start}", "^"),
    ("{last}", "!"),
    ("{end}", "$"),
    ("{next}", "+"),
    ("{previous}", "-"),
];
const PANE_WORDS: &[(&str, &str)] = &[
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

pub struct Finder<'a> {
    pub world: &'a World,
    pub current: Place,
    /// The name of a window as it shows now.
    pub window_name: &'a dyn Fn(&Window) -> String,
}

/// The session that was used last, of these.
pub fn best<'a>(sessions: impl Iterator<Item = &'a Session>) -> Option<&'a Session> {
    sessions.max_by_key(|session| (session.activity_ms, session.id))
}

/// What a session shows.
pub fn of_session(world: &World, session: &Session) -> Place {
    let window = session.current_window();
    Place {
        session: session.id,
        index: Some(session.current),
        window: Some(window),
        pane: world.windows.get(&window).map(|w| w.active),
    }
}

/// Where a window is seen best.
pub fn of_window(world: &World, window: u32) -> Option<Place> {
    let session = best(world.sessions.values().filter(|s| s.windows.values().any(|w| *w == window)))?;
    let index = link(session, window)?;
    Some(Place {
        session: session.id,
        index: Some(index),
        window: Some(window),
        pane: world.windows.get(&window).map(|w| w.active),
    })
}

pub fn of_pane(world: &World, pane: u32) -> Option<Place> {
    let mut place = of_window(world, world.window_of(pane)?.id)?;
    place.pane = Some(pane);
    Some(place)
}

fn link(session: &Session, window: u32) -> Option<i32> {
    if session.current_window() == window {
        return Some(session.current);
    }
    session.windows.iter().find(|(_, w)| **w == window).map(|(i, _)| *i)
}

impl Finder<'_> {
    pub fn find(&self, target: &str, sort: Sort) -> Result<Place, String> {
        if target.is_empty() {
            return Ok(self.here(sort));
        }
        if target == "=" || target == "{mouse}" {
            return Err("no mouse target".to_owned());
        }
        if target == "~" || target == "{marked}" {
            let marked = self.world.marked.and_then(|pane| of_pane(self.world, pane));
            return marked.ok_or_else(|| "no marked target".to_owned());
        }
        let parts = split(target, sort);
        if parts.pane.is_some() && sort == Sort::Index {
            return Err("can't specify pane here".to_owned());
        }
        let strip = |part: Option<String>| match part {
            Some(text) => match text.strip_prefix('=') {
                Some(exact) => (Some(exact.to_owned()), true),
                None => (Some(text), false),
            },
            None => (None, false),
        };
        let (session, exact_session) = strip(parts.session);
        let (window, exact_window) = strip(parts.window);
        let full = |part: Option<String>, words: &[(&str, &str)]| {
            let part = part.filter(|text| !text.is_empty())?;
            Some(
                words
                    .iter()
                    .find(|(word, _)| *word == part)
                    .map_or(part, |(_, short)| (*short).to_owned()),
            )
        };
        let session = full(session, SESSION_WORDS);
        let window = full(window, WINDOW_WORDS);
        let pane = full(parts.pane, PANE_WORDS);
        let wanted = Wanted {
            sort,
            exact_session,
            exact_window,
        };
        self.look(session.as_deref(), window.as_deref(), pane.as_deref(), parts.only, wanted)
    }

    /// How far a target that is not there leads: formats are told of the session or window that is.
    pub fn partial(&self, target: &str) -> Option<Place> {
        let parts = split(target, Sort::Pane);
        let wanted = Wanted {
            sort: Sort::Pane,
            exact_session: false,
            exact_window: false,
        };
        let bare = |part: Option<String>| part.map(|p| p.trim_start_matches('=').to_owned()).filter(|p| !p.is_empty());
        let place = match (bare(parts.session), bare(parts.window)) {
            (Some(session), window) => {
                let session = self.session(&session, wanted)?;
                let found = window.and_then(|window| self.window_in(session, &window, wanted));
                found.unwrap_or_else(|| of_session(self.world, session))
            }
            (None, Some(window)) => self.window(&window, parts.only.window, wanted)?,
            (None, None) if parts.only.pane => self.current,
            (None, None) => return None,
        };
        let pane = parts
            .pane
            .and_then(|pane| by_id(&pane, '%'))
            .filter(|id| self.world.panes.contains_key(id));
        let active = || place.window.and_then(|w| self.world.windows.get(&w)).map(|w| w.active);
        Some(Place {
            pane: pane.or_else(active),
            ..place
        })
    }

    fn here(&self, sort: Sort) -> Place {
        let mut place = self.current;
        if sort == Sort::Index {
            place.index = None;
        }
        place
    }

    fn look(&self, session: Option<&str>, window: Option<&str>, pane: Option<&str>, only: Only, wanted: Wanted) -> Result<Place, String> {
        let no_window = |window: &str| format!("can't find window: {window}");
        let no_pane = |pane: &str| format!("can't find pane: {pane}");
        match (session, window, pane) {
            (Some(name), window, pane) => {
                let session = self.session(name, wanted).ok_or_else(|| format!("can't find session: {name}"))?;
                let place = of_session(self.world, session);
                match (window, pane) {
                    (None, None) => Ok(Place {
                        index: if wanted.sort == Sort::Index { None } else { place.index },
                        ..place
                    }),
                    (None, Some(pane)) => {
                        if pane.starts_with('%') {
                            let found = by_id(pane, '%').and_then(|id| of_pane(self.world, id));
                            return found.ok_or_else(|| no_pane(pane));
                        }
                        self.pane(place, pane).ok_or_else(|| no_pane(pane))
                    }
                    (Some(window), pane) => {
                        let place = self.window_in(session, window, wanted).ok_or_else(|| no_window(window))?;
                        match pane {
                            None => Ok(place),
                            Some(pane) => self.pane(place, pane).ok_or_else(|| no_pane(pane)),
                        }
                    }
                }
            }
            (None, Some(window), pane) => {
                let place = self.window(window, only.window, wanted).ok_or_else(|| no_window(window))?;
                match pane {
                    None => Ok(place),
                    Some(pane) => self.pane(place, pane).ok_or_else(|| no_pane(pane)),
                }
            }
            (None, None, Some(pane)) => self.any_pane(pane, only.pane, wanted).ok_or_else(|| no_pane(pane)),
            (None, None, None) => Ok(self.here(wanted.sort)),
        }
    }

    fn session(&self, name: &str, wanted: Wanted) -> Option<&Session> {
        let world = self.world;
        if name.starts_with('$') {
            return world.session(by_id(name, '$')?);
        }
        if let Some(session) = world.sessions.get(name) {
            return Some(session);
        }
        let client = world.clients.iter().find(|c| c.name == name || c.tty == name);
        if let Some(session) = client.and_then(|c| world.session(c.session)) {
            return Some(session);
        }
        if wanted.exact_session {
            return None;
        }
        match one(world.sessions.values().filter(|s| s.name.starts_with(name))) {
            Ok(session) => Some(session),
            Err(true) => None,
            Err(false) => one(world.sessions.values().filter(|s| fnmatch(name, &s.name))).ok(),
        }
    }

    fn window(&self, text: &str, only: bool, wanted: Wanted) -> Option<Place> {
        if text.starts_with('@') {
            return of_window(self.world, by_id(text, '@').filter(|id| self.world.windows.contains_key(id))?);
        }
        let session = self.world.session(self.current.session)?;
        if let Some(place) = self.window_in(session, text, wanted) {
            return Some(place);
        }
        if only {
            return None;
        }
        let session = self.session(text, wanted)?;
        let mut place = of_session(self.world, session);
        if wanted.sort == Sort::Index {
            place.index = None;
        }
        Some(place)
    }

    fn window_in(&self, session: &Session, text: &str, wanted: Wanted) -> Option<Place> {
        let at = |index: i32| {
            let window = *session.windows.get(&index)?;
            Some(Place {
                session: session.id,
                index: Some(index),
                window: Some(window),
                pane: self.world.windows.get(&window).map(|w| w.active),
            })
        };
        let free = |index: i32| Place {
            session: session.id,
            index: Some(index),
            window: None,
            pane: None,
        };
        if text.starts_with('@') {
            let id = by_id(text, '@')?;
            return at(link(session, id)?);
        }
        let is_index = wanted.sort == Sort::Index;
        if !wanted.exact_window
            && let Some((sign, rest)) = text.split_at_checked(1).filter(|(sign, _)| *sign == "+" || *sign == "-")
        {
            let by = if rest.is_empty() {
                1
            } else {
                rest.parse::<i32>().ok().filter(|n| *n > 0).unwrap_or(0)
            };
            if is_index {
                let index = if sign == "+" {
                    session.current.checked_add(by)?
                } else {
                    session.current - by
                };
                return (index >= 0).then(|| at(index).unwrap_or(free(index)));
            }
            let indices: Vec<i32> = session.windows.keys().copied().collect();
            let here = indices.iter().position(|i| *i == session.current)? as i32;
            let by = if sign == "+" { by } else { -by };
            let there = (here + by).rem_euclid(indices.len() as i32);
            return at(indices[there as usize]);
        }
        if !wanted.exact_window {
            match text {
                "!" => return at(*session.last.first()?),
                "^" => return at(*session.windows.keys().next()?),
                "$" => return at(*session.windows.keys().next_back()?),
                _ => {}
            }
        }
        if let Some(index) = text.parse::<i32>().ok().filter(|i| *i >= 0 && !text.starts_with(['+', '-'])) {
            if let Some(place) = at(index) {
                return Some(place);
            }
            if is_index {
                return Some(free(index));
            }
        }
        let named = |matches: &dyn Fn(&str) -> bool| {
            one(session
                .windows
                .iter()
                .filter(|(_, id)| self.world.windows.get(id).is_some_and(|w| matches(&(self.window_name)(w)))))
            .map(|(index, _)| *index)
        };
        let found = match named(&|name| name == text) {
            Err(false) if !wanted.exact_window => match named(&|name| name.starts_with(text)) {
                Err(false) => named(&|name| fnmatch(text, name)),
                found => found,
            },
            found => found,
        };
        at(found.ok()?)
    }

    fn any_pane(&self, text: &str, only: bool, wanted: Wanted) -> Option<Place> {
        if text.starts_with('%') {
            return of_pane(self.world, by_id(text, '%')?);
        }
        if let Some(place) = self.pane(self.current, text) {
            return Some(place);
        }
        if only { None } else { self.window(text, false, wanted) }
    }

    /// A pane in the window of a place.
    fn pane(&self, place: Place, text: &str) -> Option<Place> {
        let window = self.world.windows.get(&place.window?)?;
        let found = self.pane_in(window, text)?;
        Some(Place {
            pane: Some(found),
            ..place
        })
    }

    fn pane_in(&self, window: &Window, text: &str) -> Option<u32> {
        if text.starts_with('%') {
            return by_id(text, '%').filter(|id| window.panes.contains(id));
        }
        let present = self
            .current
            .pane
            .filter(|pane| window.panes.contains(pane))
            .unwrap_or(window.active);
        match text {
            "!" => return window.last.first().copied(),
            "{up-of}" => return beside(window, present, Side::Up),
            "{down-of}" => return beside(window, present, Side::Down),
            "{left-of}" => return beside(window, present, Side::Left),
            "{right-of}" => return beside(window, present, Side::Right),
            _ => {}
        }
        if let Some((sign, rest)) = text.split_at_checked(1).filter(|(sign, _)| *sign == "+" || *sign == "-") {
            let by = if rest.is_empty() { 1 } else { rest.parse::<i32>().unwrap_or(0) };
            let here = window.panes.iter().position(|p| *p == present)? as i32;
            let by = if sign == "+" { by } else { -by };
            let there = (here + by).rem_euclid(window.panes.len() as i32);
            return window.panes.get(there as usize).copied();
        }
        if let Ok(index) = text.parse::<i32>() {
            let base: i32 = self
                .world
                .option_of_window(window, "pane-base-index")
                .and_then(|v| v.parse().ok())
                .unwrap_or(0);
            if let Some(pane) = usize::try_from(index - base).ok().and_then(|at| window.panes.get(at)) {
                return Some(*pane);
            }
        }
        corner(window, text)
    }
}

impl World {
    fn option_of_window(&self, window: &Window, name: &str) -> Option<String> {
        window.options.get(name).or_else(|| self.global_window.get(name)).cloned()
    }
}

fn by_id(text: &str, sign: char) -> Option<u32> {
    text.strip_prefix(sign)?.parse().ok()
}

#[derive(Clone, Copy)]
struct Wanted {
    sort: Sort,
    exact_session: bool,
    exact_window: bool,
}

#[derive(Clone, Copy, Default)]
struct Only {
    window: bool,
    pane: bool,
}

#[derive(Default)]
struct Parts {
    session: Option<String>,
    window: Option<String>,
    pane: Option<String>,
    only: Only,
}

/// `session:window.pane`, as far as it is there; a word alone is what is looked for.
fn split(target: &str, sort: Sort) -> Parts {
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

/// The only one there is; else whether there were several.
fn one<T>(mut found: impl Iterator<Item = T>) -> Result<T, bool> {
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(false),
        (Some(_), Some(_)) => Err(true),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Up,
    Down,
    Left,
    Right,
}

/// The pane across a border; of several the one that was active last.
pub fn beside(window: &Window, pane: u32, side: Side) -> Option<u32> {
    let cell = window.cell(pane)?;
    let (sx, sy) = (window.sx, window.sy);
    let touches = |other: &Cell| match side {
        Side::Up => {
            let edge = if cell.y == 0 { sy + 1 } else { cell.y };
            other.y + other.sy + 1 == edge && overlap(cell.x, cell.sx, other.x, other.sx)
        }
        Side::Down => {
            let edge = if cell.y + cell.sy + 1 >= sy { 0 } else { cell.y + cell.sy + 1 };
            other.y == edge && overlap(cell.x, cell.sx, other.x, other.sx)
        }
        Side::Left => {
            let edge = if cell.x == 0 { sx + 1 } else { cell.x };
            other.x + other.sx + 1 == edge && overlap(cell.y, cell.sy, other.y, other.sy)
        }
        Side::Right => {
            let edge = if cell.x + cell.sx + 1 >= sx { 0 } else { cell.x + cell.sx + 1 };
            other.x == edge && overlap(cell.y, cell.sy, other.y, other.sy)
        }
    };
    let found = window
        .panes
        .iter()
        .copied()
        .filter(|p| *p != pane && window.cell(*p).is_some_and(touches));
    found.min_by_key(|p| window.last.iter().position(|l| l == p).unwrap_or(usize::MAX))
}

fn overlap(a: i32, a_size: i32, b: i32, b_size: i32) -> bool {
    a < b + b_size + 1 && b < a + a_size + 1
}

/// The pane at an edge or a corner of the window.
fn corner(window: &Window, text: &str) -> Option<u32> {
    let (sx, sy) = (window.sx, window.sy);
    let (mut x, mut y) = (sx / 2, sy / 2);
    match text {
        "top" => y = 0,
        "bottom" => y = sy - 1,
        "left" => x = 0,
        "right" => x = sx - 1,
        "top-left" => (x, y) = (0, 0),
        "top-right" => (x, y) = (sx - 1, 0),
        "bottom-left" => (x, y) = (0, sy - 1),
        "bottom-right" => (x, y) = (sx - 1, sy - 1),
        _ => return None,
    }
    window.panes.iter().copied().find(|pane| {
        window
            .cell(*pane)
            .is_some_and(|c| x >= c.x && x <= c.x + c.sx && y >= c.y && y <= c.y + c.sy)
    })
}

/// fnmatch(3): `*`, `?`, `[a-z]`, `[!a]` and `\`.
pub fn fnmatch(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    matches(&pattern, &text)
}

fn matches(pattern: &[char], text: &[char]) -> bool {
    let Some((first, rest)) = pattern.split_first() else {
        return text.is_empty();
    };
    match first {
        '*' => (0..=text.len()).any(|skip| matches(rest, &text[skip..])),
        '?' => !text.is_empty() && matches(rest, &text[1..]),
        '[' => match (class(rest), text.split_first()) {
            (Some((set, negated, after)), Some((c, text))) => in_class(set, *c) != negated && matches(after, text),
            (None, Some(('[', text))) => matches(rest, text),
            _ => false,
        },
        '\\' if !rest.is_empty() => text.first() == rest.first() && matches(&rest[1..], &text[1..]),
        c => text.first() == Some(c) && matches(rest, &text[1..]),
    }
}

fn class(rest: &[char]) -> Option<(&[char], bool, &[char])> {
    let negated = matches!(rest.first(), Some('!' | '^'));
    let rest = if negated { &rest[1..] } else { rest };
    let end = rest.iter().skip(1).position(|c| *c == ']')? + 1;
    Some((&rest[..end], negated, &rest[end + 1..]))
}

fn in_class(set: &[char], c: char) -> bool {
    let mut at = 0;
    while at < set.len() {
        if at + 2 < set.len() && set[at + 1] == '-' {
            if (set[at]..=set[at + 2]).contains(&c) {
                return true;
            }
            at += 3;
        } else {
            if set[at] == c {
                return true;
            }
            at += 1;
        }
    }
    false
}
