//! What a program has switched on or off in its terminal.

use serde::{Deserialize, Serialize};

/// The modes others act on: they decide what bytes a key, a paste or a click becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Modes {
    /// Arrows are sent as `ESC O A` (DECCKM).
    pub app_cursor: bool,
    /// The keypad sends sequences instead of digits (DECKPAM).
    pub app_keypad: bool,
    pub bracketed_paste: bool,
    pub mouse: Mouse,
    pub mouse_encoding: MouseEncoding,
    pub focus_events: bool,
    /// The alternate screen is shown.
    pub alternate: bool,
    /// The flags of the kitty keyboard protocol, 0 when it is not used.
    pub kitty_flags: u8,
    /// xterm's modifyOtherKeys: 0, 1 or 2.
    pub modify_other_keys: u8,
    /// An update is being drawn (mode 2026): what is on the screen is half a frame.
    pub synchronized: bool,
}

/// Which mouse events the program wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mouse {
    #[default]
    Off,
    /// Presses and releases (1000).
    Buttons,
    /// Also motion with a button down (1002).
    Drag,
    /// All motion (1003).
    Motion,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MouseEncoding {
    #[default]
    Plain,
    /// 1005.
    Utf8,
    /// 1006.
    Sgr,
    /// 1015.
    Urxvt,
}

/// The modes that only drawing knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawing {
    /// DECAWM: text goes on in the next row.
    pub wrap: bool,
    /// IRM: text pushes what stands there to the right.
    pub insert: bool,
    /// DECOM: rows are counted from the top of the scroll region.
    pub origin: bool,
    /// LNM: a line feed returns the carriage too.
    pub newline: bool,
    pub cursor_visible: bool,
    pub cursor_blinks: bool,
    /// DECSCUSR's number.
    pub cursor_style: u8,
    /// DECSCNM, remembered for anyone who asks.
    pub reverse: bool,
}

impl Default for Drawing {
    fn default() -> Self {
        Self {
            wrap: true,
            insert: false,
            origin: false,
            newline: false,
            cursor_visible: true,
            cursor_blinks: false,
            cursor_style: 0,
            reverse: false,
        }
    }
}

impl Modes {
    /// The words of what is set, for people and JSON.
    pub fn names(&self, drawing: &Drawing) -> Vec<String> {
        let mouse = match self.mouse {
            Mouse::Off => None,
            Mouse::Buttons => Some("mouse-buttons"),
            Mouse::Drag => Some("mouse-drag"),
            Mouse::Motion => Some("mouse-motion"),
        };
        let encoding = match self.mouse_encoding {
            MouseEncoding::Plain => None,
            MouseEncoding::Utf8 => Some("mouse-utf8"),
            MouseEncoding::Sgr => Some("mouse-sgr"),
            MouseEncoding::Urxvt => Some("mouse-urxvt"),
        };
        let flags = [
            (self.alternate, "alternate"),
            (self.app_cursor, "app-cursor"),
            (self.app_keypad, "app-keypad"),
            (self.bracketed_paste, "bracketed-paste"),
            (self.focus_events, "focus-events"),
            (self.synchronized, "synchronized"),
            (self.modify_other_keys > 0, "modify-other-keys"),
            (drawing.insert, "insert"),
            (drawing.origin, "origin"),
            (!drawing.wrap, "no-wrap"),
            (drawing.reverse, "reverse-video"),
            (!drawing.cursor_visible, "cursor-hidden"),
        ];
        let mut names: Vec<String> = flags
            .iter()
            .filter(|(set, _)| *set)
            .map(|(_, name)| (*name).to_owned())
            .collect();
        names.extend(mouse.into_iter().chain(encoding).map(str::to_owned));
        if self.kitty_flags > 0 {
            names.push(format!("kitty-keyboard={}", self.kitty_flags));
        }
        names
    }
}
