//! Keys as tmux names them, and what `send-keys` types for a word.

pub(crate) mod bindings;
mod input;

pub(crate) use input::{Code, Input, Key};

/// tmux's names, and whether they go without their case.
const NAMES: &[(&str, Code)] = &[
    ("IC", Code::Insert),
    ("Insert", Code::Insert),
    ("DC", Code::Delete),
    ("Delete", Code::Delete),
    ("Home", Code::Home),
    ("End", Code::End),
    ("NPage", Code::PageDown),
    ("PageDown", Code::PageDown),
    ("PgDn", Code::PageDown),
    ("PPage", Code::PageUp),
    ("PageUp", Code::PageUp),
    ("PgUp", Code::PageUp),
    ("Tab", Code::Tab),
    ("BTab", Code::BackTab),
    ("Space", Code::Space),
    ("BSpace", Code::Backspace),
    ("Enter", Code::Enter),
    ("Escape", Code::Escape),
    ("Up", Code::Up),
    ("Down", Code::Down),
    ("Left", Code::Left),
    ("Right", Code::Right),
    ("KP/", Code::Keypad('/')),
    ("KP*", Code::Keypad('*')),
    ("KP-", Code::Keypad('-')),
    ("KP+", Code::Keypad('+')),
    ("KP.", Code::Keypad('.')),
    ("KPEnter", Code::Keypad('\r')),
    ("KP0", Code::Keypad('0')),
    ("KP1", Code::Keypad('1')),
    ("KP2", Code::Keypad('2')),
    ("KP3", Code::Keypad('3')),
    ("KP4", Code::Keypad('4')),
    ("KP5", Code::Keypad('5')),
    ("KP6", Code::Keypad('6')),
    ("KP7", Code::Keypad('7')),
    ("KP8", Code::Keypad('8')),
    ("KP9", Code::Keypad('9')),
];

/// What one argument of `send-keys` types: a key by its name, else its letters.
pub(crate) fn typed(word: &str) -> Input {
    let letters = || Input::Text(word.as_bytes().to_vec());
    if let Some(meta) = of_user(word) {
        return Input::Text(if meta { b"\x1b".to_vec() } else { vec![] });
    }
    match named(word) {
        Some(Input::Key(key)) => as_tmux(key).unwrap_or_else(letters),
        Some(part) => part,
        None => letters(),
    }
}

/// Keys that have no byte of their own with these modifiers: tmux 3.3 types nothing for some, and
/// for others the letters of their name.
fn as_tmux(key: Key) -> Option<Input> {
    let Key {
        code,
        ctrl,
        meta,
        shift,
    } = key;
    let has_byte = match code {
        Code::Char(c) => {
            c.is_ascii_alphabetic() || ('@'..='_').contains(&c) || c == '?' || !c.is_ascii()
        }
        Code::Space => true,
        Code::Enter
        | Code::Escape
        | Code::Tab
        | Code::BackTab
        | Code::Backspace
        | Code::Keypad(_) => false,
        _ => return Some(Input::Key(key)),
    };
    let digit = match code {
        Code::Char('2') => Some(0),
        Code::Char('6') => Some(0x1e),
        Code::Char('-' | '/') => Some(0x1f),
        _ => None,
    };
    if let Code::Char(c) = code
        && !c.is_ascii()
    {
        return Some(Input::Key(Key {
            shift: false,
            ..key
        }));
    }
    match (shift, ctrl && !has_byte, meta) {
        (true, ..) | (_, true, true) => None,
        (_, true, false) => Some(Input::Text(digit.into_iter().collect())),
        (_, false, _) => Some(Input::Key(key)),
    }
}

/// A key that `user-keys` may define, and whether it is with Meta: there is nothing else to type
/// for it.
fn of_user(word: &str) -> Option<bool> {
    let at = word.find("User")?;
    let (modifiers, number) = (&word[..at], word[at + 4..].parse::<u32>().ok()?);
    let only_modifiers = modifiers
        .as_bytes()
        .chunks(2)
        .all(|m| matches!(m, b"C-" | b"M-" | b"S-"));
    (only_modifiers && number < USERS).then_some(modifiers.contains("M-"))
}

/// So many keys `user-keys` may define.
const USERS: u32 = 1000;

pub(crate) fn is_key(word: &str) -> bool {
    word.eq_ignore_ascii_case("none")
        || word.eq_ignore_ascii_case("any")
        || is_mouse(word)
        || of_user(word).is_some()
        || named(word).is_some()
}

pub(crate) fn is_mouse(word: &str) -> bool {
    let bare = word.rsplit('-').next().unwrap_or(word);
    [
        "Mouse",
        "Wheel",
        "DoubleClick",
        "TripleClick",
        "SecondClick",
    ]
    .iter()
    .any(|p| bare.starts_with(p))
}

/// How tmux writes a key: the same one for every way to name it.
pub(crate) fn canonical(word: &str) -> String {
    let mut rest = word;
    let mut ctrl = false;
    if let Some(control) = rest.strip_prefix('^').filter(|r| !r.is_empty()) {
        ctrl = true;
        rest = control;
    }
    if let Some(code @ 1..=26) = rest
        .strip_prefix("0x")
        .and_then(|hex| u8::from_str_radix(hex, 16).ok())
    {
        return format!("C-{}", char::from(code + b'`'));
    }
    let (mut meta, mut shift) = (false, false);
    while rest.len() > 2 && rest.as_bytes()[1] == b'-' {
        match rest.as_bytes()[0] {
            b'C' | b'c' => ctrl = true,
            b'M' | b'm' => meta = true,
            b'S' | b's' => shift = true,
            _ => break,
        }
        rest = &rest[2..];
    }
    let mut name = rest.to_owned();
    if let Some((known, code)) = NAMES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(rest))
    {
        let first = NAMES
            .iter()
            .find(|(_, c)| c == code)
            .map_or(*known, |(n, _)| *n);
        first.clone_into(&mut name);
    } else if rest.len() == 1 && ctrl {
        name = rest.to_lowercase();
    }
    format!(
        "{}{}{}{name}",
        if ctrl { "C-" } else { "" },
        if meta { "M-" } else { "" },
        if shift { "S-" } else { "" }
    )
}

/// tmux's order of keys, by a number for each.
pub(crate) fn order(key: &str) -> u64 {
    const NAMED: &[&str] = &[
        "Any", "BSpace", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12",
        "IC", "DC", "Home", "End", "NPage", "PPage", "BTab", "Up", "Down", "Left", "Right", "KP/",
        "KP*", "KP-", "KP7", "KP8", "KP9", "KP+", "KP4", "KP5", "KP6", "KP1", "KP2", "KP3",
        "KPEnter", "KP0", "KP.",
    ];
    const MICE: &[(&str, u64)] = &[
        ("MouseMove", 0),
        ("MouseDown", 1),
        ("MouseUp", 2),
        ("MouseDragEnd", 4),
        ("MouseDrag", 3),
        ("WheelUp", 5),
        ("WheelDown", 6),
        ("Second", 7),
        ("Double", 8),
        ("Triple", 9),
    ];
    const PLACES: &[&str] = &[
        "Pane",
        "Status",
        "StatusLeft",
        "StatusRight",
        "StatusDefault",
        "Border",
    ];
    let (mut rest, mut code) = (key, 0u64);
    let mut ctrl = false;
    while rest.len() > 2 && rest.as_bytes()[1] == b'-' {
        match rest.as_bytes()[0] {
            b'C' => ctrl = true,
            b'M' => code += 1 << 44,
            b'S' => code += 1 << 46,
            _ => break,
        }
        rest = &rest[2..];
    }
    let mut chars = rest.chars();
    let single = chars.next().filter(|_| chars.next().is_none());
    let control = match (rest, single) {
        ("Space", _) => Some(0),
        (_, Some(c)) if c.is_ascii_alphabetic() || ('@'..='_').contains(&c) => {
            Some(u64::from(c) & 0x1f)
        }
        _ => None,
    };
    if let (true, Some(control)) = (ctrl, control) {
        return code + control;
    }
    code += u64::from(ctrl) << 45;
    let mouse = || {
        let (_, sort) = MICE.iter().find(|(m, _)| rest.starts_with(m))?;
        let place = PLACES.iter().rposition(|p| rest.ends_with(p))?;
        let button = rest.chars().find_map(|c| c.to_digit(10)).unwrap_or(0);
        Some(u64::from(button) * 8 + sort * 128 + place as u64)
    };
    code + match (rest, single) {
        (_, Some(c)) => u64::from(c),
        ("Tab", _) => 9,
        ("Enter", _) => 13,
        ("Escape", _) => 27,
        ("Space", _) => 32,
        _ => match NAMED.iter().position(|n| *n == rest) {
            Some(at) => (1 << 24) + (1 << 16) + at as u64,
            None => match rest
                .strip_prefix("User")
                .and_then(|number| number.parse::<u64>().ok())
            {
                Some(number) => (1 << 24) + (1 << 17) + number,
                None => (1 << 24) + mouse().unwrap_or(1 << 15),
            },
        },
    }
}

fn named(word: &str) -> Option<Input> {
    if let Some(hex) = word.strip_prefix("0x") {
        let code = u32::from_str_radix(hex, 16).ok()?;
        return Some(Input::Text(char::from_u32(code)?.to_string().into_bytes()));
    }
    let mut key = Key::plain(Code::Space);
    let mut rest = word;
    if let Some(control) = rest.strip_prefix('^').filter(|rest| !rest.is_empty()) {
        key.ctrl = true;
        rest = control;
    }
    while rest.len() > 1 && rest.as_bytes()[1] == b'-' {
        match rest.as_bytes()[0] {
            b'C' | b'c' => key.ctrl = true,
            b'M' | b'm' => key.meta = true,
            b'S' | b's' => key.shift = true,
            _ => return None,
        }
        rest = &rest[2..];
    }
    let mut chars = rest.chars();
    let only = chars.next().filter(|_| chars.next().is_none());
    key.code = match only {
        Some(c) if c.is_control() => return None,
        Some(' ') => Code::Space,
        Some(c) => Code::Char(c),
        None => by_name(rest)?,
    };
    if let (Code::Char(c), true) = (key.code, key.ctrl) {
        let known = c.is_ascii_alphabetic()
            || ('@'..='_').contains(&c)
            || c == '?'
            || "!#()+,-.0123456789:;<=>'/`".contains(c);
        if !known && c.is_ascii() {
            return None;
        }
    }
    Some(match key {
        // A character is itself, whatever modes are set.
        Key {
            code: Code::Char(c),
            ctrl: false,
            meta: false,
            shift: false,
        } => Input::Text(c.to_string().into_bytes()),
        key => Input::Key(key),
    })
}

fn by_name(name: &str) -> Option<Code> {
    if let Some(number) = name.strip_prefix(['F', 'f']).and_then(|n| n.parse().ok()) {
        return (1..=12).contains(&number).then_some(Code::Function(number));
    }
    NAMES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_key_or_its_letters() {
        let text = |t: &str| Input::Text(t.as_bytes().to_vec());
        for letters in [
            "hello", "Entr", "F13", "X-a", "C-", "-", "ls -l", "C-%", "S-a", "S-Tab", "C-M-1",
        ] {
            assert_eq!(typed(letters), text(letters), "{letters}");
        }
        for nothing in ["C-1", "C-Enter", "User7"] {
            assert_eq!(typed(nothing), text(""), "{nothing}");
        }
        assert_eq!(typed("C-/"), text("\x1f"));
        assert_eq!(typed("0x41"), text("A"));
        assert_eq!(typed("a"), text("a"));
        for key in [
            "Enter", "enter", "C-c", "^C", "M-x", "F5", "C-Space", "PgUp", "C-M-Left", "KPEnter",
        ] {
            assert!(matches!(typed(key), Input::Key(_)), "{key}");
        }
    }
}
