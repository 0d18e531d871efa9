//! Keys and texts as psup's parts of a send.

use crate::keys::{self, Input};
use psup_proto::input::Part;
use psup_proto::key::{self, Key};

pub(super) fn part(input: Input) -> Part {
    match input {
        Input::Text(text) => Part::Text(text),
        Input::Key(key) => Part::Key(Key {
            code: code(key.code),
            ctrl: key.ctrl,
            meta: key.meta,
            shift: key.shift,
        }),
    }
}

fn code(code: keys::Code) -> key::Code {
    match code {
        keys::Code::Enter => key::Code::Enter,
        keys::Code::Tab => key::Code::Tab,
        keys::Code::BackTab => key::Code::BackTab,
        keys::Code::Escape => key::Code::Escape,
        keys::Code::Backspace => key::Code::Backspace,
        keys::Code::Space => key::Code::Space,
        keys::Code::Up => key::Code::Up,
        keys::Code::Down => key::Code::Down,
        keys::Code::Left => key::Code::Left,
        keys::Code::Right => key::Code::Right,
        keys::Code::Home => key::Code::Home,
        keys::Code::End => key::Code::End,
        keys::Code::PageUp => key::Code::PageUp,
        keys::Code::PageDown => key::Code::PageDown,
        keys::Code::Insert => key::Code::Insert,
        keys::Code::Delete => key::Code::Delete,
        keys::Code::Function(number) => key::Code::Function(number),
        keys::Code::Char(c) => key::Code::Char(c),
        keys::Code::Keypad(c) => key::Code::Keypad(c),
    }
}
