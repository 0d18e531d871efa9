//! What `psup top` shows and what its keys do, as data: no terminal, socket or clock in here.

use super::keys::Key;
use psup_link::capture::Shot;
use psup_proto::SessionId;
use psup_proto::info::{BlockedOn, Info};
use std::cmp::Reverse;
use std::fmt::Write;

/// One session among those of all targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub source: usize,
    pub id: SessionId,
}

/// A supervisor whose sessions are shown.
#[derive(Default)]
pub(super) struct Source {
    /// The target's, where there are several.
    pub name: Option<String>,
    pub sessions: Vec<Info>,
    /// Why there is no list of it.
    pub trouble: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Name,
    /// Those first that want a person.
    State,
    /// The one first that wrote last.
    Output,
    Started,
}

/// What the keys are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum View {
    List,
    /// A filter is typed.
    Filter,
    /// A question that `y` says yes to.
    Confirm(Act),
    Help,
    Journal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Stop,
    Restart,
}

/// What a key wants done outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Quit,
    Attach(Place),
    Do(Act, Place),
    ReadJournal(Place),
    /// Ended sessions are shown, or not any more.
    ShowEnded(bool),
}

pub(super) struct Model {
    pub sources: Vec<Source>,
    /// The sessions that are shown, in order: source and place in its list.
    pub shown: Vec<(usize, usize)>,
    pub selected: Option<Place>,
    pub sort: Sort,
    pub filter: String,
    pub ended: bool,
    pub view: View,
    /// What was done last, or went wrong.
    pub note: Option<String>,
    pub preview: Option<Result<Shot, String>>,
    /// The journal's end as it was read.
    pub journal: Option<Result<Shot, String>>,
    /// Rows between the end of the journal and the last one shown.
    pub back: usize,
    /// Rows that a page has; told by the last drawing.
    pub page: usize,
}

impl Sort {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::State => "state",
            Self::Output => "output",
            Self::Started => "start",
        }
    }

    fn next(self) -> Self {
        match self {
            Self::Name => Self::State,
            Self::State => Self::Output,
            Self::Output => Self::Started,
            Self::Started => Self::Name,
        }
    }
}

impl Act {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Restart => "restart",
        }
    }
}

impl Model {
    pub(super) fn new(sources: Vec<Option<String>>, ended: bool) -> Self {
        let source = |name| Source {
            name,
            ..Source::default()
        };
        Self {
            sources: sources.into_iter().map(source).collect(),
            shown: Vec::new(),
            selected: None,
            sort: Sort::Name,
            filter: String::new(),
            ended,
            view: View::List,
            note: None,
            preview: None,
            journal: None,
            back: 0,
            page: 10,
        }
    }

    /// The sessions of a supervisor as they are now, or why nobody knows.
    pub(super) fn listed(&mut self, source: usize, list: Result<Vec<Info>, String>) {
        // By what is shown now, which the new list has no places for.
        let before = self.position().unwrap_or(0);
        self.shown.clear();
        let place = &mut self.sources[source];
        match list {
            Ok(sessions) => (place.sessions, place.trouble) = (sessions, None),
            Err(why) => (place.sessions, place.trouble) = (Vec::new(), Some(why)),
        }
        self.arrange_at(before);
    }

    pub(super) fn info(&self, (source, at): (usize, usize)) -> &Info {
        &self.sources[source].sessions[at]
    }

    /// Where the selected session stands among those that are shown.
    pub(super) fn position(&self) -> Option<usize> {
        let selected = self.selected.as_ref()?;
        self.shown
            .iter()
            .position(|at| at.0 == selected.source && self.info(*at).id == selected.id)
    }

    pub(super) fn selected_info(&self) -> Option<&Info> {
        self.position().map(|at| self.info(self.shown[at]))
    }

    /// What one key does.
    pub(super) fn press(&mut self, key: Key) -> Option<Effect> {
        self.note = None;
        if key == Key::Interrupt {
            return Some(Effect::Quit);
        }
        match self.view.clone() {
            View::List => self.press_in_list(key),
            View::Filter => {
                self.press_in_filter(key);
                None
            }
            View::Confirm(act) => {
                self.view = View::List;
                let yes = matches!(key, Key::Char('y' | 'Y'));
                self.selected
                    .clone()
                    .filter(|_| yes)
                    .map(|place| Effect::Do(act, place))
            }
            View::Help => {
                self.view = View::List;
                None
            }
            View::Journal => self.press_in_journal(key),
        }
    }

    fn press_in_list(&mut self, key: Key) -> Option<Effect> {
        let page = self.page.max(1) as isize;
        match key {
            Key::Char('q') => return Some(Effect::Quit),
            Key::Char('j') | Key::Down => self.step(1),
            Key::Char('k') | Key::Up => self.step(-1),
            Key::PageDown => self.step(page),
            Key::PageUp => self.step(-page),
            Key::Char('g') | Key::Home => self.step(isize::MIN),
            Key::Char('G') | Key::End => self.step(isize::MAX),
            Key::Char('s') => {
                self.sort = self.sort.next();
                self.arrange();
            }
            Key::Char('a') => {
                self.ended = !self.ended;
                return Some(Effect::ShowEnded(self.ended));
            }
            Key::Char('/') => self.view = View::Filter,
            Key::Char('?' | 'h') => self.view = View::Help,
            Key::Escape => {
                self.filter.clear();
                self.arrange();
            }
            Key::Enter => return self.selected.clone().map(Effect::Attach),
            Key::Char('x') => self.confirm(Act::Stop),
            Key::Char('r') => self.confirm(Act::Restart),
            Key::Char('l') => {
                let place = self.selected.clone()?;
                (self.view, self.journal, self.back) = (View::Journal, None, 0);
                return Some(Effect::ReadJournal(place));
            }
            Key::Char(_) | Key::Backspace | Key::Interrupt => {}
        }
        None
    }

    fn confirm(&mut self, act: Act) {
        if self.selected.is_some() {
            self.view = View::Confirm(act);
        }
    }

    fn press_in_filter(&mut self, key: Key) {
        match key {
            Key::Char(c) => self.filter.push(c),
            Key::Backspace => drop(self.filter.pop()),
            Key::Escape => {
                self.filter.clear();
                self.view = View::List;
            }
            Key::Enter => self.view = View::List,
            Key::Up => self.step(-1),
            Key::Down => self.step(1),
            Key::PageUp | Key::PageDown | Key::Home | Key::End | Key::Interrupt => {}
        }
        self.arrange();
    }

    fn press_in_journal(&mut self, key: Key) -> Option<Effect> {
        let rows = match &self.journal {
            Some(Ok(shot)) => shot.rows.len(),
            Some(Err(_)) | None => 0,
        };
        let most = rows.saturating_sub(self.page);
        match key {
            Key::Char('q' | 'l') | Key::Escape | Key::Enter => self.view = View::List,
            Key::Char('k') | Key::Up => self.back += 1,
            Key::Char('j') | Key::Down => self.back = self.back.saturating_sub(1),
            Key::PageUp => self.back += self.page,
            Key::PageDown => self.back = self.back.saturating_sub(self.page),
            Key::Char('g') | Key::Home => self.back = most,
            Key::Char('G') | Key::End => self.back = 0,
            Key::Char('r') => return self.selected.clone().map(Effect::ReadJournal),
            Key::Char(_) | Key::Backspace | Key::Interrupt => {}
        }
        self.back = self.back.min(most);
        None
    }

    /// Selects another session, so many further down.
    fn step(&mut self, by: isize) {
        let Some(last) = self.shown.len().checked_sub(1) else {
            return;
        };
        let at = self.position().unwrap_or(0);
        self.select(at.saturating_add_signed(by).min(last));
    }

    fn select(&mut self, at: usize) {
        let at = self.shown[at];
        let id = self.info(at).id.clone();
        self.selected = Some(Place { source: at.0, id });
    }

    /// Puts the sessions that the filter lets through into order; the selected one stays selected
    /// while it is shown, else its neighbour is.
    fn arrange(&mut self) {
        self.arrange_at(self.position().unwrap_or(0));
    }

    fn arrange_at(&mut self, before: usize) {
        let all = self
            .sources
            .iter()
            .enumerate()
            .flat_map(|(source, place)| (0..place.sessions.len()).map(move |at| (source, at)));
        let mut shown: Vec<_> = all.filter(|at| self.passes(*at)).collect();
        let name = |at: &(usize, usize)| {
            let id = &self.info(*at).id;
            (at.0, id.name.as_str().to_owned(), id.life)
        };
        match self.sort {
            Sort::Name => shown.sort_by_cached_key(name),
            Sort::State => shown.sort_by_cached_key(|at| (calm(self.info(*at)), name(at))),
            Sort::Output => shown.sort_by_cached_key(|at| {
                let idle = self.info(*at).idle;
                (idle.is_none(), idle, name(at))
            }),
            Sort::Started => {
                shown.sort_by_cached_key(|at| (Reverse(self.info(*at).started_ms), name(at)));
            }
        }
        self.shown = shown;
        if self.shown.is_empty() {
            self.selected = None;
        } else if self.position().is_none() {
            let next = self.next_life().unwrap_or(before);
            self.select(next.min(self.shown.len() - 1));
        }
    }

    /// Where another life of the selected session stands.
    fn next_life(&self) -> Option<usize> {
        let selected = self.selected.as_ref()?;
        self.shown
            .iter()
            .rposition(|at| at.0 == selected.source && self.info(*at).id.name == selected.id.name)
    }

    /// Every word of the filter stands in the name, the target, the command or a label.
    fn passes(&self, at: (usize, usize)) -> bool {
        let info = self.info(at);
        let mut text = info.id.to_string();
        text.extend(
            self.sources[at.0]
                .name
                .iter()
                .map(|name| format!(" {name}")),
        );
        text.push(' ');
        text.push_str(&crate::human::command(&info.command));
        for (key, value) in &info.labels {
            let _ = write!(text, " {key}={value}");
        }
        let text = text.to_lowercase();
        self.filter
            .to_lowercase()
            .split_whitespace()
            .all(|word| text.contains(word))
    }
}

/// The less a session wants a person, the higher.
fn calm(info: &Info) -> u8 {
    match info.blocked.as_ref().map(|blocked| blocked.on) {
        Some(BlockedOn::Password) => 0,
        Some(BlockedOn::Input) => 1,
        Some(BlockedOn::Nothing) | None if info.state.is_live() => 2,
        Some(BlockedOn::Prompt) => 3,
        Some(BlockedOn::Nothing) | None => 4,
    }
}

#[cfg(test)]
mod tests;
