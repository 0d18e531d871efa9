//! Keys by their names: tmux's (`C-c`, `M-x`, `BSpace`, `PPage`) and plain ones (`Ctrl-C` is not
//! one of them).
//!
//! A key is a code and its modifiers; the bytes it sends depend on modes of the program and are
//! made in the core.

use crate::error::{Code as ErrorCode, Failure};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Key {
    pub code: Code,
    pub ctrl: bool,
    pub meta: bool,
    pub shift: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Code {
    Char(char),
    Enter,
    Escape,
    Tab,
    /// Shift-Tab as its own key.
    BackTab,
    Space,
    Backspace,
    Delete,
    Insert,
    Home,
    End,
    PageUp,
    PageDown,
    Up,
    Down,
    Left,
    Right,
    Function(u8),
    /// The keypad, by the character on the key; `\r` is its Enter.
    Keypad(char),
}

/// Every name that is not a single character, lower case.
const NAMES: &[(&str, Code)] = &[
    ("enter", Code::Enter),
    ("return", Code::Enter),
    ("escape", Code::Escape),
    ("esc", Code::Escape),
    ("tab", Code::Tab),
    ("btab", Code::BackTab),
    ("space", Code::Space),
    ("bspace", Code::Backspace),
    ("backspace", Code::Backspace),
    ("dc", Code::Delete),
    ("delete", Code::Delete),
    ("del", Code::Delete),
    ("ic", Code::Insert),
    ("insert", Code::Insert),
    ("home", Code::Home),
    ("end", Code::End),
    ("pageup", Code::PageUp),
    ("pgup", Code::PageUp),
    ("ppage", Code::PageUp),
    ("pagedown", Code::PageDown),
    ("pgdn", Code::PageDown),
    ("npage", Code::PageDown),
    ("up", Code::Up),
    ("down", Code::Down),
    ("left", Code::Left),
    ("right", Code::Right),
    ("kp/", Code::Keypad('/')),
    ("kp*", Code::Keypad('*')),
    ("kp-", Code::Keypad('-')),
    ("kp+", Code::Keypad('+')),
    ("kp.", Code::Keypad('.')),
    ("kpenter", Code::Keypad('\r')),
    ("kp0", Code::Keypad('0')),
    ("kp1", Code::Keypad('1')),
    ("kp2", Code::Keypad('2')),
    ("kp3", Code::Keypad('3')),
    ("kp4", Code::Keypad('4')),
    ("kp5", Code::Keypad('5')),
    ("kp6", Code::Keypad('6')),
    ("kp7", Code::Keypad('7')),
    ("kp8", Code::Keypad('8')),
    ("kp9", Code::Keypad('9')),
];

impl Key {
    pub const fn plain(code: Code) -> Self {
        Self {
            code,
            ctrl: false,
            meta: false,
            shift: false,
        }
    }
}

impl FromStr for Key {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        parse(text).ok_or_else(|| {
            Failure::new(ErrorCode::Usage, format!("no key is called {text:?}"))
                .hint("keys are named as in tmux: Enter Escape Tab Space BSpace Up Down Left Right Home End PageUp PageDown F1..F20 C-c M-x S-Left; TEXT is sent literally")
        })
    }
}

fn parse(text: &str) -> Option<Key> {
    let mut key = Key::plain(Code::Space);
    let mut rest = text;
    // `^C` is tmux's other way to write C-c.
    if let Some(control) = rest.strip_prefix('^').filter(|r| !r.is_empty()) {
        key.ctrl = true;
        rest = control;
    }
    while let Some((modifier, after)) = rest
        .split_once('-')
        .filter(|(m, after)| m.len() == 1 && !after.is_empty())
    {
        match modifier {
            "C" | "c" => key.ctrl = true,
            "M" | "m" => key.meta = true,
            "S" | "s" => key.shift = true,
            _ => return None,
        }
        rest = after;
    }
    key.code = code(rest)?;
    if key.code == Code::Tab && key.shift && !key.ctrl {
        key = Key {
            code: Code::BackTab,
            shift: false,
            ..key
        };
    }
    Some(key)
}

fn code(text: &str) -> Option<Code> {
    let mut chars = text.chars();
    if let (Some(only), None) = (chars.next(), chars.next()) {
        return (!only.is_control()).then_some(if only == ' ' {
            Code::Space
        } else {
            Code::Char(only)
        });
    }
    let lower = text.to_ascii_lowercase();
    if let Some(number) = lower.strip_prefix('f').and_then(|n| n.parse().ok()) {
        return (1..=20).contains(&number).then_some(Code::Function(number));
    }
    NAMES
        .iter()
        .find(|(name, _)| *name == lower)
        .map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_by_tmuxs_names_and_by_plain_ones() {
        let same = |a: &str, b: &str| assert_eq!(a.parse::<Key>(), b.parse::<Key>(), "{a} {b}");
        same("PPage", "PageUp");
        same("BSpace", "backspace");
        same("^c", "C-c");
        same("BTab", "S-Tab");
        same("Space", " ");
        assert_eq!(
            "C-M-Left".parse(),
            Ok(Key {
                code: Code::Left,
                ctrl: true,
                meta: true,
                shift: false
            })
        );
        assert_eq!(
            "C--".parse(),
            Ok(Key {
                code: Code::Char('-'),
                ctrl: true,
                meta: false,
                shift: false
            })
        );
        assert_eq!("-".parse(), Ok(Key::plain(Code::Char('-'))));
        assert_eq!("f".parse(), Ok(Key::plain(Code::Char('f'))));
        assert_eq!("F12".parse(), Ok(Key::plain(Code::Function(12))));
    }

    #[test]
    fn an_unknown_key_is_an_error_not_its_letters() {
        for bad in ["", "Entr", "F0", "F21", "X-a", "C-", "\n"] {
            assert!(bad.parse::<Key>().is_err(), "{bad:?}");
        }
    }
}
