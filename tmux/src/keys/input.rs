//! What a key or a text is before it is typed: the program's modes decide which bytes a key
//! becomes.

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    Key(Key),
    Text(Vec<u8>),
}

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub code: Code,
    pub ctrl: bool,
    pub meta: bool,
    pub shift: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    Enter,
    Tab,
    BackTab,
    Escape,
    Backspace,
    Space,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    Insert,
    Delete,
    Function(u8),
    Char(char),
    /// A key of the keypad, by its character.
    Keypad(char),
}

impl Key {
    pub(crate) fn plain(code: Code) -> Self {
        Self {
            code,
            ctrl: false,
            meta: false,
            shift: false,
        }
    }
}
