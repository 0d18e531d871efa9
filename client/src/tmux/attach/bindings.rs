//! What keys do: to the pane, after the prefix, or on the status line.

use super::keyboard::next_key;
use super::{Attached, Mode};
use crate::tmux::{cmd, options, target};
use psup_proto::input::Part;

/// What a key does after the prefix, unless it was bound to something else.
pub const BINDINGS: &[(&str, &str)] = &[
    ("d", "detach-client"),
    ("c", "new-window"),
    ("n", "next-window"),
    ("p", "previous-window"),
    ("l", "last-window"),
    ("%", "split-window -h"),
    ("\"", "split-window"),
    ("o", "select-pane -t :.+"),
    (";", "last-pane"),
    ("z", "resize-pane -Z"),
    ("!", "break-pane"),
    ("{", "swap-pane -U"),
    ("}", "swap-pane -D"),
    ("Space", "next-layout"),
    ("E", "select-layout -E"),
    ("Up", "select-pane -U"),
    ("Down", "select-pane -D"),
    ("Left", "select-pane -L"),
    ("Right", "select-pane -R"),
    ("(", "switch-client -p"),
    (")", "switch-client -n"),
    ("L", "switch-client -l"),
    ("x", "kill-pane"),
    ("&", "kill-window"),
];

impl Attached<'_, '_> {
    pub fn typed(&mut self, bytes: &[u8]) {
        let prefix = options::of_session(&self.world, self.own().and_then(|c| self.world.session(c.session)), "prefix");
        let mut rest = bytes;
        let mut plain: Vec<Part> = Vec::new();
        while !rest.is_empty() {
            let (name, part, length) = next_key(rest);
            rest = &rest[length..];
            match std::mem::replace(&mut self.mode, Mode::Plain) {
                Mode::Plain if name == prefix => self.mode = Mode::Prefix,
                Mode::Plain => plain.push(part),
                Mode::Prefix => {
                    self.type_into(std::mem::take(&mut plain));
                    self.bound(&name, &prefix, part);
                }
                Mode::Confirm(command) => {
                    if name == "y" {
                        self.command(&command);
                    }
                }
                Mode::Prompt(line) => self.prompted(line, &name),
            }
        }
        self.type_into(plain);
    }

    fn type_into(&mut self, parts: Vec<Part>) {
        let Some(pane) = self.active().filter(|p| !parts.is_empty() && p.dead.is_none() && !p.input_off) else {
            return;
        };
        if self.own().is_none_or(|c| c.read_only) {
            return;
        }
        let session = pane.session.clone();
        // A child that has just ended takes no more input.
        let _ = self.at.floor().send(&session, parts);
    }

    /// A key after the prefix.
    fn bound(&mut self, name: &str, prefix: &str, part: Part) {
        if let Some(Some(binding)) = self.world.keys.get(&format!("prefix {name}")) {
            let command = binding.command.clone();
            return self.command(&command);
        }
        if name == prefix {
            return self.type_into(vec![part]);
        }
        if let Ok(index) = name.parse::<u8>() {
            return self.command(&format!("select-window -t :{index}"));
        }
        match name {
            ":" => self.mode = Mode::Prompt(String::new()),
            "x" | "&" => {
                let command = if name == "x" { "kill-pane" } else { "kill-window" };
                self.mode = Mode::Confirm(command.to_owned());
            }
            _ => {
                if let Some((_, command)) = BINDINGS.iter().find(|(key, _)| *key == name) {
                    self.command(command);
                }
            }
        }
    }

    fn prompted(&mut self, mut line: String, name: &str) {
        match name {
            "Enter" => return self.command(&line),
            "Escape" | "C-c" => return,
            "BSpace" => drop(line.pop()),
            "Space" => line.push(' '),
            key if key.chars().count() == 1 => line.push_str(key),
            _ => {}
        }
        self.mode = Mode::Prompt(line);
    }

    fn command(&mut self, text: &str) {
        if text == "detach-client" {
            self.farewell = format!("detached (from session {})", self.session_name());
            return;
        }
        let mut face = self.face();
        if face.open(true).is_err() {
            return;
        }
        let session = self.own().map(|c| c.session);
        face.current = session
            .and_then(|id| face.world.session(id))
            .map(|s| target::of_session(&face.world, s));
        if let Ok(words) = cmd::words_of(&face, text)
            && let Ok(calls) = cmd::with_aliases(&face, &words)
        {
            // What is wrong with it shows by its doing nothing.
            let _ = face.run(&calls);
        }
        let _ = face.close();
    }
}
