//! The last part of a target: a pane of a window, by id, index, offset or where it lies.

use super::finder::{Finder, Wanted, by_id};
use super::sides::{Side, beside, corner};
use super::{Place, of_pane};
use crate::state::{State, Window};

impl Finder<'_> {
    pub(crate) fn any_pane(&self, text: &str, only: bool, wanted: Wanted) -> Option<Place> {
        if text.starts_with('%') {
            return of_pane(self.state, by_id(text, '%')?);
        }
        if let Some(place) = self.pane(self.current, text) {
            return Some(place);
        }
        if only {
            None
        } else {
            self.window(text, false, wanted)
        }
    }

    /// A pane in the window of a place.
    pub(crate) fn pane(&self, place: Place, text: &str) -> Option<Place> {
        let window = self.state.windows.get(&place.window?)?;
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
        if let Some((sign, rest)) = text
            .split_at_checked(1)
            .filter(|(sign, _)| *sign == "+" || *sign == "-")
        {
            let by = if rest.is_empty() {
                1
            } else {
                rest.parse::<i32>().unwrap_or(0)
            };
            let here = window.panes.iter().position(|p| *p == present)? as i32;
            let by = if sign == "+" { by } else { -by };
            let there = (here + by).rem_euclid(window.panes.len() as i32);
            return window.panes.get(there as usize).copied();
        }
        if let Ok(index) = text.parse::<i32>() {
            let base: i32 = self
                .state
                .option_of_window(window, "pane-base-index")
                .and_then(|v| v.parse().ok())
                .unwrap_or(0);
            if let Some(pane) = usize::try_from(index - base)
                .ok()
                .and_then(|at| window.panes.get(at))
            {
                return Some(*pane);
            }
        }
        corner(window, text)
    }
}

impl State {
    fn option_of_window(&self, window: &Window, name: &str) -> Option<String> {
        window
            .options
            .get(name)
            .or_else(|| self.global_window.get(name))
            .cloned()
    }
}
