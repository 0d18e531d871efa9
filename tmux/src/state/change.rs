//! How a state changes: panes and windows that go, links, choices, sizes.

use crate::layout::Cell;
use crate::layout::Kind;
use crate::state::{Session, State, Window};
use std::collections::BTreeMap;

impl State {
    /// Takes everything away; what is left ends with what keeps it.
    pub(crate) fn end(&mut self) {
        self.sessions.clear();
        self.windows.clear();
        self.panes.clear();
        self.clients.clear();
    }

    /// Takes a pane out of its window; what is empty then goes too. Gives the window if it is gone.
    pub(crate) fn drop_pane(&mut self, pane: u32) {
        self.panes.remove(&pane);
        if self.marked == Some(pane) {
            self.marked = None;
        }
        let Some(id) = self.window_of(pane).map(|window| window.id) else {
            return;
        };
        let Some(window) = self.windows.get_mut(&id) else {
            return;
        };
        if let Some(layout) = window.zoomed.take() {
            window.layout = layout;
        }
        let at = window.panes.iter().position(|p| *p == pane).unwrap_or(0);
        window.panes.retain(|p| *p != pane);
        window.last.retain(|p| *p != pane);
        if window.panes.is_empty() {
            self.drop_window(id);
            return;
        }
        window.layout.remove(pane);
        if window.active == pane {
            window.active = if window.last.is_empty() {
                window.panes[at.saturating_sub(1).min(window.panes.len() - 1)]
            } else {
                window.last.remove(0)
            };
        }
    }

    /// Takes a window out of every session, and its panes with it; a session without windows ends.
    pub(crate) fn drop_window(&mut self, window: u32) {
        for (session, index) in self.links(window) {
            self.unlink(session, index);
        }
    }

    /// Takes one link to a window away; the window goes with the last.
    pub(crate) fn unlink(&mut self, session: u32, index: i32) {
        let Some(found) = self.session_mut(session) else {
            return;
        };
        let Some(window) = found.windows.remove(&index) else {
            return;
        };
        found.last.retain(|i| *i != index);
        if found.windows.is_empty() {
            let name = found.name.clone();
            self.sessions.remove(&name);
        } else if found.current == index {
            found.current = match found.last.first() {
                Some(last) => *last,
                None => found
                    .windows
                    .range(..index)
                    .next_back()
                    .or_else(|| found.windows.iter().next_back())
                    .map_or(0, |(i, _)| *i),
            };
            let current = found.current;
            found.last.retain(|i| *i != current);
        }
        if self
            .session(session)
            .is_some_and(|s| self.flag_of(s, "renumber-windows"))
        {
            self.renumber(session);
        }
        if self.links(window).is_empty()
            && let Some(gone) = self.windows.remove(&window)
        {
            for pane in gone.panes {
                self.panes.remove(&pane);
            }
        }
    }

    fn flag_of(&self, session: &Session, option: &str) -> bool {
        session
            .options
            .get(option)
            .or_else(|| self.global.get(option))
            .is_some_and(|v| v == "on")
    }

    /// Gives the windows of a session indices without gaps.
    pub(crate) fn renumber(&mut self, session: u32) {
        let base: i32 = self
            .session(session)
            .and_then(|s| s.options.get("base-index"))
            .or_else(|| self.global.get("base-index"))
            .and_then(|v| v.parse().ok())
            .unwrap_or(0);
        let Some(session) = self.session_mut(session) else {
            return;
        };
        let map: BTreeMap<i32, i32> = session.windows.keys().copied().zip(base..).collect();
        let of = |index: &i32| map.get(index).copied().unwrap_or(*index);
        session.windows = session
            .windows
            .iter()
            .map(|(index, window)| (of(index), *window))
            .collect();
        session.current = of(&session.current);
        session.last = session.last.iter().map(of).collect();
    }

    /// Takes one link to a window away and leaves the window.
    pub(crate) fn unlink_keeping(&mut self, session: u32, index: i32) {
        let Some(found) = self.session_mut(session) else {
            return;
        };
        found.windows.remove(&index);
        found.last.retain(|i| *i != index);
        if found.current == index
            && let Some(next) = found
                .last
                .first()
                .copied()
                .or_else(|| found.windows.keys().next().copied())
        {
            found.last.retain(|i| *i != next);
            found.current = next;
        }
    }

    /// Moves the windows from `index` on up by one, as far as they are in the way.
    pub(crate) fn make_room(&mut self, session: u32, index: i32) {
        let Some(session) = self.session_mut(session) else {
            return;
        };
        let end = (index..)
            .find(|i| !session.windows.contains_key(i))
            .unwrap_or(index);
        let of = |i: i32| if (index..end).contains(&i) { i + 1 } else { i };
        session.windows = session.windows.iter().map(|(i, w)| (of(*i), *w)).collect();
        session.current = of(session.current);
        session.last = session.last.iter().map(|i| of(*i)).collect();
    }

    /// Windows that nobody shows any more go.
    pub(crate) fn drop_unlinked(&mut self, window: u32) {
        if self.links(window).is_empty()
            && let Some(gone) = self.windows.remove(&window)
        {
            for pane in gone.panes {
                self.panes.remove(&pane);
            }
        }
    }

    /// Takes a pane out of its mode; a window that was zoomed for a list is as it was.
    pub(crate) fn leave_mode(&mut self, id: u32) {
        let mut unzooms = false;
        if let Some(pane) = self.panes.get_mut(&id) {
            pane.mode = None;
            pane.copy = None;
            unzooms = pane
                .choosing
                .take()
                .is_some_and(|choosing| choosing.unzooms);
        }
        if unzooms && let Some(window) = self.window_of(id).map(|window| window.id) {
            self.windows.get_mut(&window).map(Window::unzoom);
        }
    }
}

impl Session {
    /// Makes a window the current one; false if it was.
    pub(crate) fn select(&mut self, index: i32) -> bool {
        self.alerts.remove(&index);
        if self.current == index || !self.windows.contains_key(&index) {
            return false;
        }
        let before = self.current;
        self.last.retain(|i| *i != index && *i != before);
        if self.windows.contains_key(&before) {
            self.last.insert(0, before);
        }
        self.current = index;
        true
    }

    pub(crate) fn current_window(&self) -> u32 {
        self.windows.get(&self.current).copied().unwrap_or_default()
    }

    /// The lowest index from `base` on that is free.
    pub(crate) fn free_index(&self, base: i32) -> i32 {
        (base..)
            .find(|index| !self.windows.contains_key(index))
            .unwrap_or(base)
    }
}

impl Window {
    pub(crate) fn activate(&mut self, pane: u32) -> bool {
        if self.active == pane || !self.panes.contains(&pane) {
            return false;
        }
        let before = self.active;
        self.last.retain(|p| *p != pane && *p != before);
        self.last.insert(0, before);
        self.active = pane;
        true
    }

    /// Makes a pane the active one; a zoomed window shows all panes, or the new one alone where it
    /// stays zoomed.
    pub(crate) fn activate_unzoomed(&mut self, pane: u32, stays_zoomed: bool) {
        let zoomed = self.unzoom();
        self.activate(pane);
        if zoomed && stays_zoomed {
            self.zoom(pane);
        }
    }

    /// Puts a new pane beside another one, or at an end of all.
    pub(crate) fn insert_beside(&mut self, pane: u32, new: u32, before: bool, full: bool) {
        let at = if full {
            if before { 0 } else { self.panes.len() }
        } else {
            self.panes.iter().position(|p| *p == pane).unwrap_or(0) + usize::from(!before)
        };
        self.panes.insert(at, new);
    }

    pub(crate) fn unzoom(&mut self) -> bool {
        self.behind = None;
        match self.zoomed.take() {
            Some(layout) => {
                self.layout = layout;
                true
            }
            None => false,
        }
    }

    pub(crate) fn zoom(&mut self, pane: u32) {
        if self.panes.len() > 1 {
            let whole = Cell::pane(pane, self.sx, self.sy);
            self.zoomed = Some(std::mem::replace(&mut self.layout, whole));
        }
    }

    /// The panes' cells as they stand now; of those behind a zoomed one the cells they return to.
    pub(crate) fn cell(&self, pane: u32) -> Option<&Cell> {
        self.layout
            .find(
                self.behind
                    .filter(|behind| *behind == pane)
                    .map_or(pane, |_| self.active),
            )
            .or_else(|| self.zoomed.as_ref().and_then(|layout| layout.find(pane)))
    }

    pub(crate) fn resize(&mut self, sx: i32, sy: i32) {
        (self.sx, self.sy) = (sx, sy);
        match &mut self.zoomed {
            Some(layout) => {
                layout.resize(sx, sy);
                if let Kind::Pane(pane) = self.layout.kind {
                    self.layout = Cell::pane(pane, sx, sy);
                }
            }
            None => self.layout.resize(sx, sy),
        }
    }
}
