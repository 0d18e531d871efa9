//! What keys do: looked up in the table of the moment, then in the root one; what is bound nowhere
//! goes to the active pane.

use super::keyboard::{Mouse, Typed};
use super::{Attached, keyboard};
use crate::addressing::Place;
use crate::client_session::DetachReason;
use crate::keys::{Input, bindings};
use crate::layout::Kind;
use crate::state::Binding;
use crate::{addressing, keys};
use std::time::{Duration, Instant};

/// Which table the next key is looked up in; until when a key that repeats may be pressed again.
#[derive(Default)]
pub(super) struct Keys {
    table: Option<String>,
    pub repeating: Option<Instant>,
}

impl Keys {
    pub(super) fn at(table: String) -> Self {
        Self {
            table: Some(table).filter(|table| table != "root"),
            repeating: None,
        }
    }
}

impl Attached<'_, '_> {
    pub(super) fn typed(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        // Neighbouring keys go to the pane in one piece.
        let mut plain: Vec<Input> = Vec::new();
        while !rest.is_empty() && self.farewell.is_none() {
            let key = keyboard::next(rest);
            rest = &rest[key.length..];
            if let Some(part) = self.pressed(key, &mut plain) {
                plain.push(part);
            }
        }
        self.type_into(plain);
    }

    /// What the pane is to get for a key, if it is not for somebody else.
    fn pressed(&mut self, mut key: Typed, before: &mut Vec<Input>) -> Option<Input> {
        if self
            .message
            .as_ref()
            .is_some_and(|m| m.ignores_keys && m.until.is_some())
        {
            return None;
        }
        self.message = None;
        if self.prompt.is_some() {
            self.prompted(&key.name);
            return None;
        }
        let place = key.mouse.map(|mouse| self.under(mouse));
        if let Some((_, on)) = &place {
            key.name = format!("{}{on}", key.name);
        }
        let bound = if key.name == "Paste" {
            Lookup::Pane
        } else {
            self.look_up(&key.name)
        };
        match bound {
            Lookup::Bound(binding) => {
                self.type_into(std::mem::take(before));
                self.command(
                    &binding.command,
                    place.and_then(|(place, _)| place),
                    key.mouse,
                );
                None
            }
            Lookup::Swallowed => None,
            Lookup::Pane => {
                if self.active().is_some_and(|pane| pane.mode.is_some()) {
                    self.type_into(std::mem::take(before));
                    if self.active().is_some_and(|pane| pane.choosing.is_some()) {
                        self.choose(&key.name);
                    } else {
                        self.leave_mode(&key.name);
                    }
                    return None;
                }
                match key.mouse {
                    Some(mouse) => self.pointed(mouse),
                    None => Some(key.part),
                }
            }
        }
    }

    fn look_up(&mut self, name: &str) -> Lookup {
        let prefixes = [self.option("prefix"), self.option("prefix2")];
        let is_prefix = prefixes
            .iter()
            .any(|prefix| keys::canonical(prefix) == name);
        let mut table = self
            .keys
            .table
            .clone()
            .or_else(|| self.table_of_mode())
            .unwrap_or_else(|| "root".to_owned());
        let mut first = table.clone();
        loop {
            if is_prefix && table != "prefix" {
                self.keys = Keys::at("prefix".to_owned());
                return Lookup::Swallowed;
            }
            let repeats = self.keys.repeating.is_some();
            let found = bindings::get(&self.state, &table, name)
                .or_else(|| bindings::get(&self.state, &table, "Any"));
            match found.cloned() {
                Some(binding) if repeats && !binding.repeat => {
                    self.keys = Keys::default();
                    "root".clone_into(&mut table);
                    first.clone_from(&table);
                }
                Some(binding) => {
                    let time: u64 = self.option("repeat-time").parse().unwrap_or(0);
                    if binding.repeat && time > 0 {
                        self.keys = Keys {
                            table: Some(table),
                            repeating: Some(Instant::now() + Duration::from_millis(time)),
                        };
                    } else {
                        self.keys = Keys::default();
                    }
                    return Lookup::Bound(binding);
                }
                None if table != "root" || repeats => {
                    self.keys = Keys::default();
                    "root".clone_into(&mut table);
                    if repeats {
                        first.clone_from(&table);
                    }
                }
                None if first == table => return Lookup::Pane,
                None => return Lookup::Swallowed,
            }
        }
    }

    fn table_of_mode(&self) -> Option<String> {
        let copy = self.active()?.copy.as_ref()?;
        Some(if copy.vi { "copy-mode-vi" } else { "copy-mode" }.to_owned())
    }

    /// Modes that are not more than their name are left by these keys.
    fn leave_mode(&mut self, name: &str) {
        if matches!(name, "q" | "Escape" | "C-c" | "Enter") {
            self.command("copy-mode -q", None, None);
        }
    }

    fn type_into(&mut self, parts: Vec<Input>) {
        let Some(pane) = self
            .active()
            .filter(|p| !parts.is_empty() && p.dead.is_none() && !p.input_off && !p.empty)
        else {
            return;
        };
        if self.own().is_none_or(|c| c.read_only) {
            return;
        }
        let session = pane.session.clone();
        // A child that has just ended takes no more input.
        let _ = self.backend.clone().send(&session, parts);
    }

    /// What lies under the mouse: a place, and tmux's word for what it is of.
    fn under(&self, mouse: Mouse) -> (Option<Place>, &'static str) {
        let row = mouse.y - self.pane_rows().start;
        let (Some(window), true) = (self.window(), self.pane_rows().contains(&mouse.y)) else {
            return (None, "StatusDefault");
        };
        let inside = |cell: &&crate::layout::Cell| {
            (cell.x..cell.x + cell.sx).contains(&mouse.x)
                && (cell.y..cell.y + cell.sy).contains(&row)
        };
        match window
            .layout
            .leaves()
            .into_iter()
            .find(inside)
            .map(|cell| &cell.kind)
        {
            Some(Kind::Pane(id)) => (addressing::of_pane(&self.state, *id), "Pane"),
            Some(Kind::Split(..)) | None => (None, "Border"),
        }
    }

    /// The mouse's event for the program in the active pane, if it asked for such.
    fn pointed(&self, mouse: Mouse) -> Option<Input> {
        let window = self.window()?;
        let cell = window.layout.find(window.active)?;
        let (x, y) = (
            mouse.x - cell.x + self.pan.0,
            mouse.y - self.pane_rows().start - cell.y + self.pan.1,
        );
        if !(0..cell.sx).contains(&x) || !(0..cell.sy).contains(&y) {
            return None;
        }
        let pane = self.state.panes.get(&window.active)?;
        let head = self.backend.clone().screen(&pane.session).ok()?;
        let asked = |mode: &str| head.modes.iter().any(|m| m.starts_with(mode));
        if !["mouse-buttons", "mouse-drag", "mouse-motion"]
            .into_iter()
            .any(asked)
        {
            return None;
        }
        if asked("mouse-sgr") {
            let last = if mouse.released { 'm' } else { 'M' };
            return Some(Input::Text(
                format!("\x1b[<{};{};{}{last}", mouse.button, x + 1, y + 1).into_bytes(),
            ));
        }
        let button = if mouse.released { 3 } else { mouse.button };
        let byte = |n: i32| u8::try_from(n + 33).unwrap_or(u8::MAX);
        Some(Input::Text(vec![
            0x1b,
            b'[',
            b'M',
            (button + 32) as u8,
            byte(x),
            byte(y),
        ]))
    }

    /// Runs commands as a key's binding does; what they say is shown.
    pub(super) fn command(&mut self, text: &str, under: Option<Place>, mouse: Option<Mouse>) {
        let mut run = self.run();
        if run.open(true).is_err() {
            return;
        }
        let session = self.own().map(|c| c.session);
        let place = session
            .and_then(|id| run.state.session(id))
            .map(|s| addressing::of_session(&run.state, s));
        run.mouse = under;
        if self.own().is_some_and(|c| c.read_only) && !run.only_looks(text) {
            return self.tell("Client is read-only".to_owned(), self.display_time(), false);
        }
        let passes = mouse.is_some() && text.contains("send-keys -M");
        let done = place.map_or(Ok(()), |place| run.run_text(place, text));
        if let Err(stopped) = done {
            run.fail(&stopped.why());
        }
        let said = run.said.take().unwrap_or_default();
        let said = String::from_utf8_lossy(&said).into_owned();
        let failed = run.code != 0;
        if let (false, false, Some(pane)) = (said.is_empty(), failed, place.and_then(|p| p.pane)) {
            run.show_text(pane, &said);
        }
        let _ = run.close();
        if failed {
            let mut chars = said.trim_end().lines().last().unwrap_or_default().chars();
            let first = chars
                .next()
                .map(|c| c.to_uppercase().collect::<String>())
                .unwrap_or_default();
            self.tell(first + chars.as_str(), self.display_time(), false);
        }
        let gone = !run.exists;
        self.adopt(run.version(), run.state.clone());
        if gone {
            self.leave_with(DetachReason::Exited);
        }
        if let (true, Some(part)) = (passes, mouse.and_then(|mouse| self.pointed(mouse))) {
            self.type_into(vec![part]);
        }
    }
}

enum Lookup {
    Bound(Binding),
    /// It belongs to the pane.
    Pane,
    /// Nothing is bound to it where it was looked for.
    Swallowed,
}
